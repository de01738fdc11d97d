"""The patient: who, how old, of which sex."""

from __future__ import annotations

from datetime import date

from cds.dates import When, parse_when
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir.record.references import reference_key
from cds.history.model import Person, Sex
from cds.wire import Json

SEXES: tuple[Sex, ...] = ("female", "male", "other", "unknown")
MAX_AGE = 130
"""years; a birth date further back is a slip of the pen"""


def read_person(record: PatientRecord, as_of: date) -> Person:
    """The Patient resource. Without one, everything but the id is unknown."""
    patient = record.patient
    if patient is None:
        return Person(id=_named_elsewhere(record))
    born = parse_when(patient.get("birthDate"))
    ident, sex = patient.get("id"), patient.get("gender")
    return Person(
        id=ident if isinstance(ident, str) else "unknown",
        birth_date=born.day if born and born.precision in ("day", "instant") else None,
        age=_age(born, as_of),
        sex=next((known for known in SEXES if known == sex), "unknown"),
        deceased=_deceased(patient, as_of),
        source=(reference_of(patient),),
    )


def _age(born: When | None, as_of: date) -> int | None:
    """Completed years, where every day that the birth date may mean gives the same number."""
    if born is None:
        return None
    oldest, youngest = _years(born.earliest, as_of), _years(born.latest, as_of)
    return oldest if oldest == youngest and 0 <= oldest <= MAX_AGE else None


def _years(born: date, as_of: date) -> int:
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))


def _deceased(patient: Json, as_of: date) -> bool | None:
    flag = patient.get("deceasedBoolean")
    if isinstance(flag, bool):
        return flag
    died = parse_when(patient.get("deceasedDateTime"))
    return died.earliest <= as_of if died is not None else None


def _named_elsewhere(record: PatientRecord) -> str:
    """The id by which the other resources name the patient."""
    for resources in record.resources.values():
        for resource in resources:
            for field in ("subject", "patient"):
                holder = resource.get(field)
                text = holder.get("reference") if isinstance(holder, dict) else None
                if isinstance(text, str):
                    kind, _, ident = reference_key(text).rpartition("/")
                    if kind == "Patient":
                        return ident
    return "unknown"
