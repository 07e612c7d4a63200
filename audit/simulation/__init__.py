"""The demo: a data platform over some weeks, simulated, the same for equal arguments."""

from audit.simulation.simulation import simulate

__all__ = ["simulate"]
