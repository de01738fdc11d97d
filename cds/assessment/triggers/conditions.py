"""Diagnoses: which of them are meant, and whether they count."""

from __future__ import annotations

from datetime import date

from cds.assessment.case import Case
from cds.assessment.diagnosis import each_meant, is_meant
from cds.assessment.model import ChartText
from cds.assessment.triggers.answer import Answer, Match, absent, quoted, said
from cds.chart.entries import Condition
from cds.knowledge.model.triggers import ConditionTest
from cds.terminology.codes.named_codes import best_known
from cds.terminology.model import Certainty


def condition(test: ConditionTest, case: Case) -> Answer:
    meant = each_meant(case.history.conditions, lambda fact: is_meant(test, fact))
    facts = [fact for fact in meant if _counts(test, fact, case)]
    if not facts:
        return absent(case, "conditions")
    return Answer("met", tuple(_of_condition(fact, test) for fact in facts))


def _counts(test: ConditionTest, fact: Condition, case: Case) -> bool:
    age = None if fact.when is None else (case.as_of - fact.when).days
    latest = _latest(fact)
    youngest = None if latest is None else (case.as_of - latest).days
    if test.status == "current":
        if fact.active is False:
            return False
        if test.acute and fact.active is None and age is not None:
            return age <= case.knowledge.parameters["acute-illness-days"].value
    if test.older_than_days is not None and (age is None or age <= test.older_than_days):
        return False
    # without a date it may have been yesterday, and "2026" may be any day of it
    return test.within_days is None or youngest is None or youngest <= test.within_days


def _latest(fact: Condition) -> date | None:
    """The last day on which it may have begun."""
    latest = fact.onset_latest or fact.onset
    if latest is None or fact.onset is None:
        return fact.recorded
    recorded = fact.recorded or latest
    return recorded if fact.onset <= recorded < latest else latest


def _of_condition(fact: Condition, test: ConditionTest) -> Match:
    remarks = [fact.when.isoformat() if fact.when else "date unknown"]
    if fact.clinical == "unknown" and not fact.history_of:
        remarks.append("status not recorded")
    elif fact.clinical in ("inactive", "remission", "resolved"):
        remarks.append(fact.clinical)
    back = _is_taken_back(test, fact)
    if fact.coded or back:
        both = _coded_and_written(fact, test, remarks)
        return Match(both, fact.source, fact.when, taken_back=back)
    if fact.doubt:
        remarks.append(fact.doubt)
    if fact.odd_end:
        remarks.append("its end is written before its beginning")
    if fact.certainty is Certainty.TEXT:
        remarks.append("matched by its text")
    return Match(said(_title(fact, test), *remarks), fact.source, fact.when)


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
