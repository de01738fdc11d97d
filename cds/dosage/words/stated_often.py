"""How often, for the check of a draft order: the frequency that is stated first."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import Fact, span_of
from cds.dosage.words.steps.takes import Draft, Problem, administrations

_ENDS = ("then", "change_to", "change_by")


def per_day(text: str, facts: Sequence[Fact]) -> Fraction | None:
    """Administrations a day of the first step; of a range, the upper end."""
    draft = Draft()
    first: Fraction | None = None
    join = ""
    for place, fact in enumerate(facts):
        if fact.kind in _ENDS and draft.has_times:
            break
        if not _add(draft, text, facts, place, join):
            join = {"and": "and", "slash": "and", "comma": "comma"}.get(fact.kind, join)
            continue
        join = ""
        if first is None:
            first = _of(draft)
    together = _of(draft)
    return together if together is not None else first


def _of(draft: Draft) -> Fraction | None:
    try:
        span = administrations(draft)
    except Problem:
        return None
    return None if span is None else span.high


def _add(draft: Draft, text: str, facts: Sequence[Fact], place: int, join: str) -> bool:
    """Put a frequency into the draft; whether the fact is one."""
    kind, value = facts[place].kind, facts[place].value
    if kind in ("times", "up_to_times"):
        draft.times = draft.times or (value if kind == "times" else value[1])
    elif kind == "seldom":
        draft.seldom = draft.seldom or value
    elif kind in ("daily", "every_day"):
        setattr(draft, kind, True)
    elif kind == "od":
        draft.daily = True
    elif kind == "per_day_of":
        span, days = value
        rate = Span(span.low / days, span.high / days)
        if days == 1:
            draft.times = draft.times or rate
        else:
            draft.seldom = draft.seldom or rate
    elif kind == "ambiguous_adverb":
        draft.seldom = draft.seldom or span_of(Fraction(1, int(value)))
    elif kind == "weekdays" and len(value) > 1:
        draft.weekdays = draft.weekdays or value
    elif kind == "part" and _is_regular(text, facts, place, draft):
        draft.parts.append((value, join))
    elif kind == "meals" and not draft.has_times:
        draft.meals = True
    else:
        return False
    return True


def _is_regular(text: str, facts: Sequence[Fact], place: int, draft: Draft) -> bool:
    """`every morning`, `qam`, `at bedtime`; `in the morning` alone may be once."""
    fact = facts[place]
    before = facts[place - 1] if place else None
    said_every = before is not None and before.kind == "fill" and before.value in ("every", "each")
    return (
        fact.value == "night" or said_every or bool(draft.parts)
        or text[fact.begin : fact.begin + 1].lower() == "q"
    )  # fmt: skip
