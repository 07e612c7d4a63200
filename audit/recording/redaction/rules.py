"""From the rules that people make to what is masked of one type of events."""

from collections.abc import Iterable

from audit.models import Masking, RedactionRule
from audit.recording.redaction.masking import NOTHING_MORE, Rules
from audit.recording.redaction.names import words_of_name


def rules_for(event_type: str, rules: Iterable[RedactionRule]) -> Rules:
    """Those that hold for events of this type, together."""
    held = [rule for rule in rules if rule.holds_for(event_type)]
    if not held:
        return NOTHING_MORE
    return Rules(
        names=tuple(words_of_name(r.pattern) for r in held if r.masking == Masking.NAME),
        kept=frozenset(words_of_name(r.pattern) for r in held if r.masking == Masking.KEEP),
        pointers=tuple(r.segments for r in held if r.masking == Masking.POINTER),
    )
