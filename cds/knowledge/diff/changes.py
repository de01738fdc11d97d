"""The changes between two knowledges: facts that came, went, and say something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from cds.knowledge.diff.change import Change
from cds.knowledge.diff.records import differences_in
from cds.knowledge.diff.weigh import weight_of
from cds.knowledge.in_words import NameOfCode, rule_in_words, unnamed, values_of
from cds.knowledge.load import Knowledge, subjects
from cds.knowledge.model.base import Fact, Source


def differences(
    old: Knowledge, new: Knowledge, name_of: NameOfCode = unnamed
) -> tuple[Change, ...]:
    """Every change, what weighs most first; of one weight in the order of the files."""
    return _by_weight(_differences(old, new, name_of))


def _by_weight(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: change.weight))


def changes_of(
    old: Fact | Source, new: Fact | Source, subject: str, name_of: NameOfCode = unnamed
) -> tuple[Change, ...]:
    """What one fact says otherwise than another, such as an older edition of it."""
    found = (
        Change(
            weight=weight_of(subject, each.path, each.within),
            subject=subject,
            id=new.id,
            kind="changed",
            field=".".join(map(str, each.path)),
            said=each.said,
            old=each.old,
            new=each.new,
            old_sources=_sources(old),
            new_sources=_sources(new),
        )
        for each in differences_in(old, new, name_of)
    )
    return _by_weight(found)


def _differences(old: Knowledge, new: Knowledge, name_of: NameOfCode) -> Iterator[Change]:
    for subject in subjects():
        before, after = getattr(old, subject), getattr(new, subject)
        for ident in dict.fromkeys((*after, *before)):
            yield from _of_fact(
                subject,
                old.editions(subject, ident) if ident in before else (),
                new.editions(subject, ident) if ident in after else (),
                name_of,
            )


def _of_fact(
    subject: str, old: Sequence[Fact], new: Sequence[Fact], name_of: NameOfCode
) -> Iterator[Change]:
    """Between the editions of one fact, of which there mostly is one."""
    if len(old) == len(new) == 1:
        yield from changes_of(old[0], new[0], subject, name_of)
        return
    before = {_day(edition): edition for edition in old}
    last: Fact | None = None
    for edition in new:
        same = before.pop(_day(edition), None)
        if same is None and last is None:
            yield _whole(subject, edition, "added", name_of)
        else:
            since = _day(edition) if same is None or len(new) > 1 else None
            told = changes_of(same or last or edition, edition, subject, name_of)
            for change in [each for each in told if each.field != "effective"] or told:
                yield replace(change, since=since)
        last = edition
    for edition in before.values():
        yield _whole(subject, edition, "removed", name_of)


def _day(edition: Fact | Source) -> date | None:
    return edition.effective


def _whole(
    subject: str, fact: Fact, kind: Literal["added", "removed"], name_of: NameOfCode
) -> Change:
    """A fact that came or went, with all that it says."""
    values = (f"{value.label}: {value.text}" for value in values_of(fact, name_of))
    said = "; ".join((*values, *rule_in_words(fact, name_of)))
    added = kind == "added"
    return Change(
        weight=weight_of(subject, (), (fact,)),
        subject=subject,
        id=fact.id,
        kind=kind,
        field="",
        said=f"{kind}: {said}",
        old=() if added else (said,),
        new=(said,) if added else (),
        old_sources=() if added else _sources(fact),
        new_sources=_sources(fact) if added else (),
        since=_day(fact) if isinstance(fact, Fact) else None,
    )


def _sources(fact: Fact | Source) -> tuple[str, ...]:
    return fact.sources if isinstance(fact, Fact) else ()
