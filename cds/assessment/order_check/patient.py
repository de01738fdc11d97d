"""The patient behind the number: weight, duplicates, and what is missing to judge the order."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from cds.assessment.model import ChartText, Finding
from cds.assessment.order_check.maxima import contradicted
from cds.assessment.order_check.situation import PARENTERAL, Situation, shown, speak
from cds.assessment.weight import is_obese
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.model.order_checks import (
    ConcentrationMismatch,
    Duplicate,
    Incomplete,
    ObesityWeight,
    WeightUnusable,
)
from cds.knowledge.model.weight_rules import ObesityWeightRule
from cds.orders.model import Order
from cds.orders.places import in_words
from cds.units import written

INFUSION_TIME = "infusion time"


_AT_ONCE = ("push", "bolus")


def check_patient(s: Situation) -> Iterator[Finding]:
    yield from _weight(s)
    yield from _obesity(s)
    yield from _duplicate(s)
    yield from _incomplete(s)
    yield from _contradictory(s)
    yield from _second_dose(s)


def _second_dose(s: Situation) -> Iterator[Finding]:
    """A dose in words beside the one in the fields: which is meant, or both?

    In a hospital use a smaller one may be repeated or added; only a larger one is asked about.
    """
    told = [other for other in s.order.other_dosages if other.told_beside]
    if s.use is not None:
        mine = s.amounts.total_mg
        told = [
            other
            for other in told
            if mine is None or (s.ordering(other).amounts.total_mg or mine + 1) > mine
        ]
    if told:
        names = [_in_brief(other) for other in told]
        said = speak(s, "order-second-dose", [], "warning", {"doses": names}, asks=True)
        yield said


def _in_brief(order: Order) -> str:
    """`100 mg IV push`"""
    amount = order.dose or order.rate or order.volume
    how = f" {order.method}" if order.method in _AT_ONCE else ""
    return f"{written(amount) if amount else ''} {_SHORT.get(order.route or '', '')}".strip() + how


_SHORT = {"intravenous": "IV", "intraosseous": "IO", "intramuscular": "IM", "subcutaneous": "SC"}


def _weight(s: Situation) -> Iterator[Finding]:
    """E12: a weight in doubt is a doubt about the dose; an absent one only of a dose per kg.

    In a hospital use nobody waits for the scales: there it is asked for.
    """
    problem = s.weight.problem
    if problem in (None, "stated") or not s.racemic:
        return
    if problem in ("missing", "old") and not s.per_kg:
        return
    if s.use is not None and not s.per_kg:
        return
    check = s.check(WeightUnusable)
    latest, previous = s.weight.latest, s.weight.previous
    yield speak(
        s,
        "order-weight",
        [check],
        check.severity if s.therapy else "warning",
        {
            "problem": problem,
            "unusable": s.weight.unusable,
            "seen": "observations" in s.case.history.answered,
            "kg": latest.value_kg if latest else None,
            "when": latest.when if latest else None,
            "previous_kg": previous.value_kg if previous else None,
            "previous_when": previous.when if previous else None,
            "max_age": s.weight.max_age_days,
        },
        source=previous.source if previous else (),
    )


def _obesity(s: Situation) -> Iterator[Finding]:
    """E13: at BMI 30 and over the weight basis is contested, and the order took the actual one."""
    if not s.racemic or not is_obese(s.case, s.build) or s.weight.latest is None:
        return
    text = s.order.text.lower()
    if "ideal" in text or "ibw" in text.split() or "adjusted" in text:
        return
    if not (s.per_kg or _matches_actual(s)) or s.build.bmi is None:
        return
    check = s.check(ObesityWeight)
    yield speak(
        s,
        "order-obesity-weight",
        [check, s.case.knowledge.the(ObesityWeightRule)],
        check.severity,
        {
            "bmi": shown(s.build.bmi, 1),
            "actual": s.weight.latest.value_kg,
            "ideal": s.build.ideal_kg,
        },
        source=s.build.source,
    )


def _matches_actual(s: Situation) -> bool:
    """The dose in mg is a regimen's dose per kg of actual weight."""
    per_kg = s.amounts.total_mg_per_kg
    share = s.check(ObesityWeight).same_dose
    return per_kg is not None and any(
        regimen.dose is not None
        and regimen.dose_unit == "mg/kg"
        and regimen.suggests == "dose"
        and s.order.route in regimen.routes
        and abs(per_kg - regimen.dose) <= share * regimen.dose
        for regimen in s.case.knowledge.regimens.values()
        if regimen.drug == "ketamine"
    )


def _duplicate(s: Situation) -> Iterator[Finding]:
    """E16: another ketamine order of the session, or one still open on record.

    A bolus beside an infusion, or a draft for another day, may be meant: then it is asked.
    """
    drafts = [
        d
        for d in s.case.drafts
        if d.drug is not None and s.order.is_duplicated_by(d) and not _same_treatment(s, d)
    ]
    if s.use is not None:
        drafts = []  # induction and maintenance are two orders of one anaesthetic
    in_line = s.order.own | s.order.linked
    open_orders = [
        past
        for past in s.case.history.ketamine_sessions
        if past.kind == "order" and past.active_order is True and in_line.isdisjoint(past.source)
    ]
    if not drafts and not open_orders:
        return
    sources = (*(d.ref for d in drafts), *(r for past in open_orders for r in past.source))
    params: dict[str, object] = {
        "drafts": [ChartText(d.display or str(d.drug)) for d in drafts],
        "orders": [
            {"drug": past.drug, "when": past.when, "route": past.route} for past in open_orders
        ],
    }
    replaced = bool(open_orders) and all(_is_titrated(s, past) for past in open_orders)
    params["replaces"] = replaced and not drafts
    twice = (bool(open_orders) and not replaced) or any(_is_one_too_many(s, d) for d in drafts)
    check = s.check(Duplicate)
    yield speak(
        s,
        "order-duplicate",
        [check],
        check.severity if twice else "warning",
        params,
        source=tuple(sources),
        asks=True,
    )


def _is_titrated(s: Situation, past: KetamineSession) -> bool:
    """A new rate for the infusion that runs: continuous, of the same drug, by the same route."""
    order = s.order
    rate_only = order.rate is not None and order.dose is None and order.duration_min is None
    same = past.drug == order.drug and past.route == order.route
    return rate_only and past.continuous and same


def _is_one_too_many(s: Situation, draft: Order) -> bool:
    """For no other day, and not a bolus beside an infusion by the same route."""
    mine, other = s.order, draft
    other_day = None not in (mine.course_start, other.course_start) and (
        mine.course_start != other.course_start
    )
    alike = mine.drug == other.drug and mine.route == other.route
    ways = [(o.rate is None, o.method in _AT_ONCE) for o in (mine, other)]
    return not other_day and not (alike and ways[0] != ways[1])


def _same_treatment(s: Situation, draft: Order) -> bool:
    """The drug and the procedure of one infusion are ordered side by side in some systems."""
    return draft.drug == s.order.drug and draft.resource_type != s.order.resource_type


def _incomplete(s: Situation) -> Iterator[Finding]:
    """O12: what is missing to judge the dose."""
    missing = list(_missing(s))
    if missing:
        params = {"missing": missing}
        check = s.check(Incomplete)
        yield speak(s, "order-incomplete", [check], check.severity, params)


def _missing(s: Situation) -> Iterator[str]:
    order = s.order
    emergency = s.use is not None and s.use.reasons_to_wait == "inform"
    if s.racemic and not emergency and s.weight.problem in ("missing", "old") and not s.per_kg:
        yield "weight"
    if order.route is None:
        yield "route"
    if s.elective and s.racemic and (s.by_vein or order.route is None):
        stated = s.within is not None or order.rate is not None
        if not stated and order.method not in ("push", "bolus"):
            yield INFUSION_TIME
    amount = order.dose is not None or order.rate is not None
    if not amount and (order.route in PARENTERAL or order.route is None):
        yield "dose"
    if s.therapy and not order.reason_sets and not s.indicated.known:
        yield "indication"


def _contradictory(s: Situation) -> Iterator[Finding]:
    """Fields and text that say different things, or rate, time and dose that do not agree."""
    dose, computed = s.amounts.dose_mg, s.amounts.from_rate_mg
    disagree = (
        dose is not None
        and computed is not None
        and abs(dose - computed) > s.check(ConcentrationMismatch).tolerance * dose
    )
    problems = [ChartText(in_words(problem)) for problem in s.order.problems]
    problems += [ChartText(problem) for problem in contradicted(s)]
    if disagree and dose is not None and computed is not None:
        params: dict[str, object] = {
            "dose": shown(dose, 2),
            "computed": shown(computed, 2),
            "problems": problems,
        }
    elif problems:
        params = {"dose": None, "computed": None, "problems": problems}
    else:
        return
    said = speak(s, "order-unclear", [], "warning", params)  # no row of a digest: plain reading
    yield replace(said, stops_dose=s.order.contradictory)
