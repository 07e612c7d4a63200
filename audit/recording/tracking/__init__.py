"""Recording what happens to the rows of a model, however it is done.

``track`` a model, and each row of it that is created, updated or deleted becomes an event with the
row before and after: through ``save()``, ``bulk_create()``, ``QuerySet.update()``, cascades and
many-to-many relations alike. docs/recording.md says what is out of reach.
"""

from audit.recording.tracking.pausing import unrecorded
from audit.recording.tracking.registry import audited, track, untrack
from audit.recording.tracking.tracker import TrackedChange, Tracker

__all__ = ["TrackedChange", "Tracker", "audited", "track", "unrecorded", "untrack"]
