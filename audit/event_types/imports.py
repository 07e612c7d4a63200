"""The event types that importers use for what has no type of its own: files in a repository."""

from audit.event_types.registry import Change, DetailKey, EventType

_DETAILS = (
    DetailKey(name="commit", description="The commit that made the change"),
    DetailKey(name="path", description="The file's path in the repository"),
    DetailKey(
        name="branch", description="The branch whose history was imported, where one is named"
    ),
    DetailKey(
        name="authored_at", description="When the author made the change, if not when it landed"
    ),
    DetailKey(name="committer", description="Who committed it, if not the author"),
    DetailKey(name="app", description="The app a file configures, as its path says"),
    DetailKey(name="environment", description="Where that runs, as the path says"),
    DetailKey(name="github_organization", description="The GitHub organization a file describes"),
    DetailKey(name="parse_error", description="Why a side of the change has no snapshot"),
    DetailKey(name="snapshots_omitted", description="Which side is too large for a snapshot"),
)


def _type(change: Change, verb: str, description: str) -> EventType:
    return EventType(
        slug=f"file.{change}",
        label=f"{verb} file",
        sentence=f"{{actor}} {change} file {{resource}} in {{deployment}}",
        description=description,
        category="Files under version control",
        origin="auditsite",
        resource_type="file",
        change=change,
        details=_DETAILS,
    )


EVENT_TYPES: tuple[EventType, ...] = (
    _type("created", "Create", "A commit adds a configuration file, or renames another to it."),
    _type("updated", "Update", "A commit changes a configuration file."),
    _type("deleted", "Delete", "A commit removes a configuration file, or renames it to another."),
)
