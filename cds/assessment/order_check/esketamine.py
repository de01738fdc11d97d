"""Nasal esketamine against its label: the dose, the first one, the week, and the four weeks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.indicated import SUICIDALITY_SETS
from cds.assessment.model import Finding, Severity
from cds.assessment.order_check.past import (
    days_of,
    in_last_days,
    is_one_more,
    sources_of,
    was_given,
)
from cds.assessment.order_check.situation import Situation, shown, speak
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.model.order_checks import EsketamineDose, EsketamineLong, EsketamineWeek
from cds.knowledge.model.regimens import Regimen

_GIVEN = "medicationAdministrations"


def check_esketamine(s: Situation) -> Iterator[Finding]:
    if s.order.drug != "esketamine":
        return
    yield from _dose(s)
    yield from _first_dose(s)
    yield from _week(s)
    yield from _long(s)


def _dose(s: Situation) -> Iterator[Finding]:
    """O6: there are devices of 28 mg, and labelled doses of two or three."""
    if s.order.route not in (None, "intranasal") or s.per_kg:
        return
    check = s.check(EsketamineDose)
    ordered = [d for d in (s.amounts.dose_mg_low, s.amounts.dose_mg) if d is not None]
    labelled = set(check.labelled)
    older = s.case.history.person.aged_at_least(check.older_from_age)
    if (older and s.case.site.jurisdiction == "eu") or _stepped_down(s, min(check.labelled)):
        labelled.add(check.older)
    wrong = [d for d in ordered if d not in labelled]
    if not wrong:
        return
    one_device = all(d == check.older for d in wrong)
    # the EU's first dose of older patients, and no mistake
    severity: Severity = "info" if one_device and older else check.severity
    params = {
        "dose": shown(wrong[0], 2),
        "labelled": sorted(labelled),
        "one_device": one_device,
        "older": bool(older),
        "from_age": check.older_from_age,
    }
    yield speak(s, "order-esketamine-dose", [check], severity, params)


def _stepped_down(s: Situation, mid: Decimal) -> bool:
    """A larger dose was given before."""
    return any(
        past.drug == "esketamine"
        and was_given(past)
        and past.dose is not None
        and past.dose.unit == "mg"
        and past.dose.value >= mid
        for past in s.case.history.ketamine_sessions
    )


def _first_dose(s: Situation) -> Iterator[Finding]:
    """Above the labelled dose of day 1; depression with acute suicidality starts at 84 mg."""
    dose, regimen = s.amounts.dose_mg, _starting(s)
    if s.order.route not in (None, "intranasal") or s.per_kg or dose is None or regimen is None:
        return
    first = regimen.first_dose
    if first is None or dose <= first or dose not in regimen.session_doses:
        return
    if _for_suicidality(s):
        return
    known = [p for p in s.case.history.ketamine_sessions if p.drug == "esketamine"]
    if any(was_given(past) for past in known):
        return
    in_line = s.order.own | s.order.linked
    earlier = [p for p in known if in_line.isdisjoint(p.source)]
    params = {
        "dose": shown(dose, 2),
        "first": shown(first, 2),
        "seen": _GIVEN in s.case.history.answered and not earlier,
        "earlier": bool(earlier),
        "label": "EU" if regimen.jurisdiction == "eu" else "US",
        "from_age": regimen.min_age,
    }
    yield speak(
        s, "order-esketamine-first-dose", [regimen], "warning", params, source=sources_of(earlier)
    )


def _for_suicidality(s: Situation) -> bool:
    """By the order's reason; without one, by what is current in the chart."""
    if s.order.reason_sets:
        return bool(s.order.reason_sets & SUICIDALITY_SETS)
    current = (fact for fact in s.case.history.conditions if fact.active is not False)
    return any(fact.sets & SUICIDALITY_SETS for fact in current)


def _starting(s: Situation) -> Regimen | None:
    """The labelled regimen that begins with less than its largest dose."""
    person = s.case.history.person
    return next(
        (
            regimen
            for regimen in s.case.knowledge.regimens.values()
            if regimen.drug == "esketamine"
            and regimen.first_dose is not None
            and regimen.first_dose < max(regimen.session_doses)
            and regimen.jurisdiction in (None, s.case.site.jurisdiction)
            and person.ages is not None
            and person.aged_within(regimen.min_age, regimen.max_age)
        ),
        None,
    )


def _week(s: Situation) -> Iterator[Finding]:
    """O7"""
    check = s.check(EsketamineWeek)
    weekly, dose = s.order.sessions_per_week, s.amounts.dose_mg
    before: list[KetamineSession] = []
    sure = True
    if is_one_more(s):
        before = in_last_days(s, 7)
        weekly = Decimal(1 + len(days_of(before)))
        # Tuesday, Friday and Monday are two sessions of one week and the first of the next
        sure = 1 + len(days_of(in_last_days(s, 6))) > check.max_sessions
    if weekly is None:
        return
    amount = weekly * dose if dose is not None else None
    if before and dose is not None:
        amount = dose + sum((_milligrams(past) for past in before), Decimal(0))
    if weekly > check.max_sessions or (amount is not None and amount > check.above):
        params = {
            "per_week": shown(weekly, 1),
            "amount": shown(amount, 0),
            "max_per_week": check.max_sessions,
            "max_mg": check.above,
            "with_past": bool(before),
        }
        severity: Severity = check.severity if sure or not before else "warning"
        yield speak(
            s, "order-esketamine-week", [check], severity, params, source=sources_of(before)
        )


def _milligrams(past: KetamineSession) -> Decimal:
    """0 where the record does not say: never more than what is known to be given."""
    return past.dose.value if past.dose is not None and past.dose.unit == "mg" else Decimal(0)


def _long(s: Situation) -> Iterator[Finding]:
    """O8: for acute suicidality the label ends at four weeks."""
    if not s.order.reason_sets & SUICIDALITY_SETS:
        return
    check = s.check(EsketamineLong)
    order = s.order
    weeks = order.course_weeks
    if weeks is None and order.course_end is not None:
        start = order.course_start or s.case.as_of
        weeks = Decimal((order.course_end - start).days) / 7
    too_long = weeks is not None and weeks > check.longer_than
    too_many = order.sessions is not None and order.sessions > check.max_sessions
    if too_long or too_many:
        params = {
            "weeks": shown(weeks, 1),
            "sessions": order.sessions,
            "max_weeks": check.longer_than,
        }
        yield speak(s, "order-esketamine-long", [check], check.severity, params)
