"""Carrying the context into background tasks of ``django.tasks``, whatever runs them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.tasks import Task, TaskResult

from audit.recording.context import audit_context, current

if TYPE_CHECKING:  # Task takes type arguments only in the stubs
    _Task = Task[..., Any]
    _Result = TaskResult[..., Any]
else:
    _Task = Task

# A keyword argument of the task as it is stored; its function never sees it.
_CARRIED: Final = "_audit_context"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTask(_Task):
    """A task that runs in the context of the call that enqueued it.

    (Its methods name Task instead of super(), which a dataclass with slots loses.)
    """

    def enqueue(self, *args: Any, **kwargs: Any) -> "_Result":
        return Task.enqueue(self, *args, **kwargs, **{_CARRIED: current().as_dict()})

    async def aenqueue(self, *args: Any, **kwargs: Any) -> "_Result":
        context = await sync_to_async(current)()
        return await Task.aenqueue(self, *args, **kwargs, **{_CARRIED: context.as_dict()})

    def call(self, *args: Any, **kwargs: Any) -> Any:
        with audit_context(**kwargs.pop(_CARRIED, {})):
            return Task.call(self, *args, **kwargs)

    async def acall(self, *args: Any, **kwargs: Any) -> Any:
        with audit_context(**kwargs.pop(_CARRIED, {})):
            return await Task.acall(self, *args, **kwargs)


class CarriesContext:
    """Makes a backend's tasks carry the context::

    class Backend(CarriesContext, DatabaseBackend): ...
    """

    task_class = ContextTask
