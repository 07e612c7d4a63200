"""The embedded PostgreSQL for the demo and the tests: no installation, no passwords.

``run`` keeps its data; ``test`` uses a throw-away directory and no fsync. Both start the server,
hand its address to a command through DATABASE_URL, and stop it when the command ends::

    python -m auditsite.embedded run --data .data/postgres -- python manage.py shell
    python -m auditsite.embedded test -- pytest
"""

from auditsite.embedded.server import (
    APP_ROLE,
    EmbeddedError,
    expected_urls,
    kept_server,
    throw_away_server,
)

__all__ = ["APP_ROLE", "EmbeddedError", "expected_urls", "kept_server", "throw_away_server"]
