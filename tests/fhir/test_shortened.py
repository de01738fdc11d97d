"""A label of one resource, that it is shortened, concerns its own list and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.fhir.queries import QUERIES
from cds.fhir.record.patient_record import (
    PatientRecord,
    gather,
    records_from_bundle,
    records_from_ndjson,
)
from cds.fhir.record.shortened import SHORTENED
from cds.fhir.record.skipped import ONE_SHORTENED
from tests.fhir.faulty_server import PATIENT, FaultyServer, about, searchset, serving
from tests.fhir.fhirtools import access_to, fetched, server_of
from tests.fhir.lying_lists import allergies, entries, labelled, match, people
from tests.fhir.test_whole_lists import PERSON, on_the_wire

LISTS = {key: query.resource_type for key, query in QUERIES.items() if query.is_search}
"""key → type"""


def everything(**labels: str) -> dict[str, Any]:
    """A prefetch with two resources of each list; of the keys named the second bears a label."""
    chart: dict[str, Any] = {"patient": PERSON}
    for key, kind in LISTS.items():
        one, two = about(kind, "one"), about(kind, "two")
        chart[key] = searchset([one, labelled(two, labels[key]) if key in labels else two])
    if "patient" in labels:
        chart["patient"] = labelled(PERSON, labels["patient"])
    return chart


def told(record: PatientRecord) -> dict[str, str]:
    return {key: why for key, why in record.unavailable.items() if key != "encounter"}


def prefetched(chart: dict[str, Any]) -> PatientRecord:
    return fetched(None, on_the_wire(chart))


@pytest.mark.parametrize("key", ["patient", *LISTS])
@pytest.mark.parametrize("code", ["SUBSETTED", "REDACTED"])
def test_a_label_is_of_its_own_list(key: str, code: str) -> None:
    chart = everything(**{key: code})
    held = [resource for resource in chart.values() if resource["resourceType"] == "Bundle"]
    loose = [chart["patient"], *(entry["resource"] for bundle in held for entry in bundle["entry"])]
    lines = "\n".join(map(json.dumps, loose))
    [collected] = records_from_bundle(on_the_wire(entries(*map(match, loose), type="collection")))
    [read] = records_from_ndjson(lines)
    for record in (prefetched(chart), gather(on_the_wire(loose)), collected, read):
        assert told(record) == {key: SHORTENED if key in LISTS else ONE_SHORTENED}
        assert record.partial == {key}
        assert record.answered >= {"patient", *LISTS} - {key}
        assert all(len(record.resources[kind]) == 2 for kind in LISTS.values())


@pytest.mark.parametrize("kind", ["Practitioner", "Organization", "Location", "Medication"])
@pytest.mark.parametrize("mode", ["include", "match", None])
def test_a_label_of_what_came_along_is_of_no_list(kind: str, mode: str | None) -> None:
    chart = everything()
    other = labelled({"resourceType": kind, "id": "other"})
    chart["allergies"]["entry"].append(match(other, mode))
    assert told(prefetched(chart)) == {}


def test_a_label_of_a_diagnosis_among_allergies_is_of_the_diagnoses() -> None:
    chart = everything()
    chart["allergies"]["entry"].append(match(labelled(about("Condition", "three"))))
    assert told(prefetched(chart)) == {"conditions": SHORTENED}


def test_a_label_of_a_bundle_is_of_its_key() -> None:
    for label in (labelled({}), labelled({}, "REDACTED", "security"), labelled({}, "MASKED")):
        chart = everything()
        chart["observations"] |= label
        assert told(prefetched(chart)) == {"observations": SHORTENED}


def test_what_is_prefetched_in_short_is_asked_for() -> None:
    """The whole resource counts, whether or not its copy bore a label."""
    chart = everything(allergies="SUBSETTED")
    whole = [{**about("AllergyIntolerance", n), "code": {"text": n}} for n in ("one", "two")]
    with serving(FaultyServer(resources={"AllergyIntolerance": whole})) as ehr:
        record = fetched(access_to(server_of(ehr.base)), on_the_wire(chart))
        assert ehr.count("AllergyIntolerance") == 1
        assert len(ehr.asked) <= 2, "no other list was asked for"
    assert told(record) == {}
    assert [one["code"]["text"] for one in record.resources["AllergyIntolerance"]] == ["one", "two"]


def test_of_several_patients_a_label_is_of_the_one_it_is_about() -> None:
    other = {**PERSON, "id": "pat-2"}
    theirs = {**allergies(9)[0], "patient": {"reference": "Patient/pat-2"}}
    stranger = {**allergies(8)[0], "patient": {"reference": "Patient/pat-3"}}
    document = [PERSON, labelled(other), *allergies(1), labelled(theirs), stranger, *people(1)]
    records = {
        record.patient_id: record
        for record in records_from_ndjson("\n".join(map(json.dumps, document)))
    }
    assert records.keys() == {PATIENT, "pat-2"}
    assert told(records[PATIENT]) == {}
    assert told(records["pat-2"]) == {"patient": ONE_SHORTENED, "allergies": SHORTENED}


@pytest.mark.parametrize(
    ("kind", "recommended"),
    [("Patient", True), ("Practitioner", True), ("Procedure", False), ("AllergyIntolerance", False),
     ("Observation", False)],
)  # fmt: skip
def test_a_label_leaves_the_verdict_and_costs_the_dose_its_list_at_most(
    kind: str, recommended: bool
) -> None:
    """The list of something that is shortened is not seen in full; who the patient is, is."""
    bundle, day = fhir_fixtures.load("ash", fhir_fixtures.ANCHOR), fhir_fixtures.ANCHOR
    bundle["entry"] += [{"resource": one} for one in people(1)]
    entry = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
    entry["resource"] = labelled(entry["resource"])
    engine = load()
    order = on_the_wire(json.loads((fhir_fixtures.orders() / "ash.json").read_text()))
    found = assess(engine, read_chart(engine, bundle), day, [order])
    assert found.assessment.candidacy[0].verdict == "met"
    (first,) = [dose for dose in found.assessment.doses if dose.first_choice]
    assert first.recommended is recommended
