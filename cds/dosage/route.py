"""Routes and methods of administration, by SNOMED CT, HL7, NCI and EDQM codes.

Their words are those of instructions: `cds/dosage/words/vocabulary.yaml`.
"""

from __future__ import annotations

from cds.dosage.model import Route
from cds.dosage.words import stated_in
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
    # EDQM Standard Terms
    "20045000": "intravenous", "20035000": "intramuscular", "20066000": "subcutaneous",
    "20053000": "oral", "20067000": "sublingual", "20002500": "buccal", "20049000": "intranasal",
    "20009000": "epidural", "20061000": "rectal", "20003000": "topical",
    "20070000": "transdermal",
}  # fmt: skip

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

_METHOD_CODES = {
    "IVPUSH": "push", "IVINJBOL": "bolus", "IVDRIP": "infusion", "IVPB": "infusion",
    "SQINFUS": "infusion", "420620005": "push", "422145002": "injection",
    "129326001": "injection", "417924000": "other", "14152002": "infusion",
}  # fmt: skip


def routes_of(concept: object) -> tuple[Route, ...]:
    """Every route that the codes and the words of a CodeableConcept name, each once.

    Words that name several (`IV or IM`) leave the choice to the code.
    """
    coded = [_CODES[code] for code in concept_codes(concept) if code in _CODES]
    named = (stated_in(text).routes for text in concept_texts(concept))
    worded = [routes[0] for routes in named if len(routes) == 1]
    return tuple(dict.fromkeys((*coded, *worded)))


def route_of(concept: object) -> Route | None:
    """The route of a CodeableConcept; None where its codes and words name different ones."""
    routes = routes_of(concept)
    return routes[0] if len(routes) == 1 else None


def implied_route(form_route: str | None) -> Route | None:
    """The route that the product's form leaves no choice about."""
    return _IMPLIED.get(form_route or "")


def method_of(*concepts: object) -> str | None:
    """push, bolus, infusion or injection, from the method or route concepts."""
    for concept in concepts:
        for code in concept_codes(concept):
            if code in _METHOD_CODES:
                return _METHOD_CODES[code]
    texts = (text for concept in concepts for text in concept_texts(concept))
    return next((found for text in texts if (found := stated_in(text).method)), None)
