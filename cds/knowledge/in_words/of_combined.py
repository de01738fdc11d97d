"""The words of predicates that are made of predicates, and of the criteria of an indication."""

from __future__ import annotations

from collections.abc import Iterator

from cds.knowledge.in_words.names import NameOfCode, both, counted
from cds.knowledge.in_words.predicate import in_words, words_of
from cds.knowledge.in_words.said import Said
from cds.knowledge.model.criteria import Criterion
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.combined import (
    AllOf,
    AnyOf,
    AtLeast,
    NoneOf,
    Part,
    Together,
    Unexplained,
)


def _of(parts: tuple[Predicate, ...], name_of: NameOfCode) -> tuple[Said, ...]:
    return tuple(in_words(part, name_of) for part in parts)


@words_of(AllOf)
def _all(test: AllOf, name_of: NameOfCode) -> Said:
    return Said("all of", _of(test.of, name_of))


@words_of(AnyOf)
def _any(test: AnyOf, name_of: NameOfCode) -> Said:
    return Said("any of", _of(test.of, name_of))


@words_of(NoneOf)
def _none(test: NoneOf, name_of: NameOfCode) -> Said:
    return Said("none of", _of(test.of, name_of))


@words_of(AtLeast)
def _at_least(test: AtLeast, name_of: NameOfCode) -> Said:
    return Said(f"at least {test.number} of", _of(test.of, name_of))


@words_of(Together)
def _together(test: Together, name_of: NameOfCode) -> Said:
    apart = counted(test.within_days, "day")
    return Said(f"all of, at most {apart} apart", _of(test.of, name_of))


@words_of(Unexplained)
def _unexplained(test: Unexplained, name_of: NameOfCode) -> Said:
    explained = Said("unless this is known, which would explain it", _of((test.unless,), name_of))
    return Said("without an explanation", (in_words(test.when, name_of), explained))


@words_of(Part)
def _part(test: Part, name_of: NameOfCode) -> Said:
    return Said(_named(test), _of((test.when,), name_of))


@words_of(Criterion)
def _criterion(test: Criterion, name_of: NameOfCode) -> Said:
    said = Said(_named(test), _of((test.when,), name_of))
    beside = tuple(Said(each) for each in _of_verdict(test))
    return Said(said.text, (*said.parts, *beside))


def _named(test: Part) -> str:
    rows = f", row {both(test.basis)}" if test.basis else ""
    return f"{test.label} ({test.id}{rows})"


def _of_verdict(test: Criterion) -> Iterator[str]:
    if not test.gating:
        yield "shown, and the verdict does not rest on it"
    if test.gating_setting is not None:
        yield f"the verdict rests on it where the site sets {test.gating_setting}"
    if test.finding is not None:
        yield f"where it is not met, the rule {test.finding} speaks"
    if test.next_step is not None:
        yield f"next step where it is not met or not known: {test.next_step}"
    if test.missing is not None:
        yield f"where it is not known: {test.missing}"
