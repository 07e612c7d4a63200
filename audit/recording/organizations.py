"""To whose log an event goes, where the call does not say so."""

from collections.abc import Iterable
from typing import Any

from django.db import router

from audit.models import Organization
from audit.recording import configuration
from audit.recording.context import current

type Named = Organization | str


class NoOrganization(LookupError):
    """Nothing tells whose event it is, or the organisation told does not exist."""


def make_configured(apps: Any, using: str, **kwargs: Any) -> None:
    """After a migration, the organisation that ``AUDIT_ORGANIZATION`` names is there."""
    slug = configuration.organization()
    if not isinstance(slug, str) or not router.allow_migrate(using, "audit"):
        return
    try:
        organizations = apps.get_model("audit", "Organization").objects.using(using)
    except LookupError:  # migrated back to before there were any
        return
    organizations.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").title()})


def the_organization() -> Organization:
    """The organisation of an event about nothing in particular.

    Raises NoOrganization where there is none, or more than one.
    """
    found = organizations_of(None)
    if len(found) != 1:
        raise NoOrganization(f"An event needs one organisation, and {len(found)} were told.")
    return found[0]


def organizations_of(
    subject: Any, known: dict[str, Organization] | None = None
) -> list[Organization]:
    """The organisations whose log tells of ``subject``: none if the project says so.

    The context's, else what ``AUDIT_ORGANIZATION`` says. Those in ``known``, by slug, are not
    looked up again. Raises NoOrganization if neither tells.
    """
    told = current().organization or configuration.organization()
    if callable(told):
        told = told(subject)
    elif told is None:
        raise NoOrganization(
            "Say whose event it is: record(organization, …), audit_context(organization=…)"
            " or the setting AUDIT_ORGANIZATION."
        )
    return named(told, known)


def named(
    told: Named | Iterable[Named] | None, known: dict[str, Organization] | None = None
) -> list[Organization]:
    """Organisations given as such or by slug, one or several. Raises NoOrganization."""
    if told is None:
        return []
    known = {} if known is None else known
    each = [told] if isinstance(told, (str, Organization)) else list(told)
    slugs = {one for one in each if isinstance(one, str)} - set(known)
    if slugs:
        known |= {one.slug: one for one in Organization.objects.filter(slug__in=slugs)}
    if missing := slugs - set(known):
        raise NoOrganization(f"There is no organisation called {', '.join(sorted(missing))}.")
    return [known[one] if isinstance(one, str) else one for one in each]
