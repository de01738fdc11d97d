"""Diagnoses: which of them count, and how sure they are."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.diagnosis import current, ever, is_current, is_reason
from cds.assessment.fitting import fit_of
from cds.assessment.model import ChartText
from cds.assessment.remission import in_remission, remission
from cds.assessment.rules.answer import Answer, Found, Match, met, quoted, said
from cds.assessment.rules.evaluate import answers, answers_of_patient
from cds.assessment.underway import treatment_is_current
from cds.chart.entries import Condition
from cds.knowledge.model.predicates.facts import ConditionTest, OnRecordFor
from cds.terminology.codes.named_codes import best_known
from cds.terminology.model import Certainty


class DiagnosisFound(Struct, Found, frozen=True):
    """By what a diagnosis counts, or why it is open."""

    how: Literal["on_record", "reason", "in_remission", "not_confirmed", "over", "unread", "none"]
    facts: tuple[Condition, ...] = ()
    """what is on record of it; one that is sure comes first"""
    over: Condition | None = None
    """the entry that says remission"""


@answers(ConditionTest)
def _condition(test: ConditionTest, case: Case) -> Answer:
    if test.ordered_for and is_reason(test, case):
        return _judged(test, case, reason=True)
    answers = case.known.answers
    known: Answer | None = answers.get(test)
    if known is None:
        known = answers[test] = _judged(test, case, reason=False)
    return known


def _judged(test: ConditionTest, case: Case, *, reason: bool) -> Answer:
    """`reason`: the case's order is for such a diagnosis."""
    facts = tuple(fact for fact in ever(test, case) if _counts(test, fact, case))
    if not facts and not reason:
        return _nothing(test, case)  # nearly every time
    over = remission(test, case) if test.ended_by else None
    certain = [_is_sure(test, fact, case) for fact in facts]
    if any(certain) and (over is None or treatment_is_current(case)):
        matches = (
            _of_condition(fact, test, not sure) for fact, sure in zip(facts, certain, strict=True)
        )
        return met(matches, found=DiagnosisFound("on_record", _sure_first(facts, certain)))
    open_ones = tuple(_of_condition(fact, test, doubtful=True) for fact in facts)
    # a diagnosis that was only thought of, and is ordered for, was still only thought of
    thought_of = bool(facts) and all(fact.doubt for fact in facts)
    if case.order is not None and reason and not thought_of:
        named = Match(ChartText(case.order.reason_text or case.order.display), (case.order.ref,))
        return met((named, *open_ones), found=DiagnosisFound("reason", facts))
    if any(certain) and over is not None:
        remitted = _of_condition(over, test, doubtful=True)
        found = DiagnosisFound("in_remission", _sure_first(facts, certain), over)
        return met((*open_ones, remitted), found=found)
    return met(open_ones, found=DiagnosisFound("not_confirmed", facts))


def _sure_first(facts: tuple[Condition, ...], certain: list[bool]) -> tuple[Condition, ...]:
    return tuple(
        fact
        for wanted in (True, False)
        for fact, sure in zip(facts, certain, strict=True)
        if sure is wanted
    )


def _nothing(test: ConditionTest, case: Case) -> Answer:
    past = ever(test, case) if test.lifelong else ()
    if past:
        matches = (_of_condition(fact, test, doubtful=True) for fact in past)
        return met(matches, found=DiagnosisFound("over", past))
    return _NONE if "conditions" in case.history.answered else _UNREAD


_UNREAD = Answer("unknown", missing=frozenset({"conditions"}), found=DiagnosisFound("unread"))
_NONE = Answer("not_met", found=DiagnosisFound("none"))


def _counts(test: ConditionTest, fact: Condition, case: Case) -> bool:
    as_of, when = case.history.as_of, fact.when
    age = None if when is None else (as_of - when).days
    if test.status == "current":
        active = fact.active
        if active is False:
            return False
        if test.acute and active is None and age is not None:
            return age <= case.knowledge.parameters["acute-illness-days"].value
    if test.older_than_days is not None and (age is None or age <= test.older_than_days):
        return False
    if test.within_days is None:
        return True
    # without a date it may have been yesterday, and "2026" may be any day of it
    latest = _latest(fact)
    return latest is None or (as_of - latest).days <= test.within_days


def _is_sure(test: ConditionTest, fact: Condition, case: Case) -> bool:
    if fact.doubt or fit_of(test, fact, case.knowledge.asked) != "confirmed":
        return False
    if in_remission(test, fact):
        return False
    if test.status == "current" and is_current(fact) is not True:
        return False
    return test.within_days is None or (
        fact.when is not None and (case.as_of - fact.when).days <= test.within_days
    )


def _latest(fact: Condition) -> date | None:
    """The last day on which it may have begun."""
    latest = fact.onset_latest or fact.onset
    if latest is None or fact.onset is None:
        return fact.recorded
    recorded = fact.recorded or latest
    return recorded if fact.onset <= recorded < latest else latest


def _of_condition(fact: Condition, test: ConditionTest, doubtful: bool) -> Match:
    remarks = [fact.when.isoformat() if fact.when else "date unknown"]
    if fact.clinical == "unknown" and not fact.history_of:
        remarks.append("status not recorded")
    elif fact.clinical in ("inactive", "remission", "resolved"):
        remarks.append(fact.clinical)
    back = _is_taken_back(test, fact)
    if fact.coded or back:
        both = _coded_and_written(fact, test, remarks)
        return Match(both, fact.source, fact.when, back, doubtful)
    if fact.doubt:
        remarks.append(fact.doubt)
    if fact.odd_end:
        remarks.append("its end is written before its beginning")
    if fact.certainty is Certainty.TEXT:
        remarks.append("matched by its text")
    return Match(said(_title(fact, test), *remarks), fact.source, fact.when, doubtful=doubtful)


def _is_taken_back(test: ConditionTest, fact: Condition) -> bool:
    """Whether the words take back what the test asks for: a past disease where the past counts
    stays one, and what is over may have been yesterday.
    """
    if fact.taken_back == "old":
        return test.status == "current" or test.within_days is not None
    return fact.taken_back == "denied" or (fact.taken_back == "over" and test.status == "current")


def _coded_and_written(fact: Condition, test: ConditionTest, remarks: list[str]) -> ChartText:
    """Both, where they mean different things, and what it counts as if only its code says so."""
    meant = _meant(fact, test) if fact.unsaid else None
    tail = f"{meant}: check" if meant else f"check; {', '.join(remarks)}"
    code = fact.coded or best_known(fact.codes)
    return quoted(f"coded {code}, written", fact.display, tail)


def _title(fact: Condition, test: ConditionTest) -> str:
    """What the chart calls it; of a bare code, what it was matched as: `head injury, S06.0X0A`."""
    if fact.display not in {code for _, code in fact.codes}:
        return fact.display or "unnamed diagnosis"
    meant = _meant(fact, test)
    return fact.display if meant is None else f"{meant}, {fact.display}"


def _meant(fact: Condition, test: ConditionTest) -> str | None:
    """The set that it was matched by, in words."""
    meant = next((name for name in test.sets if name in fact.sets), None)
    if meant is None:
        return None
    return meant.replace("_", " ").removesuffix(" any").removesuffix(" active")


class DurationFound(Struct, Found, frozen=True):
    """Since when a diagnosis is on record."""

    first: Condition | None
    """the one that had certainly begun first; None: none has a date"""


@answers_of_patient(OnRecordFor)
def _on_record_for(test: OnRecordFor, case: Case) -> Answer:
    facts = [fact for asked in test.of for fact in current(asked, case)]
    begun = [(_begun_by(fact), fact) for fact in facts if fact.when is not None]
    if not begun:
        return Answer("unknown", found=DurationFound(None))
    line = _months_before(case.as_of, test.months)
    day, first = min(begun, key=lambda pair: (pair[0], pair[1].source))
    found = DurationFound(first)
    if day <= line:
        match = Match(said(first.display, str(first.when)), first.source, first.when)
        return met((match,), found=found)
    late = all(fact.onset is not None and fact.onset > line for fact in facts)
    return Answer("not_met" if late else "unknown", looked_at=first.source, found=found)


def _begun_by(fact: Condition) -> date:
    """The day by which it had certainly begun."""
    return min(d for d in (fact.onset_latest or fact.onset, fact.recorded) if d is not None)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    # the first day that certainly lies so many months back, where the month is shorter
    for last in (day.day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")
