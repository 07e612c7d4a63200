"""Sentence templates: "{actor} updated schedule {resource}", and how one reads with gaps.

A template may name ``{actor}``, ``{resource}`` and ``{deployment}``, plainly: no attributes,
indexes, conversions or format specifications, so that a recorded value can never be executed.
"""

import re
from string import Formatter

PLACEHOLDERS = frozenset({"actor", "resource", "deployment"})

_ARTICLE = re.compile(r"^(?:an?|the) ")
# A deployment is told as a phrase; without its name the whole phrase is left out.
_DEPLOYMENT_PHRASE = re.compile(r" (?:in|to|from|on|of|for|at)(?: deployment)? \{deployment\}")
_SOUNDS_LIKE_YOU = ("user", "usage", "uni", "use ")


def fault(template: str) -> str:
    """What is wrong with a template, as the end of a sentence; "" when nothing is."""
    try:
        fields = list(Formatter().parse(template))
    except ValueError as error:
        return f"is not a valid template: {error}"
    for _, name, specification, conversion in fields:
        if name is None:
            continue
        if name not in PLACEHOLDERS:
            return f"has the placeholder {{{name}}}; only {_listed(PLACEHOLDERS)} are known"
        if specification or conversion:
            return f"formats {{{name}}}; placeholders stand plainly"
    return ""


def render(template: str, *, actor: str, resource: str, deployment: str, unnamed: str) -> str:
    """Fill a template; blank values are told in words or left out, never as an empty place.

    ``unnamed`` is the phrase for a resource without a name ("a schedule"). Where the template
    already says the noun ("schedule {resource}"), the phrase takes the place of both.
    """
    known = {"actor": actor, "resource": resource, "deployment": deployment}
    begins_with_a_name = any(template.startswith(f"{{{name}}}") for name in known if known[name])
    if not resource:
        template = _without_resource(template, unnamed)
    if not deployment:
        template = _DEPLOYMENT_PHRASE.sub("", template)
    sentence = template.format(
        actor=actor or "someone", resource=resource, deployment=deployment or "a deployment"
    )
    return sentence if begins_with_a_name else sentence[:1].upper() + sentence[1:]


def with_article(noun: str) -> str:
    """``noun`` with its indefinite article: "a schedule", "an alert policy", "a user"."""
    vowel = noun[:1].lower() in set("aeiou") and not noun.lower().startswith(_SOUNDS_LIKE_YOU)
    return f"{'an' if vowel else 'a'} {noun}"


def _without_resource(template: str, unnamed: str) -> str:
    phrase = unnamed.replace("{", "{{").replace("}", "}}")
    noun = _ARTICLE.sub("", phrase)
    return template.replace(f"{noun} {{resource}}", phrase).replace("{resource}", phrase)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
