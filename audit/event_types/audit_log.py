"""What Auditsite records about itself: the audit log's own use, settings and keeping."""

from functools import partial

from audit.event_types.own import REASON, declare, life_of
from audit.event_types.registry import DetailKey, EventType

_QUERY = DetailKey(name="query", description="The search")

_log = partial(declare, "Audit log")


EVENT_TYPES: tuple[EventType, ...] = (
    _log(
        "organization.created",
        "Create organization",
        "created {resource}",
        "An organization gets an audit log of its own.",
        unnamed="an organization",
    ),
    _log(
        "organization_settings.changed",
        "Change organization settings",
        "changed the settings of {resource}",
        "Settings of the organization in the audit log are changed.",
        resource_type="organization",
        unnamed="the organization",
    ),
    _log(
        "member.invited",
        "Invite member",
        "invited {resource} to the audit log",
        "Somebody is given access to the audit log.",
        DetailKey(name="role", description="The role they are given"),
    ),
    _log(
        "member.role_changed",
        "Change member role",
        "changed the role of {resource}",
        "A member's role in the audit log is changed.",
        DetailKey(name="role", description="The role now"),
    ),
    _log(
        "member.removed",
        "Remove member",
        "removed {resource} from the audit log",
        "A member loses access to the audit log.",
    ),
    _log(
        "api_key.created",
        "Create API key",
        "created API key {resource}",
        "A key for the audit log's own API is created.",
        DetailKey(name="scopes", description="What the key may do"),
        unnamed="an API key",
    ),
    _log(
        "api_key.revoked",
        "Revoke API key",
        "revoked API key {resource}",
        "A key for the audit log's own API is revoked.",
        unnamed="an API key",
    ),
    _log(
        "browser_origin.added",
        "Allow browser origin",
        "let pages of {resource} record",
        "Pages of a web application are allowed to record from the browser.",
        unnamed="an origin",
    ),
    _log(
        "browser_origin.removed",
        "Remove browser origin",
        "let pages of {resource} record no longer",
        "Pages of a web application are no longer allowed to record from the browser.",
        unnamed="an origin",
    ),
    _log(
        "export.created",
        "Export events",
        "exported events",
        "A search result is exported.",
        _QUERY,
        DetailKey(name="format", description="csv, ndjson or json"),
        DetailKey(name="events", description="How many events it holds"),
        unnamed="events",
    ),
    _log(
        "log.opened",
        "Open audit log",
        "opened the audit log",
        "Somebody opens the audit log.",
        unnamed="the audit log",
    ),
    _log(
        "log.searched",
        "Search audit log",
        "searched the audit log",
        "Somebody searches the audit log.",
        _QUERY,
        DetailKey(name="events", description="How many events matched"),
        unnamed="the audit log",
    ),
    *life_of("Audit log", "stream", "stream", "A stream of events to another system"),
    *(
        _log(
            f"saved_view.{verb}",
            f"{does} saved view",
            f"{verb} saved view {{resource}}",
            description,
            DetailKey(name="shared", description="Whether all admins see it: yes or no"),
            unnamed="",
        )
        for verb, does, description in (
            ("created", "Create", "A search is saved, with its columns."),
            ("updated", "Update", "A saved view is changed, or shared, or shared no longer."),
            ("deleted", "Delete", "A saved view is deleted; for a while it can be restored."),
            ("restored", "Restore", "A deleted saved view is put back."),
        )
    ),
    _log(
        "retention.changed",
        "Change retention",
        "changed how long events are kept",
        "The time events are kept is changed.",
        unnamed="the retention",
    ),
    _log(
        "hold.placed",
        "Place hold",
        "placed hold {resource}",
        "Events are kept beyond their time, for a case.",
        REASON,
    ),
    _log(
        "hold.released",
        "Release hold",
        "released hold {resource}",
        "Events of a case may be removed again when their time has come.",
        REASON,
    ),
    *life_of(
        "Audit log",
        "redaction_rule",
        "redaction rule",
        "A rule of what is masked in events",
        DetailKey(name="masks", description="name, pointer, or keep: never this name"),
        DetailKey(name="event_type", description="The types of events it holds for, if not all"),
        only=("created", "deleted"),
    ),
    _log(
        "redaction.searched",
        "Look up secret",
        "looked for a secret in the audit log",
        "Somebody asks which events held a secret; the secret is not logged, its fingerprint is.",
        DetailKey(name="fingerprint", description="What stands for the secret"),
        unnamed="the audit log",
    ),
    *life_of(
        "Audit log",
        "event_rule",
        "event rule",
        "A rule of which events are not recorded",
        DetailKey(name="scope", description="type, category, level, or unknown"),
        DetailKey(name="group", description="Whose events it is about, if not everybody's"),
        DetailKey(name="suppressed", description="How many events it had kept out when it went"),
    ),
    *life_of("Audit log", "actor_group", "actor group", "A group of actors that rules name"),
)
