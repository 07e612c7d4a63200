"""``git``: the history of JSON, YAML and TOML files in any git repository."""

from audit.recording.importers.git.importer import GIT

__all__ = ["GIT"]
