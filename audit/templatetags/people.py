"""How people and machines are shown beside what they did."""

import re

from django import template

register = template.Library()

_WORD = re.compile(r"\w+")


@register.filter
def initials(name: str) -> str:
    """Two letters for a name or an e-mail address: ``MI`` for mara.ito@acme.dev."""
    words = _WORD.findall(name.partition("@")[0].replace("_", " "))
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:2] for word in words[:1]]
    return "".join(letters).upper() or "?"
