"""Properties of all readers: order never matters, and no shape of JSON breaks one."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.fhir.record.patient_record import records_from_bundle
from cds.wire import decode
from tests.charts.fhir import (
    AS_OF,
    ICD10CM,
    LOINC,
    RXNORM,
    SNOMED,
    concept,
    observation,
    on_day,
    quantity,
    record,
)
from tests.charts.reading import history_of
from tests.examples import examples


def facts(chart, terminology, knowledge, as_of=AS_OF):
    found = history_of(chart, terminology, knowledge, as_of)
    return (
        found.conditions, found.observations, found.allergies, found.procedures,
        found.service_orders, found.ketamine_sessions, found.encounter, found.episode_start,
    )  # fmt: skip


CODES = {
    "Condition": [concept(ICD10CM, code) for code in ("F33.2", "I71.4", "O09.90", "Z91.51")],
    "Procedure": [concept(SNOMED, "23835007"), {"text": "IV ketamine infusion"}],
    "AllergyIntolerance": [concept(RXNORM, "6130"), {"text": "penicillin"}],
}
DAYS = st.dates(date(2025, 6, 1), date(2026, 12, 31)).map(date.isoformat)


def _coded(kind, date_field):
    return st.builds(
        lambda code, day, status: {
            "resourceType": kind, "code": code, date_field: day, "clinicalStatus": status,
            "status": "completed",
        },
        st.sampled_from(CODES[kind]),
        DAYS,
        st.sampled_from(["active", "resolved", None]),
    )  # fmt: skip


RESOURCES = st.one_of(
    _coded("Condition", "onsetDateTime"),
    _coded("Procedure", "performedDateTime"),
    _coded("AllergyIntolerance", "recordedDate"),
    st.builds(
        lambda loinc, day, value, unit: observation(
            loinc, when=day, valueQuantity=quantity(value, unit)
        ),
        st.sampled_from(["29463-7", "44261-6", "8480-6"]),
        DAYS,
        st.integers(1, 200),
        st.sampled_from(["kg", "{score}", "mm[Hg]", None]),
    ),
    st.builds(
        lambda kind, day: {
            "resourceType": kind, "status": "completed", "effectiveDateTime": day,
            "whenHandedOver": day, "medicationCodeableConcept": concept(RXNORM, "6130"),
        },
        st.sampled_from(["MedicationAdministration", "MedicationDispense"]),
        DAYS,
    ),
)  # fmt: skip
CHARTS = st.lists(RESOURCES, max_size=9).map(
    lambda found: [resource | {"id": f"r{i}"} for i, resource in enumerate(found)]
)


@given(CHARTS.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_resources_never_matters(terminology, knowledge, orders):
    resources, shuffled = orders
    one = facts(record(*resources), terminology, knowledge)
    assert one == facts(record(*shuffled), terminology, knowledge)


@given(
    CHARTS, st.sampled_from(["Condition", "Observation", "Procedure", "MedicationAdministration"])
)
def test_what_was_entered_in_error_never_counts(terminology, knowledge, resources, kind):
    def voided(resource):
        return resource | {"status": "entered-in-error", "verificationStatus": "entered-in-error"}

    without = [r for r in resources if r["resourceType"] != kind]
    in_error = [voided(r) if r["resourceType"] == kind else r for r in resources]
    one = facts(record(*without), terminology, knowledge)
    assert one == facts(record(*in_error), terminology, knowledge)


@given(CHARTS, st.dates(date(2025, 6, 1), AS_OF))
def test_the_future_does_not_exist(terminology, knowledge, resources, as_of):
    def dated(resource):
        return next(
            resource[f]
            for f in ("onsetDateTime", "performedDateTime", "recordedDate", "effectiveDateTime")
            if f in resource
        )

    past = [r for r in resources if dated(r) <= as_of.isoformat()]
    assert facts(record(*past), terminology, knowledge, as_of) == facts(
        record(*resources), terminology, knowledge, as_of
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["active", "2026-01", "x", ""]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["coding", "code", "system", "value", "unit", "text", "start", "end",
                         "display", "reference", "period", "route", "dose", "concept"]),
        inner,
        max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip
FIELDS = ["status", "code", "clinicalStatus", "verificationStatus", "onsetDateTime", "onsetAge",
          "onsetPeriod", "abatementDateTime", "abatementPeriod", "category", "severity", "class",
          "period", "type", "location", "reaction", "substance", "effectivePeriod", "dosage",
          "performedPeriod", "item", "medicationCodeableConcept", "medicationReference", "intent",
          "dispenseRequest", "dosageInstruction", "effectiveDateTime", "taken"]  # fmt: skip
KINDS = ["Condition", "Procedure", "AllergyIntolerance", "Encounter", "ServiceRequest",
         "MedicationAdministration", "MedicationRequest", "MedicationStatement",
         "MedicationDispense", "QuestionnaireResponse"]  # fmt: skip


@examples(300)
@given(
    st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6),
    st.booleans(),
)  # fmt: skip
def test_no_shape_of_json_breaks_a_reader(terminology, knowledge, kind, fields, is_ketamine):
    resource = {"resourceType": kind, "id": "1"} | fields
    if is_ketamine:
        resource["medicationCodeableConcept"] = concept(RXNORM, "6130")
    chart = record(resource, patient={"birthDate": "1980-02"}, answered={"encounter"})
    facts(chart, terminology, knowledge)


@pytest.mark.shared
def test_charts_of_other_projects_are_read(shared_dir, terminology, knowledge):
    weights = 0
    for file in sorted(shared_dir.glob("fhir-data/*/*.json")):
        if file.parent.name == "cds-requests":
            continue
        for chart in records_from_bundle(decode(file.read_bytes())):
            _, observations, *_ = facts(chart, terminology, knowledge)
            weights += len(observations.get("body_weight", ()))
            for found in observations.values():
                assert all(f.value is None or f.problem is None for f in found), file.name
    written = sum(
        json.dumps(json.loads(file.read_bytes())).count('"29463-7"')
        for file in shared_dir.glob("fhir-data/synthea-r4/*.json")
    )
    assert weights >= written > 0


def test_a_weight_in_a_local_code_only_is_not_guessed(terminology):
    local = {"resourceType": "Observation", "status": "final", "code": concept("urn:local", "WT"),
             "valueQuantity": quantity(70, "kg")}  # fmt: skip
    assert on_day(record(local), terminology).observations == {}
    both = local | {"code": {"coding": [{"system": "urn:local", "code": "WT"},
                                        {"system": LOINC, "code": "29463-7"}]}}  # fmt: skip
    assert "body_weight" in on_day(record(both), terminology).observations
