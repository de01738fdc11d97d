"""Entries of medications: what they say, alike for a draft and for an order on record."""

from __future__ import annotations

from typing import Any

import pytest

from cds.chart.drafts import DraftReader
from cds.chart.medication import resource as medication_resource
from cds.chart.medication.entry import Medication
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.terminology.lookup import Terminology
from tests.charts.everything import ONE_OF_EACH, drafts
from tests.charts.fhir import on_the_wire
from tests.charts.reading import NOBODY, medications_of
from tests.replaced import replace

Json = dict[str, Any]


def test_an_order_is_read_alike_as_draft_and_on_record(terminology: Terminology) -> None:
    compared = 0
    for draft in (*drafts(), on_the_wire(ONE_OF_EACH[1])):
        if draft["resourceType"] != "MedicationRequest":
            continue
        placed = draft | {"status": "active"}
        asked = DraftReader(NOBODY, terminology).read(placed)
        [kept] = medications_of(gather([placed]), terminology)
        assert isinstance(asked, Medication)
        if kept.product.match is None or kept.standing.void:
            continue
        assert replace(asked, draft=None) == kept
        assert asked.draft is not None
        compared += 1
    assert compared > 150


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("MedicationRequest", "priorPrescription"),
        ("MedicationRequest", "replaces"),
        ("MedicationRequest", "basedOn"),
        ("MedicationStatement", "basedOn"),
        ("MedicationStatement", "derivedFrom"),
        ("MedicationDispense", "authorizingPrescription"),
        ("MedicationAdministration", "request"),
    ],
)
def test_each_field_that_names_an_order(kind: str, field: str, terminology: Terminology) -> None:
    """What was made of an order is not taken beside it."""
    named = {"reference": "https://ehr.example.org/fhir/MedicationRequest/o/_history/2"}
    single = field in ("priorPrescription", "request")
    made = {
        "resourceType": kind, "id": "m", "status": "active", field: named if single else [named],
        "medicationCodeableConcept": {"text": "sertraline 50 mg tablet"},
    }  # fmt: skip
    [entry] = medications_of(gather([made]), terminology)
    assert entry.followed == {"MedicationRequest/o"}


THE_ORDER = ("MedicationRequest/r", "MedicationRequest?identifier=urn:placer|7")
"""by its id, and as what follows it resolves it: by its identifier as well"""
FIELDS = [
    # the resource, its field, what the entry says
    ("MedicationRequest", "keys", THE_ORDER),
    ("MedicationRequest", "follows", {"MedicationRequest/older"}),
    ("MedicationRequest", "carries_out", {"MedicationRequest/old"}),
    ("MedicationStatement", "carries_out", {"MedicationRequest/old"}),
    ("MedicationDispense", "carries_out", set(THE_ORDER)),
    ("MedicationAdministration", "carries_out", set(THE_ORDER)),
    ("MedicationRequest", "notes", ("not taking it", "", "due to nausea")),
    ("MedicationRequest", "status", "completed"),
    ("MedicationRequest", "intent", "order"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "field", "wanted"), FIELDS)
def test_what_an_entry_says(
    kind: str, field: str, wanted: object, terminology: Terminology
) -> None:
    read = medications_of(gather(on_the_wire(ONE_OF_EACH)), terminology)
    found = {entry.ref.partition("/")[0]: entry for entry in read}
    assert getattr(found[kind], field) == wanted


def test_times_and_supply(terminology: Terminology) -> None:
    request, statement, dispense, given = medications_of(
        gather(on_the_wire(ONE_OF_EACH)), terminology
    )
    assert str(request.times.authored) == "2026-01"
    assert str(request.times.valid_until) == "2026-01-02"
    assert (request.supply.days, str(request.supply.quantity)) == (15, "30 {tablet}")
    assert request.supply.refills == 2
    assert str(statement.times.asserted) == "2026-02-01"
    assert (dispense.supply.days, dispense.supply.written) == (15, True)
    assert str(dispense.times.handed_over) == "2026-01-03"
    assert given.times.began is not None
    assert given.times.began.precision == "instant"


GIVEN = [
    # the time fields of an administration, since when, until when
    ({}, None, None),
    ({"effectiveDateTime": "2026-01-02"}, "2026-01-02", None),
    ({"effectiveDateTime": "soon"}, None, None),
    ({"effectivePeriod": {"start": "2026-01", "end": "2026-02-03"}}, "2026-01", "2026-02-03"),
    ({"effectivePeriod": {"end": "2026-02-03"}}, None, "2026-02-03"),
    ({"effectivePeriod": {"start": "soon", "end": "2026-02-03"}}, None, "2026-02-03"),
    ({"effectiveInstant": "2026-01-02T08:00:00Z"}, "2026-01-02", None),
    ({"effectiveTiming": {"event": ["2026-01-02"]}}, "2026-01-02", None),
    ({"occurenceDateTime": "2026-01-02"}, "2026-01-02", None),
    ({"occurrenceDateTime": "2026-01-02"}, "2026-01-02", None),
]


@pytest.mark.parametrize(("fields", "began", "ended"), GIVEN)
def test_when_it_was_given(
    fields: Json, began: str | None, ended: str | None, terminology: Terminology
) -> None:
    given = {"resourceType": "MedicationAdministration", "id": "a", "status": "completed"}
    made = given | {"medicationCodeableConcept": {"text": "ketamine"}} | fields
    [entry] = medications_of(gather([made]), terminology)
    times = [entry.times.began, entry.times.ended]
    assert [when and str(when) for when in times] == [began, ended]


@pytest.mark.parametrize(
    ("allowed", "refills"), [(-1, 0), (0, 0), (1, 1), (99, 99), (100, 0), ("2", 0), (None, 0)]
)
def test_refills_that_can_be_meant(allowed: object, refills: int, terminology: Terminology) -> None:
    order = ONE_OF_EACH[1] | {"dispenseRequest": {"numberOfRepeatsAllowed": allowed}}
    [entry] = medications_of(PatientRecord(resources={"MedicationRequest": [order]}), terminology)
    assert entry.supply.refills == refills


@pytest.mark.parametrize(
    ("status", "why"),
    [("stopped", "intolerance"), ("completed", "intolerance"), ("on-hold", "intolerance"),
     ("active", None), ("unknown", None)],
)  # fmt: skip
def test_why_it_was_stopped_is_read_of_what_is_stopped(
    status: str, why: str | None, terminology: Terminology
) -> None:
    [entry] = medications_of(gather([ONE_OF_EACH[1] | {"status": status}]), terminology)
    [substance] = entry.substances
    assert (substance.stopped and substance.stopped.kind) == why


# ---- what is not read ----------------------------------------------------------------------------


@pytest.fixture
def dosages_read(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every field that is read as dosages, as it is."""
    seen: list[object] = []
    read = medication_resource.read_dosages

    def counted(nodes: object) -> object:
        seen.append(nodes)
        return read(nodes)

    monkeypatch.setattr(medication_resource, "read_dosages", counted)
    return seen


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({}, 1),
        ({"status": "entered-in-error"}, 0),
        ({"doNotPerform": True}, 0),
        ({"medicationCodeableConcept": {"text": "no such drug"}}, 0),
        ({"medicationCodeableConcept": {"text": "no benzodiazepines"}}, 0),
    ],
)
def test_what_tells_of_no_drug_has_no_dosage_read(
    fields: Json, times: int, dosages_read: list[object], terminology: Terminology
) -> None:
    [entry] = medications_of(gather([ONE_OF_EACH[1] | fields]), terminology)
    assert len(dosages_read) == times
    assert bool(entry.dosages) is bool(times)
