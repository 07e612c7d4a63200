"""Named groups of actors, so that a decision can be about some of them."""

from functools import cached_property
from typing import Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from audit.models.event import ActorKind
from audit.models.fields import TextsField
from audit.models.organization import Organization

#: Of one organisation, and of one group: every process that records keeps them in memory.
MAX_GROUPS: Final = 100
MAX_MEMBERS: Final = 1_000
MAX_MEMBER: Final = 512  # characters, as many as the id of an actor has


class ActorGroup(models.Model):
    """Actors by id, by the beginning of some with ``*`` behind it, or all of a kind."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    actors = TextsField(default=list, blank=True)
    kinds = TextsField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "audit_actor_group"
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "name"),
                name="actor_group_once",
                violation_error_message="There is a group of this name already.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.actors and not self.kinds:
            raise ValidationError({"actors": "A group has actors, or kinds of them."})
        if len(self.actors) > MAX_MEMBERS:
            raise ValidationError({"actors": f"A group has at most {MAX_MEMBERS:,} actors."})
        for actor in self.actors:
            if len(actor) > MAX_MEMBER:
                raise ValidationError(
                    {"actors": f"The id of an actor has at most {MAX_MEMBER} characters."}
                )
            if "*" in actor.removesuffix("*"):
                raise ValidationError({"actors": f"A star stands last, as in etl-*; “{actor}”."})
        if not set(self.kinds) <= set(ActorKind.values):
            raise ValidationError({"kinds": "There is no such kind of actor."})

    def as_document(self) -> dict[str, object]:
        """What an event says of it."""
        return {"name": self.name, "actors": list(self.actors), "kinds": list(self.kinds)}

    def holds(self, kind: str, id: str) -> bool:
        """Whether an actor belongs to the group."""
        return kind in self.kinds or id in self._ids or id.startswith(self._beginnings)

    @property
    def kind_labels(self) -> list[str]:
        return [str(ActorKind(kind).label) for kind in self.kinds]

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(actor for actor in self.actors if not actor.endswith("*"))

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple(actor[:-1] for actor in self.actors if actor.endswith("*"))
