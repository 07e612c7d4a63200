"""Values that never enter a log: a fingerprint stands for them."""

from random import Random

from audit.simulation.document import Document


def redacted(rng: Random) -> Document:
    """A redacted leaf; the same fingerprint means the same value."""
    return {"$redacted": f"{rng.getrandbits(64):016x}"}
