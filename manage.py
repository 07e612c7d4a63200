#!/usr/bin/env python
"""Django's command line, with one sentence for what an operator can put right."""

import os
import sys

_MISSING_ROLE = 'invalid value for parameter "role"'


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auditsite.settings")
    # A command needs one connection, and its error at once; a pool would try for a while first.
    os.environ.setdefault("AUDITSITE_POOL_SIZE", "0")

    from django.core.management import execute_from_command_line
    from django.db import NotSupportedError, OperationalError

    try:
        execute_from_command_line(sys.argv)
    except NotSupportedError as error:
        sys.exit(str(error))
    except OperationalError as error:
        if error.__cause__ is None or getattr(error.__cause__, "sqlstate", None):
            raise
        sys.exit(_unreachable(str(error)))
    except KeyboardInterrupt:
        sys.exit(130)


def _unreachable(reason: str) -> str:
    if _MISSING_ROLE in reason:
        return "The database is not prepared yet; run “manage.py migrate” first."
    return f"The database can't be reached: {' '.join(reason.split())}"


if __name__ == "__main__":
    main()
