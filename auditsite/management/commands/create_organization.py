import secrets
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from audit.models import Membership, Organization, Role
from auditsite.models import User


class Command(BaseCommand):
    help = (
        "Create an organisation and make somebody its admin. A new person's password is asked"
        " for at a terminal; elsewhere one is made and printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its name in URLs, such as acme")
        parser.add_argument("name", help="its name as people write it")
        parser.add_argument("--admin", metavar="EMAIL", required=True, help="who administers it")

    def handle(self, *args: Any, slug: str, name: str, admin: str, **options: Any) -> None:
        organization = Organization(slug=slug, name=name)
        try:
            organization.full_clean()
            validate_email(admin)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user = User.objects.filter(email=admin).first()
        password = None if user else self._new_password(User(email=admin))
        with transaction.atomic():
            organization.save()
            user = user or User.objects.create_user(admin, password)
            Membership.objects.create(user=user, organization=organization, role=Role.ADMIN)
        self.stdout.write(f"{user.email} is the admin of {name}, at /{slug}/events/.")

    def _new_password(self, user: User) -> str:
        if not sys.stdin.isatty():
            password = secrets.token_urlsafe(12)
            self.stdout.write(f"The password of {user.email} is {password}")
            return password
        while True:
            password = getpass(f"Password for {user.email}: ")
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
                continue
            if getpass("Once more: ") == password:
                return password
            self.stderr.write("The two differ.")
