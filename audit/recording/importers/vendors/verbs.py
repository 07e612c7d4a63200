"""What an action's name says it does: ``CreateRole``, ``role.create``, ``Add member to group``."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

type Change = Literal["created", "updated", "deleted", "other"]

_CREATED = "create created add added insert new register provision invite generate upload import"
_DELETED = "delete deleted remove removed destroy destroyed revoke purge terminate deregister"
_UPDATED = (
    "update updated put set modify modified change changed edit edited patch replace enable disable"
    " activate deactivate attach detach associate disassociate rename renamed reset restore move"
    " authorize tag untag grant assign unassign suspend unsuspend archive unarchive transfer write"
)
_VERBS: Mapping[Change, str] = {"created": _CREATED, "updated": _UPDATED, "deleted": _DELETED}
#: The words by which a change is told. A verb that is not here changes nothing that we know of.
VERBS: Mapping[str, Change] = MappingProxyType(
    {verb: change for change, verbs in _VERBS.items() for verb in verbs.split()}
)
# Words after which a verb is no verb any more: GetCreatedThings, ListAddTypes.
_READING = frozenset(
    ("get", "list", "describe", "read", "view", "download", "lookup", "search", "query", "head")
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def change_of(action: str) -> Change:
    """By the first word that is a verb: ``CreateRole`` is "created", ``GetRole`` "other".

    The last part of a dotted name speaks first: ``role.member.remove`` removes.
    """
    for part in reversed(re.split(r"[.:/]", action)):
        for word in words_of(part):
            if word in VERBS:
                return VERBS[word]
            if word in _READING:
                return "other"
    return "other"


def words_of(name: str) -> list[str]:
    """The words of ``CreateDBInstance``, ``create_db_instance`` and ``create DB instance``."""
    return [word.lower() for word in _WORD.findall(name)]


def slug_of(name: str) -> str:
    """An action's name as a part of an event type: lower case, words joined by ``_``."""
    return re.sub(r"[^\w.]+", "_", name.strip().lower()).strip("_.")
