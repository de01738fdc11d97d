"""An allergy, diagnosis or procedure that was not understood helps nothing, and is always named."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from property_charts import DRAFTS, PATIENT, Patient, patients, told
from test_less_data import computed, met
from test_unread_entry import least, stops

from tests.examples import examples

Json = dict[str, Any]
LOCAL = "urn:oid:1.2.36.1.2001.1005.77"
LABELS = {
    "AllergyIntolerance": ["Ketalr", "K-drug", "Narkosemittel"],
    "Condition": ["Szchizophrenia", "Hirndruckkrise", "XQZ syndrome"],
    "Procedure": ["Elektrokrampftherapie", "Bauchaortenprothese", "ketmine infusion"],
}
MEANINGLESS: list[Json] = [
    {"coding": [{"system": LOCAL, "code": "44812"}]},
    {},
    {"text": "see note"},
]


@st.composite
def unread(draw: st.DrawFn) -> Json:
    kind = draw(st.sampled_from(sorted(LABELS)))
    named = [{"text": text} for text in LABELS[kind]]
    coded = [{"coding": [{"system": LOCAL, "code": "7", "display": t}]} for t in LABELS[kind]]
    subject = "patient" if kind == "AllergyIntolerance" else "subject"
    dated = {"AllergyIntolerance": "recordedDate", "Condition": "onsetDateTime"}.get(
        kind, "performedDateTime"
    )
    return {
        "resourceType": kind, "id": "unread", subject: {"reference": f"Patient/{PATIENT}"},
        "code": draw(st.sampled_from([*named, *coded, *MEANINGLESS])),
        dated: draw(st.sampled_from(["2015-01-01", "2026-01-10", "2026-05-20"])),
        **({"status": "completed"} if kind == "Procedure" else {}),
    }  # fmt: skip


@given(patients(), DRAFTS, unread())
@examples(100)
def test_an_unread_entry_is_never_an_advantage_and_always_named(
    patient: Patient, order: Json, entry: Json
) -> None:
    before = told(patient.resources, [order])
    after = told([*patient.resources, entry], [order])
    assert met(after) <= met(before)
    assert computed(after) <= computed(before)
    assert stops(before) <= stops(after)
    assert least(after) == least(before)
    reference = f"{entry['resourceType']}/unread"
    assert [one["text"] for one in after["unread"] if one["resource"] == reference]
    assert any(reference in f["source"] for f in after["findings"] if f["id"] == "not-understood")
