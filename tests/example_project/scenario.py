"""What somebody does in the example project. Prints what the log then tells, as JSON."""

import json
import sys
from decimal import Decimal

from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group, User
from django.test import AsyncClient, Client
from django.test.utils import setup_test_environment

from audit.models import Event, Snapshot
from audit.recording import record
from tests.example_project.shop.models import Product, Supplier, Tag


def main() -> None:
    setup_test_environment()
    mara = User.objects.create_user("mara", password="a long password", first_name="Mara")
    mara.groups.add(Group.objects.create(name="Editors"))
    supplier = Supplier.objects.create(name="Tea & Co")
    tea = Product.objects.create(sku="tea", name="Tea", price=Decimal("2.50"), supplier=supplier)
    tea.tags.add(Tag.objects.create(name="green"))

    client = Client(headers={"X-Forwarded-For": "203.0.113.7", "User-Agent": "Firefox"})
    client.post("/sign-in/", {"username": "mara", "password": "wrong"})
    client.post("/sign-in/", {"username": "mara", "password": "a long password"})
    price = f"/products/{tea.pk}/price/"
    client.post(price, {"price": "3.00"}, REMOTE_ADDR="10.0.0.1")
    browser = AsyncClient()
    browser.cookies = client.cookies
    headers = {"X-Request-ID": "r-2"}
    async_to_sync(browser.post)(f"{price}async/", {"price": "4.00"}, headers=headers)

    Product.objects.bulk_create([Product(sku="mug", name="Mug", price=9, supplier=supplier)])
    Product.objects.filter(sku="mug").update(price=Decimal("9.50"))
    record(event_type="report.printed", resource={"type": "report", "id": "1"})
    supplier.delete()
    print(json.dumps([told(event) for event in Event.objects.order_by("id")]))  # noqa: T201
    assert not any(name.partition(".")[0] == "auditsite" for name in sys.modules)


def told(event: Event) -> dict[str, object]:
    snapshot = Snapshot.objects.filter(id=event.id).first()
    return {
        "organization": event.organization.slug,
        "type": event.event_type,
        "actor": event.actor_id,
        "resource": event.resource_name,
        "ip": event.ip,
        "browser": event.user_agent,
        "request": event.request_id,
        "session": bool(event.session),
        "before": json.loads(snapshot.before) if snapshot and snapshot.before else None,
        "after": json.loads(snapshot.after) if snapshot and snapshot.after else None,
    }
