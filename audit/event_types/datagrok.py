"""The event types of Datagrok: the 47 of its audit page, and 11 newer ones of the system.

The slugs are Datagrok's own names, and it describes none of them. Details are the parameters that
its logger and its query of system activity read; which type carries which is inferred.
"""

from collections.abc import Iterator, Mapping

from audit.event_types.registry import Change, DetailKey, EventType

_STACK_TRACE = DetailKey(
    name="stackTrace", description="Where it happened; errors are grouped by it"
)
_PACKAGE = DetailKey(name="package", description="The package that logs")
_USER = DetailKey(name="user", description="The user, where the event has no session")
_SUBJECT = DetailKey(name="subject", description="The user acted upon")
_LOGIN = DetailKey(name="login", description="The login that was entered")
_KIND = DetailKey(name="type", description="The kind of session or sign-in")
_REASON = DetailKey(name="reason", description="Why")
_CHANGED = DetailKey(name="changed", description="What was changed")

# What happens to things that Datagrok keeps: suffix → label, sentence, description, change.
_VERBS: Mapping[str, tuple[str, str, str, Change]] = {
    "created": (
        "Create {0}",
        "{{actor}} created {0} {{resource}}",
        "A user creates a {0}.",
        "created",
    ),
    "edited": (
        "Edit {0}",
        "{{actor}} edited {0} {{resource}}",
        "A user edits a {0}.",
        "updated",
    ),
    "transformations-edited": (
        "Edit {0} transformations",
        "{{actor}} edited the transformations of {0} {{resource}}",
        "A user edits the transformations that follow a {0}.",
        "updated",
    ),
    "start": (
        "Run {0}",
        "{{actor}} ran {0} {{resource}}",
        "A {0} is started.",
        "other",
    ),
    "published": (
        "Publish {0}",
        "{{actor}} published {0} {{resource}}",
        "A user publishes a {0} for others.",
        "updated",
    ),
    "opened": (
        "Open {0}",
        "{{actor}} opened {0} {{resource}}",
        "A user opens a {0}.",
        "other",
    ),
    "deleted": (
        "Delete {0}",
        "{{actor}} deleted {0} {{resource}}",
        "A user deletes a {0}.",
        "deleted",
    ),
}

_LIFE = ("created", "edited", "deleted")

# Prefix → category, noun, suffixes.
_KEPT: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "query": ("Data", "query", (*_LIFE, "start", "published", "transformations-edited")),
    "connection": ("Data", "connection", (*_LIFE, "published")),
    "job": ("Data", "job", (*_LIFE, "transformations-edited", "start")),
    "script": ("Scripts and models", "script", (*_LIFE, "start", "published")),
    "predictive-model": (
        "Scripts and models",
        "predictive model",
        (*_LIFE, "start", "published"),
    ),
    "notebook": ("Scripts and models", "notebook", (*_LIFE, "start", "published")),
    "project": ("Projects and sharing", "project", (*_LIFE, "opened")),
}


def _type(
    slug: str,
    label: str,
    sentence: str,
    description: str,
    *,
    category: str,
    resource_type: str = "",
    change: Change = "other",
    details: tuple[DetailKey, ...] = (),
    unnamed: str = "",
) -> EventType:
    return EventType(
        slug=slug,
        label=label,
        sentence=sentence,
        description=description,
        category=category,
        origin="datagrok",
        alias=slug,
        resource_type=resource_type,
        change=change,
        details=details,
        unnamed=unnamed,
    )


def _kept() -> Iterator[EventType]:
    for prefix, (category, noun, suffixes) in _KEPT.items():
        for suffix in suffixes:
            label, sentence, description, change = _VERBS[suffix]
            yield _type(
                f"{prefix}-{suffix}",
                label.format(noun),
                sentence.format(noun),
                description.format(noun),
                category=category,
                resource_type=prefix.replace("-", "_"),
                change=change,
            )


_SHARING = (
    _type(
        "entity-shared",
        "Share entity",
        "{actor} shared {resource}",
        "A user shares something with other users or groups, who are told.",
        category="Projects and sharing",
        resource_type="entity",
        change="updated",
    ),
    _type(
        "entity-shared-silent",
        "Share entity silently",
        "{actor} shared {resource} without notice",
        "A user shares something with other users or groups, who are not told.",
        category="Projects and sharing",
        resource_type="entity",
        change="updated",
    ),
    _type(
        "comment-posted",
        "Post comment",
        "{actor} posted a comment on {resource}",
        "A user comments on something.",
        category="Projects and sharing",
        resource_type="entity",
    ),
    _type(
        "user-invited",
        "Invite user",
        "{actor} invited user {resource}",
        "A user invites somebody to the platform.",
        category="Projects and sharing",
        resource_type="user",
        change="created",
    ),
)

_INTERFACE = (
    _type(
        "action-start",
        "Run action",
        "{actor} ran action {resource}",
        "An action is started.",
        category="Interface",
        resource_type="action",
    ),
    _type(
        "dialog-ok",
        "Confirm dialog",
        "{actor} confirmed dialog {resource}",
        "A user closes a dialog with OK.",
        category="Interface",
        resource_type="dialog",
    ),
    _type(
        "main-menu-item-click",
        "Click main menu item",
        "{actor} clicked main menu item {resource}",
        "A user chooses an item of the main menu.",
        category="Interface",
        resource_type="main_menu_item",
    ),
    _type(
        "viewer-rendered",
        "Render viewer",
        "{actor} rendered viewer {resource}",
        "A viewer is drawn for a user.",
        category="Interface",
        resource_type="viewer",
    ),
    _type(
        "table-produced",
        "Produce table",
        "{actor} produced table {resource}",
        "A table comes out of what a user does.",
        category="Interface",
        resource_type="table",
    ),
    _type(
        "tutorial-completed",
        "Complete tutorial",
        "{actor} completed tutorial {resource}",
        "A user reaches the end of a tutorial.",
        category="Interface",
        resource_type="tutorial",
    ),
)

_MESSAGES = (
    _type(
        "log",
        "Log message",
        "{actor} logged a message",
        "A message is logged: the type of whatever is logged without one.",
        category="Messages and errors",
        details=(_PACKAGE,),
    ),
    _type(
        "error",
        "Error",
        "{actor} ran into error {resource}",
        "An error happens; most are logged by themselves.",
        category="Messages and errors",
        resource_type="error",
        details=(_STACK_TRACE, _PACKAGE),
    ),
    _type(
        "package-tested",
        "Test package",
        "{actor} tested package {resource}",
        "The tests of a package are run.",
        category="Messages and errors",
        resource_type="package",
    ),
)

_SYSTEM = (
    _type(
        "server-started",
        "Start server",
        "{actor} started server {resource}",
        "The server starts.",
        category="System",
        resource_type="server",
        details=(DetailKey(name="version", description="The version that runs"),),
        unnamed="the server",
    ),
    _type(
        "user-logged-in",
        "Log in",
        "{actor} logged in",
        "A user logs in.",
        category="System",
        resource_type="user",
        details=(_USER, _KIND),
    ),
    _type(
        "user-logged-out",
        "Log out",
        "{actor} logged out",
        "A user logs out.",
        category="System",
        resource_type="user",
        details=(_USER,),
    ),
    _type(
        "user-login-failed",
        "Fail to log in",
        "{actor} failed to log in",
        "An attempt to log in fails.",
        category="System",
        resource_type="user",
        details=(_USER, _LOGIN, _REASON),
    ),
    _type(
        "user-impersonated",
        "Impersonate user",
        "{actor} impersonated user {resource}",
        "An administrator acts as another user.",
        category="System",
        resource_type="user",
        details=(_USER, _SUBJECT),
    ),
    _type(
        "impersonation-failed",
        "Fail to impersonate user",
        "{actor} failed to impersonate user {resource}",
        "An attempt to act as another user is refused.",
        category="System",
        resource_type="user",
        details=(_USER, _SUBJECT, _REASON),
    ),
    _type(
        "admin-session-started",
        "Start admin session",
        "{actor} started an admin session",
        "A user takes up administrator's rights.",
        category="System",
        resource_type="session",
        details=(_USER, _REASON),
    ),
    _type(
        "admin-session-ended",
        "End admin session",
        "{actor} ended an admin session",
        "A user gives up administrator's rights.",
        category="System",
        resource_type="session",
        details=(_USER,),
    ),
    _type(
        "dev-key-generated",
        "Generate developer key",
        "{actor} generated a developer key",
        "A user generates a key for developing packages.",
        category="System",
        resource_type="user",
        change="created",
        details=(_USER,),
    ),
    _type(
        "settings-changed",
        "Change settings",
        "{actor} changed settings {resource}",
        "Settings of the platform are changed.",
        category="System",
        resource_type="settings",
        change="updated",
        details=(_USER, _CHANGED),
        unnamed="the settings",
    ),
    _type(
        "log-settings-changed",
        "Change log settings",
        "{actor} changed log settings {resource}",
        "What is logged, and for whom, is changed.",
        category="System",
        resource_type="log_settings",
        change="updated",
        details=(_USER, DetailKey(name="diff", description="The settings before and after")),
        unnamed="the log settings",
    ),
)

EVENT_TYPES: tuple[EventType, ...] = (
    *_kept(),
    *_SHARING,
    *_INTERFACE,
    *_MESSAGES,
    *_SYSTEM,
)
