"""The rest of the company: business users who only read dashboards, many and quiet."""

import unicodedata
from random import Random

from audit.simulation.actors import Person
from audit.simulation.people import CHROME_MAC, CHROME_WINDOWS, EDGE_WINDOWS, SAFARI_MAC

_GIVEN = (
    "Adaeze", "Agnieszka", "Aïcha", "Alejandro", "Amelia", "Anders", "Arjun", "Astrid", "Björn",
    "Camila", "Chloé", "Daan", "Dalia", "Diego", "Ekaterina", "Elif", "Emeka", "Esra", "Eun-ji",
    "Farid", "Femke", "Gabriel", "Haruto", "Ines", "Isabel", "Jamal", "Jiří", "João", "Kamala",
    "Karim", "Khadija", "Lars", "Leïla", "Lucas", "Magdalena", "Malik", "Marta", "Mehmet", "Milan",
    "Nadia", "Naveen", "Ngozi", "Olumide", "Paweł", "Petra", "Rafael", "Renée", "Rosa", "Sanjay",
    "Søren", "Tamsin", "Thandiwe", "Tuấn", "Valeria", "Wanjiru", "Yara", "Yusuf", "Zuzana",
)  # fmt: skip
_FAMILY = (
    "Acheampong", "Álvarez", "Andersson", "Bakker", "Banerjee", "Bianchi", "Çelik", "Chen",
    "Costa", "Delacroix", "Dvořák", "Eriksen", "Fernandes", "García", "Grünwald", "Haddad",
    "Hoang", "Ibrahim", "Jansen", "Kamau", "Khan", "Kimura", "Kovač", "Lindqvist", "Lopes",
    "Majewska", "Mbeki", "Mendoza", "Mukherjee", "Müller", "Nakamura", "Novák", "Nwosu",
    "O’Connor", "Okafor", "Öztürk", "Park", "Petrov", "Quintero", "Rahman", "Rossi", "Sauvage",
    "Silva", "Smith", "Tanaka", "Thapa", "Ünal", "Vasquez", "Weiß", "Wójcik", "Yamamoto", "Zhang",
)  # fmt: skip
_UNITS = (
    ("sales", "Europe/Berlin"), ("sales", "America/New_York"), ("support", "Europe/Lisbon"),
    ("support", "Asia/Kolkata"), ("marketing", "Europe/Paris"), ("operations", "Europe/Warsaw"),
    ("operations", "America/Sao_Paulo"), ("accounting", "Europe/Warsaw"),
    ("legal", "Europe/Dublin"),
)  # fmt: skip
# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "’": "", "ı": "i", "đ": "d"})


def business_users(count: int, domain: str) -> tuple[Person, ...]:
    """``count`` people with distinct names: the same ones for every seed, as a company's are."""
    rng = Random(f"directory of {domain}")  # noqa: S311 -- a demo, not a secret
    people: dict[str, Person] = {}
    while len(people) < count:
        name = f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"
        mailbox = ascii_name(name)
        team, zone = rng.choice(_UNITS)
        people.setdefault(mailbox, _business_user(rng, name, f"{mailbox}@{domain}", team, zone))
    return tuple(people[mailbox] for mailbox in sorted(people))


def ascii_name(name: str) -> str:
    """ "Zoë Ångström" as a mailbox: ``zoe.angstrom``."""
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode().replace(" ", ".").replace("-", "")


def _business_user(rng: Random, name: str, email: str, team: str, zone: str) -> Person:
    return Person(
        name=name,
        email=email,
        team=team,
        zone=zone,
        country="",
        starts=9,
        ends=17,
        addresses=(f"2001:db8:{rng.randrange(0x100, 0xFFFF):x}::{rng.randrange(1, 0xFFFF):x}",),
        user_agents=(rng.choice((CHROME_MAC, CHROME_WINDOWS, EDGE_WINDOWS, SAFARI_MAC)),),
    )
