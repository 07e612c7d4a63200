"""One simulated quarter, shared by the tests that read it."""

from datetime import UTC, datetime

import pytest

from audit.simulation import Incident, incidents, simulate
from audit.simulation.world import Event

SEED = 1
ENDS_AT = datetime(2026, 11, 22, 17, 20, tzinfo=UTC)  # a Sunday


@pytest.fixture(scope="session")
def quarter() -> list[Event]:
    """Ninety days of Acme."""
    return list(simulate(seed=SEED, ends_at=ENDS_AT))


@pytest.fixture(scope="session")
def stories() -> dict[str, Incident]:
    """The incidents of the same quarter, by slug."""
    return {incident.slug: incident for incident in incidents(seed=SEED, ends_at=ENDS_AT)}
