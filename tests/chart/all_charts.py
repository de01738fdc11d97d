"""Every chart that the suite has in writing: the fixture patients and the scenario tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import fhir_fixtures
from cds.fhir.record.patient_record import PatientRecord, records_from_bundle
from cds.wire import decode, encode

sys.path.append(str(Path(__file__).parents[1] / "golden"))
DAY = date(2026, 11, 22)


def fixture(name: str) -> PatientRecord:
    (record,) = records_from_bundle(fhir_fixtures.load(name, DAY))
    return record


def records() -> Iterator[tuple[str, PatientRecord]]:
    from corpus import scenario_charts

    for name in fhir_fixtures.names():
        yield name, fixture(name)
    for name, bundle, _ in scenario_charts():
        (record,) = records_from_bundle(decode(encode(bundle)))
        yield name, record
