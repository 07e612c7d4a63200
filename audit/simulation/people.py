"""The people of Acme, where they live, and when they work."""

from audit.simulation.actors import WEEKEND, Person

FIREFOX_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"
FIREFOX_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:146.0) Gecko/20100101 Firefox/146.0"
CHROME_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
CHROME_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
CHROME_LINUX = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
EDGE_WINDOWS = f"{CHROME_WINDOWS} Edg/142.0.0.0"
SAFARI_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.1 Safari/605.1.15"
)
SAFARI_PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1"
)
COMMAND_LINE = "dataplane-cli/2.14.1 Python/3.13.1 Linux"

# Offices share their way out; homes are single addresses.
_WARSAW, _BERLIN, _NEW_YORK, _TOKYO = "203.0.113.24", "203.0.113.80", "198.51.100.14", "192.0.2.66"


def _person(
    name: str,
    email: str,
    team: str,
    place: str,
    addresses: tuple[str, ...],
    user_agents: tuple[str, ...],
    *,
    weekend: tuple[int, ...] = WEEKEND,
    is_admin: bool = False,
    is_on_call: bool = False,
    method: str = "oidc",
) -> Person:
    """A person from one line; ``place`` is "zone country hours", as in "Europe/Warsaw PL 9-17"."""
    zone, country, hours = place.split()
    starts, ends = hours.split("-")
    return Person(
        name=name,
        email=email,
        team=team,
        zone=zone,
        country=country,
        starts=float(starts),
        ends=float(ends),
        addresses=addresses,
        user_agents=user_agents,
        weekend=weekend,
        is_admin=is_admin,
        is_on_call=is_on_call,
        method=method,
    )


ACME_PEOPLE: tuple[Person, ...] = (
    # platform
    _person(
        "Jon Reyes",
        "jon.reyes@acme.dev",
        "platform",
        "Europe/Madrid ES 9-18",
        ("203.0.113.41", "2001:db8:41::7"),
        (CHROME_MAC, COMMAND_LINE),
        is_admin=True,
    ),
    _person(
        "Hannah Becker",
        "hannah.becker@acme.dev",
        "platform",
        "Europe/Berlin DE 8-16.5",
        (_BERLIN, "203.0.113.92"),
        (FIREFOX_LINUX, COMMAND_LINE),
        is_admin=True,
    ),
    _person(
        "Łukasz Żak",
        "lukasz.zak@acme.dev",
        "platform",
        "Europe/Warsaw PL 10-19",
        (_WARSAW, "203.0.113.131"),
        (FIREFOX_LINUX, COMMAND_LINE),
        is_on_call=True,
    ),
    _person(
        "Zoë Ångström",
        "zoe.angstrom@acme.dev",
        "platform",
        "Europe/Stockholm SE 8.5-17",
        ("203.0.113.57", "2001:db8:57::a1"),
        (FIREFOX_MAC, SAFARI_PHONE),
        is_on_call=True,
    ),
    _person(
        "Priya Raghunathan",
        "priya.raghunathan@acme.dev",
        "platform",
        "Asia/Kolkata IN 9.5-18.5",
        ("192.0.2.18",),
        (CHROME_LINUX, COMMAND_LINE),
        is_on_call=True,
    ),
    _person(
        "Samuel Osei",
        "samuel.osei@acme.dev",
        "platform",
        "Africa/Accra GH 8-17",
        ("192.0.2.91",),
        (CHROME_LINUX,),
        is_on_call=True,
    ),
    # finance
    _person(
        "Mara Ito",
        "mara.ito@acme.dev",
        "finance",
        "Europe/Warsaw PL 8.5-17.5",
        (_WARSAW, "203.0.113.177"),
        (FIREFOX_LINUX,),
    ),
    _person(
        "Lena Kowalska",
        "lena.k@acme.dev",
        "finance",
        "Europe/Warsaw PL 8-16",
        (_WARSAW, "2001:db8:24::c3"),
        (CHROME_MAC,),
    ),
    _person(
        "Giulia Ferrari",
        "giulia.ferrari@acme.dev",
        "finance",
        "Europe/Rome IT 9-18",
        ("203.0.113.12",),
        (SAFARI_MAC, SAFARI_PHONE),
    ),
    _person(
        "Nuno Brandão",
        "nuno.brandao@acme.dev",
        "finance",
        "Europe/Lisbon PT 9-17.5",
        ("203.0.113.203",),
        (EDGE_WINDOWS,),
        weekend=(4, 5, 6),
    ),
    _person(
        "Chidinma Eze",
        "chidinma.eze@acme.dev",
        "finance",
        "Africa/Lagos NG 8.5-17",
        ("192.0.2.140",),
        (CHROME_WINDOWS,),
    ),
    # growth
    _person(
        "Tomás Herrera",
        "tomas.herrera@acme.dev",
        "growth",
        "America/Mexico_City MX 9-18",
        ("198.51.100.33",),
        (CHROME_MAC, COMMAND_LINE),
    ),
    _person(
        "Aoife Ní Bhriain",
        "aoife.nibhriain@acme.dev",
        "growth",
        "Europe/Dublin IE 8.5-17",
        ("203.0.113.119",),
        (CHROME_MAC,),
    ),
    _person(
        "DeShawn Carter",
        "deshawn.carter@acme.dev",
        "growth",
        "America/New_York US 9-17.5",
        (_NEW_YORK, "198.51.100.90"),
        (CHROME_MAC, SAFARI_PHONE),
    ),
    _person(
        "Beatriz Souza",
        "beatriz.souza@acme.dev",
        "growth",
        "America/Sao_Paulo BR 9-18",
        ("198.51.100.61",),
        (EDGE_WINDOWS,),
    ),
    # ml
    _person(
        "佐藤 美咲",
        "misaki.sato@acme.dev",
        "ml",
        "Asia/Tokyo JP 9.5-18.5",
        (_TOKYO, "2001:db8:66::19"),
        (CHROME_LINUX, COMMAND_LINE),
    ),
    _person(
        "François Lefèvre",
        "francois.lefevre@acme.dev",
        "ml",
        "Europe/Paris FR 9.5-18.5",
        ("203.0.113.66",),
        (FIREFOX_MAC,),
    ),
    _person(
        "Олена Шевченко",
        "olena.shevchenko@acme.dev",
        "ml",
        "Europe/Kyiv UA 9-18",
        ("203.0.113.188",),
        (FIREFOX_LINUX, COMMAND_LINE),
    ),
    _person(
        "李伟",
        "wei.li@acme.dev",
        "ml",
        "America/Toronto CA 9-17",
        ("198.51.100.77",),
        (CHROME_LINUX,),
    ),
    _person(
        "Nguyễn Minh Anh",
        "minhanh.nguyen@acme.dev",
        "ml",
        "Asia/Ho_Chi_Minh VN 8-17",
        ("192.0.2.203",),
        (CHROME_WINDOWS,),
    ),
    # analytics
    _person(
        "Sigríður Jónsdóttir",
        "sigridur.jonsdottir@acme.dev",
        "analytics",
        "Atlantic/Reykjavik IS 9-17",
        ("203.0.113.149",),
        (SAFARI_MAC,),
    ),
    _person(
        "Ivana Horvat",
        "ivana.horvat@acme.dev",
        "analytics",
        "Europe/Zagreb HR 8-16",
        ("203.0.113.35",),
        (CHROME_WINDOWS,),
    ),
    _person(
        "Oliver Whitcombe",
        "oliver.whitcombe@acme.dev",
        "analytics",
        "Europe/London GB 9-17.5",
        ("203.0.113.220", "2001:db8:dc::4"),
        (CHROME_MAC,),
    ),
    # security
    _person(
        "Ahmed El-Sayed",
        "ahmed.elsayed@acme.dev",
        "security",
        "Africa/Cairo EG 8-17",
        ("192.0.2.29",),
        (FIREFOX_LINUX,),
        weekend=(4, 5),
        is_admin=True,
        method="saml",
    ),
    _person(
        "Ingrid Solberg",
        "ingrid.solberg@acme.dev",
        "security",
        "Europe/Oslo NO 8-16",
        ("203.0.113.7",),
        (FIREFOX_MAC,),
        is_admin=True,
        method="saml",
    ),
    _person(
        "Fatima Zahra Benali",
        "fatima.benali@acme.dev",
        "security",
        "Africa/Casablanca MA 9-17",
        ("192.0.2.115",),
        (CHROME_LINUX,),
        method="saml",
    ),
)

BRIGHTWATER_PEOPLE: tuple[Person, ...] = (
    _person(
        "Maren Thorsen",
        "maren@brightwater.example",
        "platform",
        "Europe/Copenhagen NO 8-16",
        ("198.51.100.201",),
        (FIREFOX_LINUX,),
        is_admin=True,
        is_on_call=True,
    ),
    _person(
        "Dmitri Volkov",
        "dmitri@brightwater.example",
        "platform",
        "Europe/Riga PL 9-18",
        ("198.51.100.202",),
        (CHROME_LINUX, COMMAND_LINE),
        is_on_call=True,
    ),
    _person(
        "Grace Otieno",
        "grace@brightwater.example",
        "water",
        "Africa/Nairobi GH 8-17",
        ("192.0.2.230",),
        (CHROME_WINDOWS,),
    ),
    _person(
        "Émile Caron",
        "emile@brightwater.example",
        "water",
        "Europe/Brussels FR 9-17",
        ("203.0.113.240",),
        (EDGE_WINDOWS,),
        is_admin=True,
    ),
    _person(
        "Ana Lucía Paz",
        "analucia@brightwater.example",
        "billing",
        "America/Bogota MX 8-17",
        ("198.51.100.210", "2001:db8:b::2"),
        (SAFARI_MAC,),
    ),
)
