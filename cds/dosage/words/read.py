"""From a text to `Words`: tokens, items, facts, and what they make together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from cds.dosage.model import Stated, Step, Words
from cds.dosage.words.facts import Fact, read_facts
from cds.dosage.words.grammar import READERS
from cds.dosage.words.inside import unfolded
from cds.dosage.words.others import without_other_drugs
from cds.dosage.words.remarks import doubts, with_remarks
from cds.dosage.words.scan import scan
from cds.dosage.words.stated import read_stated
from cds.dosage.words.steps import read_steps
from cds.dosage.words.steps.takes import Problem
from cds.dosage.words.tokens import tokens
from cds.kept import kept
from cds.limits import LONGEST_INSTRUCTION, UNREADABLE
from cds.units import Dimensions, Quantity, parse_unit

MAX_TOKENS = 400
"""words, numbers and marks of an instruction that is read as a whole"""
TOO_LONG = "too long to be read as an instruction"
_UNREAD = frozenset({"unknown", "bad", "od_alone", "eye", "onward_alone"})
_NEEDED = re.compile(
    r"\b(?:prn|p\.r\.n|(?:as|if|when) (?:needed|required))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|non)[\s-]+prn\b", re.IGNORECASE)
_OF_WHAT = "as needed, and of which amount is not told"
_CHANGE = ("taper", "titrat", "increas", "decreas", "reduc", "wean", "escalat", "step down")
_TELLS = frozenset({
    "dose", "in_turn", "count", "pattern", "times", "seldom", "daily", "every_day", "part", "meals",
    "clock",
    "weekdays", "prn", "od", "another", "single", "max", "against", "refers", "per_day_of",
    "change_by", "clocks", "cycle", "total_a_day", "up_to_times", "up_to_a_day", "sessions",
    "length",
})  # fmt: skip


@kept(8192)
def read_words(text: str, names: frozenset[str] = frozenset()) -> Words:
    """Read a written instruction. Never raises.

    `names`: lower-case words that name the product or its ingredients. They say nothing of the
    dose, and a strength right behind one is no dose where an amount follows.

    >>> words = read_words("Take 2 tablets by mouth twice daily")
    >>> words.complete, words.steps[0].takes[0].per_day.low
    (True, Fraction(2, 1))
    >>> read_words("sertraline 50 mg: 2 tabs daily", frozenset({"sertraline"})).complete
    True
    """
    found = _found(text, names)
    if found is None or found.long or text == UNREADABLE:
        return Words(unread=(TOO_LONG,))
    facts = with_remarks(text, without_other_drugs(text, found.facts, names), names)
    unread = tuple(text[f.begin : f.end] for f in facts if f.kind in _UNREAD)
    changes = _changes(text, facts)
    if unread or not facts:
        return Words(unread=unread, changes=changes)
    if not any(fact.kind in _TELLS for fact in facts):
        return Words(
            problem="no amount and no frequency",
            says_nothing=any(fact.kind == "nothing_told" for fact in facts),
        )
    try:
        steps = read_steps(facts)
    except Problem as problem:
        return Words(problem=str(problem), changes=changes)
    if _NEEDED.search(text) and _loses_as_needed(_without_remarks(text, facts), steps):
        return Words(problem=_OF_WHAT, changes=changes)
    beside = [text[f.begin : f.end] for f in facts if f.kind == "beside"]
    beside += doubts(text, facts)
    return Words(steps=steps, complete=True, changes=changes, beside=tuple(beside))


@kept(2048)
def stated_in(text: str) -> Stated:
    """What is certain in an instruction, whatever else it says: for a draft order. Never raises."""
    found = _found(text, frozenset())
    if found is None:
        return Stated(unread=(TOO_LONG,))
    stated = read_stated(text, unfolded(found.facts))
    return _as_often(stated, read_words(text).steps)


class _Found(NamedTuple):
    facts: Sequence[Fact]
    size: int
    """tokens of the text"""

    @property
    def long(self) -> bool:
        """More words than an instruction has: what is certain counts, the whole is not read."""
        return self.size > MAX_TOKENS


def _found(text: str, names: frozenset[str]) -> _Found | None:
    """The facts of a text; None of one that is no instruction."""
    if len(text) > LONGEST_INSTRUCTION:
        return None
    found = _facts(text, names)
    return found if found.size <= 2 * MAX_TOKENS else None


@kept(256)
def _facts(text: str, names: frozenset[str]) -> _Found:
    """Kept for all who ask for them one after the other: an order is looked at from many sides."""
    found = tokens(text)
    return _Found(tuple(read_facts(scan(found, names), READERS)), len(found))


def _loses_as_needed(text: str, steps: tuple[Step, ...]) -> bool:
    """`prn` anywhere means as needed: words that hold it and make a regular dose alone do not say
    of what. A range may be what it speaks of: `1 tablet, may repeat if needed`."""
    if not _NEEDED.search(_DENIED.sub("", text)):
        return False
    takes = [take for step in steps for take in step.takes]
    spans = [take.per_day for take in takes if take.per_day is not None]
    spans += [take.amount.span for take in takes if take.amount is not None]
    return not any(t.as_needed for t in takes) and all(span.low == span.high for span in spans)


def _without_remarks(text: str, facts: Sequence[Fact]) -> str:
    kept, end = [], 0
    for fact in facts:
        if fact.kind == "beside":
            kept.append(text[end : fact.begin])
            end = fact.end
    return "".join([*kept, text[end:]])


def _changes(text: str, facts: Sequence[Fact]) -> bool:
    """Whether a word of change stands there, and not as what the drug is for."""
    whole = text.lower()
    if not any(map(whole.__contains__, _CHANGE)):
        return False
    aside = ("reason", "advice", "beside")
    said = (text[f.begin : f.end].lower() for f in facts if f.kind not in aside)
    return any(piece.startswith(_CHANGE) for piece in said)


def _as_often(stated: Stated, steps: tuple[Step, ...]) -> Stated:
    """What was understood as a whole is at least as often as its pieces say: `mane and nocte`.

    `35 mg in the morning` is no daily order: it may be meant for tomorrow.
    """
    takes = [take.per_day for take in steps[0].takes] if len(steps) == 1 else []
    if stated.single or stated.sessions or not takes or None in takes:
        return stated
    per_day = sum((often.high for often in takes if often is not None), Fraction(0))
    if per_day <= (stated.per_day or 1):
        return stated
    return replace(stated, per_day=per_day)


def found_in(text: str) -> tuple[Fact, ...]:
    """The pieces of a text, each with its kind; nothing of one that is no instruction."""
    return () if len(text) > LONGEST_INSTRUCTION else unfolded(_facts(text, frozenset()).facts)


def order_steps(text: str) -> tuple[str, ...]:
    """`0.3 mg/kg bolus, then 0.2 mg/kg/h` as two instructions; others as they are."""
    if len(text) > LONGEST_INSTRUCTION:
        return (text,)
    cuts = [fact for fact in _facts(text, frozenset()).facts if fact.kind == "then"]
    if not cuts:
        return (text,)
    starts = [0, *(fact.end for fact in cuts)]
    ends = [*(fact.begin for fact in cuts), len(text)]
    parts = tuple(text[a:b].strip(" ,;.") for a, b in zip(starts, ends, strict=True))
    each = [stated_in(part) for part in parts]
    readable = all(_one_thing(stated) for stated in each)
    apart = any(s.rates or s.as_needed for s in each)  # not two doses, of which one is meant
    return parts if len(parts) > 1 and readable and apart else (text,)


def _one_thing(stated: Stated) -> bool:
    """An amount, and no two that contradict each other."""
    if stated.unread or not (stated.doses or stated.rates):
        return False
    return not (_several(stated.doses) or _several(stated.rates))


def _several(amounts: tuple[Quantity, ...]) -> bool:
    first: dict[Dimensions, Quantity] = {}
    for amount in amounts:
        other = first.setdefault(parse_unit(amount.unit).dimensions, amount)
        if other.to(amount.unit).value != amount.value:
            return True
    return False
