"""``manage.py create_api_key``: a key for a program, without a browser."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.models import Organization, Scope
from audit.recording.api_keys import create_key


class Command(BaseCommand):
    help = "Creates an API key and prints it, the only time that it is told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="ORGANIZATION", help="its slug")
        parser.add_argument("name", help="what will use the key, such as nightly-export")
        parser.add_argument(
            "--scope",
            dest="scopes",
            action="append",
            choices=Scope.values,
            help="what it may do, given more than once for more (default: events:write)",
        )
        parser.add_argument("--days", type=int, help="when it expires (default: never)")

    def handle(
        self,
        *args: Any,
        organization: str,
        name: str,
        scopes: list[str] | None,
        days: int | None,
        **options: Any,
    ) -> None:
        found = Organization.objects.filter(slug=organization).first()
        if found is None:
            raise CommandError(f"There is no organisation “{organization}”.")
        if not 0 < len(name) <= 100:
            raise CommandError("A name has 1 to 100 characters.")
        if days is not None and not 0 < days <= 36_500:
            raise CommandError("--days must be 1 to 36500.")
        _, text = create_key(
            found,
            name=name,
            scopes=set(scopes or [Scope.EVENTS_WRITE]),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
        self.stdout.write(text)
