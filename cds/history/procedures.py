"""Procedures that were done, or are under way."""

from __future__ import annotations

from datetime import date

from cds.chart.naming import name_of
from cds.chart.standing import standing
from cds.dates import is_later
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER, skip
from cds.fhir_json import NAMELESS, first_when, nameless, status_code, when
from cds.history.model import ProcedureFact
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology

NOT_DONE = "its words say that it was not done, or only planned"
_UNDER_WAY = frozenset({"in-progress", "on-hold"})


def read_procedures(
    record: PatientRecord, terminology: Terminology, as_of: date, skipped: list[Skipped]
) -> tuple[ProcedureFact, ...]:
    """Procedures up to `as_of`, known to the code sets or not; oldest first, undated last."""
    facts = []
    for resource in record.of("Procedure"):
        void = standing(resource).why
        if void is not None:
            skip(skipped, resource, void)
            continue
        done = (
            when(resource, "performed")
            or when(resource, "occurrence")
            or first_when(resource, "recorded")
        )
        if is_later(done, as_of):
            skip(skipped, resource, DATED_LATER)
            continue
        if nameless(resource.get("code")):
            skip(skipped, resource, NAMELESS)
            continue
        if terminology.procedure_not_done(resource.get("code")):
            skip(skipped, resource, NOT_DONE)
            continue
        match = terminology.procedure(resource.get("code"))
        facts.append(
            ProcedureFact(
                sets=match.sets,
                display=_name(resource.get("code"), match.sets, terminology),
                when=done.day if done else None,
                source=(reference_of(resource),),
                in_progress=status_code(resource.get("status")) in _UNDER_WAY,
                certainty=match.certainty,
                codes=tuple(codings(resource.get("code"))),
            )
        )
    return tuple(sorted(facts, key=lambda f: (f.when is None, f.when or as_of, f.source)))


def _name(concept: object, sets: frozenset[str], terminology: Terminology) -> str:
    return name_of(concept, lambda one: terminology.procedure(one).sets & sets)
