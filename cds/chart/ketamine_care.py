"""Procedures by which ketamine or esketamine was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cds.chart.standing import standing
from cds.dates import When
from cds.dosage.model import Route
from cds.dosage.route import route_of
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir_json import when, wordings
from cds.terminology.lookup import Terminology
from cds.terminology.model import Said
from cds.terminology.text.certainty import DONE, affirms

Drug = Literal["ketamine", "esketamine"]

_KETAMINE_CARE = re.compile(
    r"\bketamine\b.{0,30}\b(?:infusion|injection|therapy|treatment|administration|session)"
    r"|\b(?:infusion|injection|therapy|treatment|administration) (?:of|with) (?:iv )?ketamine\b"
)
_ESKETAMINE_CARE = re.compile(r"\besketamine\b|\bspravato\b")
_ANY_KETAMINE = re.compile(r"\b(?:es)?ketamine\b|\bspravato\b")
_PAST = frozenset({Said.PAST})
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class KetamineCare:
    """A procedure that gave the drug."""

    ref: str
    drug: Drug
    done: When | None
    past: bool
    """its words tell of another time: told on its date, and not done on it"""
    route: Route | None = None
    """that its code or words name"""


def read_ketamine_care(record: PatientRecord, terminology: Terminology) -> tuple[KetamineCare, ...]:
    """Those of a record that count; void ones are said where procedures are read."""
    return tuple(_read(record, terminology))


def _read(record: PatientRecord, terminology: Terminology) -> Iterator[KetamineCare]:
    for resource in record.of("Procedure"):
        concept = resource.get("code")
        drug = _drug(concept, terminology)
        if drug is None or standing(resource).void:
            continue
        done = when(resource, "performed") or when(resource, "occurrence")
        yield KetamineCare(
            ref=reference_of(resource),
            drug=drug,
            done=done,
            past=_tells_of_the_past(wordings(concept), done),
            route=route_of(concept),
        )


def _drug(concept: object, terminology: Terminology) -> Drug | None:
    if terminology.procedure_not_done(concept):
        return None
    if "esketamine_administration" in terminology.procedure(concept).sets:
        return "esketamine"
    words = wordings(concept)
    if affirms(_ESKETAMINE_CARE, words, DONE):
        return "esketamine"
    return "ketamine" if affirms(_KETAMINE_CARE, words, DONE) else None


def _tells_of_the_past(words: str, done: When | None) -> bool:
    """ "History of ketamine infusion", "in 2019". A year that is the performed one is no other
    time."""
    years = {int(year) for year in _YEAR.findall(words)}
    if years:
        return done is None or done.day.year not in years
    return bool(_ANY_KETAMINE.search(words)) and not affirms(_ANY_KETAMINE, words, _PAST)
