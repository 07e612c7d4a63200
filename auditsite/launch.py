"""``make demo`` and ``make serve``: from nothing to a running site, and back to nothing."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import StringIO

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from auditsite import databases, embedded, env, local
from auditsite.embedded import processes

_GUNICORN = ["-m", "gunicorn", "-c", "python:auditsite.gunicorn", "auditsite.wsgi"]
_ANNOUNCE_WITHIN_S = 60
_PARTITIONS_AHEAD = timedelta(days=62)
_DEMO_EMAIL = "admin@acme.example"
_DEMO_PASSWORD = "demo-password"  # noqa: S105 -- the name of the file that keeps it

console = Console(stderr=True, highlight=False)


def main(action: str) -> int:
    try:
        with processes.ended_by_signals():
            return _launch(demo=action == "demo")
    except KeyboardInterrupt:
        return 130
    except (CommandError, ImproperlyConfigured) as error:
        console.print(str(error), style="red")
        return 1
    except DatabaseError as error:
        if sentence := databases.explanation(error):
            console.print(sentence, style="red")
            return 1
        raise


def _launch(*, demo: bool) -> int:
    host, port = _free_address()
    _choose_local_defaults()
    with _database():
        facts = {"Address": f"http://{host}:{port}/"} | _prepare(demo=demo) | {"Stop": "Ctrl-C"}
        announcing = threading.Thread(target=_announce, args=(host, port, facts), daemon=True)
        announcing.start()
        # Only the commands before did without a pool.
        serving = {k: v for k, v in os.environ.items() if k != "AUDITSITE_POOL_SIZE"}
        return processes.supervise([sys.executable, *_GUNICORN], serving)


def _free_address() -> tuple[str, int]:
    """Where to listen; a taken port is said before anything is started."""
    host = env.text("AUDITSITE_HOST", "127.0.0.1")
    port = env.integer("PORT", 8000, minimum=1, maximum=65_535)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise env.WrongEnvironment(
                f"Port {port} on {host} is not to be had ({error.strerror});"
                f" choose another with PORT={port + 1 if port < 65_535 else 8000}."
            ) from None
    return host, port


def _choose_local_defaults() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auditsite.settings")
    os.environ.setdefault("ALLOWED_HOSTS", "localhost 127.0.0.1 [::1]")
    os.environ.setdefault("AUDITSITE_HTTPS", "off")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["AUDITSITE_POOL_SIZE"] = "0"
    local.keep_secret_key()


@contextmanager
def _database() -> Iterator[None]:
    """The server that DATABASE_URL names, or the embedded one while the context lasts."""
    if env.secret("DATABASE_URL"):
        yield
        return
    with ExitStack() as stack:
        with console.status("Starting PostgreSQL …"):
            server = embedded.kept_server(local.DATABASE, databases.app_role())
            os.environ |= stack.enter_context(server)
        yield


def _prepare(*, demo: bool) -> dict[str, str]:
    """Bring schema, static files and data up to date. Returns what a person has to know."""
    django.setup()
    from audit.custody.partitions import make_partitions

    with console.status("Migrating the database …"):
        call_command("migrate", verbosity=0)
    with console.status("Collecting static files …"):
        call_command("collectstatic", interactive=False, verbosity=0)
    if demo:
        call_command("load_demo")
    make_partitions(ahead=_PARTITIONS_AHEAD)
    # What is wrong goes to stderr; that nothing is wrong need not be said.
    call_command("check", databases=["default", "owner"], stdout=StringIO())
    facts = _demo_admin() if demo else _first_steps()
    connections.close_all()
    return facts


def _demo_admin() -> dict[str, str]:
    from audit.management.commands.load_demo import DEMO_ORGANIZATIONS
    from audit.models import Membership, Organization, Role
    from audit.recording.tracking import unrecorded
    from auditsite.models import User

    user = User.objects.filter(email=_DEMO_EMAIL).first()
    is_new = user is None or not local.has_secret(_DEMO_PASSWORD)
    password = local.kept_secret(_DEMO_PASSWORD, bytes_of_entropy=9)
    with unrecorded():  # the demo's log is about the companies in it
        if user is None:
            user = User.objects.create_user(_DEMO_EMAIL, name="Demo admin")
        if is_new:
            user.set_password(password)
            user.save()
        for organization in Organization.objects.filter(slug__in=DEMO_ORGANIZATIONS):
            Membership.objects.get_or_create(
                user=user, organization=organization, defaults={"role": Role.ADMIN}
            )
    return {"E-mail": _DEMO_EMAIL, "Password": password}


def _first_steps() -> dict[str, str]:
    from audit.models import Organization

    if Organization.objects.exists():
        return {}
    return {
        "Next": "create the first organisation and its admin, in another terminal:\n"
        ".venv/bin/python manage.py create_organization acme Acme --admin you@example.com"
    }


def _announce(host: str, port: int, facts: dict[str, str]) -> None:
    """Print the box once the site answers."""
    deadline = time.monotonic() + _ANNOUNCE_WITHIN_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                break
        time.sleep(0.05)
    else:
        return
    table = Table.grid(padding=(0, 2))
    for fact, value in facts.items():
        table.add_row(f"[bold]{fact}", Text(value))
    console.print(Panel.fit(table, title="Auditsite", padding=(1, 2)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
