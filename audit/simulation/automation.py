"""Schedules, sensors and alert policies: their documents, and how people change them."""

from copy import deepcopy
from random import Random

from audit.simulation.catalogue import FlowSpec
from audit.simulation.document import Document
from audit.simulation.redaction import redacted
from audit.simulation.wording import sentence

type Edited = tuple[Document, str]

_MINUTES = (0, 5, 10, 15, 20, 30, 40, 45, 50)


def schedule_document(spec: FlowSpec, rng: Random) -> Document:
    """When a flow runs. Without a time zone it runs by UTC."""
    timing: Document = {"cron": spec.cron}
    if spec.zone:
        timing["timezone"] = spec.zone
    return {
        "id": spec.id,
        "namespace": spec.namespace,
        "flow": {"id": spec.id, "namespace": spec.namespace},
        "code_location": spec.team,
        "description": spec.purpose,
        "labels": {"team": spec.team, "managed": rng.choice(["by-hand", "in-code"])},
        "inputs": {"full_refresh": False},
        "catch_up": {"missed": rng.choice(["LAST", "NONE"])},
        "schedule": timing | {"paused": False},
        "retries": [
            {"type": "constant", "interval": "PT5M"},
            {"type": "exponential", "max": 3},
        ],
        "secret": redacted(rng),
    }


def pause_schedule(document: Document, paused: bool) -> Edited:
    timing = document["schedule"] | {"paused": paused}
    return document | {"schedule": timing}, "Paused" if paused else "Resumed"


def edit_schedule(document: Document, rng: Random) -> Edited:
    """Another time of day, other retries, another description, …"""
    edit = rng.choices(
        (_move_schedule, _change_retries, _change_catch_up, _change_secret, _change_inputs),
        (10, 4, 2, 1, 2),
    )[0]
    edited = deepcopy(document)
    return edited, sentence([edit(edited, rng)])


def clock_time(cron: str) -> str:
    """ "30 4 * * *" → "04:30"; the expression itself where it is not one time of day."""
    minute, hour, *_ = cron.split()
    return f"{int(hour):02}:{int(minute):02}" if (minute + hour).isdigit() else cron


def _move_schedule(document: Document, rng: Random) -> str:
    timing = document["schedule"]
    minute, hour, *rest = timing["cron"].split()
    others = [str(choice) for choice in _MINUTES if str(choice) != minute]
    if hour.isdigit() and rng.random() < 0.4:
        hour = str((int(hour) + rng.choice([-1, 1])) % 24)
    timing["cron"] = " ".join((rng.choice(others), hour, *rest))
    return f"moved to {clock_time(timing['cron'])}"


def _change_retries(document: Document, rng: Random) -> str:
    retries = document["retries"]
    if len(retries) > 1 and rng.random() < 0.4:
        return f"removed the {retries.pop(0)['type']} retry"
    if not any(retry["type"] == "constant" for retry in retries):
        interval = rng.choice(["PT5M", "PT10M", "PT15M"])
        retries.insert(0, {"type": "constant", "interval": interval})
        return "added a constant retry"
    limit = rng.choice([n for n in (2, 3, 4, 5, 8) if n != retries[-1].get("max")])
    retries[-1] = {"type": "exponential", "max": limit}
    return f"set retries to {limit}"


def _change_catch_up(document: Document, rng: Random) -> str:
    old = document["catch_up"]["missed"]
    document["catch_up"]["missed"] = rng.choice([n for n in ("ALL", "LAST", "NONE") if n != old])
    return f"set missed runs to {document['catch_up']['missed']}"


def _change_secret(document: Document, rng: Random) -> str:
    document["secret"] = redacted(rng)
    return "replaced the secret it calls with"


def _change_inputs(document: Document, _rng: Random) -> str:
    refresh = document["inputs"]["full_refresh"] = not document["inputs"]["full_refresh"]
    return f"{'asked for' if refresh else 'stopped asking for'} a full refresh"


def sensor_document(spec: FlowSpec, rng: Random) -> Document:
    """What starts a flow that has no schedule."""
    return {
        "id": f"{spec.id}_sensor",
        "namespace": spec.namespace,
        "code_location": spec.team,
        "flow": {"id": spec.id, "namespace": spec.namespace},
        "status": "RUNNING",
        "source": {"type": spec.source.split(".")[0], "path": spec.source},
        "minimum_interval_seconds": rng.choice([30, 60, 120]),
        "cursor": f"{spec.source}@{rng.randrange(10_000, 99_999)}",
        "tags": {"team": spec.team},
    }


def toggle_sensor(document: Document) -> Edited:
    running = document["status"] == "STOPPED"
    status = "RUNNING" if running else "STOPPED"
    return document | {"status": status}, "Started" if running else "Stopped"


def edit_sensor(document: Document, rng: Random) -> Edited:
    if rng.random() < 0.5:
        old = document["minimum_interval_seconds"]
        seconds = rng.choice([n for n in (15, 30, 60, 120, 300) if n != old])
        return document | {"minimum_interval_seconds": seconds}, f"Set the interval to {seconds} s"
    path, _, position = document["cursor"].partition("@")
    cursor = f"{path}@{max(1, int(position) + rng.choice([-1500, -400, 900, 2600]))}"
    return document | {"cursor": cursor}, f"Set the cursor to {cursor.rpartition('@')[2]}"


def alert_policy_document(name: str, team: str, flows: list[str], rng: Random) -> Document:
    """Who is told when something fails."""
    return {
        "name": name,
        "description": f"Tells {team} when its flows fail.",
        "enabled": True,
        "event_types": ["EXECUTION_FAILURE"],
        "targets": [{"type": "flow", "id": flow} for flow in flows],
        "threshold": {"failures": 1, "within_minutes": rng.choice([30, 60, 120])},
        "notifications": [
            {"channel": "slack", "to": f"#{team}-alerts"},
            {"channel": "email", "to": f"{team}-leads"},
        ],
        "mute_until": None,
    }


def edit_alert_policy(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    edit = rng.choice((_change_threshold, _change_notifications, _change_targets, _toggle_types))
    return edited, sentence([edit(edited, rng)])


def _change_threshold(document: Document, rng: Random) -> str:
    threshold = document["threshold"]
    old = threshold["failures"]
    threshold["failures"] = rng.choice([n for n in (1, 2, 3, 5) if n != old])
    return f"changed the threshold from {old} to {threshold['failures']} failures"


def _change_notifications(document: Document, rng: Random) -> str:
    notifications = document["notifications"]
    if len(notifications) > 2:
        removed = notifications.pop(rng.randrange(len(notifications)))
        return f"no longer notified {removed['to']}"
    pager: Document = {"channel": "pager", "to": "on-call", "severity": rng.choice(["low", "high"])}
    notifications.append(pager)
    return "added the pager"


def _change_targets(document: Document, rng: Random) -> str:
    targets = document["targets"]
    if len(targets) > 2 and rng.random() < 0.5:
        return f"removed {targets.pop(rng.randrange(len(targets)))['id']}"
    tag = rng.choice(["tier:critical", "tier:standard", "sla:2h", "data_class:personal"])
    if any(target["id"] == tag for target in targets):
        return _change_threshold(document, rng)
    targets.append({"type": "tag", "id": tag})
    return f"added {tag}"


def _toggle_types(document: Document, rng: Random) -> str:
    types = document["event_types"]
    extra = rng.choice(["EXECUTION_LATE", "SENSOR_FAILURE", "AGENT_UNAVAILABLE"])
    if extra in types:
        types.remove(extra)
        return f"no longer watched for {extra}"
    types.append(extra)
    return f"watched for {extra}"
