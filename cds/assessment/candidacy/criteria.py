"""A criterion, judged: its predicate's answer as candidacy takes it, with the reason in words.

What is doubtful leaves a criterion open. "Not met" needs evidence, or an answered query in which
a diagnosis or drug would have stood.
"""

from __future__ import annotations

from msgspec import Struct

from cds.allowance import check
from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules import evaluate
from cds.assessment.rules.answer import Answer
from cds.assessment.rules.combined import PartsFound
from cds.assessment.rules.of_opioids import LoadFound
from cds.knowledge.model.predicates import Predicate


class Judged(Struct, frozen=True):
    """How a criterion stands, and on what that rests."""

    answer: Answer
    state: State
    source: tuple[str, ...]
    unread: bool
    """unknown for nothing but a drug that could not be read: that opens no indication"""


def judge(when: Predicate, case: Case) -> Judged:
    """The answer to what a criterion asks, with what is doubtful left open."""
    check()
    answer = evaluate(when, case)
    state = answer.settled
    return Judged(answer, state, rests_on(answer), state == "unknown" and _unread(answer))


def rests_on(answer: Answer) -> tuple[str, ...]:
    """The resources behind an answer; of a combination, behind the parts that decided it."""
    found = answer.found
    if not isinstance(found, PartsFound):
        return answer.source
    sources = [rests_on(part) for _, part in found.like(answer)]
    if answer.settled == "unknown" and found.needs_all and not all(sources):
        return ()  # nothing on record speaks for one of the parts, so nothing for the whole
    return tuple(dict.fromkeys(ref for source in sources for ref in source))


def _unread(answer: Answer) -> bool:
    found = answer.found
    if isinstance(found, PartsFound):
        return answer.settled == "unknown" and all(_unread(part) for _, part in found.like(answer))
    return isinstance(found, LoadFound) and found.only_unread
