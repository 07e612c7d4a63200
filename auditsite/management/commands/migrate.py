from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from auditsite import grants


class Command(migrate.Command):
    help = f"{migrate.Command.help} As the owner; then grants the runtime role its few rights."

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        role, login = settings.AUDITSITE_APP_ROLE, connections["default"].settings_dict["USER"]
        try:
            grants.ensure_role(connection, role)
            super().handle(*args, **options)
            grants.grant_runtime_rights(connection, role, login)
        except grants.NotAllowed as error:
            raise CommandError(str(error)) from None
