"""Routes and methods of administration, by SNOMED CT, HL7 and NCI codes and by the usual words."""

from __future__ import annotations

import re

from cds.dosage.model import Route
from cds.fhir_json import concept_codes, concept_texts

_CODES: dict[str, Route] = {
    # SNOMED CT
    "47625008": "intravenous", "418114005": "intravenous", "419993007": "intravenous",
    "78421000": "intramuscular", "34206005": "subcutaneous", "417985001": "intraosseous",
    "26643006": "oral", "37839007": "sublingual", "54471007": "buccal",
    "46713006": "intranasal", "404820008": "epidural", "72607000": "intrathecal",
    "37161004": "rectal", "6064005": "topical", "45890007": "transdermal",
    "447694001": "inhalation",
    # HL7 v3 RouteOfAdministration and v2 table 0162
    "IV": "intravenous", "IVINJ": "intravenous", "IVPUSH": "intravenous", "IVDRIP": "intravenous",
    "IVINJBOL": "intravenous", "IVPB": "intravenous", "IM": "intramuscular",
    "IMINJ": "intramuscular", "SQ": "subcutaneous", "SC": "subcutaneous", "SQINJ": "subcutaneous",
    "SQINFUS": "subcutaneous", "IOSSC": "intraosseous", "IO": "intraosseous", "PO": "oral",
    "SL": "sublingual", "SUBL": "sublingual", "BUC": "buccal", "NASINHL": "intranasal",
    "NS": "intranasal", "NASSPRAY": "intranasal", "EPI": "epidural", "EP": "epidural",
    "EPINJ": "epidural", "EPIDURINJ": "epidural", "IT": "intrathecal", "ITINJ": "intrathecal",
    "PR": "rectal", "TOP": "topical", "TP": "topical", "TD": "transdermal", "TRNSDERM":
    "transdermal", "IH": "inhalation", "INHL": "inhalation", "IPINHL": "inhalation",
    # NCI / SPL
    "C38276": "intravenous", "C38274": "intravenous", "C38279": "intravenous",
    "C28161": "intramuscular", "C38299": "subcutaneous", "C38288": "oral", "C38300": "sublingual",
    "C38193": "buccal", "C38284": "intranasal", "C38243": "epidural", "C38267": "intrathecal",
    "C38295": "rectal", "C38304": "topical", "C38305": "transdermal", "C38216": "inhalation",
}  # fmt: skip

_PATTERNS: dict[Route, str] = {
    "caudal": r"(?i:\bcaudal(ly)?\b)",
    "epidural": r"(?i:\b(epidural|peridural)(ly)?\b)",
    "intrathecal": r"(?i:\b(intrathecal(ly)?|spinal route|subarachnoid route)\b)",
    "intraosseous": r"(?i:\bintra-?osseous(ly)?\b)|\bIO\b",
    "intravenous": r"(?i:\bintra-?venous(ly)?\b|\bi\.v\.|\bivpb?\b|\biv\b)",
    "intramuscular": r"(?i:\bintra-?muscular(ly)?\b|\bi\.m\.)|\bIM\b",
    "subcutaneous": r"(?i:\bsub-?cutaneous(ly)?\b|\bsubcut\b|\bsubq\b|\bs\.c\.)|\bS[CQ]\b",
    "sublingual": r"(?i:\bsub-?lingual(ly)?\b|\bunder the tongue\b)|\bSL\b",
    "buccal": r"(?i:\bbuccal(ly)?\b)",
    "intranasal": r"(?i:\bintra-?nasal(ly)?\b|\bnasal(ly)?\b(?! cannula)|\b(nostril|naris)s?\b)",
    "rectal": r"(?i:\brectal(ly)?\b|\bper rectum\b)",
    "transdermal": r"(?i:\btransdermal(ly)?\b)",
    "topical": r"(?i:\btopical(ly)?\b|\bto the skin\b)",
    "inhalation": r"(?i:\binhal(ation|ed)\b|\bnebuli[sz]ed\b)",
    "oral": r"(?i:\boral(ly)?\b|\bby mouth\b|\bp\.o\.|\bswallow(ed)?\b)|\bPO\b",
}
_WORDS = {route: re.compile(pattern) for route, pattern in _PATTERNS.items()}

_IMPLIED: dict[str, Route] = {
    "nasal": "intranasal", "oral": "oral", "sublingual_buccal": "sublingual", "rectal": "rectal",
    "topical": "topical", "transdermal": "transdermal",
}  # fmt: skip

CODES_SENT: dict[str, tuple[str, str]] = {
    "intravenous": ("47625008", "Intravenous route"),
    "intramuscular": ("78421000", "Intramuscular route"),
    "subcutaneous": ("34206005", "Subcutaneous route"),
    "intranasal": ("46713006", "Nasal route"),
}
"""the SNOMED CT coding of the routes that a suggestion may name"""

_METHODS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("push", re.compile(r"(?i)\b(iv\s*|slow\s*|intravenous\s*)?push\b|\bivp\b")),
    ("bolus", re.compile(r"(?i)\bbolus\b")),
    ("infusion", re.compile(r"(?i)\b(infus(e|ed|ion)|drip|gtt|piggyback|ivpb)\b")),
    ("injection", re.compile(r"(?i)\binject(ed|ion)?\b")),
)
_METHOD_CODES = {
    "IVPUSH": "push", "IVINJBOL": "bolus", "IVDRIP": "infusion", "IVPB": "infusion",
    "SQINFUS": "infusion", "420620005": "push", "422145002": "injection",
    "129326001": "injection", "417924000": "other", "14152002": "infusion",
}  # fmt: skip


def route_of(concept: object) -> Route | None:
    """The route of a CodeableConcept; None when nothing in it is known."""
    for code in concept_codes(concept):
        if code in _CODES:
            return _CODES[code]
    for text in concept_texts(concept):
        if (route := route_in(text)) is not None:
            return route
    return None


def routes_in(text: str) -> list[Route]:
    """All routes that a text names."""
    return [route for route, pattern in _WORDS.items() if pattern.search(text)]


def route_in(text: str) -> Route | None:
    """The one route that a text names; None when it names none or several."""
    found = routes_in(text)
    return found[0] if len(found) == 1 else None


def implied_route(form_route: str | None) -> Route | None:
    """The route that the product's form leaves no choice about."""
    return _IMPLIED.get(form_route or "")


def method_of(*concepts: object) -> str | None:
    """push, bolus, infusion or injection, from the method or route concepts."""
    for concept in concepts:
        for code in concept_codes(concept):
            if code in _METHOD_CODES:
                return _METHOD_CODES[code]
    for concept in concepts:
        for text in concept_texts(concept):
            if (method := method_in(text)) is not None:
                return method
    return None


def method_in(text: str) -> str | None:
    """The method that a text names; push and bolus before infusion, since they are the risk."""
    for method, pattern in _METHODS:
        if pattern.search(text):
            return method
    return None
