"""What a company keeps in its audit log itself: settings, members, streams, keys, views."""

from copy import deepcopy
from random import Random

from audit.simulation.company import Company
from audit.simulation.document import Document
from audit.simulation.redaction import redacted
from audit.simulation.wording import sentence

type Edited = tuple[Document, str]


def settings_document(company: Company) -> Document:
    return {
        "slug": company.slug,
        "name": company.name,
        "unknown_event_types": "accept",
        "retention": {"months": 18, "on_hold": []},
        "sign_in": {"methods": ["oidc", "saml"], "session_hours": 12, "second_factor": "required"},
        "redaction": {"keys": ["password", "token", "secret"], "fingerprint": True},
        "notifications": {"weekly_summary": True, "recipients": [f"security@{company.domain}"]},
    }


def edit_settings(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    edit = rng.choice((_change_retention, _change_session, _change_redaction, _change_summary))
    return edited, sentence([edit(edited, rng)])


def _change_retention(document: Document, rng: Random) -> str:
    old = document["retention"]["months"]
    document["retention"]["months"] = rng.choice([n for n in (12, 18, 24, 36) if n != old])
    return f"changed retention from {old} to {document['retention']['months']} months"


def _change_session(document: Document, rng: Random) -> str:
    old = document["sign_in"]["session_hours"]
    document["sign_in"]["session_hours"] = rng.choice([n for n in (4, 8, 10, 12) if n != old])
    return f"changed sessions from {old} to {document['sign_in']['session_hours']} hours"


def _change_redaction(document: Document, rng: Random) -> str:
    keys = document["redaction"]["keys"]
    name = rng.choice(["iban", "private_key", "authorization", "cookie"])
    if name in keys:
        keys.remove(name)
        return f"no longer redacted {name}"
    keys.append(name)
    return f"redacted {name} from now on"


def _change_summary(document: Document, _rng: Random) -> str:
    on = document["notifications"]["weekly_summary"] = not document["notifications"][
        "weekly_summary"
    ]
    return f"switched the weekly summary {'on' if on else 'off'}"


def member_document(email: str, role: str) -> Document:
    return {"email": email, "role": role, "sign_in": "oidc", "notifications": {"digest": "weekly"}}


def stream_document(name: str, destination: str, domain: str, rng: Random) -> Document:
    return {
        "name": name,
        "destination": destination,
        "url": f"https://{name}.{domain}/services/collector",
        "token": redacted(rng),
        "query": "",
        "paused": False,
        "batch": {"events": 500, "seconds": 10},
    }


def edit_stream(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    if edited["paused"] or rng.random() < 0.3:
        edited["paused"] = not edited["paused"]
        return edited, "Paused" if edited["paused"] else "Resumed"
    if rng.random() < 0.5:
        old = edited["query"]
        choices = ("", "-event:execution.*", "deployment:prod", "outcome:denied,failure")
        edited["query"] = rng.choice([query for query in choices if query != old])
        return edited, f"Narrowed to {edited['query']}" if edited[
            "query"
        ] else "Widened to everything"
    old = edited["batch"]["events"]
    edited["batch"]["events"] = rng.choice([n for n in (100, 250, 500, 1000) if n != old])
    return edited, f"Set batches to {edited['batch']['events']} events"


def api_key_document(name: str, scopes: list[str], rng: Random) -> Document:
    id = f"key_{rng.getrandbits(32):08x}"
    return {"id": id, "name": name, "scopes": scopes, "value": redacted(rng)}


SAVED_VIEWS = (
    ("Permission changes", "event:user_permissions.changed"),
    ("Failures in finance", "namespace:company.finance outcome:failure"),
    ("Secrets touched by people", "resource:secret -actor:secrets-rotator"),
    ("Production deploys", "event:code_location.updated deployment:prod"),
    ("Denied", "outcome:denied"),
    ("Everything by agents", "actor_kind:agent_token"),
)


def saved_view_document(name: str, query: str) -> Document:
    return {"name": name, "query": query, "columns": ["time", "actor", "event"], "shared": False}


def share_view(document: Document) -> Edited:
    shared = not document["shared"]
    return document | {"shared": shared}, "Shared" if shared else "Made private"
