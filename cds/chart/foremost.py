"""What of a large chart comes first: each thing once before any again, the present, the newest.

So that ten thousand prescriptions of one drug, or blood pressures, leave room for the one diagnosis
that forbids a treatment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any, Generic, TypeVar

from msgspec import Struct

from cds.allowance import Allowance, OutOfTime, check
from cds.chart.encounter_entry import Encounter
from cds.chart.entries import (
    Allergy,
    Chart,
    Condition,
    Dated,
    Procedure,
    Result,
    ServiceRequest,
    Unread,
)
from cds.chart.medication.entry import Medication
from cds.fhir.queries import KEY_OF_TYPE
from cds.fhir.record.recency import PAST, is_past, written_date
from cds.fhir.record.skipped import Skipped
from cds.fhir_json import as_object, as_objects, reference_text
from cds.limits import LONGEST_KEPT
from cds.read_only import ReadOnly
from cds.wire import Json, encode

NOT_IN_TIME = "not all of it was read in the time for an answer"
"""why a part of the record is not seen, though it came"""
_NAMES = ("code", "medicationCodeableConcept", "medication", "questionnaire", "class")
_MORE_RESULTS = 4
"""for each entry of another kind: rules ask for the newest of many kinds of results"""
_LISTS = (
    "conditions", "results", "allergies", "procedures", "services", "medications", "encounters",
    "unread", "left_out",
)  # fmt: skip
Item = TypeVar("Item")
Made = TypeVar("Made")


class _Rank(Struct, Generic[Item], frozen=True):
    """By what the entries of a kind are put in order."""

    what: Callable[[Item], Hashable]
    past: Callable[[Item], bool]
    when: Callable[[Item], Any]
    """comparable; the newest is the greatest"""
    idle: Callable[[Item], int] = lambda item: 0
    """0: a code that a rule may ask about; 1: words alone that one may; 2: none does, as far as is
    known"""

    def order(self, items: Iterable[Item]) -> list[Item]:
        """The newest of each thing, then the second newest of each; the present before the past.

        Of one turn, what a rule may ask about goes first.
        """
        listed = sorted(items, key=self.when, reverse=True)
        listed.sort(key=self.past)
        seen: Counter[Hashable] = Counter()
        turns = []
        for item in listed:
            what = self.what(item)
            turns.append((seen[what], self.idle(item)))
            seen[what] += 1
        order = sorted(range(len(listed)), key=turns.__getitem__)
        return [listed[place] for place in order]

    def kept(self, items: Sequence[Item], most: int) -> tuple[Item, ...]:
        """So many of them, those that a rule may ask about first, as they were given."""
        if len(items) <= most:
            return tuple(items)
        first = set(map(id, sorted(self.order(items), key=self.idle)[:most]))
        return tuple(item for item in items if id(item) in first)


_STEPS = ((None, 0.6, 0.0), (1500, 0.5, 0.0), (300, 0.6, 0.12))
"""How many entries of a kind are judged (None: all that were read), with what share of the time
that is left, and of all of it in any case."""
_FEWEST, _AT_LEAST = 30, 0.25
"""Entries of a kind that are judged whatever the time is, and the share of all of it in which so
many orders are judged as there is time for."""


def in_time(judge: Callable[[Chart], Made], chart: Chart, allowance: Allowance) -> Made:
    """What is judged of the chart, or of as much of what comes first as there is time for.

    What speaks against an order is so found in time, whatever else there is: the last attempt is
    never given up, and small by the number of its entries.
    """
    for most, share, least in _STEPS:
        if most is not None:
            fewer = foremost(chart, most)
            if fewer.cut == chart.cut and not _is_smaller(fewer, chart):
                continue  # it is the orders that take the time
            chart = fewer
        try:
            with allowance.share(share, least):
                check()
                return judge(chart)
        except OutOfTime:
            continue
    with allowance.at_the_least(_AT_LEAST):
        return judge(as_cut(foremost(chart, _FEWEST)))


def as_cut(chart: Chart) -> Chart:
    """The chart, marked as cut where not its length took the time: it is not judged to the end."""
    if chart.cut:
        return chart
    cut = foremost(chart, 0).cut or ("Patient",)
    answered, unavailable, partial = marked_as_cut(
        cut, chart.answered, chart.unavailable, chart.partial
    )
    return replace(chart, answered=answered, unavailable=unavailable, partial=partial, cut=cut)


def foremost(chart: Chart, most: int) -> Chart:
    """The chart with so many entries of each kind, and four times as many results.

    What a rule may ask about goes before what none does. What references lead to stays.
    """
    kept: dict[str, Any] = {
        "conditions": _CONDITIONS.kept(chart.conditions, most),
        "results": _RESULTS.kept(chart.results, most * _MORE_RESULTS),
        "allergies": _ALLERGIES.kept(chart.allergies, most),
        "procedures": _PROCEDURES.kept(chart.procedures, most),
        "services": _SERVICES.kept(chart.services, most),
        "medications": _MEDICATIONS.kept(chart.medications, most),
        "encounters": _ENCOUNTERS.kept(chart.encounters, most),
        "unread": _UNREAD.kept(chart.unread, most),
        "left_out": chart.left_out[:most],
    }
    lost = (each for name, entries in kept.items() for each in _lost(getattr(chart, name), entries))
    cut = tuple(sorted({*chart.cut, *(_type_of(entry) for entry in lost)}))
    answered, unavailable, partial = marked_as_cut(
        cut, chart.answered, chart.unavailable, chart.partial
    )
    return replace(
        chart, **kept, answered=answered, unavailable=unavailable, partial=partial, cut=cut
    )


def _is_smaller(fewer: Chart, chart: Chart) -> bool:
    return any(len(getattr(fewer, name)) < len(getattr(chart, name)) for name in _LISTS)


def _lost(before: Sequence[Item], after: Sequence[Item]) -> Iterator[Item]:
    kept = set(map(id, after))
    return (entry for entry in before if id(entry) not in kept)


def _type_of(entry: Any) -> str:
    """The resourceType of what an entry was read from."""
    if isinstance(entry, Unread):
        return entry.kind
    if isinstance(entry, Skipped):
        return entry.resource.partition("/")[0]
    reference = entry.ref if isinstance(entry, Medication) else next(iter(entry.source), "")
    return str(reference).partition("/")[0]


def in_turn(kinds: Sequence[Iterable[Json]]) -> list[Json]:
    """The resources of some kinds, one of each kind in turn: a long list keeps none waiting."""
    ordered = (_RESOURCES.order(kind) for kind in kinds)
    turns = [one for turn in zip_longest(*ordered) for one in turn if one is not None]
    turns.sort(key=_is_long)  # each of them may take as long to read as a hundred others
    return turns


def _is_long(resource: Json) -> bool:
    """Whether its name or a note is rather a letter; of most their length tells that none is."""
    with suppress(TypeError, ValueError, RecursionError):
        if len(encode(resource)) <= LONGEST_KEPT:
            return False
    concepts = [as_object(resource.get(name)) for name in _NAMES if name in resource]
    texts = [concept.get("text") for concept in concepts]
    texts += [coding.get("display") for one in concepts for coding in as_objects(one.get("coding"))]
    texts += [note.get("text") for note in as_objects(resource.get("note"))]
    return any(isinstance(text, str) and len(text) > LONGEST_KEPT for text in texts)


def _named(resource: Json) -> Hashable:
    """What a resource is about, by its first code or its text; no more than to tell it apart."""
    for name in _NAMES:
        value = resource.get(name)
        if value is None:
            continue
        concept = as_object(value)
        coding = next(iter(as_objects(concept.get("coding"))), concept)
        code, text = coding.get("code"), concept.get("text")
        found = code if isinstance(code, str) else text if isinstance(text, str) else value
        if isinstance(found, str):
            return found
    return reference_text(resource.get("medicationReference"))


def _dated(entry: Dated) -> date:
    return entry.when or date.min


def _in_words_alone(resource: Json) -> bool:
    """Rules go by codes; and what has none takes five times as long to read."""
    for name in _NAMES:
        concept = resource.get(name)
        if concept is not None and as_object(concept).get("coding"):
            return False
    return True


def _thing(meant: Hashable, codes: Hashable, words: str) -> Hashable:
    """What an entry is about; of words alone, what they mean, however they say it."""
    return (meant, codes or (None if meant else words))


def _idle(meant: object, codes: object) -> int:
    return 2 if not meant else 0 if codes else 1


_RESOURCES: _Rank[Json] = _Rank(_named, is_past, written_date, _in_words_alone)
_CONDITIONS: _Rank[Condition] = _Rank(
    lambda one: _thing(one.sets, one.codes, one.display),
    lambda one: one.active is False,
    _dated,
    lambda one: _idle(one.sets, one.codes),
)
_RESULTS: _Rank[Result] = _Rank(lambda one: one.kind, lambda one: False, _dated)
_ALLERGIES: _Rank[Allergy] = _Rank(
    lambda one: _thing(one.ingredients, one.codes, one.display),
    lambda one: one.active is False,
    _dated,
    lambda one: _idle(one.ingredients, one.codes),
)
_PROCEDURES: _Rank[Procedure] = _Rank(
    lambda one: _thing(one.sets, one.codes, one.display),
    lambda one: False,
    _dated,
    lambda one: _idle(one.sets or one.ketamine, one.codes),
)
_SERVICES: _Rank[ServiceRequest] = _Rank(
    lambda one: _thing(one.sets, one.codes, one.display),
    lambda one: not one.open,
    _dated,
    lambda one: _idle(one.sets, one.codes),
)
_MEDICATIONS: _Rank[Medication] = _Rank(
    lambda one: (
        one.kind,
        tuple(drug.ingredient for drug in one.substances) or one.product.display,
    ),
    lambda one: one.standing.void or one.status in PAST,
    lambda one: one.when or date.min,
    lambda one: 0 if one.substances else 2,
)
_ENCOUNTERS: _Rank[Encounter] = _Rank(
    lambda one: one.source, lambda one: not one.open, lambda one: one.start or date.min
)
_UNREAD: _Rank[Unread] = _Rank(
    lambda one: (one.kind, one.name),
    lambda one: False,
    lambda one: one.when or date.min,
    lambda one: 0 if one.refuted else 2,
)


def marked_as_cut(
    cut: Iterable[str],
    answered: Iterable[str],
    unavailable: Mapping[str, str],
    partial: Iterable[str],
) -> tuple[frozenset[str], Mapping[str, str], frozenset[str]]:
    """What was answered, not had, and seen in part, where not all of some types was read.

    What was read of them counts, and what was not is unknown.
    """
    keys = [KEY_OF_TYPE[kind] for kind in cut if kind in KEY_OF_TYPE]
    return (
        frozenset(answered) - set(keys),
        ReadOnly({**dict.fromkeys(keys, NOT_IN_TIME), **unavailable}),
        frozenset((*partial, *keys)),
    )
