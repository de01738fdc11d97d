"""What a draft or a chart refers to is there in a file with several patients as with one alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import fhir_fixtures
from cds.api import Answer, assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle, records_from_ndjson
from cds.wire import decode, encode

DAY = date(2026, 6, 1)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HOUSE = {"system": "urn:house", "value": "K-7"}
VIAL = {
    "resourceType": "Medication", "id": "vial", "identifier": [HOUSE],
    "code": {"coding": [{"system": RXNORM, "code": "238084"}]},
}  # fmt: skip
WARD = {"resourceType": "Location", "id": "icu", "name": "Intensive care unit"}
DOCTOR = {
    "resourceType": "PractitionerRole", "id": "dr", "specialty": [{"text": "Anesthesiology"}],
}  # fmt: skip
SECOND = {"resourceType": "Patient", "id": "second", "birthDate": "1970-01-01"}
BAG = {
    "resourceType": "Medication", "id": "bag",
    "ingredient": [{"itemReference": {"reference": "Medication/vial"}}],
}  # fmt: skip


def request(ident: str, medication: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": ident, "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/ash"}, "authoredOn": "2026-05-30",
        "medicationReference": medication,
        "dosageInstruction": [{"text": "350 mg IV over 40 minutes"}],
    } | fields  # fmt: skip


PLAIN = {"reference": "Medication/vial"}
ROWS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    # (more of the record, the draft)
    "the draft's drug": ([], request("d", PLAIN)),
    "the draft's drug by identifier": ([], request("d", {"identifier": HOUSE})),
    "the draft's place and requester": (
        [],
        request("d", PLAIN, locationReference=[{"reference": "Location/icu"}],
                performer={"reference": "Location/icu"},
                requester={"reference": "PractitionerRole/dr"}),
    ),
    "an order on record by identifier": (
        [request("rx", {"identifier": HOUSE}, status="active")], request("d", PLAIN),
    ),
    "a bag inside an order on record": (
        [request("rx", {"reference": "#bag"}, status="active", contained=[BAG])],
        request("d", PLAIN),
    ),
}  # fmt: skip


def told(record: Any, draft: dict[str, Any]) -> tuple[Any, ...]:
    engine = load()
    answer: Answer = assess(engine, read_chart(engine, record), DAY, [draft])
    found = answer.assessment
    return (
        [case.use for case in found.cases],
        [order.specialty for order in found.orders],
        sorted((finding.id, finding.severity) for finding in found.findings),
        [(card.indicator, card.summary) for card in answer.cards],
    )


@pytest.mark.parametrize("name", ROWS)
def test_the_same_is_said_with_others_in_the_file(name: str) -> None:
    more, draft = decode(encode(ROWS[name]))
    bundle = decode(encode(fhir_fixtures.load("ash", DAY)))
    bundle["entry"] += [{"resource": r} for r in [VIAL, WARD, DOCTOR, *more]]
    (alone,) = records_from_bundle(bundle)
    expected = told(alone, draft)
    assert [indicator for indicator, _ in expected[3]]
    several = {**bundle, "entry": [*bundle["entry"], {"resource": SECOND}]}
    lines = [encode(entry["resource"]) for entry in several["entry"]]
    for records in (records_from_bundle(several), records_from_ndjson(lines)):
        (record,) = (one for one in records if one.patient and one.patient["id"] == "ash")
        assert told(record, draft) == expected


def test_what_is_nobodys_is_kept_once_for_all() -> None:
    people = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(3)]
    first, second, third = records_from_bundle([*people, VIAL, WARD])
    assert first.library is second.library is third.library
    assert set(first.library) == {
        "Medication/vial", "Medication?identifier=urn:house|K-7", "Location/icu",
    }  # fmt: skip
