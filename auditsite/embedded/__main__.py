"""``python -m auditsite.embedded run|test``: a command with a PostgreSQL of its own."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from auditsite import embedded
from auditsite.embedded import processes


def main(arguments: Sequence[str]) -> int:
    chosen = _parsed(arguments)
    try:
        with processes.ended_by_signals(), _server(chosen) as addresses:
            return processes.supervise(chosen.command, os.environ | addresses)
    except KeyboardInterrupt:
        return 130


def _server(chosen: argparse.Namespace) -> AbstractContextManager[dict[str, str]]:
    if chosen.action == "run":
        role = os.environ.get("AUDITSITE_APP_ROLE") or embedded.APP_ROLE
        return embedded.kept_server(chosen.data, role, chosen.set)
    if os.environ.get("DATABASE_URL"):
        return nullcontext({})
    return embedded.throw_away_server()


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m auditsite.embedded", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="keep the data in a directory")
    run.add_argument("--data", type=Path, required=True, help="made if it is missing")
    run.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a server setting"
    )
    test = actions.add_parser("test", help="throw the data away; use DATABASE_URL where it is set")
    for action in (run, test):
        action.add_argument("command", nargs="+", help="what to run, after --")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
