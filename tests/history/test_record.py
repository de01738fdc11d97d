"""Gathering resources: every kind of container, a chart per patient, one copy of each resource."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.fhir.record.patient_record import (
    gather,
    records_from_bundle,
    records_from_ndjson,
    reference_of,
)
from cds.wire import encode

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "urn:mrn", "value": "1"}],
}
OTHER = {
    "resourceType": "Patient",
    "id": "p2",
    "identifier": [{"system": "urn:mrn", "value": "2"}],
}


def condition(ident: str | None = "c1", **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}}
    return made | ({"id": ident} if ident else {}) | fields


def bundle(*resources: Any, kind: str = "collection") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": r} for r in resources]}


def ids(record: Any, kind: str = "Condition") -> list[str]:
    return [resource.get("id", "") for resource in record.of(kind)]


@pytest.mark.parametrize(
    "kind", ["searchset", "collection", "transaction", "batch", "document", "history", "message"]
)
def test_bundles_of_every_type(kind: str) -> None:
    (record,) = records_from_bundle(bundle(PATIENT, condition(), kind=kind))
    assert record.patient is not None
    assert ids(record) == ["c1"]


@pytest.mark.parametrize(
    "document",
    [
        [PATIENT, condition()],
        bundle(bundle(PATIENT), bundle(bundle(condition()))),
        [bundle(PATIENT), {"response": {"status": "200"}, "resource": bundle(condition())}],
        bundle(PATIENT, "not an object", None, 7, {}, condition()),
    ],
    ids=["list", "nested", "wrapped", "with rubbish"],
)
def test_containers(document: object) -> None:
    (record,) = records_from_bundle(document)
    assert ids(record) == ["c1"]


@pytest.mark.parametrize("document", [None, 7, "text", [], {}, {"resourceType": "Bundle"}, [[[]]]])
def test_nothing_in_it(document: object) -> None:
    assert records_from_bundle(document) == []


def test_a_server_error_is_said_and_not_quoted() -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "Mr Smith is ill"}]}
    (record,) = records_from_bundle(bundle(PATIENT, outcome))
    assert [s.reason for s in record.skipped] == ["the server reported a problem"]


def test_types_that_are_there_count_as_answered() -> None:
    asked_for = "https://ehr.example.org/fhir/AllergyIntolerance?patient=p1"
    empty = bundle(kind="searchset") | {"link": [{"relation": "self", "url": asked_for}]}
    (record,) = records_from_bundle(bundle(PATIENT, condition(), empty))
    assert record.answered == {"patient", "conditions", "allergies"}
    assert gather([PATIENT], answered={"patient", "procedures"}).answered == {
        "patient",
        "procedures",
    }


# ---- whose it is

ONE_PATIENT = [
    {"reference": "Patient/p1"},
    {"reference": "Patient/p1/_history/3"},
    {"reference": "https://ehr.example.org/fhir/Patient/p1"},
    {"reference": "urn:uuid:11111111-2222-3333-4444-555555555555"},
    {"reference": "URN:UUID:11111111-2222-3333-4444-555555555555"},
    {"reference": "Patient?identifier=urn:mrn|1"},
    {"reference": "Patient?identifier=urn:mrn%7C1"},
    {"identifier": {"system": "urn:mrn", "value": "1"}},
    {"reference": "#me"},
    {"display": "Some Person"},
    None,
]
CONTAINED = [{"resourceType": "Patient", "id": "me", "identifier": PATIENT["identifier"]}]


def entry_of(patient: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": "urn:uuid:11111111-2222-3333-4444-555555555555", "resource": patient}


@pytest.mark.parametrize("subject", ONE_PATIENT, ids=str)
def test_every_way_to_name_the_patient(subject: dict[str, Any] | None) -> None:
    mine = condition(subject=subject, contained=CONTAINED)
    document = {"resourceType": "Bundle", "entry": [entry_of(PATIENT), {"resource": mine}]}
    (record,) = records_from_bundle(document)
    assert ids(record) == ["c1"]


@pytest.mark.parametrize("subject", [s for s in ONE_PATIENT if s and "display" not in s], ids=str)
def test_and_never_the_other_one(subject: dict[str, Any]) -> None:
    mine = condition(subject=subject, contained=CONTAINED)
    entries = [{"resource": OTHER}, entry_of(PATIENT), {"resource": mine}]
    first, second = records_from_bundle({"resourceType": "Bundle", "entry": entries})
    assert (ids(first), ids(second)) == (["c1"], [])


def test_what_names_nobody_among_several_is_left_out_and_said() -> None:
    records = records_from_bundle(bundle(PATIENT, OTHER, condition(subject=None)))
    assert [ids(record) for record in records] == [[], []]
    assert all(r.skipped[0].reason == "names no patient" for r in records)


def test_a_stranger_is_left_out_and_said() -> None:
    stranger = condition("c2", subject={"reference": "Patient/p9"})
    (record,) = records_from_bundle(bundle(PATIENT, condition(), stranger))
    assert ids(record) == ["c1"]
    assert [(s.resource, s.reason) for s in record.skipped] == [
        ("Condition/c2", "names a patient who is not here")
    ]


def test_gathering_for_one_patient_refuses_the_others() -> None:
    stranger = condition("c2", subject={"reference": "Patient/p2"})
    record = gather([PATIENT, OTHER, condition(), stranger], patient_id="p1")
    assert record.patient == PATIENT
    assert ids(record) == ["c1"]
    assert {s.reason for s in record.skipped} == {"belongs to another patient"}


def test_lines_of_an_export_are_grouped() -> None:
    drug = {"resourceType": "Medication", "id": "m"}
    order = {"resourceType": "MedicationRequest", "id": "r", "subject": {"reference": "Patient/p2"},
             "medicationReference": {"reference": "Medication/m"}}  # fmt: skip
    lines = [encode(r) for r in (order, condition(), drug, OTHER, PATIENT)] + [b"", b"{broken"]
    first, second = records_from_ndjson(lines)
    assert (ids(first), ids(second, "MedicationRequest")) == (["c1"], ["r"])
    assert first.referred.resolve({"reference": "Medication/m"}) == drug
    assert second.referred.resolve(order["medicationReference"], order) == drug
    assert [s.reason for s in first.skipped] == ["cut off: no whole JSON"]
    assert first.answered == {"patient"}  # anything may have stood behind the break


# ---- copies


def version(ident: int, moment: str | None, text: str) -> dict[str, Any]:
    meta: dict[str, Any] = {"versionId": str(ident)}
    return condition(meta=meta | ({"lastUpdated": moment} if moment else {}), note=text)


@pytest.mark.parametrize(
    ("copies", "kept"),
    [
        ([version(9, "2025-01-01T00:00:00Z", "old"),
          version(1, "2025-02-01T00:00:00Z", "new")], "new"),
        ([version(2, None, "old"), version(10, None, "new")], "new"),
        ([condition(note="new", verificationStatus={"coding": [{"code": "entered-in-error"}]}),
          condition(note="old")], "new"),
    ],
    ids=["time", "version", "error is final"],
)  # fmt: skip
def test_the_newest_copy_counts(copies: list[dict[str, Any]], kept: str) -> None:
    for ordered in (copies, copies[::-1]):
        (found,) = gather([PATIENT, *ordered]).of("Condition")
        assert found["note"] == [{"text": kept}]


def test_resources_without_id_stay_apart_unless_they_are_the_same() -> None:
    made = [condition(None, note="a"), condition(None, note="b"), condition(None, note="a")]
    assert len(list(gather([PATIENT, *made]).of("Condition"))) == 2


def test_deleted_resources_are_gone() -> None:
    gone = {"request": {"method": "DELETE", "url": "Condition/c1"},
            "response": {"lastModified": "2025-03-01T00:00:00Z"}}  # fmt: skip
    history = bundle(PATIENT, version(1, "2025-01-01T00:00:00Z", "old"), kind="history")
    history["entry"].append(gone)
    assert ids(records_from_bundle(history)[0]) == []
    history["entry"].append({"resource": version(2, "2025-04-01T00:00:00Z", "made again")})
    assert ids(records_from_bundle(history)[0]) == ["c1"]


@given(
    st.permutations([PATIENT, condition("c1"), condition("c2"), condition("c1", note="x"), OTHER])
)
def test_order_means_nothing(resources: list[dict[str, Any]]) -> None:
    first, second = gather(resources, patient_id="p1"), gather(resources[::-1], patient_id="p1")
    assert (first.resources, first.skipped) == (second.resources, second.skipped)


# ---- references

DRUG = {"resourceType": "Medication", "id": "m1", "identifier": [{"system": "urn:x", "value": "7"}]}
REFERENCES = [
    "Medication/m1",
    "Medication/m1/_history/4",
    "https://ehr.example.org/fhir/Medication/m1",
    "urn:uuid:aaaaaaaa-0000-0000-0000-000000000001",
    "Medication?identifier=urn:x|7",
    "https://ehr.example.org/fhir/Medication?identifier=urn:x%7C7",
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_references_are_resolved(reference: str) -> None:
    entry = {"fullUrl": "urn:uuid:AAAAAAAA-0000-0000-0000-000000000001", "resource": DRUG}
    (record,) = records_from_bundle(
        {"resourceType": "Bundle", "entry": [entry, {"resource": PATIENT}]}
    )
    assert record.referred.resolve({"reference": reference}) == DRUG
    assert record.referred.resolve(reference) == DRUG


def test_contained_and_missing_references() -> None:
    holder = condition(contained=[{"resourceType": "Medication", "id": "in"}])
    record = gather([PATIENT, holder])
    assert record.referred.resolve("#in", holder) == {"resourceType": "Medication", "id": "in"}
    assert record.referred.resolve("#", holder) == holder
    for nothing in ("#out", "#in", "Medication/none", "", None, 7, {}, {"display": "x"}):
        assert record.referred.resolve(nothing, None if nothing == "#in" else holder) is None


def test_a_transaction_resource_is_named_by_its_url() -> None:
    entry = {"fullUrl": "urn:uuid:0af4b368", "resource": condition(None)}
    (record,) = records_from_bundle({"resourceType": "Bundle", "entry": [entry]})
    assert [reference_of(r) for r in record.of("Condition")] == ["Condition/0af4b368"]


@pytest.mark.parametrize("ident", ["<b>x</b>", "a b", "x" * 200, 7, None, ""])
def test_an_odd_id_is_never_shown(ident: object) -> None:
    assert reference_of({"resourceType": "Condition", "id": ident}) == "Condition"


anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["resourceType", "entry", "resource", "id", "subject", "reference", "meta",
                         "type", "fullUrl", "request", "contained", "identifier", "link"]),
        inner | st.sampled_from(["Bundle", "Patient", "Condition", "searchset", "Patient/p1"]),
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(anything)
def test_junk_never_raises(document: object) -> None:
    records_from_bundle(document)
