import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given

from audit.browsing.grammar import Query
from audit.browsing.grammar.parameters import from_parameters, to_parameters
from audit.models import Event, Membership, Organization, Role, SavedView, Snapshot
from audit.models.saved_view import MAX_STARRED, MAX_VIEWS
from audit.recording import record
from audit.web.saved_views import address
from auditsite.models import User
from tests.browsing.grammar.queries import queries
from tests.factories import EventFactory, MembershipFactory, UserFactory
from tests.web.markup import Element, read

LIST = "/acme/events/"
VIEWS = "/acme/views/"
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def colleague(organization: Organization) -> User:
    return MembershipFactory.create(organization=organization).user


@pytest.fixture
def other(signed_in: Callable[[User], Client], colleague: User) -> Client:
    """The browser of a colleague."""
    return signed_in(colleague)


def save(client: Client, name: str = "Failures", status: int = 302, **form: Any) -> Any:
    form = {"name": name, "query": "outcome:failure", "column": ["actor", "event"]} | form
    response = client.post(VIEWS + "new/", form)
    assert response.status_code == status
    return response


def the_view() -> SavedView:
    return SavedView.objects.get()


def at(view: SavedView, action: str = "") -> str:
    return f"{VIEWS}{view.pk}/{action}"


def opened(client: Client, view: SavedView) -> Element:
    return read(client.get(at(view), follow=True))


def menu(client: Client) -> list[str]:
    page = read(client.get(VIEWS))
    starred = page.find("details", class_="views").find_all("ul")
    return [link.text for links in starred for link in links.find_all("a")]


def listed(client: Client) -> list[str]:
    return [link.text for link in read(client.get(VIEWS)).find_all("a", class_="name")]


def undo(client: Client) -> Any:
    """Press the button in the notice of what was done last."""
    page = read(client.get(VIEWS))
    (form,) = [f for f in page.find_all("form", method="post") if "/undo/" in f["action"]]
    return client.post(form["action"], follow=True)


def events() -> list[tuple[str, Any, Any]]:
    """What the log says of views, oldest first: type, before, after."""
    of_views = Event.objects.filter(resource_type="saved_view").order_by("recorded_at")
    snapshots = {s.id: s for s in Snapshot.objects.all()}
    texts = [(e.event_type, snapshots[e.id].before, snapshots[e.id].after) for e in of_views]
    return [(type, json.loads(b or "null"), json.loads(a or "null")) for type, b, a in texts]


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "new/"),
        ("post", "new/"),
        ("get", "{id}/"),
        ("get", "{id}/edit/"),
        ("post", "{id}/edit/"),
        ("post", "{id}/mark/"),
        ("post", "{id}/delete/"),
        ("post", "{id}/restore/"),
        ("post", "undo/{event}/"),
    ],
)
def test_only_admins_of_the_organisation_have_views(
    client: Client,
    signed_in: Callable[[User], Client],
    member: User,
    stranger: User,
    method: str,
    path: str,
) -> None:
    save(client, is_shared="on")
    event = Event.objects.get(event_type="saved_view.created")
    url = VIEWS + path.format(id=the_view().pk, event=event.id)
    assert getattr(signed_in(stranger), method)(url).status_code == 404
    assert getattr(signed_in(member), method)(url).status_code == 403
    assert getattr(Client(), method)(url).headers["Location"].startswith("/accounts/login/")
    elsewhere = url.replace(
        "/acme/", f"/{Membership.objects.get(user=stranger).organization.slug}/"
    )
    if "{" in path:
        assert getattr(signed_in(stranger), method)(elsewhere).status_code == 404


@pytest.mark.parametrize("action", ["", "edit/", "mark/", "delete/", "restore/"])
def test_the_private_view_of_another_is_not_there(
    client: Client, other: Client, action: str
) -> None:
    save(client)
    method = other.post if action not in ("", "edit/") else other.get
    assert method(at(the_view(), action)).status_code == 404
    assert listed(other) == []


def test_an_address_that_names_the_private_view_of_another_does_not_tell_its_name(
    client: Client, other: Client
) -> None:
    save(client, name="Secret plan")
    page = read(other.get(LIST + f"?view={the_view().pk}&outcome=failure"))
    assert "Secret plan" not in page.text
    assert page.find("h1").text == "Audit log"


@pytest.mark.parametrize("id", ["x", "0", "-1", "9" * 30, "٣", "\0"])
def test_an_address_that_names_no_view_is_just_its_filters(client: Client, id: str) -> None:
    assert client.get(LIST, {"view": id}).status_code == 200
    assert client.get(f"{VIEWS}{'9' * 30}/").status_code == 404


@pytest.mark.parametrize("action", ["edit/", "delete/", "restore/"])
def test_only_the_owner_changes_a_shared_view(client: Client, other: Client, action: str) -> None:
    save(client, is_shared="on")
    assert other.post(at(the_view(), action), {"name": "x"}).status_code == 404
    assert the_view().deleted_at is None


def test_a_shared_view_whose_owner_is_gone_can_be_changed_by_every_admin(
    client: Client, other: Client, admin: User
) -> None:
    save(client, is_shared="on")
    Membership.objects.filter(user=admin).update(role=Role.MEMBER)
    assert other.post(at(the_view(), "delete/")).status_code == 302
    assert the_view().deleted_at


def test_forms_are_protected_against_other_sites(admin: User, client: Client) -> None:
    save(client)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    view = the_view()
    event = Event.objects.get(event_type="saved_view.created")
    for path in ("mark/", "delete/", "restore/", "edit/"):
        assert strict.post(at(view, path)).status_code == 403
    for path in ("new/", f"undo/{event.id}/"):
        assert strict.post(VIEWS + path).status_code == 403
    assert strict.post("/acme/events/columns/").status_code == 403


@pytest.mark.parametrize("action", ["mark/", "delete/", "restore/"])
def test_a_link_changes_nothing(client: Client, action: str) -> None:
    save(client)
    assert client.get(at(the_view(), action)).status_code == 405


# --- Saving and opening -------------------------------------------------------------------------


def test_the_form_begins_with_what_the_page_shows(client: Client) -> None:
    EventFactory.create(organization=Organization.objects.get())
    page = read(client.get(LIST + "?since=now-7d&tag=a:b&q=-prod&columns=details.a,actor"))
    form = read(client.get(page.find("a", id="save-view")["href"]))
    assert form.find("textarea", id="query").text == "a:b since:now-7d -prod"
    boxes = form.find_all("input", name="column")
    ticked = [box["value"] for box in boxes if "checked" in box.attributes]
    assert ticked == ["details.a", "actor"]


def test_a_saved_view_opens_with_its_filters_and_columns(client: Client) -> None:
    response = save(client, query="actor:mara.* since:now-7d outcome:failure")
    assert response.headers["Location"] == at(the_view())
    response = client.get(at(the_view()))
    assert parse_qs(response.headers["Location"].partition("?")[2]) == {
        "outcome": ["failure"],
        "since": ["now-7d"],
        "q": ["actor:mara.*"],
        "columns": ["time,actor,event"],
        "view": [str(the_view().pk)],
    }
    page = opened(client, the_view())
    assert page.find("h1").text == "Failures"
    assert not page.find_all("a", id="save-as-new")


@given(queries)
def test_a_view_opens_as_the_question_that_was_saved(query: Query) -> None:
    saved = from_parameters(to_parameters(query))
    asked = QueryDict(address(str(saved), "time")[1:])
    assert from_parameters({name: asked.getlist(name) for name in asked}).asks_the_same(saved)


@pytest.mark.parametrize(
    "query",
    ["", "tenant -prod", "actor:b,a", 'note:"" "x y"', "time:2026-11-17", "-actor:a,b since:now-2h",
     "details.actor:x resource:flow/a", "actor:" + ",".join(f"a{n}" for n in range(50))],
)  # fmt: skip
def test_a_view_just_saved_is_not_changed(client: Client, query: str) -> None:
    save(client, query=query)
    page = opened(client, the_view())
    assert page.find("h1").text == "Failures"
    assert not page.find_all("a", id="save-as-new")


def test_the_order_of_filters_is_no_change(client: Client) -> None:
    save(client, query="actor:a,b deployment:prod", column=["actor"])
    query = f"?deployment=prod&actor=b&actor=a&columns=time,actor&view={the_view().pk}"
    assert not read(client.get(LIST + query)).find_all("a", id="save-as-new")


@pytest.mark.parametrize("query", ["outcome=denied&columns=time,actor,event", "outcome=failure"])
def test_other_filters_or_columns_are_a_change_that_can_be_saved(
    client: Client, query: str
) -> None:
    save(client)
    page = read(client.get(f"{LIST}?{query}&view={the_view().pk}"))
    (form,) = [f for f in page.find_all("form") if f.attributes.get("action", "").endswith("edit/")]
    fields = form.find_all("input", type="hidden")
    data: dict[str, list[str]] = {}
    for field in fields:
        data.setdefault(field["name"], []).append(field["value"])
    client.post(form["action"], data)
    assert not opened(client, the_view()).find_all("a", id="save-as-new")
    assert the_view().name == "Failures"
    assert read(client.get(page.find("a", id="save-as-new")["href"])).find("textarea", id="query")


def test_others_may_save_a_changed_view_as_their_own_only(client: Client, other: Client) -> None:
    save(client, is_shared="on")
    page = read(other.get(f"{LIST}?outcome=denied&view={the_view().pk}"))
    assert not page.find_all("button", id="save-changes")
    assert page.find("a", id="save-as-new")


def test_a_shared_view_is_there_for_others(client: Client, other: Client) -> None:
    save(client, is_shared="on")
    assert listed(other) == ["Failures"]
    assert opened(other, the_view()).find("h1").text == "Failures"


def test_a_query_the_grammar_no_longer_knows_is_told_on_the_page(client: Client) -> None:
    save(client)
    SavedView.objects.update(query="actor:", columns="nonsense")
    assert client.get(at(the_view()), follow=True).status_code == 400
    assert client.get(at(the_view(), "edit/")).status_code == 200


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "told"),
    [
        pytest.param({"name": ""}, "Give it a name.", id="no name"),
        pytest.param({"name": "  \u200b "}, "needs a letter or a digit", id="invisible name"),
        pytest.param({"name": "x" * 81}, "at most 80", id="long name"),
        pytest.param({"name": "a\0b"}, "Null characters", id="NUL"),
        pytest.param({"query": "change:foo"}, "foo", id="value"),
        pytest.param({"query": "since:tomorrow"}, "tomorrow", id="time"),
        pytest.param({"query": "actor:"}, "", id="no value"),
        pytest.param({"query": 'x "y'}, "", id="open quote"),
        pytest.param({"query": "since:2026-03-05 until:2026-03-01"}, "", id="ends first"),
        pytest.param({"query": "x" * 5001}, "at most 5000", id="long query"),
        pytest.param({"query": f"note:{'ż' * 2000}"}, "too long for an address", id="long address"),
        pytest.param({"column": ["foo"]}, "which is no column", id="column"),
        pytest.param({"key": "a:b"}, "must not hold a colon", id="key"),
    ],
)
def test_what_cannot_be_saved_is_told_and_nothing_is_lost(
    client: Client, form: dict[str, Any], told: str
) -> None:
    page = read(save(client, status=400, **form))
    assert told in " ".join(e.text for e in page.find_all(class_="errors"))
    assert page.find_all(class_="errors")
    assert page.find("input", id="name")["value"] == form.get("name", "Failures")
    assert not SavedView.objects.exists()
    assert events() == []


def test_names_are_once_for_each_person(client: Client, other: Client) -> None:
    save(client)
    page = read(save(client, name=" fAILURES ", status=400))
    assert page.find("p", id="name-errors").text == "You have a view of this name already."
    save(other)
    assert SavedView.objects.count() == 2


def test_the_name_of_a_deleted_view_is_free(client: Client) -> None:
    save(client)
    first = the_view()
    client.post(at(first, "delete/"))
    save(client)
    page = client.post(at(first, "restore/"), follow=True)
    assert "There is a view of this name by now" in read(page).text


def test_a_hostile_name_is_only_text(client: Client) -> None:
    save(client, name=HOSTILE, is_shared="on")
    for url in (VIEWS, at(the_view()), at(the_view(), "edit/")):
        html = client.get(url, follow=True).content.decode()
        assert "alert(1)</script>" not in html
        assert "&lt;script&gt;" in html


def test_a_deceptive_name_is_written_out(client: Client) -> None:
    save(client, name="safe\u202eelif")
    assert listed(client) == ["safe‹U+202E›elif"]


def test_there_are_only_so_many_views(
    client: Client, admin: User, organization: Organization
) -> None:
    SavedView.objects.bulk_create(
        SavedView(organization=organization, owner=admin, name=f"v{n}", columns="time")
        for n in range(MAX_VIEWS)
    )
    page = read(save(client, status=400))
    assert f"You have {MAX_VIEWS} views" in page.find("p", class_="errors").text
    SavedView.objects.filter(name="v7").update(deleted_at=timezone.now())
    save(client)


@pytest.mark.parametrize("path", ["new/", "{id}/edit/"])
def test_moving_a_column_without_a_script_saves_nothing_and_loses_nothing(
    client: Client, path: str
) -> None:
    save(client)
    form = {"name": "Later", "query": "ip:*", "column": ["actor", "ip"], "move": "up:ip"}
    page = read(client.post(VIEWS + path.format(id=the_view().pk), form))
    assert page.find("input", id="name")["value"] == "Later"
    assert page.find("textarea", id="query").text == "ip:*"
    assert [box["value"] for box in page.find_all("input", name="column")][:2] == ["ip", "actor"]
    assert the_view().name == "Failures"


# --- Stars and the default ----------------------------------------------------------------------


def test_a_star_puts_a_view_into_the_menu_of_one_person(client: Client, other: Client) -> None:
    save(client, is_shared="on")
    assert menu(client) == menu(other) == []
    client.post(at(the_view(), "mark/"), {"starred": "1", "next": LIST})
    assert (menu(client), menu(other)) == (["Failures"], [])
    client.post(at(the_view(), "mark/"), {"starred": "0"})
    assert menu(client) == []


def test_a_view_no_longer_shared_leaves_the_menus_of_others(client: Client, other: Client) -> None:
    save(client, is_shared="on")
    other.post(at(the_view(), "mark/"), {"starred": "1", "default": "1"})
    assert menu(other) == ["Failures"]
    save_changes = {"name": "Failures", "query": "", "column": "actor"}
    client.post(at(the_view(), "edit/"), save_changes)
    assert menu(other) == []
    assert other.get("/acme/").headers["Location"] == LIST


def test_the_menu_holds_only_so_many(
    client: Client, admin: User, organization: Organization
) -> None:
    views = [
        SavedView.objects.create(
            organization=organization, owner=admin, name=f"v{n}", columns="time"
        )
        for n in range(MAX_STARRED + 1)
    ]
    for view in views:
        response = client.post(at(view, "mark/"), {"starred": "1"}, follow=True)
    assert len(menu(client)) == MAX_STARRED
    assert "all the menu can show" in read(response).text


def test_the_log_opens_with_the_default(client: Client, other: Client) -> None:
    save(client, is_starred="on", is_default="on")
    assert menu(client) == ["Failures"]
    assert client.get("/acme/").headers["Location"] == at(the_view())
    page = read(client.get("/acme/", follow=True))
    assert page.find("h1").text == "Failures"
    assert page.find("a", data_go="e")["href"] == at(the_view())
    assert other.get("/acme/").headers["Location"] == LIST


@pytest.mark.parametrize("query", ["", "?", "?actor=mara", "?columns=time"])
def test_the_default_never_overrides_an_address(client: Client, query: str) -> None:
    save(client, is_default="on")
    page = read(client.get(LIST + query))
    assert page.find("h1").text == "Audit log"


def test_there_is_one_default(client: Client) -> None:
    save(client, name="One", is_default="on")
    save(client, name="Two", is_default="on")
    two = SavedView.objects.get(name="Two")
    assert client.get("/acme/").headers["Location"] == at(two)
    client.post(at(two, "mark/"), {"default": "0"})
    assert client.get("/acme/").headers["Location"] == LIST


def test_a_deleted_default_opens_nothing(client: Client) -> None:
    save(client, is_default="on")
    client.post(at(the_view(), "delete/"))
    assert client.get("/acme/").headers["Location"] == LIST
    assert client.get(at(the_view())).status_code == 404


def test_a_mark_goes_back_to_this_site_only(client: Client) -> None:
    save(client)
    response = client.post(
        at(the_view(), "mark/"), {"starred": "1", "next": "https://evil.example/"}
    )
    assert response.headers["Location"] == VIEWS


# --- Changes, and undoing them ------------------------------------------------------------------


def test_each_change_is_in_the_log_with_before_and_after(client: Client, admin: User) -> None:
    save(client)
    view = at(the_view(), "")
    client.post(
        view + "edit/", {"name": "Fails", "query": "", "column": "actor", "is_shared": "on"}
    )
    client.post(view + "delete/")
    client.post(view + "restore/")
    first = {
        "name": "Failures",
        "owner": admin.email,
        "query": "outcome:failure",
        "columns": "time,actor,event",
        "shared": False,
    }
    second = first | {"name": "Fails", "query": "", "columns": "time,actor", "shared": True}
    assert events() == [
        ("saved_view.created", None, first),
        ("saved_view.updated", first, second),
        ("saved_view.deleted", second, None),
        ("saved_view.restored", None, second),
    ]
    event = Event.objects.get(event_type="saved_view.updated")
    assert (event.actor_id, event.resource_name) == (admin.email, "Fails")


def test_saving_without_a_change_is_no_event(client: Client) -> None:
    save(client)
    again = {"name": "Failures", "query": "outcome:failure", "column": ["actor", "event"]}
    client.post(at(the_view(), "edit/"), again)
    assert [type for type, _, _ in events()] == ["saved_view.created"]


def test_deleting_can_be_undone_with_everybodys_stars(client: Client, other: Client) -> None:
    save(client, is_shared="on", is_starred="on")
    other.post(at(the_view(), "mark/"), {"starred": "1"})
    client.get(VIEWS)  # where the notice of saving is read
    client.post(at(the_view(), "delete/"))
    assert menu(other) == listed(other) == []
    undo(client)
    assert menu(other) == menu(client) == listed(other) == ["Failures"]


def test_a_change_can_be_undone_and_that_too(client: Client) -> None:
    save(client)
    client.get(VIEWS)
    client.post(at(the_view(), "edit/"), {"name": "Other", "query": "x", "column": "ip"})
    page = read(undo(client))
    assert page.find("h1").text == "Failures"
    assert (the_view().query, the_view().columns) == ("outcome:failure", "time,actor,event")
    client.post(at(the_view(), "edit/"), {"name": "Other", "query": "x", "column": "ip"})
    undo(client)
    assert the_view().name == "Failures"


def test_saving_can_be_undone(client: Client) -> None:
    save(client)
    undo(client)
    assert listed(client) == []


def test_what_was_changed_again_is_not_undone(client: Client) -> None:
    save(client)
    created = Event.objects.get(event_type="saved_view.created")
    client.post(at(the_view(), "edit/"), {"name": "Other", "query": "x", "column": "ip"})
    page = client.post(f"{VIEWS}undo/{created.id}/", follow=True)
    assert "was changed again since" in read(page).text
    assert (the_view().name, the_view().deleted_at) == ("Other", None)


def test_nobody_undoes_the_change_of_another(client: Client, other: Client) -> None:
    save(client, is_shared="on")
    event = Event.objects.get(event_type="saved_view.created")
    assert other.post(f"{VIEWS}undo/{event.id}/").status_code == 404
    assert listed(other) == ["Failures"]


@pytest.mark.parametrize("name", ["x" * 500, "", 7, None])
def test_an_event_that_a_program_recorded_cannot_break_a_view(
    client: Client, organization: Organization, name: Any
) -> None:
    save(client)
    after = events()[0][2]
    forged = record(
        organization,
        event_type="saved_view.updated",
        actor={"kind": "user", "id": "evil"},
        resource={"type": "saved_view", "id": str(the_view().pk)},
        before=after | {"name": name},
        after=after,
    )
    assert forged
    page = client.post(f"{VIEWS}undo/{forged.id}/", follow=True)
    assert "does not tell what the view was" in read(page).text
    assert the_view().name == "Failures"


@pytest.mark.parametrize("id", ["x", "9" * 30, "٣", ""])
def test_an_event_of_no_view_undoes_nothing(
    client: Client, organization: Organization, id: str
) -> None:
    resource = {"type": "saved_view", **({"id": id} if id else {})}
    event = EventFactory.create(
        organization=organization, event_type="saved_view.updated", resource=resource
    )
    assert client.post(f"{VIEWS}undo/{event.id}/").status_code == 404


def test_deleted_views_can_be_restored_for_a_while_and_then_go(client: Client) -> None:
    save(client)
    client.post(at(the_view(), "delete/"))
    assert "Restore Failures" in read(client.get(VIEWS)).text
    SavedView.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    assert "Restore" not in read(client.get(VIEWS)).text
    save(client, name="Another")
    client.post(at(SavedView.objects.get(name="Another"), "delete/"))
    assert [view.name for view in SavedView.objects.all()] == ["Another"]


# --- What it costs ------------------------------------------------------------------------------


def test_the_cost_of_a_page_does_not_grow_with_the_views(
    client: Client, organization: Organization, admin: User
) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    save(client, is_starred="on")
    EventFactory.create_batch(3, organization=organization)
    urls = (VIEWS, LIST, f"{LIST}?view={the_view().pk}")
    first = [queries(url) for url in urls]
    for n in range(10):
        owner = UserFactory.create() if n % 2 else admin
        view = SavedView.objects.create(
            organization=organization, owner=owner, name=f"v{n}", columns="time", is_shared=True
        )
        client.post(at(view, "mark/"), {"starred": "1"})
    assert [queries(url) for url in urls] == first
    assert first[2] - first[1] == 1
