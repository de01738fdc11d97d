"""What holds for every order and every weight, not only for the written-out ones."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from order_cases import case, draft

from cards.instruction import Instruction
from cards.patch import with_instruction
from cds.assessment.case import Case
from cds.assessment.dose import propose
from cds.assessment.model import Candidacy, DoseProposal, Finding
from cds.assessment.order_check import check_order
from cds.assessment.order_check.situation import Situation
from cds.orders.model import Order
from cds.terminology.lookup import load_terminology
from cds.units import Quantity
from tests.charts.reading import order_of
from tests.examples import examples
from tests.replaced import replace

INDICATIONS = {
    "depression": ("psy:trd-unipolar", "supported"),
    "crps": ("pain:crps", "conditional"),
    "neuropathy": ("pain:sci_pain", "weak"),
    "suicidality": ("psy:mdd-acute-suicidality", "supported"),
    "phn": ("pain:phn", "weak"),
}
weights = st.decimals(min_value=1, max_value=400, places=1)
indications = st.sampled_from(sorted(INDICATIONS))
drugs = st.sampled_from(
    ["ketamine", "ketamine 10 mg/mL", "ketamine 50 mg/mL", "ketamine 100 mg/mL",
     "esketamine device", "esketamine"]
)  # fmt: skip
routes = st.sampled_from(
    ["", "IV", "IM", "SC", "by mouth", "sublingual", "intranasally", "epidurally"]
)
roundings = st.sampled_from([None, "0.5", "1", "5", "10"])


def proposals(row: dict[str, Any]) -> tuple[Case, tuple[DoseProposal, ...]]:
    made = case(row)
    basis, stance = INDICATIONS[row["for"]]
    judged = Candidacy(basis.split(":")[1], (basis,), "met", stance)  # type: ignore[arg-type]
    return made, propose(Situation.of(made), (judged,), check_order(made))


def order_row(
    kg: Decimal, reason: str, drug: str, route: str, rounding: str | None
) -> dict[str, Any]:
    return {
        "kg": kg,
        "for": reason,
        "product": drug,
        "order": route,
        "site": {"round_dose_to_mg": rounding} if rounding else {},
    }


any_row = st.builds(order_row, weights, indications, drugs, routes, roundings)


@given(any_row, st.integers(0, 12), st.integers(10, 95))
@examples(300)
def test_no_dose_passes_the_knowledge_s_maximum(
    row: dict[str, Any], sessions: int, age: int
) -> None:
    drug = "esketamine" if "esketamine" in row["product"] else "ketamine"
    past = [{"drug": drug, "days_ago": 3 + 3 * n} for n in range(sessions)]
    made, found = proposals(row | {"past": past, "age": age})
    for dose in found:
        regimen = made.knowledge.regimens[dose.regimen]
        assert (dose.dose_mg is None) == (dose.why_not is not None)
        assert dose.drug == made.order.drug == regimen.drug  # type: ignore[union-attr]
        assert dose.route in regimen.routes
        assert made.order.route in (None, dose.route)  # type: ignore[union-attr]
        if dose.dose_mg is None:
            assert not dose.recommended
            continue
        assert regimen.dose_verified
        assert age >= 18
        highest = dose.dose_mg_high or dose.dose_mg
        if regimen.max_session_mg is not None:
            assert highest <= regimen.max_session_mg
        if regimen.dose is not None and regimen.dose_unit == "mg/kg":
            assert dose.weight_kg is not None
            assert highest <= max(regimen.dose, regimen.dose_high or 0) * dose.weight_kg
        if regimen.rate_cap_mg_per_h is not None and dose.rate_mg_per_h is not None:
            assert dose.rate_mg_per_h <= regimen.rate_cap_mg_per_h
        assert dose.order_mg is not None
        assert 0 < dose.order_mg <= dose.dose_mg
        if regimen.weight_based:
            assert 30 <= row["kg"] <= 200


@given(any_row)
@examples(200)
def test_a_suggestion_that_is_applied_draws_no_new_order_error(row: dict[str, Any]) -> None:
    made, found = proposals(row)
    before = {f.id for f in check_order(made)}
    for dose in found:
        if not dose.recommended:
            continue
        applied = with_instruction(draft(row), Instruction.proposed(dose))
        order = order_of(applied, load_terminology())
        again = check_order(replace(made, order=order))
        assert [f.id for f in again if f.severity != "info" and f.id not in before] == []


@given(any_row, st.sampled_from(["contraindication", "order_error"]))
def test_a_stop_never_leaves_a_dose(row: dict[str, Any], kind: Any) -> None:
    made = case(row)
    basis, stance = INDICATIONS[row["for"]]
    judged = Candidacy(basis.split(":")[1], (basis,), "met", stance)  # type: ignore[arg-type]
    stop = Finding("some-stop", kind, "critical", (), stops_dose=True)
    assert all(d.dose_mg is None for d in propose(Situation.of(made), (judged,), (stop,)))


# --- one order, five spellings --------------------------------------------------------------------

plain_weights = st.sampled_from([Decimal(kg) for kg in ("40", "50", "70", "80", "100", "125")])
rates = st.decimals(min_value="0.01", max_value="40", places=2)
minutes = st.sampled_from([None, 5, 12, 30, 40, 60, 120, 240, 1440])
purposes = st.sampled_from(["depression", "crps", "acute pain", "nothing", "status epilepticus"])
places = st.sampled_from([None, "inpatient", "outpatient"])


@given(plain_weights, rates, minutes, purposes, places)
@examples(400)
def test_the_spelling_of_an_order_makes_no_difference(
    kg: Decimal, rate: Decimal, duration: int | None, purpose: str, place: str | None
) -> None:
    row = {"kg": kg, "for": purpose, "category": place, "order": "IV"}
    made = case(row)
    assert made.order is not None
    said = []
    for order in spellings(made.order, kg, rate, duration):
        found = check_order(replace(made, order=order))
        said.append({(f.id, f.severity, f.basis) for f in found if f.id not in _ABOUT_WRITING})
    assert all(one == said[0] for one in said[1:])


_ABOUT_WRITING = ("order-weight", "order-enantiomer")
"""A doubtful weight concerns orders per kg; a device dose is a number that somebody wrote."""


def spellings(order: Order, kg: Decimal, rate: Decimal, duration: int | None) -> list[Order]:
    """mg/kg/h, ug/kg/min, mg/h, mL/h at 50 mg/mL and, with a time, the total over it."""
    time = None if duration is None else Decimal(duration)
    base = replace(order, duration_min=time, method="infusion")
    per_hour = rate * kg
    written = [
        Quantity(rate, "mg/kg/h"),
        Quantity(rate * 1000, "ug/kg/h"),
        Quantity(per_hour, "mg/h"),
        Quantity(per_hour / 50, "mL/h"),
    ]
    orders = [replace(base, rate=quantity) for quantity in written]
    if (rate * 1000 / 60).as_tuple().exponent > -20:  # type: ignore[operator]
        orders.append(replace(base, rate=Quantity(rate * 1000 / 60, "ug/kg/min")))
    total = None if time is None else per_hour * time / 60
    if total is not None and total.as_tuple().exponent > -20:  # type: ignore[operator]
        orders.append(replace(base, dose=Quantity(total, "mg")))
    return orders


# --- a generated set of more than 5,000 orders ----------------------------------------------------


def correct_orders() -> list[tuple[Case, Order]]:
    """Regimens as published, in every spelling, at many weights."""
    made: list[tuple[Case, Order]] = []
    standard = case({"order": "IV", "category": "outpatient"})
    pain = case({"order": "IV", "for": "crps", "category": "outpatient"})
    ward = case({"order": "IV", "for": "sickle crisis", "category": "inpatient"})
    for tenth in range(400, 1300, 8):
        kg = Decimal(tenth) / 10
        for share in ("0.4", "0.45", "0.5"):
            for order in spellings(standard.order, kg, Decimal(share) * Decimal("1.5"), 40):  # type: ignore[arg-type]
                made.append((_weighing(standard, kg), order))
        rate = min(Decimal("0.35"), Decimal(25) / kg)
        for order in spellings(pain.order, kg, rate, 240):  # type: ignore[arg-type]
            made.append((_weighing(pain, kg), order))
        for share in ("0.1", "0.3", "0.5"):
            for order in spellings(ward.order, kg, Decimal(share), None):  # type: ignore[arg-type]
                made.append((_weighing(ward, kg), order))
    return made


def mistaken_orders() -> list[tuple[Case, Order, str]]:
    """The same with one slip: unit, time, decimal, weight, spelling of the route, push."""
    standard = case({"order": "IV", "for": "depression"})
    pain = case({"order": "IV", "for": "crps"})
    made: list[tuple[Case, Order, str]] = []
    for tenth in range(400, 1300, 6):
        kg = Decimal(tenth) / 10
        dose = Decimal("0.5") * kg
        psychiatric, painful = _weighing(standard, kg), _weighing(pain, kg)
        timed = replace(standard.order, duration_min=Decimal(40))  # type: ignore[type-var]
        slips = {
            "tenfold": replace(timed, dose=Quantity(dose * 10, "mg")),
            "hundredfold": replace(timed, dose=Quantity(dose * 100, "mg")),
            "pounds": replace(timed, dose=Quantity(dose * Decimal("2.2046"), "mg")),
            "mg as mg/kg": replace(timed, dose=Quantity(dose, "mg/kg")),
            "mg/kg as mg": replace(timed, dose=Quantity(Decimal("0.5"), "mg")),
            "push": replace(standard.order, dose=Quantity(dose, "mg"), method="push"),  # type: ignore[type-var]
            "minutes for seconds": replace(
                timed, dose=Quantity(dose, "mg"), duration_min=Decimal(4)
            ),
            "per minute": replace(timed, rate=Quantity(dose * Decimal("1.5"), "mg/min")),
        }
        made += [(psychiatric, order, name) for name, order in slips.items()]
        rate = Decimal("0.3")
        open_rate = pain.order
        slips = {
            "mg/kg/min": replace(open_rate, rate=Quantity(rate, "mg/kg/min")),  # type: ignore[type-var]
            "mg for mcg": replace(open_rate, rate=Quantity(Decimal(5), "mg/kg/min")),  # type: ignore[type-var]
            "per minute for pain": replace(open_rate, rate=Quantity(rate * kg, "mg/min")),  # type: ignore[type-var]
            "tenfold rate": replace(open_rate, rate=Quantity(rate * kg * 10, "mg/h")),  # type: ignore[type-var]
            "undiluted strength": replace(open_rate, rate=Quantity(rate * kg, "mL/h")),  # type: ignore[type-var]
            "mcg for mg": replace(open_rate, rate=Quantity(rate, "ug/kg/min")),  # type: ignore[type-var]
        }
        made += [(painful, order, name) for name, order in slips.items()]
    return made


def _weighing(made: Case, kg: Decimal) -> Case:
    (weight,) = made.history.observations["body_weight"]
    observations = {"body_weight": (replace(weight, value=kg),)}
    return replace(made, history=replace(made.history, observations=observations))


def test_five_thousand_orders_without_a_false_alarm_or_a_miss() -> None:
    right = correct_orders()
    wrong = mistaken_orders()
    alarms = Counter(
        f.id
        for made, order in right
        for f in check_order(replace(made, order=order))
        if f.severity != "info"
    )
    missed = Counter(
        name
        for made, order, name in wrong
        if not any(f.severity != "info" for f in check_order(replace(made, order=order)))
    )
    assert len(right) + len(wrong) >= 5000
    assert alarms == {}
    assert missed == {}


@pytest.mark.parametrize(("drug", "route"), list(product(["ketamine", "esketamine"], [None])))
def test_a_drug_only_ever_gets_its_own_regimens(drug: str, route: None) -> None:
    for kind in ("trd-unipolar", "mdd-acute-suicidality"):
        made = case({"order": "", "product": drug})
        judged = Candidacy(kind, (f"psy:{kind}",), "met", "supported")
        for dose in propose(Situation.of(made), (judged,), ()):
            assert dose.drug == drug
            assert made.knowledge.regimens[dose.regimen].drug == drug
