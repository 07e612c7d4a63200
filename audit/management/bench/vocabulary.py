"""The words that generated events are made of, and how often the special ones occur."""

from typing import Any, Final

from audit.event_types import EventType, registry
from audit.models.words import words_of


def _words(text: str) -> list[str]:
    return text.split()


_TYPES: Final = 60
USERS: Final = 2_000  # as many as there are pairs of the names below
FLOWS: Final = 800

# The most frequent first; the rest of the catalogue follows.
_FAVOURITES = ("run.launched", "schedule.updated", "user.logged_in", "backfill.launched")

_FIRST_NAMES = _words(
    "ada ben cleo dan eva finn gwen hugo ines jon kira lena mara nils olga paul quinn rosa sam"
    " tara uma vic wanda xan yara zoe arlo bea carl dora emil flora gus hana ivan june karl lou"
    " milo nora"
)
_LAST_NAMES = _words(
    "ito reyes kaur lind moreau okafor petrov quist rossi silva tanaka ueda varga weiss xu young"
    " zeman abbas berg costa dietz engel fabre gallo haas ivanov jansen kovac lopez meyer nagy"
    " olsen park quiroga ruiz sato toth urban vogel wolf xenakis yilmaz zhou adler blanc conti"
    " duarte eriksen fischer greco"
)
DEPLOYMENTS: Final = _words("prod staging dev qa eu-prod us-prod sandbox demo load-test archive")
NAMESPACES: Final = [
    f"company.{team}{suffix}"
    for suffix in ("", ".batch", ".streams", ".reports")
    for team in _words("finance sales data growth legal people risk supply web support")
]
SOURCES: Final = ["ui", "api", "cli", "terraform"]
REGIONS: Final = ["eu-west", "us-east", "ap-south"]
_USER_AGENTS = ["Mozilla/5.0 Firefox/146.0", "Mozilla/5.0 Chrome/142.0", "auditsite/1.0", "curl/8"]

# Tags of some events only, the searches that are hard to answer: the two common ones never meet
# in one event, the retired one is in none of the newest three quarters, a rare one is in one of
# 100,000 events, a unique one in one.
SPECIAL_TAGS: Final = {
    "common_a": "tier:gold",
    "common_b": "channel:batch",
    "retired_tag": "agent:legacy",
}
SHARES: Final = {"common": 0.15, "retired": 0.25, "unique": 0.1, "rare": 0.001}
RARE_VALUES: Final = 100


def event_types() -> list[EventType]:
    """The types that occur, the most frequent first."""

    def place(declared: EventType) -> tuple[bool, str, str]:
        return declared.slug not in _FAVOURITES, declared.origin, declared.slug

    return sorted(registry, key=place)[:_TYPES]


def actor_id(rank: int) -> str:
    """The actor of this rank, 1 the busiest; spelled as the generating statement does."""
    first, last = _FIRST_NAMES[rank % 40], _LAST_NAMES[rank // 40 % 50]
    suffix = {10: ".bot", 11: ".agent"}.get(rank % 12, "@acme.example")
    return f"{first}.{last}{suffix}"


def lists() -> dict[str, list[str]]:
    """Words by the names that the generating statement uses."""
    types = event_types()
    return {
        "first_names": _FIRST_NAMES,
        "last_names": _LAST_NAMES,
        "deployments": DEPLOYMENTS,
        "namespaces": NAMESPACES,
        "sources": SOURCES,
        "user_agents": _USER_AGENTS,
        "types": [declared.slug for declared in types],
        "labels": [declared.label for declared in types],
        "resource_types": [declared.resource_type for declared in types],
        "changes": [declared.change for declared in types],
    }


def numbers() -> dict[str, Any]:
    return {
        "users": USERS,
        "flows": FLOWS,
        "rare_values": RARE_VALUES,
        **{f"{name[:-1]}_count": len(words) for name, words in lists().items()},
        **SHARES,
        **SPECIAL_TAGS,
    }


def dictionary() -> dict[str, list[str]]:
    """The values to choose from, by field. Of those that are too many, the keys alone."""
    special = [tag.split(":") for tag in SPECIAL_TAGS.values()]
    keys = _words("namespace flow execution_id source region ticket incident")
    return {
        "actor": [actor_id(rank) for rank in range(1, 1_001)],
        "event_type": [declared.slug for declared in event_types()],
        "deployment": DEPLOYMENTS,
        "resource_type": sorted({declared.resource_type for declared in event_types()} - {""}),
        "details": keys + [key for key, _ in special],
        "details.namespace": NAMESPACES,
        "details.flow": [f"flow-{rank}" for rank in range(1, FLOWS + 1)],
        "details.source": SOURCES,
        "details.region": REGIONS,
        "details.incident": [f"INC-{n}" for n in range(RARE_VALUES)],
        **{f"details.{key}": [value] for key, value in special},
    }


def words() -> list[str]:
    """The words of what is generated that a dictionary learns: no numbers above 99."""
    texts = [text for texts in lists().values() for text in texts]
    texts += [*REGIONS, "flow acme example bot agent inc t", *map(str, range(100))]
    texts += [*(tag.partition(":")[2] for tag in SPECIAL_TAGS.values())]
    return sorted({word for text in texts for word in words_of(text)} - {""})
