"""Probable mistakes in the order.

Every check looks at the order in plain milligrams and minutes, so that its spelling makes no
difference. What several rules say of one mistake is one finding that rests on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.assessment.order_check.courses import check_courses
from cds.assessment.order_check.doses import check_doses
from cds.assessment.order_check.esketamine import check_esketamine
from cds.assessment.order_check.heaviest import at_heaviest, is_certain
from cds.assessment.order_check.limits import Hit, limit_finding, passed
from cds.assessment.order_check.maxima import check_maxima
from cds.assessment.order_check.mistakes import as_corrected
from cds.assessment.order_check.patient import check_patient
from cds.assessment.order_check.products import check_products
from cds.assessment.order_check.rates import check_rates
from cds.assessment.order_check.routes import check_routes
from cds.assessment.order_check.situation import Situation, united
from cds.assessment.order_check.untimed import either_way, in_either_time
from cds.knowledge.model.order_checks import ConcentrationMismatch
from cds.units import measures

Said = Callable[[Situation], dict[str, Finding]]
"""What the checks say of one reading of an order"""

Check = Callable[[Situation], Iterable[Finding]]
CHECKS: Mapping[str, Check] = {
    "the rate": check_rates,
    "the dose": check_doses,
    "the product": check_products,
    "the route": check_routes,
    "the course": check_courses,
    "esketamine": check_esketamine,
    "the order for this patient": check_patient,
}

_EXPLAINS: dict[str, tuple[str, ...]] = {
    "infusion": ("order-rate-too-high", "order-rate-too-low", "order-unmonitored"),
    "bolus": (
        "order-im-dose-by-vein", "order-anaesthetic-dose", "order-infusion-as-push",
        "order-mg-per-kg", "order-unmonitored",
    ),
    "injection": ("order-anaesthetic-dose", "order-im-sc-dose"),
    "any": (
        "order-neuraxial", "order-oral-dose", "order-home-supply", "order-nasal-or-im",
        "order-anaesthetic-dose", "order-im-dose-by-vein", "order-rate-too-high",
    ),
}  # fmt: skip
"""By the way of a limit: the mistakes that explain why it is passed, the most telling first."""

_SAID_BY: dict[str, tuple[str, ...]] = {
    "order-infusion-too-fast": (
        "order-infusion-as-push", "order-anaesthetic-dose", "order-im-dose-by-vein",
        "order-psychiatric-dose",
    ),
    "order-rate-too-low": ("order-dose-tiny",),
}  # fmt: skip
"""A finding that says the same as another of the list joins it."""


def check_order(case: Case) -> tuple[Finding, ...]:
    """Probable mistakes in the order, each once; nothing without an order for ketamine."""
    return () if case.drug is None else check(Situation.of(case))


def check(s: Situation, said: Said | None = None) -> tuple[Finding, ...]:
    """Probable mistakes in a situation's order for ketamine, each once, the severe ones first.

    `said`: by these checks; by all of them, if not given.
    """
    said = said or _said
    found: dict[str, Finding] = {}
    readings = [s, *map(s.ordering, s.order.other_dosages)]
    for reading in (*readings, *_by_weight(readings)):
        for finding in _read_both_ways(reading, said):
            known = found.get(finding.id)
            found[finding.id] = finding if known is None else _worse(known, finding)
    _keep_sound_corrections(s, found, said)
    return tuple(
        sorted(found.values(), key=lambda finding: (SEVERITY_ORDER[finding.severity], finding.id))
    )


def _keep_sound_corrections(s: Situation, found: dict[str, Finding], said: Said) -> None:
    """A correction is one only where the corrected order is right, and one order is meant."""
    for name, finding in found.items():
        if finding.correction is None:
            continue
        again = _read_both_ways(s.ordering(as_corrected(s.order, finding.correction)), said)
        wrong = any(left.stops_dose or left.id == "order-unclear" for left in again)
        if s.order.other_dosages or wrong:
            found[name] = replace(finding, correction=None)


def _by_weight(readings: Iterable[Situation]) -> Iterator[Situation]:
    """`5 mg/kg (35 mg)` by its dose per kg, where that is more than its milligrams."""
    for s in readings:
        order, weight = s.order, s.weight.for_checks
        per_kg, dose = order.dose_per_kg, order.dose
        if weight is None or per_kg is None or dose is None or not measures(dose.unit, "mg"):
            continue
        tolerance = 1 + s.check(ConcentrationMismatch).tolerance
        if per_kg.to("mg/kg").value * weight.value_kg > dose.to("mg").value * tolerance:
            yield s.ordering(
                replace(order, dose=per_kg, dose_high=None, dose_per_kg=None, volume=None)
            )


def _read_both_ways(s: Situation, said: Said) -> list[Finding]:
    """An order with two times, or by vein without one, is one thing to one reader and another to
    the next."""
    told = s.order.duration_told
    if told is not None:
        other = s.ordering(replace(s.order, duration_min=told))
        return in_either_time(_check(s, said), _check(other, said))
    if not s.untimed:
        return _check(s, said)
    infusion = s.ordering(replace(s.order, method="infusion"))
    return either_way(s, pushed=_check(s, said), infused=_check(infusion, said))


def _check(s: Situation, said: Said) -> list[Finding]:
    findings = said(s)
    heaviest = at_heaviest(s)
    if heaviest is not None:
        for finding in said(heaviest).values():
            if is_certain(heaviest, finding):
                known = findings.get(finding.id)
                findings[finding.id] = finding if known is None else _worse(known, finding)
    findings |= {finding.id: finding for finding in check_maxima(s, said, findings)}
    for ident, sayers in _SAID_BY.items():
        sayer = next((name for name in sayers if name in findings), None)
        if ident in findings and sayer is not None:
            findings[sayer] = united(findings[sayer], findings.pop(ident))
    _say_of_sedation_once(findings)
    if "order-rate-too-high" in findings:
        findings.pop("order-low-total", None)  # its amount or time is the mistake
    return list(findings.values())


def _say_of_sedation_once(findings: dict[str, Finding]) -> None:
    """A psychiatric dose too large for home is one mistake; the graver of the two rules says it."""
    pair = ("order-unmonitored", "order-psychiatric-dose")
    if not all(name in findings for name in pair):
        return
    other, first = pair if findings[pair[1]].severity == "critical" else pair[::-1]
    findings[first] = united(findings[first], findings.pop(other))


def _said(s: Situation) -> dict[str, Finding]:
    return said_by(CHECKS.values(), passed, s)


def said_by(
    checks: Iterable[Check], limits: Callable[[Situation], Iterable[Hit]], s: Situation
) -> dict[str, Finding]:
    """What checks say of one reading, with the limits that it passes."""
    findings = {finding.id: finding for check in checks for finding in check(s)}
    for hit in limits(s):
        _join(s, findings, hit)
    return findings


def _join(s: Situation, findings: dict[str, Finding], hit: Hit) -> None:
    """A passed limit belongs to the mistake that explains it, else it speaks for itself."""
    finding = limit_finding(s, hit)
    for name in _EXPLAINS[hit.limit.given]:
        explained = hit.below == (name == "order-rate-too-low")
        milder = name in findings and findings[name].severity != "critical"
        if milder and finding.severity == "critical":
            continue  # a stop of its own, and not a warning made severe
        if name in findings and explained:
            findings[name] = united(findings[name], finding)
            return
    known = findings.get(finding.id)
    findings[finding.id] = finding if known is None else _worse(known, finding)


def _worse(one: Finding, other: Finding) -> Finding:
    """The more severe of two findings of one kind, resting on both."""
    first, second = sorted((one, other), key=lambda finding: SEVERITY_ORDER[finding.severity])
    return united(first, second)


__all__ = ["CHECKS", "Said", "check", "check_order", "said_by"]
