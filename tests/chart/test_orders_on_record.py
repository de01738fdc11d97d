"""Orders that name each other: a draft, and what is on record of whatever state."""

from __future__ import annotations

from typing import Any

import pytest

from cds.chart.asked import Asked
from cds.chart.drafts import DraftReader
from cds.fhir.record.patient_record import gather
from cds.terminology.lookup import Terminology
from tests.charts.fhir import PATIENT
from tests.charts.reading import chart_of

Json = dict[str, Any]
PLACER = {"system": "urn:placer", "value": "77"}
URN = "urn:uuid:0b7f1e9c-5f0e-4d3a-9d1c-2f4f5a6b7c8d"
STATES: list[Json] = [
    # on record, and nothing of it but its names is read
    {"status": "cancelled"}, {"status": "entered-in-error"}, {"status": "completed"},
    {"medicationCodeableConcept": {"text": "xyzzy"}, "code": {"text": "xyzzy"}},
]  # fmt: skip


def order(kind: str, ident: str, **fields: Any) -> Json:
    ketamine = {"text": "ketamine infusion"}
    return {
        "resourceType": kind, "id": ident, "status": "active", "intent": "order",
        "medicationCodeableConcept": ketamine, "code": ketamine,
    } | fields  # fmt: skip


def asked(draft: Json, on_record: Json, terminology: Terminology, *session: Json) -> Asked:
    entry = {"fullUrl": URN, "resource": on_record}
    chart = chart_of(gather([PATIENT, {"resourceType": "Bundle", "entry": [entry]}]), terminology)
    read = DraftReader(chart, terminology, gather([draft, *session]).index).read(draft)
    assert isinstance(getattr(read, "draft", None), Asked)
    return read.draft  # type: ignore[union-attr, return-value]


def kept(kind: str, fields: Json) -> bool:
    """Whether an order on record is an entry: one of a service that was an error is not."""
    return not (kind == "ServiceRequest" and fields.get("status") == "entered-in-error")


@pytest.mark.parametrize("fields", STATES, ids=str)
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
class TestWhateverBecameOfIt:
    def test_a_draft_that_follows_it(
        self, kind: str, fields: Json, terminology: Terminology
    ) -> None:
        """By the name of its Bundle entry, which the order itself does not have."""
        draft = order(kind, "new", basedOn=[{"reference": URN}])
        linked = asked(draft, order(kind, "old", **fields), terminology).linked
        assert linked == {URN, *([f"{kind}/old"] if kept(kind, fields) else [])}

    def test_a_draft_that_it_follows(
        self, kind: str, fields: Json, terminology: Terminology
    ) -> None:
        old = order(kind, "old", basedOn=[{"reference": f"{kind}/new"}], **fields)
        linked = asked(order(kind, "new"), old, terminology).linked
        assert linked == ({f"{kind}/old"} if kept(kind, fields) else set())

    def test_a_copy_of_the_draft(self, kind: str, fields: Json, terminology: Terminology) -> None:
        draft = order(kind, "new", identifier=[PLACER])
        old = order(kind, "old", identifier=[PLACER], **fields)
        names = asked(draft, old, terminology).names
        both = {f"{kind}/new", f"{kind}?identifier=urn:placer|77"}
        assert names == both | ({f"{kind}/old"} if kept(kind, fields) else set())


@pytest.mark.parametrize(
    "old",
    [
        order("MedicationRequest", "old"),
        order("MedicationRequest", "old", identifier=[PLACER | {"value": "78"}]),
        order("ServiceRequest", "old", identifier=[PLACER]),
        order("MedicationRequest", "old", basedOn=[{"reference": "MedicationRequest/other"}]),
        order("MedicationDispense", "old", basedOn=[{"reference": "MedicationRequest/new"}]),
    ],
    ids=str,
)
def test_an_order_that_has_nothing_to_do_with_it(old: Json, terminology: Terminology) -> None:
    draft = order("MedicationRequest", "new", identifier=[PLACER])
    found = asked(draft, old, terminology)
    assert found.names == {"MedicationRequest/new", "MedicationRequest?identifier=urn:placer|77"}
    assert found.linked == set()


def test_the_session_is_newer_than_the_record(terminology: Terminology) -> None:
    """A draft that another follows by its URN leads to that draft, not to what the record has."""
    first = {"fullUrl": URN, "resource": order("MedicationRequest", "first")}
    draft = order("MedicationRequest", "new", basedOn=[{"reference": URN}])
    linked = asked(draft, order("MedicationRequest", "old"), terminology, first).linked
    assert linked == {URN, "MedicationRequest/first"}


# ---- what a draft refers to ----------------------------------------------------------------------

REFERRED: list[tuple[Json, Json, str]] = [
    # what is on record, how the draft refers to it, a word that its entry has from there
    ({"resourceType": "Location", "id": "x", "name": "Zebra ward"},
     {"locationReference": [{"reference": "Location/x"}]}, "Zebra ward"),
    ({"resourceType": "Encounter", "id": "x", "type": [{"text": "Zebra visit"}]},
     {"encounter": {"reference": "Encounter/x"}}, "Zebra visit"),
    ({"resourceType": "PractitionerRole", "id": "x", "specialty": [{"text": "Zebra care"}]},
     {"requester": {"reference": "PractitionerRole/x"}}, "Zebra care"),
    ({"resourceType": "Practitioner", "id": "x", "specialty": [{"text": "Zebra care"}]},
     {"requester": {"reference": "Practitioner/x"}}, "Zebra care"),
    *(({"resourceType": kind, "id": "x", "code": {"text": "Zebra bite"}},
       {"reasonReference": [{"reference": f"{kind}/x"}]}, "Zebra bite")
      for kind in ("Condition", "Procedure", "ServiceRequest")),
    ({"resourceType": "Medication", "id": "x", "code": {"text": "Zebra tablets"}},
     {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/x"}},
     "Zebra tablets"),
    ({"resourceType": "Substance", "id": "x", "code": {"text": "Zebra milk"}},
     {"medicationCodeableConcept": None, "medicationReference": {"reference": "#m"}, "contained": [
         {"resourceType": "Medication", "id": "m",
          "ingredient": [{"itemReference": {"reference": "Substance/x"}}]}]}, "Zebra milk"),
]  # fmt: skip


@pytest.mark.parametrize(("there", "fields", "word"), REFERRED, ids=str)
def test_a_draft_finds_what_it_refers_to(
    there: Json, fields: Json, word: str, terminology: Terminology
) -> None:
    draft = order("MedicationRequest", "new") | fields
    for record, found in ([PATIENT, there], True), ([PATIENT], False):
        read = DraftReader(chart_of(gather(record), terminology), terminology).read(draft)
        assert (word in repr(read)) is found
