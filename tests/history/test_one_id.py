"""Several resources under one id or one fullUrl: copies of one thing, or two things."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cds.chart.product import read_product
from cds.fhir.record.copies import DIFFERING, TWO_THINGS
from cds.fhir.record.patient_record import gather
from cds.terminology.lookup import Terminology

LOINC = "http://loinc.org"
SUBJECT = {"reference": "Patient/p"}


def observation(code: str, ident: str | None = "1", **fields: Any) -> dict[str, Any]:
    made = {"resourceType": "Observation", "id": ident, "subject": SUBJECT, "status": "final",
            "code": {"coding": [{"system": LOINC, "code": code}]}}  # fmt: skip
    return {name: value for name, value in (made | fields).items() if value is not None}


def order(text: str, **fields: Any) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": "1", "subject": SUBJECT, "status": "active",
            "medicationCodeableConcept": {"text": text}} | fields  # fmt: skip


WEIGHT, HCG = observation("29463-7", valueInteger=70), observation("2118-8", valueInteger=1)
NAMELESS = {name: value for name, value in WEIGHT.items() if name != "code"}
NEWER = {"meta": {"lastUpdated": "2026-01-02T00:00:00Z"}}
OLDER = {"meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}
ERROR = {"status": "entered-in-error"}

ROWS: dict[str, tuple[list[dict[str, Any]], int, set[str]]] = {
    # (resources, how many count, what is said)
    "two tests": ([WEIGHT, HCG], 2, {TWO_THINGS}),
    "two drugs": ([order("ketamine"), order("zolpidem")], 2, {TWO_THINGS}),
    "two days": (
        [WEIGHT | {"effectiveDateTime": f"2026-0{n}-01"} for n in (1, 2)], 2, {TWO_THINGS},
    ),
    "three, two of them copies": ([WEIGHT, HCG, dict(HCG)], 2, {TWO_THINGS}),
    "the same": ([WEIGHT, dict(WEIGHT)], 1, set()),
    "another server's": ([WEIGHT, WEIGHT | {"text": {"div": "x"}}], 1, set()),
    "another name of the code": (
        [WEIGHT, WEIGHT | {"code": WEIGHT["code"] | {"text": "weight"}}], 1, {DIFFERING},
    ),
    "one that leaves something out": ([WEIGHT, observation("29463-7")], 1, set()),
    "another value": ([WEIGHT, WEIGHT | {"valueInteger": 80}], 1, {DIFFERING}),
    "a later version": ([WEIGHT | OLDER, WEIGHT | NEWER | {"valueInteger": 80}], 1, set()),
    "a later version with another code": ([WEIGHT | OLDER, HCG | NEWER], 1, set()),
    "entered in error": ([WEIGHT, WEIGHT | ERROR], 1, set()),
    "no code in one of them": ([WEIGHT, NAMELESS], 1, set()),
    "an hour of the same day": (
        [WEIGHT | {"effectiveDateTime": f"2026-01-01{at}"} for at in ("", "T08:00:00Z")],
        1, {DIFFERING},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_none_vanishes(name: str) -> None:
    resources, number, said = ROWS[name]
    seen = set()
    for listed in permutations(resources):
        record = gather(listed, patient_id="p")
        found = [*record.of("Observation", "MedicationRequest")]
        assert len(found) == number
        assert {skipped.reason for skipped in record.skipped} == said
        seen.add(str(found))
    assert len(seen) == 1  # the order in which they come never matters


def test_the_one_that_says_more_counts() -> None:
    (found,) = gather([observation("29463-7"), WEIGHT], patient_id="p").of("Observation")
    assert found == WEIGHT


def test_the_url_of_a_type_is_the_name_of_nothing() -> None:
    entries = [
        {"fullUrl": "https://ehr.example.org/fhir/Observation",
         "resource": observation(code, None, valueInteger=value)}
        for code, value in (("29463-7", 70), ("29463-7", 71), ("2118-8", 1))
    ]  # fmt: skip
    record = gather(entries, patient_id="p")
    assert len([*record.of("Observation")]) == 3
    assert record.skipped == []


def test_a_name_that_two_medications_share_tells_no_drug(terminology: Terminology) -> None:
    """It may be the one or the other: that it is unread is said, and neither is believed."""
    vials = [
        {"resourceType": "Medication", "id": "m", "code": {"text": text}}
        for text in ("ketamine 50 mg/mL", "cefazolin 1 g")
    ]
    made = {"resourceType": "MedicationRequest", "id": "r", "subject": SUBJECT,
            "medicationReference": {"reference": "Medication/m"}}  # fmt: skip
    record = gather([made, *vials], patient_id="p")
    product = read_product(made, terminology, record.referred)
    assert (product.match, product.problem) == (None, "the Medication could not be read")
    assert {skipped.reason for skipped in record.skipped} == {TWO_THINGS}
