"""What an event may hold. Over a limit is an error that says so, never a silent cut."""

from audit.diff import MAX_DEPTH

MAX_DETAILS = 64
MAX_DETAIL_KEY = 128  # characters
MAX_DETAIL_VALUE = 2_048  # characters
MAX_SNAPSHOT_BYTES = 1_048_576  # of UTF-8, as stored

# Characters. Long enough for every identifier met in real logs (an AWS ARN has up to 2,048,
# a browser's user agent rarely 512), short enough that a row stays a row.
MAX_TEXT = {
    "actor.id": 512,
    "actor.name": 512,
    "actor.impersonator": 512,
    "event_type": 128,
    "resource.type": 128,
    "resource.id": 2_048,
    "resource.name": 512,
    "deployment": 256,
    "branch_deployment": 256,
    "summary": 2_048,
    "session": 512,
    "user_agent": 1_024,
    "request_id": 512,
    "idempotency_key": 512,
}

# Of a changed document. More paths than this are a rewrite, and the snapshots tell it better.
MAX_CHANGED_PATHS = 50

# A sender's clock may be ahead; further than this it is wrong, and its events would sit on top
# of the log for days.
MAX_AHEAD_HOURS = 24

# Of one call over HTTP: a batch large enough that the round trip no longer counts, small enough
# to be held in memory by every thread at once. Bytes are counted after decompression.
MAX_CALL_EVENTS = 1_000
MAX_CALL_BYTES = 5 * 1_048_576

# Of an event as JSON: a snapshot of the greatest depth, one level down.
MAX_EVENT_DEPTH = MAX_DEPTH + 1
