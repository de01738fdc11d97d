"""A suggested order says what the card says, and nothing that the draft said before.

The drafts are made of what EHRs leave beside a dose: a second instruction, maxima, days of the
week, bounds, a supply, a narrative, notes and names. Where a suggestion can't take it out, there is
none.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fhir_fixtures
from cds.api import Answer, Chart, assess, load, read_chart
from cds.fhir_json import as_objects
from cds.orders.model import Order
from cds.wire import Json, decode, encode
from tests.charts.reading import order_of
from tests.examples import examples

DAY = fhir_fixtures.ANCHOR
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
OFFERED = re.compile(r"(?:Order|Correct the order:) (?P<mg>[\d.]+) (?P<unit>mg\S*)")

PATIENTS = {"ash": "F33.2", "juniper": "F33.2", "elm": "G90.511", "dogwood": "F33.2"}
DRUGS = {
    "ash": "238084", "juniper": "238084", "elm": "238084", "dogwood": "2119387",
}  # fmt: skip

UCUM = "http://unitsofmeasure.org"
mg = {"unit": "mg", "system": UCUM, "code": "mg"}
a_day = {"value": 1, "unit": "d", "system": UCUM, "code": "d"}
TEXTS = [
    "", "IV", "20 mg IV over 40 min", "35 mg/kg IV over 40 min", "0.5 mg/kg IV push",
    "35 mg IV push", "20 mg IV over 40 min daily", "20 mg IV over 40 min then 100 mg IV push",
]  # fmt: skip
LEFTOVERS: list[Json] = [
    {"maxDosePerAdministration": {"value": 20, **mg}},
    {"maxDosePerPeriod": {"numerator": {"value": 20, **mg}, "denominator": a_day}},
    {"maxDosePerLifetime": {"value": 100, **mg}},
    {"timing": {"repeat": {"dayOfWeek": ["mon", "wed", "fri"], "timeOfDay": ["09:00:00"]}}},
    {"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d", "when": ["MORN"]}}},
    {"timing": {"repeat": {"count": 12, "countMax": 20}}},
    {"timing": {"repeat": {"duration": 10, "durationMax": 90, "durationUnit": "min"}}},
    {"timing": {"repeat": {"boundsDuration": a_day | {"value": 3}}}},
    {"timing": {"repeat": {"boundsPeriod": {"start": "2026-11-24", "end": "2026-11-25"}}}},
    {"timing": {"event": ["2026-11-24", "2026-11-25"]}},
    {"timing": {"code": {"coding": [{"code": "BID"}], "text": "BID"}}},
    {"asNeededBoolean": True},
    {"asNeededCodeableConcept": {"text": "pain"}},
    {"method": {"text": "IV push"}},
    {"patientInstruction": "then 100 mg IV"},
    {"patientInstruction": "Do not drive until the next day"},
    {"additionalInstruction": [{"text": "may repeat 50 mg IV push once"}]},
    {"additionalInstruction": [{"text": "with an escort"}]},
    {"doseAndRate": [{"doseRange": {"low": {"value": 10, **mg}, "high": {"value": 20, **mg}}}]},
]  # fmt: skip
BESIDE: list[Json] = [
    {"note": [{"text": "then 100 mg IV push"}]},
    {"note": [{"text": "may increase to 1 mg/kg IV over 40 min"}]},
    {"note": [{"text": "as discussed with the family"}]},
    {"dispenseRequest": {"quantity": {"value": 20, **mg}, "numberOfRepeatsAllowed": 3}},
    {"text": {"status": "generated", "div": "<div>20 mg IV push</div>"}},
    {"renderedDosageInstruction": "20 mg IV push"},
    {"medicationCodeableConcept": {"text": "Ketamine 500 mg IV push"}},
    {"medicationCodeableConcept": {"text": "ketamine 20 mg IV over 10 min"}},
]
SECOND: list[Json] = [
    {"sequence": 2, "text": "100 mg IV push"},
    {"sequence": 1, "text": "20 mg IM once"},
]


@cache
def engine() -> Any:
    return load()


@cache
def chart(name: str) -> Chart:
    return read_chart(engine(), fhir_fixtures.load(name, DAY))


def drafted(name: str, text: str, left: list[Json], beside: list[Json], second: list[Json]) -> Json:
    instruction: Json = {"sequence": 1}
    if text:
        instruction["text"] = text
    for extra in left:
        instruction |= extra
    draft: Json = {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{name}"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": DRUGS[name]}]},
        "reasonCode": [{"coding": [{"system": ICD, "code": PATIENTS[name]}]}],
        "dosageInstruction": [instruction, *second],
    }
    for extra in beside:
        draft |= extra
    read: Json = decode(encode(draft))
    return read


def updates(answer: Answer) -> list[tuple[str, Json]]:
    return [
        (suggestion.label, action.resource)
        for card in answer.cards
        for suggestion in card.suggestions
        for action in suggestion.actions
        if action.type == "update" and action.resource is not None
    ]


def errors(answer: Answer) -> dict[str, str]:
    found = answer.assessment.findings
    return {f.id: f.severity for f in found if f.kind == "order_error" and f.severity != "info"}


def few(of: list[Json], most: int) -> st.SearchStrategy[list[Json]]:
    return st.lists(st.sampled_from(of), max_size=most)


any_draft = st.builds(
    drafted,
    st.sampled_from(sorted(PATIENTS)),
    st.sampled_from(TEXTS),
    few(LEFTOVERS, 3),
    few(BESIDE, 2),
    few(SECOND, 1),
)


@given(any_draft)
@examples(250)
def test_a_suggested_order_reads_as_it_is_offered(draft: Json) -> None:
    name = draft["subject"]["reference"].partition("/")[2]
    before = assess(engine(), chart(name), DAY, [draft])
    for label, changed in updates(before):
        order = order_of(changed, engine().terminology)
        offered = OFFERED.match(label)
        assert offered is not None
        assert_says(order, Decimal(offered["mg"]), offered["unit"], label)
        assert_nothing_is_left(changed)
        after = assess(engine(), chart(name), DAY, [changed])
        known, new = errors(before), errors(after)
        assert new.items() <= known.items()
        assert not any(f.stops_dose for f in after.assessment.findings if f.id in new)


def assert_says(order: Order, amount: Decimal, unit: str, label: str) -> None:
    stated = order.dose if unit in ("mg", "mg/kg") else order.rate
    assert stated is not None
    assert (stated.value, stated.unit) == (amount, unit)
    minutes = re.search(r"over ([\d.]+) min", label)
    assert order.duration_min == (Decimal(minutes[1]) if minutes else None)
    assert order.route == "intravenous" or not minutes
    if sessions := re.search(r"(\d+) sessions?$", label):
        assert order.sessions == int(sessions[1])
    if often := re.search(r"([\d.]+) per week", label):
        assert order.sessions_per_week == Decimal(often[1])
    assert order.other_dosages == ()
    assert order.problems == ()
    assert order.dose_high is None
    assert order.as_needed in (None, False)
    assert order.method not in ("push", "bolus")


def assert_nothing_is_left(changed: Json) -> None:
    (instruction,) = as_objects(changed["dosageInstruction"])
    assert "maxDose" not in json.dumps(sorted(instruction))
    repeat = instruction.get("timing", {}).get("repeat", {})
    stale = {"countMax", "durationMax", "boundsDuration", "timeOfDay", "when", "frequencyMax"}
    if "count" in repeat and "frequency" in repeat:
        assert not (stale | {"dayOfWeek"}) & set(repeat)
    assert "quantity" not in changed.get("dispenseRequest", {})
    assert "text" not in changed


ORDERING_MORE = re.compile("push|then")
"""a leftover that orders something else: it is asked about, and nothing is suggested"""


@pytest.mark.parametrize(
    "left", [one for one in LEFTOVERS if not ORDERING_MORE.search(json.dumps(one))]
)
def test_what_stands_beside_a_dose_is_taken_out_and_the_suggestion_stays(left: Json) -> None:
    answer = assess(engine(), chart("ash"), DAY, [drafted("ash", "IV", [left], [], [])])
    assert len(updates(answer)) == 1


def test_a_kit_of_three_devices_is_not_changed_into_two() -> None:
    kit = {"text": "Spravato 84 MG Dose Kit", "coding": [{"system": RXNORM, "code": "2119389"}]}
    draft = drafted("dogwood", "", [], [{"medicationCodeableConcept": kit}], [])
    answer = assess(engine(), chart("dogwood"), DAY, [draft])
    assert updates(answer) == []
    details = " ".join(card.detail for card in answer.cards)
    assert "the name of what is ordered says something else than 56 mg" in details


def test_a_plain_draft_gets_its_suggestion() -> None:
    answer = assess(engine(), chart("ash"), DAY, [drafted("ash", "IV", [], [], [])])
    assert [label for label, _ in updates(answer)] == [
        "Order 35.1 mg IV over 40 min, 2 per week, 6 sessions"
    ]
