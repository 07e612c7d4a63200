"""``manage.py make_partitions``: the partitions of the coming weeks, before they are needed."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.custody.partitions import make_partitions


class Command(BaseCommand):
    help = "Makes the partitions of the coming weeks where they are missing. Run it once a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, default=62, help="how far ahead, in days (default: %(default)s)"
        )

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        made = make_partitions(ahead=timedelta(days=days))
        self.stdout.write(f"{made} partitions made, events of {days} days from now have a place.")
