"""``POST /<organisation>/api/browser-tokens``: what an application's server gives to a page.

A token is signed and not kept: it says by itself whose it is, and ends by itself within the hour.
It ends at once with the key it was made with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final, Self, cast

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from audit.api import problems
from audit.api.authentication import Bearer, CallerRequest
from audit.models import ActorKind, ApiKey, Scope
from audit.recording.actors import Actor
from audit.recording.limits import MAX_TEXT

router = Router(tags=["Recording from the browser"])

#: What tokens begin with, for people and for scanners of secrets.
PREFIX: Final = "bt_"
MIN_SECONDS: Final = 30
MAX_SECONDS: Final = 3_600
_DEFAULT_SECONDS: Final = 900
_MAX_EVENT_TYPES: Final = 20  # they travel with every call
_SALT: Final = "audit.browser-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserToken:
    """What a token says: who acts, in which session, and what may be recorded.

    ``event_types`` that is empty allows any.
    """

    key_id: int
    actor: Actor
    session: str
    event_types: tuple[str, ...]
    expires_at: datetime

    @property
    def text(self) -> str:
        facts = [
            self.key_id,
            dict(self.actor),
            self.session,
            self.event_types,
            int(self.expires_at.timestamp()),
        ]
        return PREFIX + signing.dumps(facts, salt=_SALT, compress=True)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What a token of ours says; None for one that is no token, or has expired."""
        if not text.startswith(PREFIX):
            return None
        try:
            key_id, actor, session, event_types, expires = signing.loads(
                text.removeprefix(PREFIX), salt=_SALT
            )
        except signing.BadSignature:
            return None
        token = cls(
            key_id=key_id,
            actor=actor,
            session=session,
            event_types=tuple(event_types),
            expires_at=datetime.fromtimestamp(expires, UTC),
        )
        return token if token.expires_at > datetime.now(UTC) else None

    def key(self) -> ApiKey | None:
        """The key it was made with, and its organisation; None once that is good no longer."""
        key = ApiKey.objects.select_related("organization").filter(pk=self.key_id).first()
        is_good = key is not None and key.is_usable and key.allows(Scope.EVENTS_WRITE)
        return key if is_good else None


def _text(name: str, description: str = "", *, is_required: bool = False) -> Any:
    """A field that an event can hold: PostgreSQL stores no NUL."""
    return Field(
        ... if is_required else "",
        min_length=1 if is_required else 0,
        max_length=MAX_TEXT[name],
        pattern=r"^[^\x00]*$",
        description=description,
    )


class TokenActor(Schema):
    """Who uses the page: recorded as the actor of whatever it sends."""

    model_config = ConfigDict(extra="forbid")

    kind: ActorKind = ActorKind.USER
    id: str = _text("actor.id", "How they are known.", is_required=True)
    name: str = _text("actor.name", "What people call them.")
    impersonator: str = _text("actor.impersonator", "Who acts in their name, if anybody does.")


type _Slug = Annotated[str, Field(min_length=1, max_length=MAX_TEXT["event_type"])]


class TokenWish(Schema):
    """Whom the token is for, and what it may do."""

    model_config = ConfigDict(extra="forbid")

    actor: TokenActor
    session: str = _text("session", "A name of your session with them; not what opens it.")
    event_types: list[_Slug] = Field(
        [], max_length=_MAX_EVENT_TYPES, description="The only types it may record; empty for any."
    )
    expires_in: int = Field(
        _DEFAULT_SECONDS, ge=MIN_SECONDS, le=MAX_SECONDS, description="Seconds it is good for."
    )


class TokenMade(Schema):
    """A token for one page, or a few."""

    token: str = Field(description="To be handed to the page alone.")
    expires_at: datetime = Field(description="When it ends.")


@router.post(
    "/browser-tokens",
    operation_id="makeBrowserToken",
    summary="Make a token for a page",
    auth=Bearer(Scope.EVENTS_WRITE),
    response={HTTPStatus.CREATED: TokenMade},
    openapi_extra={
        "responses": problems.described(
            {
                400: "The body can't be read, or a field is wrong.",
                401: "No API key, or one that is unknown, revoked or expired.",
                403: "The key lacks the scope events:write.",
                404: "The key is for no organisation of that name.",
                429: "More than the key may send; Retry-After says for how long.",
                503: "The log can't be reached just now; send the call again.",
            }
        )
    },
)
def make_browser_token(request: HttpRequest, wish: TokenWish) -> HttpResponse:
    """Make a token with which a page records in one actor's name, and can do nothing else.

    Your own server asks, for whoever it knows to be signed in, and hands the token to their page.
    It is good for 15 minutes unless expires_in says otherwise, for an hour at most.
    """
    key_id = cast(int, cast(CallerRequest, request).auth.key_id)
    token = BrowserToken(
        key_id=key_id,
        actor=_without_blanks(wish.actor.model_dump(mode="json")),
        session=wish.session,
        event_types=tuple(wish.event_types),
        expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=wish.expires_in),
    )
    made = {"token": token.text, "expires_at": token.expires_at}
    return JsonResponse(made, status=HTTPStatus.CREATED, headers={"Cache-Control": "no-store"})


def _without_blanks(actor: Mapping[str, str]) -> Actor:
    return {name: value for name, value in actor.items() if value}
