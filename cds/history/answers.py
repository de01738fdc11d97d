"""What a coded or written result means: positive, not_pregnant, yes, class_b …

An answer that is not in these tables means nothing: it is never guessed from a part of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds.fhir_json import as_text, display
from cds.terminology.codes.concept import codings

_LOINC = "http://loinc.org"
_SNOMED = "http://snomed.info/sct"

_CODES: dict[tuple[str, str], str] = {
    (_SNOMED, "10828004"): "positive",
    (_SNOMED, "260373001"): "positive",  # detected
    (_SNOMED, "52101004"): "positive",  # present
    (_SNOMED, "260385009"): "negative",
    (_SNOMED, "260415000"): "negative",  # not detected
    (_SNOMED, "2667000"): "negative",  # absent
    (_LOINC, "LA6576-8"): "positive",
    (_LOINC, "LA11882-0"): "positive",  # detected
    (_LOINC, "LA9633-4"): "positive",  # present
    (_LOINC, "LA6577-6"): "negative",
    (_LOINC, "LA11883-8"): "negative",  # not detected
    (_LOINC, "LA9634-2"): "negative",  # absent
    (_SNOMED, "77386006"): "pregnant",
    (_LOINC, "LA15173-0"): "pregnant",
    (_SNOMED, "60001007"): "not_pregnant",
    (_LOINC, "LA26683-5"): "not_pregnant",
    (_SNOMED, "146799005"): "possibly_pregnant",
    (_SNOMED, "152231000119106"): "unlikely_pregnant",
    (_LOINC, "LA4489-6"): "unknown",
    (_SNOMED, "373066001"): "yes",
    (_SNOMED, "373067005"): "no",
    (_LOINC, "LA33-6"): "yes",
    (_LOINC, "LA32-8"): "no",
    (_SNOMED, "169750002"): "yes",  # mother currently breastfeeding
    (_SNOMED, "34436003"): "positive",  # blood in urine
    (_SNOMED, "314138001"): "negative",  # urine nitrite negative
    (_SNOMED, "394717006"): "negative",  # urine leukocyte test negative
}
SCORED = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
"""LOINC answers of the PHQ items: not at all, several days, over half the days, nearly every day"""
_YES_NO = {"Y": "yes", "N": "no"}
_YES_NO_SYSTEMS = ("v2-0136", "v2/0136", "expandedyes-no")
_INTERPRETATIONS = {"POS": "positive", "DET": "positive", "NEG": "negative", "ND": "negative"}

_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?:{pattern})\.?\Z", re.IGNORECASE), answer)
    for pattern, answer in (
        (r"positive|pos|detected|present|reactive|presumptive positive|\+", "positive"),
        (
            r"negative|neg|not detected|none detected|undetected|absent|non-?reactive"
            r"|not present|screen negative|no drugs? detected|-",
            "negative",
        ),
        (r"(?:patient (?:is )?)?(?:currently )?pregnant", "pregnant"),
        (r"(?:patient (?:is )?)?(?:currently )?not (?:currently )?pregnant", "not_pregnant"),
        (r"possibl[ey] pregnan(?:t|cy)|pregnancy possible", "possibly_pregnant"),
        (r"pregnancy unlikely|unlikely pregnan(?:t|cy)", "unlikely_pregnant"),
        (r"yes|y|true|(?:currently )?breast-?feeding|(?:currently )?lactating", "yes"),
        (r"no|n|false|not (?:currently )?(?:breast-?feeding|lactating)", "no"),
        (r"unknown|indeterminate|equivocal|invalid|inconclusive", "unknown"),
        (r"(?:child[- ]?pugh )?(?:class )?a", "class_a"),
        (r"(?:child[- ]?pugh )?(?:class )?b", "class_b"),
        (r"(?:child[- ]?pugh )?(?:class )?c", "class_c"),
    )
)  # fmt: skip


def answer(value: object) -> frozenset[str]:
    """The answers of a CodeableConcept, a string or a boolean; empty when it means none of them."""
    if isinstance(value, bool):
        return frozenset({"yes" if value else "no"})
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, dict) and "value" in value:
        return frozenset()  # a Quantity
    coded = frozenset(_of_codes(codings(value)))
    return coded or _of_text(display(value))


def scored(concept: object) -> int | None:
    """The score that a coded answer to a PHQ item stands for."""
    return next((SCORED[code] for _, code in codings(concept) if code in SCORED), None)


def interpreted(code: str | None) -> frozenset[str]:
    """What an interpretation code says of presence: H or A say nothing."""
    found = _INTERPRETATIONS.get((code or "").upper())
    return frozenset({found}) if found else frozenset()


def _of_codes(found: Iterable[tuple[str, str]]) -> Iterable[str]:
    for system, code in found:
        if (system, code) in _CODES:
            yield _CODES[system, code]
        elif any(name in system.lower() for name in _YES_NO_SYSTEMS) and code.upper() in _YES_NO:
            yield _YES_NO[code.upper()]


def _of_text(written: str) -> frozenset[str]:
    plain = " ".join(as_text(written).split())
    return frozenset(name for pattern, name in _TEXTS if pattern.match(plain))
