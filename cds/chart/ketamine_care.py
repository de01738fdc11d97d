"""Procedures by which ketamine or esketamine was given."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from cds.dates import When
from cds.dosage.model import Route
from cds.dosage.route import route_of
from cds.fhir_json import when, wordings
from cds.terminology.model import Said
from cds.terminology.text.certainty import DONE, affirms
from cds.wire import Json

Drug = Literal["ketamine", "esketamine"]

_KETAMINE_CARE = re.compile(
    r"\bketamine\b.{0,30}\b(?:infusion|injection|therapy|treatment|administration|session)"
    r"|\b(?:infusion|injection|therapy|treatment|administration) (?:of|with) (?:iv )?ketamine\b"
)
_ANAESTHESIA = re.compile(r"\b(?:sedat|an(?:a?)esthe|intubat|induction|rsi\b)")
"""ketamine "IV" is given for these as well; an infusion or a session of it is called so"""
_ESKETAMINE_CARE = re.compile(r"\besketamine\b|\bspravato\b")
_ANY_KETAMINE = re.compile(r"\b(?:es)?ketamine\b|\bspravato\b")
_PAST = frozenset({Said.PAST, Said.NO_MORE})
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class KetamineCare(Struct, frozen=True):
    """What a procedure tells of the drug that it gave."""

    drug: Drug
    done: When | None
    past: bool
    """its words tell of another time: told on its date, and not done on it"""
    route: Route | None = None
    """that its code or words name"""


def read_ketamine_care(procedure: Json, sets: frozenset[str]) -> KetamineCare | None:
    """Of a Procedure that counts; `sets`: what its code means. None: it gave no ketamine."""
    concept = procedure.get("code")
    drug = _drug(wordings(concept), sets)
    if drug is None:
        return None
    done = when(procedure, "performed") or when(procedure, "occurrence")
    past = _tells_of_the_past(wordings(concept), done)
    return KetamineCare(drug, done, past, route_of(concept))


def _drug(words: str, sets: frozenset[str]) -> Drug | None:
    if "esketamine_administration" in sets or affirms(_ESKETAMINE_CARE, words, DONE):
        return "esketamine"
    named = "ketamine_administration" in sets and not _ANAESTHESIA.search(words)
    return "ketamine" if named or affirms(_KETAMINE_CARE, words, DONE) else None


def _tells_of_the_past(words: str, done: When | None) -> bool:
    """ "History of ketamine infusion", "in 2019". A year that is the performed one is no other
    time."""
    years = {int(year) for year in _YEAR.findall(words)}
    if years:
        return done is None or done.day.year not in years
    return bool(_ANY_KETAMINE.search(words)) and not affirms(_ANY_KETAMINE, words, _PAST)
