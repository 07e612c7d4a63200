"""The demo: a data platform over some weeks, simulated, the same for equal arguments."""

from audit.simulation.incidents import Incident, Step
from audit.simulation.simulation import incidents, simulate

__all__ = ["Incident", "Step", "incidents", "simulate"]
