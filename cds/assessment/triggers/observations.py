"""Measurements and test results against thresholds and expected answers."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.triggers.answer import NOT_MET, Answer, Match, said, unknown
from cds.chart.entries import Result
from cds.knowledge.triggers import ObservationTest, Threshold
from cds.terminology.model import Certainty
from cds.units import UnitError, convert, readable


def observation(test: ObservationTest, case: Case) -> Answer:
    if test.days > 1:
        return _repeated(test, case)
    seen = False
    missing: set[str] = set()
    matches: list[Match] = []
    for limit in test.thresholds:
        for fact in _newest(limit.kind, test.within_days, case):
            crossed = _crosses(limit, fact)
            seen = seen or crossed is not None
            if crossed is None:
                missing.add(f"reference range of {limit.kind}")
            elif crossed:
                matches.append(_of_observation(fact))
    for kind in test.kinds:
        for fact in _newest(kind, test.within_days, case):
            seen = seen or bool(_results(fact))
            if _results(fact) & set(test.results):
                matches.append(_of_observation(fact))
    if matches:
        return Answer("met", tuple(matches), frozenset(missing))
    if seen and not missing:
        return NOT_MET
    if "observations" not in case.history.answered:
        missing.add("observations")
    return unknown(*missing)


def _newest(kind: str, within_days: int, case: Case) -> list[Result]:
    """The latest usable results: one, or all of a day whose order within the day is not known."""
    usable = [
        fact
        for fact in case.history.observations.get(kind, ())
        if fact.problem is None
        and fact.when is not None
        and 0 <= (case.as_of - fact.when).days <= within_days
    ]
    last = max((fact.when for fact in usable if fact.when), default=None)
    of_day = [fact for fact in usable if fact.when == last]
    instants = [fact.instant for fact in of_day if fact.instant is not None]
    if len(instants) < len(of_day):
        return of_day
    return [fact for fact in of_day if fact.instant == max(instants)]


def _repeated(test: ObservationTest, case: Case) -> Answer:
    crossing = [
        fact
        for limit in test.thresholds
        for fact in case.history.observations.get(limit.kind, ())
        if fact.when is not None
        and 0 <= (case.as_of - fact.when).days <= test.within_days
        and _crosses(limit, fact)
    ]
    if len({fact.when for fact in crossing}) >= test.days:
        return Answer("met", tuple(_of_observation(fact) for fact in crossing[:3]))
    if any(_newest(limit.kind, test.within_days, case) for limit in test.thresholds):
        return NOT_MET
    return unknown(*({"observations"} - case.history.answered))


def _crosses(limit: Threshold, fact: Result) -> bool | None:
    """Whether a value crosses the limit; None when it cannot be compared."""
    if fact.value is None or fact.problem is not None:
        return None
    bound, value = limit.value, fact.value
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


_ABBREVIATIONS = frozenset(
    ("alp", "alt", "ast", "egfr", "ggt", "inr", "moca", "qtc", "tsh", "ymrs")
)
_NAMES = {
    "blood_pressure_systolic": "systolic blood pressure",
    "blood_pressure_diastolic": "diastolic blood pressure",
    "bilirubin_total": "total bilirubin",
    "albumin_serum": "serum albumin",
    "blood_ethanol": "ethanol in blood",
    "uds_etg": "urine ethyl glucuronide",
}
_UNITS = {"mm[Hg]": "mmHg", "{score}": "", "1": "", "{INR}": ""}


def kind_name(kind: str) -> str:
    """A kind of result as a clinician writes it: `systolic blood pressure`, `ALT`."""
    if kind in _NAMES:
        return _NAMES[kind]
    words = kind.replace("uds_", "urine screen ").replace("_", " ").split()
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in words)


def _of_observation(fact: Result) -> Match:
    name = kind_name(fact.kind)
    unit = _UNITS.get(fact.unit or "", fact.unit or "")
    if fact.value is not None:
        text = f"{name} {readable(fact.value)} {unit}".rstrip()
    else:
        text = f"{name} {', '.join(sorted(fact.concept)) or 'positive'}"
    remarks = [fact.when.isoformat()] if fact.when else []
    if fact.preliminary:
        remarks.append("preliminary")
    if fact.certainty is Certainty.TEXT:
        remarks.append("recognised by its name")
    return Match(said(text, *remarks), fact.source, fact.when)
