"""A list of which entries did not come: what was seen of it counts, and its absence is unknown."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import DRAFTS, Patient, patients
from property_charts import told as told_of

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.fhir.queries import QUERIES
from cds.fhir.record.patient_record import records_from_bundle
from cds.history.medications.on_day import MEDICATION_KEYS
from cds.history.parts import PART_NAMES
from cds.wire import decode, encode
from fhir_fixtures import ANCHOR as DAY
from tests.examples import examples

Json = dict[str, Any]
NAMES = sorted(path.stem for path in fhir_fixtures.orders().parent.glob("*.json"))
LISTS = sorted(key for key, query in QUERIES.items() if query.is_search)
WHY = "2 of 9 entries came"


@cache
def told(name: str, holed: str | None = None) -> Json:
    """What is said of a fixture when all of it was asked for and came, but for one list."""
    [record] = records_from_bundle(decode(encode(fhir_fixtures.load(name, DAY))))
    record.answered |= {*LISTS}
    if holed is not None:
        record.answered.discard(holed)
        record.unavailable[holed] = WHY
        record.partial.add(holed)
    order = fhir_fixtures.orders() / f"{name}.json"
    drafts = [decode(order.read_bytes())] if order.exists() else []
    engine = load()
    return assess(engine, read_chart(engine, record), DAY, drafts).report()


OF_ABSENCE = {"bipolar-no-mood-stabiliser"}
"""stops that something is not there: whether it is, is not known of a list with a hole. Where the
prescriptions have one there is no dose either"""


def stops(report: Json) -> set[str]:
    return {f["id"] for f in report["findings"] if f["severity"] == "critical"} - OF_ABSENCE


def verdicts(report: Json, verdict: str) -> set[str]:
    return {c["indication"] for c in report["candidacy"] if c["verdict"] == verdict}


def doses(report: Json) -> set[tuple[str, str]]:
    return {(d["regimen"], str(d["dose_mg"])) for d in report["doses"] if d["dose_mg"] is not None}


def recommended(report: Json) -> int:
    return sum(
        bool(suggestion.get("isRecommended"))
        for card in report["cards"]
        for suggestion in card.get("suggestions", ())
        if suggestion["actions"][0]["type"] == "update"
    )


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize("name", NAMES)
def test_no_stop_goes_and_nothing_is_offered_for_a_hole(name: str, key: str) -> None:
    whole, holed = told(name), told(name, key)
    assert stops(whole) <= stops(holed)
    assert doses(holed) <= doses(whole)
    assert recommended(holed) == 0
    assert verdicts(holed, "met") <= verdicts(whole, "met")
    assert verdicts(holed, "not_met") <= verdicts(whole, "not_met")
    assert f"{key}: not seen in full ({WHY})" in holed["unknown"]
    if whole["cards"] and not stops(whole):
        details = " ".join(card.get("detail", "") for card in holed["cards"])
        assert f"{PART_NAMES[key]} ({WHY})" in details
    if key == "observations":
        assert holed["weight_kg"] == whole["weight_kg"]


@pytest.mark.parametrize("state", ["partial", "failed"])
@pytest.mark.parametrize("key", LISTS)
def test_what_was_not_seen_at_all_helps_no_more_than_what_was_seen_in_part(
    key: str, state: str
) -> None:
    """A list that the server could not give, and one that is cut short by all of its entries."""
    kind = QUERIES[key].resource_type
    [record] = records_from_bundle(decode(encode(fhir_fixtures.load("ash", DAY))))
    record.answered |= {*LISTS}
    record.answered.discard(key)
    record.resources.pop(kind, None)
    record.unavailable[key] = "HTTP 500"
    getattr(record, state).add(key)
    draft = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    engine = load()
    report = assess(engine, read_chart(engine, record), DAY, [draft]).report()
    assert recommended(report) == 0
    if key in MEDICATION_KEYS:
        assert report["opioids"]["mme_per_day"] is None
    seen = {"partial": "Not seen in full", "failed": "Not seen"}[state]
    assert f"{seen}: {PART_NAMES[key]}" in str(report["cards"])


@given(patients(), DRAFTS, st.sampled_from(LISTS))
@examples(25)
def test_a_hole_helps_nobody(patient: Patient, order: Json, key: str) -> None:
    whole = told_of(patient.resources, [order])
    holed = told_of(patient.resources, [order], partial={key: WHY})
    assert stops(whole) <= stops(holed)
    assert doses(holed) <= doses(whole)
    assert recommended(holed) == 0
    assert not (doses(holed) and key in ("conditions", "medicationRequests"))
    assert verdicts(holed, "met") <= verdicts(whole, "met")
    assert f"{key}: not seen in full ({WHY})" in holed["unknown"]


@pytest.mark.parametrize("key", sorted(MEDICATION_KEYS))
@pytest.mark.parametrize("name", NAMES)
def test_no_total_of_drugs_is_told_for_a_list_with_a_hole(name: str, key: str) -> None:
    whole, holed = told(name), told(name, key)
    assert holed["opioids"]["mme_per_day"] is None
    assert holed["diazepam_equivalent_mg_per_day"] is None
    assert holed["adequate_trials"]["minimum"] is holed["adequate_trials"]["strict"] is None
    assert holed["adequate_trials"]["at_least"] == whole["adequate_trials"]["at_least"]
    assert holed["opioids"]["at_least"] == whole["opioids"]["at_least"]
    if whole["age"] >= 18:  # a child's age says no, whatever was tried
        assert "trd-unipolar" not in verdicts(holed, "not_met")


def test_the_fixtures_have_what_a_hole_could_take() -> None:
    """Else the properties above would hold of nothing."""
    reports = [told(name) for name in NAMES]
    assert sum(bool(stops(report)) for report in reports) >= 2
    assert sum(recommended(report) for report in reports) >= 2
    assert any(verdicts(report, "not_met") for report in reports)
    assert any(report["opioids"]["mme_per_day"] for report in reports)
