"""No suggestion passes the knowledge's maximum, and each rests on a weight that can be trusted."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import (
    DAY,
    DRAFTS,
    ESKETAMINE,
    KETAMINE,
    KILOGRAMS,
    ROUTES,
    SITES,
    Reply,
    draft,
    patients,
    replied,
    sound,
    told,
)

from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from tests.examples import examples

WEIGHED = st.tuples(
    st.integers(0, 60),
    st.decimals(Decimal("0.5"), 900, places=1),
    st.sampled_from(sorted(KILOGRAMS)),
)
"""days ago, kilograms, the unit in which they are written"""
PLAUSIBLE = (Decimal(30), Decimal(250))
"""kilograms of an adult; the knowledge's own bounds are not wider"""


def highest(knowledge: Knowledge, dose: Any) -> Decimal:
    """What the regimen allows in one session, in mg, for the weight that the dose names."""
    regimen = knowledge.regimens[dose["regimen"]]
    most = max(
        [value for value in (regimen.dose, regimen.dose_high) if value is not None],
        default=Decimal(0),
    )
    bounds = []
    if regimen.weight_based:
        bounds.append(most * Decimal(str(dose["weight_kg"])))
    else:
        bounds.append(max([most, *regimen.session_doses]))
    if regimen.max_session_mg is not None:
        bounds.append(regimen.max_session_mg)
    return min(bounds)


def suggested_mg(order: Any) -> Decimal:
    """The dose that a suggested draft orders."""
    [amount] = [part["doseQuantity"] for part in order["dosageInstruction"][0]["doseAndRate"]]
    assert amount["code"] == "mg"
    return Decimal(str(amount["value"]))


@given(st.lists(WEIGHED, max_size=3), SITES, st.booleans())
@examples(60)
def test_a_dose_stays_below_its_maximum_and_rests_on_a_usable_weight(
    knowledge: Knowledge, weights: list[tuple[int, Decimal, str]], site: SiteProtocol, pain: bool
) -> None:
    patient = sound()
    patient.resources = [r for r in patient.resources if not is_weight(r)]
    for ago, kilograms, unit in weights:
        patient.weighed(ago, round(kilograms / KILOGRAMS[unit], 2), unit)
    if pain:
        patient.problem("G90.511", "Complex regional pain syndrome I of right upper limb", 380)
    order = draft(route="intravenous", reason="CRPS" if pain else "depression")
    report = told(patient.resources, [order], site)
    given_doses = [d for d in report["doses"] if d["dose_mg"] is not None]
    newest = {
        (DAY - timedelta(days=ago), kilograms)
        for ago, kilograms, _ in weights
        if ago == min(a for a, _, _ in weights)
    }
    for dose in given_doses:
        for value in (dose["dose_mg"], dose["dose_mg_high"] or 0):
            assert value <= highest(knowledge, dose), dose
        assert report["weight_kg"], "a dose by weight without a weight"
        when = date.fromisoformat(report["weight_kg"]["date"])
        value = report["weight_kg"]["value"]
        assert (DAY - when).days <= site.weight_max_age_days
        assert PLAUSIBLE[0] <= value <= PLAUSIBLE[1]
        assert any(when == day and abs(value - kg) < Decimal("0.05") for day, kg in newest)
    for update in replied(patient.resources, order, site).updates:
        assert any(
            suggested_mg(update) <= max(d["dose_mg"], d["dose_mg_high"] or 0) for d in given_doses
        )


def is_weight(resource: Any) -> bool:
    coding = resource.get("code", {}).get("coding", [{}])[0]
    return resource["resourceType"] == "Observation" and coding.get("code") == "29463-7"


@given(patients(), DRAFTS, SITES)
@examples(60)
def test_no_site_setting_lifts_a_dose_past_its_maximum(
    knowledge: Knowledge, patient: Any, order: Any, site: SiteProtocol
) -> None:
    for dose in told(patient.resources, [order], site)["doses"]:
        if dose["dose_mg"] is not None:
            most = max(dose["dose_mg"], dose["dose_mg_high"] or 0)
            assert most <= highest(knowledge, dose), dose


@pytest.mark.parametrize("unit", sorted(KILOGRAMS))
def test_the_unit_of_the_weight_does_not_matter(unit: str) -> None:
    patient = sound()
    patient.resources = [r for r in patient.resources if not is_weight(r)]
    patient.weighed(3, round(Decimal(70) / KILOGRAMS[unit], 4), unit)
    [dose] = [d for d in told(patient.resources, [draft()])["doses"] if d["dose_mg"] is not None]
    assert abs(dose["dose_mg"] - 35) < Decimal("0.01")


@pytest.mark.parametrize(
    ("ago", "kilograms"), [(31, 70), (3, 12), (3, 400), (400, 70)], ids=str
)  # fmt: skip
def test_no_dose_rests_on_an_old_or_impossible_weight(ago: int, kilograms: int) -> None:
    patient = sound()
    patient.resources = [r for r in patient.resources if not is_weight(r)]
    patient.weighed(ago, Decimal(kilograms))
    report = told(patient.resources, [draft()])
    assert [d for d in report["doses"] if d["why_not"]]
    assert not [d for d in report["doses"] if d["dose_mg"] is not None]
    assert not replied(patient.resources, draft()).updates


# ---- the two drugs, and the routes, stay apart -------------------------------------------------


def drug_of(order: Any) -> str:
    text = str(order["medicationCodeableConcept"]["text"])
    return "esketamine" if "esketamine" in text else "ketamine"


def unchanged(reply: Reply, order: Any) -> bool:
    """A suggested draft is for the same drug, and by the route that was chosen."""
    wanted = order.get("dosageInstruction", [{}])[0].get("route")
    return all(
        update["medicationCodeableConcept"] == order["medicationCodeableConcept"]
        and (wanted is None or wanted == update["dosageInstruction"][0]["route"])
        for update in reply.updates
    )


@given(patients(), DRAFTS)
@examples(60)
def test_a_dose_is_for_the_ordered_drug_and_route(patient: Any, order: Any) -> None:
    report = told(patient.resources, [order])
    wanted = order.get("dosageInstruction", [{}])[0].get("route")
    route = next((name for name, concept in ROUTES.items() if concept == wanted), None)
    for dose in report["doses"]:
        assert dose["drug"] == drug_of(order)
        if dose["dose_mg"] is None:
            continue
        assert dose["route"] == (route or dose["route"])
        if dose["drug"] == "esketamine":
            assert dose["route"] == "intranasal"
            assert dose["dose_mg"] in (28, 56, 84)
        else:
            assert dose["weight_basis"] != "fixed"
    assert unchanged(replied(patient.resources, order), order)


@pytest.mark.parametrize("route", sorted(ROUTES))
@pytest.mark.parametrize("drug", [KETAMINE, ESKETAMINE], ids=["ketamine", "esketamine"])
def test_nothing_studied_by_one_route_is_offered_by_another(drug: Any, route: str) -> None:
    order = draft(drug, route=route)
    report = told(sound().resources, [order])
    given_by = {(d["drug"], d["route"]) for d in report["doses"] if d["dose_mg"] is not None}
    assert given_by <= {(drug_of(order), route)}
    assert given_by <= {("ketamine", "intravenous"), ("esketamine", "intranasal"),
                        ("ketamine", "intramuscular"), ("ketamine", "subcutaneous")}  # fmt: skip


def test_sessions_of_the_other_form_stay_what_they_were() -> None:
    """Past esketamine is never counted as ketamine, nor its dose converted."""
    patient = sound()
    patient.infusion(20, 35)
    patient.infusion(10, 56)
    last = patient.resources[-1]
    last["medicationCodeableConcept"] = ESKETAMINE
    last["dosage"]["route"] = ROUTES["intranasal"]
    sessions = told(patient.resources, [draft()])["ketamine_sessions"]
    assert [(s["drug"], s["route"]) for s in sessions] == [
        ("ketamine", "intravenous"),
        ("esketamine", "intranasal"),
    ]
    assert [str(s["dose"]).partition(" ")[0] for s in sessions] == ["35", "56"]
