"""Measurements and test results against thresholds and expected answers."""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.result_names import kind_name, shown_value
from cds.assessment.rules.answer import NO_RANGE, NOT_MET, Answer, Found, Match, met, said, unknown
from cds.assessment.rules.evaluate import answers_of_patient
from cds.chart.entries import Result
from cds.knowledge.model.predicates.facts import ResultTest, Threshold
from cds.terminology.model import Certainty
from cds.units import UnitError, convert


class ScoreFound(Struct, Found, frozen=True):
    """The newest result of one measure."""

    newest: Result | None
    days: int
    """how far back it was looked for"""


@answers_of_patient(ResultTest)
def _result(test: ResultTest, case: Case) -> Answer:
    days = test.within_days
    if days is None:
        days = int(case.knowledge.parameters[test.window or ""].value)
    if test.one_measure:
        return _score(test, days, case)
    if test.days > 1:
        return _repeated(test, days, case)
    seen = False
    missing: set[str] = set()
    matches: list[Match] = []
    for limit in test.thresholds:
        newest = [(fact, _crosses(limit, fact)) for fact in _newest(limit.kind, days, case, limit)]
        for fact, crossed in newest:
            seen = seen or crossed is not None
            if crossed is None:
                missing.add(f"{NO_RANGE}{_of_observation(fact).what}")
            elif crossed:
                # several of a day, of which nobody knows the last, and not all of them cross
                doubtful = any(other is False for _, other in newest)
                matches.append(_of_observation(fact, doubtful))
    for kind in test.kinds:
        for fact in _newest(kind, days, case):
            seen = seen or bool(_results(fact))
            if _results(fact) & set(test.results):
                matches.append(_of_observation(fact))
    if matches:
        return met(matches, missing)
    if seen and not missing and not _may_be_newer(case):
        return NOT_MET
    if "observations" not in case.history.answered:
        missing.add("observations")
    return unknown(*missing)


def _score(test: ResultTest, days: int, case: Case) -> Answer:
    newest = case.history.latest(*(limit.kind for limit in test.thresholds), within_days=days)
    found = ScoreFound(newest, days)
    if newest is None or newest.value is None:
        missing = frozenset({"observations"} - case.history.answered)
        return Answer("unknown", missing=missing, found=found)
    crossed = [_crosses(limit, newest) for limit in test.thresholds if limit.kind == newest.kind]
    if True in crossed:
        return met((_of_observation(newest),), found=found)
    open_ = None in crossed or _may_be_newer(case)
    state: State = "unknown" if open_ else "not_met"
    return Answer(state, looked_at=newest.source, found=found)


def _newest(
    kind: str, within_days: int, case: Case, limit: Threshold | None = None
) -> list[Result]:
    """The latest usable results: one, or all of a day whose order within the day is not known.

    A bound is usable where it answers the limit.
    """
    as_of = case.history.as_of
    usable = [
        (when, fact)
        for fact in case.history.observations.get(kind, ())
        if (fact.problem is None or (limit is not None and _crosses(limit, fact) is not None))
        and (when := fact.when) is not None
        and 0 <= (as_of - when).days <= within_days
    ]
    if not usable:
        return []
    last, _ = max(usable, key=itemgetter(0))
    of_day = [fact for when, fact in usable if when == last]
    instants = [fact.instant for fact in of_day if fact.instant is not None]
    if len(instants) < len(of_day):
        return of_day
    return [fact for fact in of_day if fact.instant == max(instants)]


def _repeated(test: ResultTest, days: int, case: Case) -> Answer:
    crossing = [
        fact
        for limit in test.thresholds
        for fact in case.history.observations.get(limit.kind, ())
        if fact.when is not None
        and 0 <= (case.as_of - fact.when).days <= days
        and _crosses(limit, fact)
    ]
    if len({fact.when for fact in crossing}) >= test.days:
        return met(_of_observation(fact) for fact in crossing[:3])
    there = any(_newest(limit.kind, days, case) for limit in test.thresholds)
    if there and not _may_be_newer(case):
        return NOT_MET
    return unknown(*({"observations"} - case.history.answered))


def _may_be_newer(case: Case) -> bool:
    """Whether results are known to be missing: the newest that is seen need not be the newest."""
    return "observations" in case.history.lacking


def _crosses(limit: Threshold, fact: Result) -> bool | None:
    """Whether a value crosses the limit; None when it cannot be compared.

    A bound tells it where all that it leaves open lies on one side.
    """
    if fact.problem is None:
        return None if fact.value is None else _beyond(limit, fact, fact.value)
    for bound, over in ((fact.at_least, True), (fact.at_most, False)):
        if bound is not None:
            crossed = _beyond(limit, fact, bound)
            asks_over = limit.op in (">", ">=")
            return crossed if crossed is (asks_over is over) else None
    return None


def _beyond(limit: Threshold, fact: Result, value: Decimal) -> bool | None:
    bound = limit.value
    if limit.unit in ("xULN", "xLLN"):
        reference = fact.upper_limit if limit.unit == "xULN" else fact.lower_limit
        if reference is None or reference <= 0:
            return None
        bound = limit.value * reference
    else:
        try:
            value = convert(value, fact.unit or "1", limit.unit)
        except UnitError:
            return None
    if limit.op in (">", ">="):
        return value > bound or (limit.op == ">=" and value == bound)
    return value < bound or (limit.op == "<=" and value == bound)


def _results(fact: Result) -> set[str]:
    return set(fact.concept) | ({"positive"} if fact.interpretation == "POS" else set())


_UNITS = {"mm[Hg]": "mmHg", "{score}": "", "1": "", "{INR}": ""}


def _of_observation(fact: Result, doubtful: bool = False) -> Match:
    name = kind_name(fact.kind)
    unit = _UNITS.get(fact.unit or "", fact.unit or "")
    if (shown := shown_value(fact)) is not None:
        text = f"{name} {shown} {unit}".rstrip()
    else:
        text = f"{name} {', '.join(sorted(fact.concept)) or 'positive'}"
    remarks = [fact.when.isoformat()] if fact.when else []
    if fact.preliminary:
        remarks.append("preliminary")
    if fact.certainty is Certainty.TEXT:
        remarks.append("recognised by its name")
    return Match(said(text, *remarks), fact.source, fact.when, doubtful=doubtful)
