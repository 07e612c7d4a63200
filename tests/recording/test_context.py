"""What a call does not say is taken from around it."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.tasks import task_backends
from django.tasks.backends.immediate import ImmediateBackend
from django.test import override_settings

from audit.models import Organization
from audit.recording import NoOrganization, audit_context, current, record
from audit.recording.tasks import CarriesContext, ContextTask
from tests.factories import OrganizationFactory

MARA = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}
BORIS = {"kind": "user", "id": "boris@acme.dev"}


class Backend(CarriesContext, ImmediateBackend):
    """Runs tasks at once, but like a worker: in a context of its own."""

    def _execute_task(self, task_result: Any) -> None:
        thread = threading.Thread(target=super()._execute_task, args=[task_result])
        thread.start()
        thread.join()


seen: list[dict[str, Any]] = []


def note(word: str) -> None:
    seen.append({"word": word, **current().as_dict()})


@pytest.fixture
def carrying_tasks() -> Iterator[None]:
    seen.clear()
    backend = f"{__name__}.Backend"
    with override_settings(TASKS={"default": {"BACKEND": backend}}):
        task_backends._connections.default = Backend("default", {})
        yield


def test_an_event_takes_from_the_context_what_it_leaves_out(organization: Organization) -> None:
    with audit_context(organization=organization, actor=MARA, ip="203.0.113.7", session="s1"):
        event = record(event_type="log.opened")
        other = record(event_type="log.opened", actor=BORIS, ip="203.0.113.8")
    assert (event.organization, event.actor_id, event.ip) == (
        organization,
        MARA["id"],
        "203.0.113.7",
    )
    assert (other.actor_id, other.ip, other.session) == ("boris@acme.dev", "203.0.113.8", "s1")


def test_without_a_known_actor_the_program_acts(organization: Organization) -> None:
    event = record(organization, event_type="log.opened")
    assert event.actor_kind == "system"
    assert event.actor_id


def test_a_null_document_is_not_filled_from_anywhere(organization: Organization) -> None:
    with audit_context(actor=MARA):
        event = record(organization, event_type="x", before=None, after=1)
    assert event.change == "updated"


def test_contexts_nest_and_end() -> None:
    with audit_context(actor=MARA, session="outer"):
        with audit_context(session="inner"):
            assert current().as_dict() == {"actor": MARA, "session": "inner"}
        assert current().session == "outer"
    assert current().as_dict() == {}


def test_a_wrong_name_is_said_at_once() -> None:
    with pytest.raises(TypeError, match="adress"), audit_context(adress="203.0.113.7"):
        pass


def test_the_context_follows_into_async_code_and_back() -> None:
    async def inner() -> list[str]:
        tasks = [asyncio.create_task(session()), asyncio.create_task(sync_to_async(sync)())]
        return await asyncio.gather(*tasks)

    async def session() -> str:
        return current().session

    def sync() -> str:
        return current().session

    with audit_context(session="s1"):
        assert async_to_sync(inner)() == ["s1", "s1"]


def test_a_saved_context_holds_in_another_thread() -> None:
    found: list[dict[str, Any]] = []

    def work(saved: dict[str, Any]) -> None:
        with audit_context(**saved):
            found.append(current().as_dict())

    with audit_context(actor=MARA, session="s1"):
        saved = current().as_dict()
    thread = threading.Thread(target=work, args=[saved])
    thread.start()
    thread.join()
    assert found == [saved]


@pytest.mark.usefixtures("carrying_tasks")
def test_a_task_runs_in_the_context_that_enqueued_it() -> None:
    task = ContextTask(func=note)
    with audit_context(actor=MARA, session="s1"):
        result = task.using(queue_name="default").enqueue("hello")
        async_to_sync(task.aenqueue)(word="async")
    assert seen == [
        {"word": "hello", "actor": MARA, "session": "s1"},
        {"word": "async", "actor": MARA, "session": "s1"},
    ]
    assert result.status == "SUCCESSFUL"


@pytest.mark.parametrize("told", ["acme", "tests.recording.test_context.told"])
def test_the_setting_tells_the_organization(
    organization: Organization, settings: Any, told: str
) -> None:
    settings.AUDIT_ORGANIZATION = told
    assert record(event_type="log.opened", actor=MARA).organization == organization


def told(subject: object) -> str:
    assert subject is None
    return "acme"


@pytest.mark.parametrize("told", [None, "nowhere", ""])
def test_an_event_of_nobody_is_refused(db: None, settings: Any, told: str | None) -> None:
    OrganizationFactory.create()
    settings.AUDIT_ORGANIZATION = told
    with pytest.raises(NoOrganization):
        record(event_type="log.opened", actor=MARA)
