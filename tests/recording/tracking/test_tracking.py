"""Whatever way a tracked row is changed, the log has it before and after."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers import deserialize
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Upper

from audit.diff import JSON, JSONNumber, loads
from audit.models import Event, Organization, OutboxEvent, Snapshot, Word
from audit.recording import NoOrganization, audit_context
from audit.recording.tracking import hooks, track, unrecorded, untrack
from tests.example_project.shop.models import Bestseller, Product, Supplier, Tag
from tests.factories import OrganizationFactory

type Told = tuple[str, JSON, JSON]


@pytest.fixture(autouse=True)
def _recording(organization: Organization, settings: Any) -> None:
    settings.AUDIT_RECORD_CHANGES = True
    settings.AUDIT_ORGANIZATION = "acme"


@pytest.fixture
def tracked() -> Iterator[Callable[..., None]]:
    """Track a model in another way until the test ends."""
    kept = dict(hooks.trackers)
    changed: list[Any] = []

    def track_again(model: Any, **options: Any) -> None:
        changed.append(model)
        track(model, **options)

    yield track_again
    for model in changed:
        untrack(model)
        if model in kept:
            hooks.trackers[model] = kept[model]


@pytest.fixture
def supplier() -> Supplier:
    with unrecorded():
        return Supplier.objects.create(name="Tea & Co")


@pytest.fixture
def tea(supplier: Supplier) -> Product:
    return product(supplier)


def product(supplier: Supplier, sku: str = "tea", **values: Any) -> Product:
    with unrecorded():
        return Product.objects.create(
            **{"sku": sku, "name": sku.title(), "price": Decimal("2.50"), "supplier": supplier}
            | values
        )


def told() -> list[Told]:
    """What the log tells, oldest first: type, before, after."""
    snapshots = {each.id: each for each in Snapshot.objects.all()}
    return [
        (event.event_type, *(_read(snapshots.get(event.id), side) for side in ("before", "after")))
        for event in Event.objects.order_by("id")
    ]


def _read(snapshot: Snapshot | None, side: str) -> JSON:
    text = getattr(snapshot, side, None)
    return None if text is None else loads(text)


def changes() -> list[tuple[str, dict[str, tuple[JSON, JSON]]]]:
    """The same, with only the fields that differ."""
    return [
        (kind, {n: (b.get(n), a.get(n)) for n in {**b, **a} if b.get(n) != a.get(n)})
        for kind, b, a in ((kind, b or {}, a or {}) for kind, b, a in told())  # type: ignore
    ]


def batches() -> set[str | None]:
    return {event.details.get("batch") for event in Event.objects.all()}


# --- save() -------------------------------------------------------------------------------------


def test_a_created_row_is_told_as_json(supplier: Supplier) -> None:
    old = product(supplier, "old")
    made = Product.objects.create(
        sku="tea", name="Tea", price=Decimal("2.50"), since=date(2026, 3, 2), supplier=supplier,
        attributes={"leaf": [1.5, None]}, replaced_by=old, api_token="s3cret", notes="private",
    )  # fmt: skip
    [(kind, before, after)] = told()
    assert (kind, before) == ("product.created", None)
    assert isinstance(after, dict)
    token = after.pop("api_token")
    assert after == {
        "sku": "tea",
        "name": "Tea",
        "price": JSONNumber("2.50"),
        "stock": 1,
        "since": "2026-03-02",
        "attributes": {"leaf": [1.5, None]},
        "manual": None,
        "supplier": {"id": supplier.pk, "name": "Tea & Co"},
        "replaced_by": {"id": str(old.pk), "name": "Old"},
    }
    assert isinstance(token, dict)
    assert list(token) == ["$redacted"]
    assert "s3cret" not in str(told())
    event = Event.objects.get()
    assert (event.resource_type, event.resource_id, event.resource_name, event.change) == (
        "product", str(made.pk), "Tea", "created",
    )  # fmt: skip


def test_a_saved_change_is_told_once_with_what_the_database_had_before(tea: Product) -> None:
    stale = Product.objects.get()
    Product.objects.filter(pk=tea.pk).update(price="3.00")
    stale.price = "4.00"
    stale.save()
    assert changes() == [
        ("product.updated", {"price": (JSONNumber("2.50"), JSONNumber("3.00"))}),
        ("product.updated", {"price": (JSONNumber("3.00"), JSONNumber("4.00"))}),
    ]


@pytest.mark.parametrize("values", [{}, {"price": "2.5"}, {"notes": "private"}])
def test_what_changes_nothing_records_nothing(tea: Product, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(tea, name, value)
    tea.save()
    Product.objects.update(**{"sku": "tea", **values})
    assert told() == []


def test_fields_that_are_not_tracked_cost_no_query(
    tea: Product, django_assert_num_queries: Any
) -> None:
    tea.notes = "private"
    with django_assert_num_queries(1):
        tea.save(update_fields=["notes"])


def test_a_save_costs_a_constant_number_of_queries(
    tea: Product, django_assert_max_num_queries: Any
) -> None:
    tea.price = Decimal(9)
    tea.save()
    tea.price = Decimal(8)
    # The row before and after, UPDATE, whose log, its partition (once a day), two INSERTs, and
    # two savepoints, each made and released.
    with django_assert_max_num_queries(11):
        tea.save()


def test_expressions_and_deferred_fields_are_told_by_their_values(tea: Product) -> None:
    tea.stock = F("stock") + 4
    tea.name = Upper("name")
    tea.save()
    lazy = Product.objects.only("sku").get()
    lazy.sku = "new"
    lazy.save()
    assert changes() == [
        ("product.updated", {"stock": (1, 5), "name": ("Tea", "TEA")}),
        ("product.updated", {"sku": ("tea", "new")}),
    ]


def test_update_or_create_tells_which_it_was(supplier: Supplier) -> None:
    values = {"name": "Tea", "price": 1, "supplier": supplier}
    for price in (1, 2):
        Product.objects.update_or_create(sku="tea", defaults=values | {"price": price})
    Product.objects.get_or_create(sku="tea")
    assert [kind for kind, _ in changes()] == ["product.created", "product.updated"]


def test_a_save_through_a_proxy_or_asynchronously_is_told(tea: Product) -> None:
    best = Bestseller.objects.get()
    best.name = "Best tea"
    async_to_sync(best.asave)()
    Bestseller.objects.update(stock=7)
    best.delete()
    assert [kind for kind, _ in changes()] == ["product.updated"] * 2 + ["product.deleted"]


def test_a_row_that_a_manager_hides_is_told(tea: Product) -> None:
    tea.stock = 0
    tea.save()
    tea.price = 1
    tea.save()
    assert len(told()) == 2


def test_change_and_event_are_one(tea: Product, settings: Any) -> None:
    settings.AUDIT_ORGANIZATION = None
    tea.price = 9
    with pytest.raises(NoOrganization), transaction.atomic():
        tea.save()
    with pytest.raises(NoOrganization), transaction.atomic():
        Product.objects.update(price=9)
    with pytest.raises(NoOrganization), transaction.atomic():
        Product.objects.all().delete()
    assert Product.objects.get().price == Decimal("2.50")


def test_without_a_surrounding_transaction_change_and_event_are_one(
    committed_db: None, settings: Any
) -> None:
    settings.AUDIT_ORGANIZATION = None
    with pytest.raises(NoOrganization):
        Supplier.objects.create(name="Tea & Co")
    with pytest.raises(NoOrganization):
        Supplier.objects.bulk_create([Supplier(name="Tea & Co")])
    assert not Supplier.objects.exists()


def test_a_failed_save_leaves_the_transaction_usable(tea: Product, supplier: Supplier) -> None:
    with pytest.raises(IntegrityError):
        Product.objects.create(sku="tea", name="Tea", price=1, supplier=supplier)
    assert told() == []


def test_fixtures_are_not_told(supplier: Supplier) -> None:
    data = [{"model": "shop.supplier", "pk": supplier.pk, "fields": {"name": "Other"}}]
    for each in deserialize("python", data):
        each.save()
    assert told() == []


def test_a_name_that_is_too_long_for_the_log_does_not_stand_in_the_way(tea: Product) -> None:
    tea.name = "x" * 1_000
    tea.save()
    assert len(Event.objects.get().resource_name) == 512


# --- delete() -----------------------------------------------------------------------------------


def test_a_deleted_row_is_told_as_it_was_in_the_database(tea: Product) -> None:
    tea.tags.add(tag := Tag.objects.create(name="green"))
    Event.objects.count()
    tea.price = 999  # never saved
    tea.delete()
    kind, before, after = told()[-1]
    assert (kind, after) == ("product.deleted", None)
    assert isinstance(before, dict)
    assert before["price"] == JSONNumber("2.50")
    assert before["tags"] == [{"id": tag.pk, "name": "green"}]
    assert "batch" not in Event.objects.order_by("id").last().details


def test_cascades_are_told_in_one_batch(supplier: Supplier) -> None:
    for sku in ("a", "b"):
        product(supplier, sku)
    supplier.delete()
    assert sorted(kind for kind, _ in changes()) == [
        "product.deleted", "product.deleted", "supplier.deleted",
    ]  # fmt: skip
    assert len(batches()) == 1
    assert None not in batches()


def test_what_a_deletion_sets_to_null_is_told(supplier: Supplier, tea: Product) -> None:
    new = product(supplier, "new", replaced_by=tea)
    reference = {"id": str(tea.pk), "name": "Tea"}
    tea.delete()
    assert ("product.updated", {"replaced_by": (reference, None)}) in changes()
    assert Product.objects.get() == new


def test_a_queryset_is_deleted_with_an_event_for_each_row(
    supplier: Supplier, django_assert_max_num_queries: Any
) -> None:
    for n in range(25):
        Supplier.objects.create(name=f"S{n}")
    count = Event.objects.count()
    with django_assert_max_num_queries(20):
        Supplier.objects.exclude(pk=supplier.pk).delete()
    assert Event.objects.count() == count + 25
    assert len(batches()) == 2  # one of these, and none of those before


def test_deleting_what_is_not_there_records_nothing(tea: Product) -> None:
    again = Product.objects.get()
    tea.delete()
    again.delete()
    Product.objects.all().delete()
    assert len(told()) == 1


# --- Bulk ---------------------------------------------------------------------------------------


def test_bulk_created_rows_are_told(supplier: Supplier) -> None:
    products = [Product(sku=f"p{n}", name="P", price=n, supplier=supplier) for n in range(3)]
    assert Product.objects.bulk_create(iter(products)) == products
    assert Supplier.objects.bulk_create([Supplier(name="New")])[0].pk
    assert [kind for kind, _ in changes()] == ["product.created"] * 3 + ["supplier.created"]
    assert len(batches()) == 2


def test_rows_that_bulk_create_passes_over_are_not_told(supplier: Supplier, tea: Product) -> None:
    for count in (1, 2):
        Product.objects.bulk_create(
            [
                Product(sku="tea", name="Other", price=1, supplier=supplier),
                Product(sku=f"new{count}", name="New", price=1, supplier=supplier),
            ],
            ignore_conflicts=True,
        )
    passed = [Product(sku="tea", name="Other", price=1, supplier=supplier)]
    Product.objects.bulk_create(passed, ignore_conflicts=True)
    assert [(kind, fields["sku"]) for kind, fields in changes()] == [
        ("product.created", (None, "new1")),
        ("product.created", (None, "new2")),
    ]


def test_rows_that_bulk_create_updates_are_told_as_updated(
    supplier: Supplier, tea: Product
) -> None:
    Product.objects.bulk_create(
        [
            Product(sku="tea", name="Other", price=1, supplier=supplier),
            Product(sku="new", name="New", price=1, supplier=supplier),
        ],
        update_conflicts=True, update_fields=["name"], unique_fields=["sku"],
    )  # fmt: skip
    by_kind = dict(changes())
    assert by_kind["product.updated"] == {"name": ("Tea", "Other")}
    assert by_kind["product.created"]["sku"] == (None, "new")


def test_a_queryset_is_updated_with_an_event_for_each_row_that_changed(
    supplier: Supplier,
) -> None:
    for sku, price in (("a", 1), ("b", 2), ("c", 3)):
        product(supplier, sku, price=price)
    chosen = supplier.products.filter(price__gte=2).order_by("-price")
    assert chosen.update(name=Concat("sku", Value("!")), price=Decimal(3)) == 2
    prices = (JSONNumber("2.00"), JSONNumber("3.00"))
    updated = {fields["name"]: fields.get("price") for _, fields in changes()}
    assert updated == {("B", "b!"): prices, ("C", "c!"): None}
    assert len(batches()) == 1
    assert None not in batches()


def test_an_update_of_one_row_is_no_batch(tea: Product) -> None:
    Product.objects.update(price=1)
    assert batches() == {None}


def test_a_filter_over_what_it_changes_updates_what_it_found(supplier: Supplier) -> None:
    for sku in ("a", "b"):
        product(supplier, sku)
    found = Product.objects.filter(supplier__name="Tea & Co", tags=None).distinct()
    assert found.update(stock=F("stock") + 1) == 2
    assert len(told()) == 2


def test_bulk_update_is_told_in_one_batch(supplier: Supplier) -> None:
    products = [product(supplier, sku) for sku in ("a", "b", "c")]
    for n, each in enumerate(products):
        each.stock = 10 + n
    assert Product.objects.bulk_update(products, ["stock"], batch_size=2) == 3
    assert sorted(fields["stock"] for _, fields in changes()) == [(1, 10), (1, 11), (1, 12)]
    assert len(batches()) == 1


def test_a_large_update_is_told_whole_at_a_bounded_number_of_queries(
    supplier: Supplier, django_assert_max_num_queries: Any
) -> None:
    with unrecorded():
        Supplier.objects.bulk_create(Supplier(name=f"S{n}") for n in range(4_500))
    with django_assert_max_num_queries(50):
        Supplier.objects.update(name=Concat("name", Value("!")))
    assert Event.objects.count() == 4_501
    assert len(batches()) == 1


@pytest.mark.parametrize(
    "refused",
    [
        lambda: Product.objects.all()[:1].update(price=1),
        lambda: Product.objects.distinct("sku").update(price=1),
        lambda: Product.objects.all()[:1].delete(),
    ],
)
def test_what_django_refuses_stays_refused(tea: Product, refused: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        refused()
    assert told() == []


# --- Many-to-many -------------------------------------------------------------------------------


def test_relations_are_told_as_lists_before_and_after(tea: Product) -> None:
    green, black = (Tag.objects.create(name=name) for name in ("green", "black"))
    g, b = ({"id": tag.pk, "name": tag.name} for tag in (green, black))
    tea.tags.add(green)
    tea.tags.add(green)  # again: nothing changes
    tea.tags.set([black])
    tea.tags.remove(green)  # not there
    tea.tags.clear()
    assert told() == [
        ("product.updated", {"tags": []}, {"tags": [g]}),
        ("product.updated", {"tags": [g]}, {"tags": []}),
        ("product.updated", {"tags": []}, {"tags": [b]}),
        ("product.updated", {"tags": [b]}, {"tags": []}),
    ]


def test_relations_changed_from_the_other_side_are_told(supplier: Supplier) -> None:
    tag = Tag.objects.create(name="green")
    products = [product(supplier, sku) for sku in ("a", "b")]
    tag.products.add(*products)
    tag.products.remove(products[0])
    tag.products.clear()
    resources = [event.resource_name for event in Event.objects.order_by("id")]
    assert sorted(resources[:2]) == ["A", "B"]
    assert resources[2:] == ["A", "B"]
    assert len(batches()) == 2  # the first two are one, the others by themselves


# --- How models are tracked ---------------------------------------------------------------------


def test_a_model_may_say_types_names_details_and_whose(
    tracked: Callable[..., None], supplier: Supplier
) -> None:
    with unrecorded():
        other = OrganizationFactory.create(slug="other")
    tracked(
        Supplier,
        event_type={"created": "partner.added", "updated": "partner.renamed"},
        organization=lambda supplier: ["acme", other],
        resource_type="partner",
        resource_id=lambda supplier: f"p{supplier.pk}",
        resource_name=lambda supplier: supplier.name.upper(),
        details=lambda supplier: {"letters": len(supplier.name)},
    )
    supplier.name = "Tea"
    supplier.save()
    supplier.delete()  # not among the types: not recorded
    events = Event.objects.all()
    assert {event.organization.slug for event in events} == {"acme", "other"}
    for event in events:
        assert (event.event_type, event.resource_type, event.resource_name, event.details) == (
            "partner.renamed", "partner", "TEA", {"letters": "3"},
        )  # fmt: skip


def test_a_change_of_nobodys_is_not_recorded(
    tracked: Callable[..., None], supplier: Supplier
) -> None:
    tracked(Supplier, organization=lambda supplier: None)
    supplier.delete()
    assert told() == []


def test_changes_can_go_through_the_outbox(supplier: Supplier, settings: Any) -> None:
    settings.AUDIT_MODES = {"supplier.updated": "outbox"}
    Supplier.objects.update(name="Tea")
    assert (Event.objects.count(), OutboxEvent.objects.count()) == (0, 1)


def test_the_context_tells_who_did_it(tea: Product) -> None:
    mara = {"kind": "user", "id": "mara.ito@acme.dev"}
    with audit_context(actor=mara, request_id="r1"):
        Product.objects.update(price=1)
    event = Event.objects.get()
    assert (event.actor_id, event.request_id) == ("mara.ito@acme.dev", "r1")


@pytest.mark.parametrize("name", ["prise", "products"])
def test_a_field_that_is_not_there_is_said(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        track(Supplier, fields=["name", name])


def test_a_model_that_is_not_tracked_is_left_alone(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        tag = Tag.objects.create(name="green")
        tag.save()
        Tag.objects.update(name="black")
    assert told() == []


def test_the_setting_turns_tracking_off(tea: Product, settings: Any) -> None:
    settings.AUDIT_RECORD_CHANGES = False
    tea.delete()
    assert told() == []


def test_composite_keys_are_tracked(
    tracked: Callable[..., None], organization: Organization
) -> None:
    tracked(Word, fields=["word"])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_word")
    Word.objects.bulk_create([Word(organization=organization, word=w) for w in ("a", "b")])
    Word.objects.bulk_create(
        [Word(organization=organization, word=w) for w in ("b", "c")], ignore_conflicts=True
    )
    Word.objects.filter(word="c").delete()
    assert [kind for kind, _ in changes()] == ["word.created"] * 3 + ["word.deleted"]
