"""Less is known with less data: never more certain, never more favourable."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from property_charts import DRAFTS, EVERY_KEY, Patient, draft, patients, sound, told

from cds.fhir.queries import KEY_OF_TYPE
from tests.examples import examples

Json = dict[str, Any]
TYPES = sorted(EVERY_KEY - {"patient"})
TRIALS = ("antidepressant_trials", "pain_trials")
FIELDS = {
    "MedicationRequest": ["authoredOn", "dosageInstruction", "medicationCodeableConcept"],
    "MedicationDispense": ["whenHandedOver", "daysSupply", "medicationCodeableConcept", "status"],
    "Observation": ["effectiveDateTime", "valueQuantity", "code", "component"],
    "Condition": ["code", "clinicalStatus", "verificationStatus", "onsetDateTime"],
    "Patient": ["birthDate", "gender"],
}
"""What may be missing of a resource that speaks for treatment"""


def met(report: Json) -> set[str]:
    return {c["indication"] for c in report["candidacy"] if c["verdict"] == "met"}


def computed(report: Json) -> set[tuple[str, str]]:
    return {(d["regimen"], str(d["dose_mg"])) for d in report["doses"] if d["dose_mg"] is not None}


def criteria(report: Json) -> dict[tuple[str, str], str]:
    return {
        (c["indication"], criterion["id"]): criterion["state"]
        for c in report["candidacy"]
        for criterion in c["criteria"]
    }


def failed_by_its_successor(before: Json, after: Json) -> bool:
    """Whether scores tell of a response, and without them the next drug that there was none."""
    found = [
        {(t["ingredient"], t.get("group")): t for name in TRIALS for t in report[name]}
        for report in (before, after)
    ]
    return any(
        trial["outcome"] == "responded"
        and found[1].get(name, trial)["outcome"] == "unknown"
        and not found[1][name]["reason"].startswith("results were not seen")
        for name, trial in found[0].items()
    )


@given(patients(), DRAFTS, st.sampled_from(TYPES))
@examples(60)
def test_a_type_that_was_not_seen_is_unknown_and_helps_nothing(
    patient: Patient, order: Json, key: str
) -> None:
    """The prefetch of a whole type is missing, with all that it may have held."""
    rest = [r for r in patient.resources if KEY_OF_TYPE.get(r["resourceType"]) != key]
    before = told(patient.resources, [order])
    after = told(rest, [order], answered=EVERY_KEY - {key})
    assume(not failed_by_its_successor(before, after))
    assert any(line.startswith(f"{key}:") for line in after["unknown"])
    assert met(after) <= met(before)
    assert computed(after) <= computed(before)
    states = criteria(before)
    for name, state in criteria(after).items():
        if state == "met":  # an indication that only now may apply brings criteria of its own
            assert states.get(name, "met") == "met", name


@given(patients(), DRAFTS, st.sampled_from(TYPES))
@examples(60)
def test_an_empty_answer_is_better_than_none_and_never_worse(
    patient: Patient, order: Json, key: str
) -> None:
    """Unseen never reads as "none": what is met without an answer is met with an empty one."""
    rest = [r for r in patient.resources if KEY_OF_TYPE.get(r["resourceType"]) != key]
    empty = told(rest, [order])
    unseen = told(rest, [order], answered=EVERY_KEY - {key})
    assert met(unseen) <= met(empty)
    assert computed(unseen) <= computed(empty)


@given(patients(adverse=False), DRAFTS, st.data())
@examples(80)
def test_a_favourable_entry_that_is_lost_makes_nothing_met(
    patient: Patient, order: Json, data: st.DataObject
) -> None:
    """Whole resources of a chart that holds nothing adverse."""
    gone = data.draw(st.sets(st.sampled_from(range(1, len(patient.resources))), max_size=6))
    left = [r for n, r in enumerate(patient.resources) if n not in gone]
    dropped = [patient.resources[n] for n in gone]
    if any(speaks_against(resource) for resource in dropped):
        return
    before, after = told(patient.resources, [order]), told(left, [order])
    assert met(after) <= met(before)


def speaks_against(resource: Json) -> bool:
    """A resource that may stand in the way: a score that shows response, an ended disease."""
    if resource["resourceType"] == "Observation":
        code = resource["code"]["coding"][0]["code"]
        return code in ("44261-6", "29463-7", "85354-9")  # a low score, a doubtful weight, pressure
    if resource["resourceType"] == "Condition":
        return False
    # an infusion tells of a response, and refills contradict the prescription where they stop
    return resource["resourceType"] in ("MedicationAdministration", "MedicationDispense")


CASES = [(kind, name) for kind, names in FIELDS.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda value: value)
def test_a_field_that_is_lost_makes_nothing_met(kind: str, name: str) -> None:
    """The sound patient, and two who miss one criterion: each field of each resource."""
    for patient, before in judged():
        for position, resource in enumerate(patient.resources):
            if resource["resourceType"] != kind or name not in resource:
                continue
            damaged = deepcopy(patient.resources)
            del damaged[position][name]
            after = told(damaged, [draft()])
            assert met(after) <= met(before), resource
            assert computed(after) <= computed(before), resource


@cache
def judged() -> list[tuple[Patient, Json]]:
    """Each with what is told of the whole chart."""
    return [(patient, told(patient.resources, [draft()])) for patient in (sound(), *nearly())]


def nearly() -> list[Patient]:
    """Patients who miss one thing each: too short a trial, too low a dose, no current episode."""
    found = []
    for name, start, end, tablets in [
        ("venlafaxine 150", 200, 190, 1),
        ("sertraline 25", 200, 100, 1),
    ]:
        patient = Patient()
        patient.problem("F33.2", "Major depressive disorder, recurrent severe", 420)
        patient.drug("fluoxetine 20", 400, 320)
        patient.drug(name, start, end, tablets=tablets)
        patient.work_up()
        patient.measure("phq9", 5, 21)
        patient.no_pregnancy(2)
        patient.measure("weight", 3, 70)
        found.append(patient)
    return found


@pytest.mark.parametrize("key", TYPES)
def test_each_missing_type_is_said(key: str) -> None:
    patient = sound()
    rest = [r for r in patient.resources if KEY_OF_TYPE.get(r["resourceType"]) != key]
    report = told(rest, [draft()], answered=EVERY_KEY - {key})
    assert any(line.startswith(f"{key}:") for line in report["unknown"])
    if key in ("conditions", "observations"):
        assert not computed(report)


def test_opioids_and_sedatives_that_could_not_be_seen_are_not_zero() -> None:
    patient = sound()
    rest = [r for r in patient.resources if not r["resourceType"].startswith("Medication")]
    unseen = EVERY_KEY - {key for key in EVERY_KEY if key.startswith("medication")}
    report = told(rest, [draft()], answered=unseen)
    assert report["opioids"]["mme_per_day"] is None
    assert report["diazepam_equivalent_mg_per_day"] is None
    assert told(rest, [draft()])["opioids"]["mme_per_day"] == 0
