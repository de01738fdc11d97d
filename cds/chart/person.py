"""The patient: who, born when, of which sex."""

from __future__ import annotations

from cds.chart.entries import Person, Sex
from cds.dates import parse_when
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_text

SEXES: tuple[Sex, ...] = ("female", "male", "other", "unknown")


def read_person(record: PatientRecord) -> Person:
    """The Patient resource. Without one, everything but the id is unknown."""
    patient = record.patient
    if patient is None:
        return Person(id=record.patient_id or "unknown")
    born = parse_when(patient.get("birthDate"))
    died = parse_when(patient.get("deceasedDateTime"))
    ident, sex = patient.get("id"), patient.get("gender")
    flag = patient.get("deceasedBoolean")
    if died is None and as_text(patient.get("deceasedDateTime")):
        flag = True  # "last year": a death all the same
    return Person(
        id=ident if isinstance(ident, str) else "unknown",
        birth_date=born.day if born and born.precision in ("day", "instant") else None,
        sex=next((known for known in SEXES if known == sex), "unknown"),
        deceased=flag if isinstance(flag, bool) else None,
        source=(reference_of(patient),),
        born=born,
        died=died,
    )
