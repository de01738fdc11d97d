"""What never counts, and what never matters: the report is the same object, byte for byte."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import (
    CONTRAINDICATIONS,
    DRAFTS,
    EVERY_KEY,
    OTHER_DRUGS,
    PATIENT,
    TRIALS,
    Patient,
    draft,
    patients,
    replied,
    sound,
    told,
)

from cds.fhir.record.patient_record import records_from_bundle
from fhir_fixtures.make import HL7, coded
from tests.examples import examples

Json = dict[str, Any]
LISTS = ("skipped",)
"""What a resource that does not count may add to: the list of those that were passed over"""
VOID: dict[str, list[Json]] = {
    "MedicationRequest": [{"status": s} for s in ("entered-in-error", "cancelled", "draft")],
    "MedicationStatement": [{"status": s} for s in ("entered-in-error", "not-taken")],
    "MedicationDispense": [{"status": s} for s in ("entered-in-error", "cancelled", "declined")],
    "MedicationAdministration": [{"status": s} for s in ("entered-in-error", "not-done")],
    "Observation": [{"status": s} for s in ("entered-in-error", "cancelled")],
    "Procedure": [{"status": s} for s in ("entered-in-error", "not-done")],
    "Condition": [
        {"verificationStatus": coded(HL7 + "condition-ver-status", s, s)}
        for s in ("refuted", "entered-in-error")
    ],
    "AllergyIntolerance": [
        {"verificationStatus": coded(HL7 + "allergyintolerance-verification", s, s)}
        for s in ("refuted", "entered-in-error")
    ],
}


def without(report: Json, *names: str) -> Json:
    return {key: value for key, value in report.items() if key not in names}


@st.composite
def void(draw: st.DrawFn) -> list[Json]:
    """Resources that would matter greatly, each marked as one that does not count."""
    adverse = Patient()
    adverse.count = 500  # ids that the chart has not
    start = len(adverse.resources)
    adverse.problem(*draw(st.sampled_from(CONTRAINDICATIONS)), draw(st.integers(0, 90)))
    adverse.drug(draw(st.sampled_from(OTHER_DRUGS)), draw(st.integers(31, 300)), None)
    name, tablets = draw(st.sampled_from(TRIALS))
    adverse.drug(name, 200, 100, tablets=tablets)
    adverse.infusion(draw(st.integers(0, 30)), 50)
    adverse.measure("phq9", 0, draw(st.sampled_from([1, 27])))
    adverse.measure("weight", 0, 120)
    adverse.pressure(0, 220, 130)
    adverse.allergy("6130", "ketamine")
    adverse.appendectomy(1)
    for resource in adverse.resources[start:]:
        resource["id"] = f"void-{resource['id']}"
        resource |= draw(st.sampled_from(VOID[resource["resourceType"]]))
    statement = deepcopy(next(r for r in adverse.resources if "authoredOn" in r))
    statement |= {"resourceType": "MedicationStatement", "id": "void-statement"}
    statement |= {"effectivePeriod": {"start": "2026-01-01"}, "subject": adverse.subject}
    statement |= draw(st.sampled_from(VOID["MedicationStatement"]))
    return [*adverse.resources[start:], statement]


@given(patients(), DRAFTS, void())
@examples(40)
def test_what_is_marked_as_wrong_or_not_taken_never_counts(
    patient: Patient, order: Json, extra: list[Json]
) -> None:
    before = told(patient.resources, [order])
    after = told([*patient.resources, *extra], [order])
    assert without(after, *LISTS) == without(before, *LISTS)


@pytest.mark.parametrize(
    ("kind", "mark"),
    [(kind, mark) for kind, marks in VOID.items() for mark in marks],
    ids=lambda value: str(value)[-40:] if isinstance(value, dict) else value,
)  # fmt: skip
def test_each_mark_takes_its_resource_away(kind: str, mark: Json) -> None:
    """The sound patient's own resources: marked, they are as good as not there.

    Only the headline may say that a diagnosis was refuted, and not merely that none is there.
    """
    patient = sound()
    patient.infusion(20, 35)
    patient.allergy("6130", "ketamine")
    if kind == "MedicationStatement":
        for resource in patient.resources:
            if resource["resourceType"] == "MedicationRequest":
                resource["resourceType"] = kind
                resource["dosage"] = resource.pop("dosageInstruction")
                resource["effectivePeriod"] = resource["dosage"][0]["timing"]["repeat"][
                    "boundsPeriod"
                ]
    rest = [r for r in patient.resources if r["resourceType"] != kind]
    marked = [r | mark if r["resourceType"] == kind else r for r in patient.resources]
    assert len(rest) < len(marked)
    with_marks, without_them = told(marked, [draft()]), told(rest, [draft()])
    told_apart = ("cards",) if kind == "Condition" and "refuted" in str(mark) else ()
    ignored = (*LISTS, *told_apart)
    assert without(with_marks, *ignored) == without(without_them, *ignored)


# ---- what never matters ------------------------------------------------------------------------


def with_another_coding(resource: Json) -> Json:
    """Beside each coding one of a local system, and the codings in reverse."""

    def grown(value: Any) -> Any:
        if isinstance(value, list):
            return [grown(item) for item in value]
        if not isinstance(value, dict):
            return value
        changed = {key: grown(item) for key, item in value.items()}
        codings = changed.get("coding")
        if isinstance(codings, list) and len(codings) == 1:
            local = {"system": "urn:oid:1.2.3.4", "code": "L-77"}
            changed["coding"] = [local, *codings]
        return changed

    return grown(resource)  # type: ignore[no-any-return]


def pages(resources: list[Json], size: int) -> list[Json]:
    """Searchsets of at most `size` resources each."""
    return [
        {
            "resourceType": "Bundle", "type": "searchset",
            "entry": [{"resource": r} for r in resources[start : start + size]],
        }
        for start in range(0, len(resources), size)
    ]  # fmt: skip


@given(patients(), DRAFTS, st.randoms(use_true_random=False), st.integers(1, 7))
@examples(40)
def test_order_duplicates_pages_and_other_codings_never_matter(
    patient: Patient, order: Json, chance: Any, size: int
) -> None:
    before = told(patient.resources, [order])
    shuffled = [*patient.resources, *chance.sample(patient.resources, 2)]
    chance.shuffle(shuffled)
    assert told(shuffled, [order]) == before
    assert told(pages(shuffled, size), [order]) == before
    coded_twice = [with_another_coding(r) for r in patient.resources]
    assert told(coded_twice, [order]) == before
    # a suggested order keeps all that the draft has, its codings too
    other_draft = told(coded_twice, [with_another_coding(order)])
    assert without(other_draft, "cards") == without(before, "cards")


@given(patients(), DRAFTS, st.randoms(use_true_random=False))
@examples(20)
def test_the_cards_are_the_same_for_the_same_facts(
    patient: Patient, order: Json, chance: Any
) -> None:
    before = replied(patient.resources, order)
    shuffled = [*patient.resources, *patient.resources[:3]]
    chance.shuffle(shuffled)
    assert timeless(replied(shuffled, order).cards) == timeless(before.cards)


def timeless(value: Any) -> Any:
    """Cards without their uuids, which are new each time."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key != "uuid"}
    if isinstance(value, list):
        return [timeless(item) for item in value]
    return value


def test_a_bundle_of_two_patients_is_the_two_of_them() -> None:
    mine, other = sound(), sound("male")
    foreign = [
        {**r, "id": f"other-{r['id']}" if r["id"] != PATIENT else "other"} for r in other.resources
    ]
    for resource in foreign:
        for name in ("subject", "patient"):
            if name in resource:
                resource[name] = {"reference": "Patient/other"}
    both = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for pair in zip(mine.resources, foreign, strict=False)
                  for r in pair],
    }  # fmt: skip
    assert len(records_from_bundle(both)) == 2
    alone = told(mine.resources, [draft()])
    mixed = told([*foreign, *mine.resources], [draft()], answered=EVERY_KEY)
    assert without(mixed, "skipped") == without(alone, "skipped")
    assert len(mixed["skipped"]) >= len(foreign)
