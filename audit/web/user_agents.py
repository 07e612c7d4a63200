"""User agents as people call them: "Firefox 146 · Linux", "curl 8.5.0"."""

import re
from typing import Final

# Most browsers also name those they descend from, so the first that matches counts.
_BROWSERS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("Edge", r"\bEdg(?:e|A|iOS)?/(\d+)"),
        ("Opera", r"\bOPR/(\d+)"),
        ("Vivaldi", r"\bVivaldi/(\d+)"),
        ("Samsung Internet", r"\bSamsungBrowser/(\d+)"),
        ("Firefox", r"\b(?:Firefox|FxiOS)/(\d+)"),
        ("Chrome", r"\b(?:Chrome|CriOS)/(\d+)"),
        ("Safari", r"\bVersion/(\d+)\S* (?:Mobile/\S+ )?Safari/"),
    )
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
# RFC 9110, section 10.1.5: the first product is the most significant one.
_PRODUCT = re.compile(r"([A-Za-z][\w.+-]*)(?:/v?(\S+))?")
_LONGEST: Final = 48  # characters


def readable(user_agent: str) -> str:
    """The client in a few words; what is not recognised is shown as it is, shortened."""
    if not user_agent.startswith("Mozilla/"):
        product = _PRODUCT.match(user_agent)
        return _short(" ".join(filter(None, product.groups())) if product else user_agent)
    browser = next(
        (
            f"{name} {found[1]}"
            for name, pattern in _BROWSERS
            if (found := pattern.search(user_agent))
        ),
        "",
    )
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " · ".join(filter(None, (browser, system))) if browser else _short(user_agent)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
