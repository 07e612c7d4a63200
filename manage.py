#!/usr/bin/env python
"""Django's command line, with one sentence for what an operator can put right."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auditsite.settings")
    # A command needs one connection, and its error at once; a pool would try for a while first.
    os.environ.setdefault("AUDITSITE_POOL_SIZE", "0")

    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from auditsite import databases, local

    local.use_kept_secret_key()
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if sentence := databases.explanation(error):
            sys.exit(sentence)
        raise
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
