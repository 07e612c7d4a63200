"""What a configuration file's path says about the event: its app, its environment.

A pattern is written as the path with names in braces: ``{app}`` stands for one segment or a
part of one, ``*`` for any part of one, ``**`` for any number of segments. Names become details;
one of them is the deployment as well.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\{[^{}]*\}|[{}]|[^*{}]+")
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# Names that say where something runs, unless the pattern says otherwise.
_DEPLOYMENT_NAMES = ("deployment", "environment")


class InvalidPattern(ValueError):
    """A pattern that cannot be understood; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a path says."""

    deployment: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathPattern:
    """``template`` as above; ``deployment`` is the name that is the deployment.

    By default that is ``{deployment}``, which is no detail then, or else ``{environment}``.
    """

    template: str
    deployment: str = ""
    _expression: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_expression", _compile(self.template))
        names = self._expression.groupindex
        deployment = self.deployment or next((n for n in _DEPLOYMENT_NAMES if n in names), "")
        object.__setattr__(self, "deployment", deployment)

    def read(self, path: str) -> Placed | None:
        """What the path says, None if it is not of this form."""
        found = self._expression.fullmatch(path)
        if not found:
            return None
        named = found.groupdict()
        deployment = named.get(self.deployment, "")
        named.pop("deployment", None)
        return Placed(deployment, named)


def read_path(path: str, patterns: Iterable[PathPattern]) -> Placed:
    """What the first pattern that fits says of a path; nothing if none fits."""
    for pattern in patterns:
        placed = pattern.read(path)
        if placed is not None:
            return placed
    return Placed()


def _compile(template: str) -> re.Pattern[str]:
    seen: set[str] = set()
    return re.compile("".join(_piece(token, template, seen) for token in _TOKEN.findall(template)))


def _piece(token: str, template: str, seen: set[str]) -> str:
    if token == "**/":  # noqa: S105 -- not a password
        return "(?:[^/]+/)*"
    if token == "**":  # noqa: S105
        return ".*"
    if token == "*":  # noqa: S105
        return "[^/]*"
    if token[0] not in "{}":
        return re.escape(token)
    name = _NAME.fullmatch(token)
    if not name or name[1] in seen:
        raise InvalidPattern(
            f"In the path pattern “{template}”, {token} must be a name in lower case, used once:"
            " {app}, {environment}."
        )
    seen.add(name[1])
    return f"(?P<{name[1]}>[^/]+)"


#: The layouts known beforehand; an operator adds others with --path-pattern.
PATTERNS: tuple[PathPattern, ...] = (
    # Which image of an app runs where (alphagov/govuk-helm-charts).
    PathPattern("charts/app-config/image-tags/{environment}/{app}"),
    # Helm's habit of one file of values for each environment.
    PathPattern("**/values-{environment}.yaml"),
    PathPattern("**/values-{environment}.yml"),
    # Members and teams of GitHub organisations (kubernetes/org and others who use Peribolos).
    PathPattern("config/{github_organization}/org.yaml", deployment="github_organization"),
    PathPattern("config/{github_organization}/**/teams.yaml", deployment="github_organization"),
)
