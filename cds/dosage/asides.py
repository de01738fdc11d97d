"""What stands beside an instruction and changes it: as needed, a maximum, not to be taken, a step.

In additionalInstruction, in the patient's own instruction, in the name of a Timing, in the method.
Whatever else is written there is advice, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from cds.dosage.words import found_in, read_words
from cds.dosage.words.facts import Fact
from cds.dosage.words.readers.maxima import Maximum
from cds.fhir_json import as_objects, as_text, child, concept_codes, concept_texts
from cds.units import Quantity, decimal
from cds.wire import Json

_AS_NEEDED = frozenset({"225761000"})
"""SNOMED CT: as required"""
_OF_ANOTHER_DOSE = frozenset({"dose", "count", "another", "extra", "repeat"})
"""`1 extra tablet if needed`: not the dose of the instruction is as needed"""
_STEPS = frozenset({"change_to", "change_by", "change_after", "tapering", "titrate"})
_ENDS = frozenset({"length", "stop"})
_ENDED = frozenset({*_ENDS, "then", "fill", "period"})
"""a text of nothing else tells how long it is taken"""
_LATER = frozenset({"after", "days"})
_TIMES_OVER = re.compile(r"\b(?:double|halve) (?:the|your)\b", re.IGNORECASE)
_TITRATED = re.compile(r"\b(?:up|down)?titrat", re.IGNORECASE)
_OF_A_DOSE = frozenset({"dose", "count", "after", "length", "tolerated", "stop"})
"""beside a word of change these speak of the dose"""
_A_DAY = Quantity(Decimal(1), "d")


class Asides(Struct, frozen=True):
    """What is written beside the dose and its words. None: nothing of it."""

    as_needed: bool | None = None
    max_per_administration: Quantity | None = None
    max_per_period: tuple[tuple[Quantity, Quantity], ...] = ()
    max_times_per_day: Fraction | None = None
    against: tuple[str, ...] = ()
    """the texts that say that it is not to be taken"""
    changes: tuple[str, ...] = ()
    """the texts that tell of another dose later on: `increase to 2 tablets after 1 week`"""


def read_asides(node: Json) -> Asides:
    """Of a Dosage. Never raises."""
    return asides_in(_texts(node), as_needed=_coded_as_needed(node))


def asides_in(texts: Iterable[str], *, as_needed: bool = False) -> Asides:
    """Of what is written beside an instruction; `as_needed`: a code says it."""
    facts = {text: found_in(text) for text in texts}
    maxima = list(_maxima(facts.values()))
    masses = [m.dose for m in maxima if m.dose is not None and m.days is None]
    return Asides(
        as_needed=True if any(map(_needed, facts.values())) or as_needed else None,
        max_per_administration=next(
            (Quantity(decimal(d.span.high), d.unit) for d in masses if d.unit != "1"), None
        ),
        max_per_period=tuple(
            (Quantity(decimal(m.dose.span.high), m.dose.unit), _A_DAY)
            for m in maxima
            if m.dose is not None and m.days == 1
        ),
        max_times_per_day=min((m.times for m in maxima if m.times and m.days == 1), default=None),
        against=tuple(
            text for text, found in facts.items() if any(fact.kind == "against" for fact in found)
        ),
        changes=tuple(text for text, found in facts.items() if _changes(text, found)),
    )


def _texts(node: Json) -> Iterator[str]:
    for concept in as_objects(node.get("additionalInstruction")):
        yield from concept_texts(concept)
    if as_text(node.get("text")):  # without a text, it is the instruction
        yield as_text(node.get("patientInstruction"))
    yield from concept_texts(child(node, "timing", "code"))
    yield from concept_texts(node.get("method"))


def _coded_as_needed(node: Json) -> bool:
    """`225761000`; and `QIDPRN`, as vendors name a frequency."""
    concepts = [*as_objects(node.get("additionalInstruction")), child(node, "timing", "code")]
    codes = [code for concept in concepts for code in concept_codes(concept)]
    return any(code in _AS_NEEDED or code.upper().endswith("PRN") for code in codes)


def _needed(facts: Iterable[Fact]) -> bool:
    kinds = {fact.kind for fact in facts}
    return "prn" in kinds and not kinds & _OF_ANOTHER_DOSE


def _changes(text: str, facts: Sequence[Fact]) -> bool:
    """Whether a text tells of another dose, or of its end; `may increase appetite` does not."""
    kinds = [fact.kind for fact in facts]
    if _STEPS.intersection(kinds) or (_ENDS.intersection(kinds) and _ENDED.issuperset(kinds)):
        return True
    if ("dose" in kinds and _LATER.intersection(kinds)) or "dose" in kinds[_after_then(kinds) :]:
        return True
    words = read_words(text).changes or _TIMES_OVER.search(text)
    return bool(words and (_OF_A_DOSE.intersection(kinds) or _TITRATED.search(text)))


def _after_then(kinds: Sequence[str]) -> int:
    return kinds.index("then") if "then" in kinds else len(kinds)


def _maxima(texts: Iterable[Iterable[Fact]]) -> Iterator[Maximum]:
    for facts in texts:
        for fact in facts:
            if isinstance(fact.value, Maximum) and not fact.value.of_other:
                yield fact.value
