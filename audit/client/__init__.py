"""Recording over HTTP from any Python program: docs/python-client.md.

Needs httpx and nothing else. One module a question: what is recorded (``encoding``, ``context``,
``handler``), where it waits (``backlog`` in memory, ``spool`` on the disk), how it is sent
(``calls``, ``delivery``), and the threads that do it (``recorder``).
"""

from audit.client.calls import Fault
from audit.client.client import Client
from audit.client.context import AuditContext, audit_context, current
from audit.client.delivery import Rejection
from audit.client.handler import AuditHandler
from audit.client.limits import Limits
from audit.client.stats import Stats

__all__ = [
    "AuditContext",
    "AuditHandler",
    "Client",
    "Fault",
    "Limits",
    "Rejection",
    "Stats",
    "audit_context",
    "current",
]
