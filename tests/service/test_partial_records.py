"""A record of which a required part could not be read: nothing is refused, and no dose is given."""

from __future__ import annotations

from datetime import date

import pytest

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle
from cds.wire import decode, encode

DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("key", "words"), [("conditions", "diagnoses"), ("medicationRequests", "prescriptions")]
)
def test_no_dose_rests_on_a_record_that_was_read_in_part(key: str, words: str) -> None:
    [record] = records_from_bundle(decode(encode(fhir_fixtures.load("ash", DAY))))
    draft = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    engine = load()
    chart = read_chart(engine, record)
    whole = assess(engine, chart, DAY, [draft]).assessment
    assert [dose.dose_mg for dose in whole.doses] != [None]

    record.unavailable[key] = "HTTP 500 on the second page"
    answer = assess(engine, read_chart(engine, record), DAY, [draft])
    partial = answer.assessment
    assert [dose.dose_mg for dose in partial.doses] == [None]
    assert f"not seen: {words}" in str(partial.doses[0].why_not)
    assert any(f"Not seen: {words}" in card.detail for card in answer.cards)
