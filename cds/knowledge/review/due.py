"""What wants to be looked at on a day: facts past their review, and sources read too long ago.

Both warn and forbid nothing: that a label may have a newer edition makes no dose wrong.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date

from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Fact, Source
from cds.knowledge.review.ledger import Ledger, Standing, standing

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Due:
    """The review state of a knowledge on a day."""

    standings: tuple[tuple[str, Fact, Standing], ...]
    """of every fact, with its subject"""
    facts: tuple[tuple[str, Fact, date], ...]
    """those past their next review, with the day of it"""
    sources: tuple[Source, ...]
    """those that were read too long ago, and that some fact cites"""

    @property
    def unsigned(self) -> int:
        return sum(not found.signed for _, _, found in self.standings)


def due_on(knowledge: Knowledge, ledger: Ledger, day: date) -> Due:
    """Everything that is due of the facts in force on that day, by the signatures of that day."""
    facts = list(knowledge.on(day).facts())
    standings = [(subject, fact, standing(subject, fact, ledger, day)) for subject, fact in facts]
    cited = {source for _, fact in facts for source in fact.sources}
    return Due(
        tuple(standings),
        tuple(
            (subject, fact, since)
            for subject, fact, found in standings
            if (since := due_since(fact, found, day)) is not None
        ),
        tuple(outdated((s for s in knowledge.sources.values() if s.id in cited), day)),
    )


def due_since(fact: Fact, found: Standing, day: date) -> date | None:
    """Since when it should have been looked at: by its signatures, or without one by the day that
    the fact names."""
    if found.signed or fact.next_review is None:
        return found.due_since
    return fact.next_review if fact.next_review <= day else None


def outdated(sources: Iterable[Source], day: date) -> Iterator[Source]:
    """Sources that were read longer ago than they may be rested on."""
    for source in sources:
        last = last_good_day(source)
        if last is not None and last < day:
            yield source


def last_good_day(source: Source) -> date | None:
    """The last day on which nobody needs to read it again; None: it does not age."""
    if source.read_on is None or source.max_age_months is None:
        return None
    months = source.read_on.month - 1 + source.max_age_months
    year, month = source.read_on.year + months // MONTHS, months % MONTHS + 1
    if year > MAXYEAR:
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(source.read_on.day, last))


def counts(due: Due) -> dict[str, str | int]:
    """How much is unsigned or due, for a machine that watches."""
    return {
        "state": "due" if due.facts or due.sources else "nothing due",
        "unsigned_facts": due.unsigned,
        "facts_due": len(due.facts),
        "sources_due": len(due.sources),
    }


def warnings(due: Due) -> Iterator[str]:
    """Each in a line, for the one who looks after the knowledge."""
    for subject, fact, since in due.facts:
        yield f"{subject}/{fact.id}: its review is due since {since}"
    for source in due.sources:
        yield (
            f"source {source.id}: read on {source.read_on}, and to be read again after "
            f"{source.max_age_months} months: is there a newer edition of {source.short}?"
        )
