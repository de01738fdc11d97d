"""An order by vein that states no time, or two: given at once, or over as long as it takes.

What is wrong either way is a mistake. What is wrong only at once is a question, asked before
everything else that warns, and no dose is offered beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from msgspec.structs import replace

from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.assessment.order_check.patient import INFUSION_TIME
from cds.assessment.order_check.situation import Situation, shown, united

TIME_NOT_STATED = "order-time-not-stated"
UNCLEAR = "order-unclear"


def either_way(
    s: Situation, *, pushed: Iterable[Finding], infused: Iterable[Finding]
) -> list[Finding]:
    """What the two readings of an order have in common, and the question which is meant."""
    at_once = {finding.id: finding for finding in pushed}
    certain = {finding.id: finding for finding in infused if finding.id in at_once}
    only_pushed = [f for f in at_once.values() if _is_graver(f, certain.get(f.id))]
    if not any(finding.stops_dose for finding in only_pushed):
        return list(at_once.values())
    if any(finding.severity == "critical" for finding in certain.values()):
        return list(certain.values())  # wrong however fast it is given
    if (incomplete := certain.pop("order-incomplete", None)) is not None:
        certain |= {f.id: f for f in _without_the_time(incomplete)}
    return [*certain.values(), _question(s, only_pushed)]


def in_either_time(fields: Iterable[Finding], words: Iterable[Finding]) -> list[Finding]:
    """What is wrong in the time of the fields and in that of the words, and the question which is
    meant, which rests on what is wrong in one of them only."""
    first = {finding.id: finding for finding in fields}
    second = {finding.id: finding for finding in words}
    sure = {i: max(f, second[i], key=_severity) for i, f in first.items() if i in second}
    graver = [f for f in (*first.values(), *second.values()) if _is_graver(f, sure.get(f.id))]
    asked = sure.get(UNCLEAR)
    if asked is not None and any(f.stops_dose for f in graver):
        whole = reduce(united, graver, asked)
        sure[UNCLEAR] = replace(whole, severity="warning", stops_dose=True)
    return [replace(finding, correction=None) for finding in sure.values()]


def _severity(finding: Finding) -> int:
    return SEVERITY_ORDER[finding.severity]


def _is_graver(finding: Finding, other: Finding | None) -> bool:
    return other is None or SEVERITY_ORDER[finding.severity] < SEVERITY_ORDER[other.severity]


def _without_the_time(incomplete: Finding) -> Iterable[Finding]:
    """What else is missing: the time is asked for already."""
    missing = incomplete.params["missing"]
    assert isinstance(missing, list)
    if rest := [what for what in missing if what != INFUSION_TIME]:
        yield replace(incomplete, params={**incomplete.params, "missing": rest})


def _question(s: Situation, only_pushed: list[Finding]) -> Finding:
    """One warning that rests on all that would be wrong with a push."""
    whole = reduce(united, only_pushed)
    return replace(
        whole,
        id=TIME_NOT_STATED,
        severity="warning",
        params={
            "dose": shown(s.amounts.total_mg, 2),
            "per_kg": shown(s.amounts.total_mg_per_kg),
            "psychiatric": s.psychiatric,
            "even_at": next((f.params["even_at"] for f in only_pushed), None),
        },
        correction=None,
        stops_dose=True,
    )
