"""An entry that cannot be read makes nothing more favourable, and no total smaller."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from property_charts import DRAFTS, PATIENT, Patient, patients, sound, told
from test_less_data import computed, met

from cds.assessment.candidacy import SAID_BY_CANDIDACY
from tests.examples import examples

Json = dict[str, Any]
LOCAL = "urn:oid:1.2.36.1.2001.1005.77"
CODES: list[Json] = [
    {"medicationCodeableConcept": {"text": "Dolorex Forte TAB"}},
    {"medicationCodeableConcept": {"coding": [{"system": LOCAL, "code": "44812"}]}},
    {"medicationReference": {"reference": "Medication/not-sent"}},
]
UNREAD = st.builds(
    lambda code, day, status: {
        "resourceType": "MedicationRequest", "id": "unread", "intent": "order",
        "status": status, "authoredOn": day, "subject": {"reference": f"Patient/{PATIENT}"}, **code,
    },
    st.sampled_from(CODES),
    st.sampled_from(["2020-01-01", "2025-08-10", "2026-01-10", "2026-05-20"]),
    st.sampled_from(["active", "completed", "stopped", "unknown"]),
)  # fmt: skip


SUBJECT = {"subject": {"reference": f"Patient/{PATIENT}"}}
DAYS = st.sampled_from(["2020-01-01", "2025-08-10", "2026-01-10", "2026-05-20"])
UNKNOWN_CODES = st.sampled_from([
    {"coding": [{"system": LOCAL, "code": "44812"}]},
    {"coding": [{"system": LOCAL, "code": "44812", "display": "Zyxwv syndrome, type 3"}]},
    {"text": "see scanned letter of 3 March"},
    {"text": "WNL ++ / s.b. Dr Q"},
    {},
])  # fmt: skip
KNOWN_TESTS = st.sampled_from(
    ["29463-7", "8302-2", "44261-6", "8480-6", "2106-3", "1742-6", "1975-2", "6301-6", "777-3",
     "3397-7", "5643-2"]
)  # fmt: skip
UNREAD_VALUES = st.sampled_from([
    {}, {"valueString": "see note"}, {"valueString": "hemolysed, repeat"},
    {"valueQuantity": {"value": 70, "unit": "furlong"}},
    {"valueQuantity": {"value": 71}}, {"valueString": "70-ish"},
    {"valueCodeableConcept": {"text": "equivocal"}},
    {"dataAbsentReason": {"coding": [{"code": "unknown"}]}},
])  # fmt: skip
OTHERS = st.one_of(
    st.builds(
        lambda code, day: {"resourceType": "Condition", "id": "unread", "code": code,
                           "onsetDateTime": day, **SUBJECT},
        UNKNOWN_CODES, DAYS,
    ),
    st.builds(
        lambda code, day: {"resourceType": "AllergyIntolerance", "id": "unread", "code": code,
                           "recordedDate": day, "patient": SUBJECT["subject"]},
        UNKNOWN_CODES, DAYS,
    ),
    st.builds(
        lambda code, day: {"resourceType": "Procedure", "id": "unread", "code": code,
                           "status": "completed", "performedDateTime": day, **SUBJECT},
        UNKNOWN_CODES, DAYS,
    ),
    st.builds(
        lambda code, value, day: {"resourceType": "Observation", "id": "unread", "code": code,
                                  "status": "final", "effectiveDateTime": day, **value, **SUBJECT},
        UNKNOWN_CODES | KNOWN_TESTS.map(lambda loinc: {"coding": [
            {"system": "http://loinc.org", "code": loinc}]}),
        UNREAD_VALUES, DAYS,
    ),
    st.builds(
        lambda code, day: {"resourceType": "MedicationStatement", "id": "unread",
                           "status": "active", "medicationCodeableConcept": code,
                           "effectiveDateTime": day, **SUBJECT},
        UNKNOWN_CODES, DAYS,
    ),
    st.builds(
        lambda code, day: {"resourceType": "QuestionnaireResponse", "id": "unread",
                           "status": "completed", "authored": day, "questionnaire": "Q/zz",
                           "item": [{"linkId": "1", "text": str(code), "answer": [{}]}], **SUBJECT},
        UNKNOWN_CODES, DAYS,
    ),
    st.builds(lambda kind: {"resourceType": kind, "id": "unread", **SUBJECT},
              st.sampled_from(["Encounter", "ServiceRequest", "Flag", "DiagnosticReport"])),
)  # fmt: skip


def stops(report: Json) -> set[str]:
    """What stops a dose, but for a verdict: that is open where something was not understood, and
    whether a dose stands beside it is told by `computed`."""
    kinds = ("contraindication", "interaction", "order_error")
    return {
        f["id"]
        for f in report["findings"]
        if (f["severity"] == "critical" and f["kind"] in kinds) or f["stops_dose"]
    } - SAID_BY_CANDIDACY


def least(report: Json) -> list[Any]:
    """What is known at least of each total; None: data lack."""
    loads = (report["opioids"], report["benzodiazepines"])
    return [*(load["at_least"] for load in loads), *report["adequate_trials"]["at_least"].values()]


@given(patients() | st.builds(sound), DRAFTS, UNREAD | OTHERS)
@examples(60)
def test_an_unread_entry_is_never_an_advantage(patient: Patient, order: Json, entry: Json) -> None:
    before = told(patient.resources, [order])
    after = told([*patient.resources, entry], [order])
    assert met(after) <= met(before)
    assert computed(after) <= computed(before)
    assert stops(before) <= stops(after)
    for was, now in zip(least(before), least(after), strict=True):
        assert was is None or (now is not None and now >= was)
    total, known = before["opioids"]["mme_per_day"], after["opioids"]["mme_per_day"]
    assert known is None or known == total


@given(patients(), DRAFTS, st.randoms(use_true_random=False))
@examples(30)
def test_a_drug_that_can_no_longer_be_read_helps_nothing(
    patient: Patient, order: Json, chance: Any
) -> None:
    """A coded drug becomes a local code without a name."""
    drugs = [r for r in patient.resources if "medicationCodeableConcept" in r]
    if not drugs:
        return
    hidden = chance.choice(drugs)
    nameless = {"coding": [{"system": LOCAL, "code": "44812"}]}
    changed = [
        r | {"medicationCodeableConcept": nameless} if r is hidden else r for r in patient.resources
    ]
    before, after = told(patient.resources, [order]), told(changed, [order])
    assert met(after) <= met(before)
    assert computed(after) <= computed(before)
