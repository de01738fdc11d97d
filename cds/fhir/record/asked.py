"""Whether the `self` link of an answer tells of the search that its key asks for."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from cds.fhir.queries import KEY_OF_TYPE, Query
from cds.fhir.record.references import reference_key

UNCLEAR = "it does not say what it answers"
ANOTHER_TYPE = "it answers a search for another type"
ANOTHER_PATIENT = "it answers a search for another patient"
NARROWER = "it answers a narrower search"
_NARROWING = frozenset(
    {
        "_content", "_filter", "_has", "_id", "_in", "_language", "_lastUpdated", "_list",
        "_profile", "_query", "_security", "_since", "_source", "_tag", "_text", "_type",
    }
)  # fmt: skip
"""of the parameters that begin with `_`; others choose a page, an order or a form"""
_PAGING = frozenset({"cursor", "ct", "format", "limit", "offset", "page", "pagesize", "skip"})
"""words that servers use for a page, and that are search parameters of nothing asked for here"""


def other_question(url: str | None, query: Query, patient_id: str | None = None) -> str | None:
    """What a search was for, when that is not what the key asks; None where it may be just that.

    A search for more is one for this as well. `patient_id` None: it may be for anybody.
    """
    if url is None or not query.is_search:
        return None
    try:
        parts = urlsplit(url)
        asked = parse_qsl(parts.query)
    except ValueError:
        return UNCLEAR
    kind = parts.path.rstrip("/").removesuffix("/_search").rpartition("/")[2]
    # the base of a server that pages there may end in R4 or in FHIR
    if kind != query.resource_type and (kind in KEY_OF_TYPE or _is_type(kind)):
        return ANOTHER_TYPE
    codes = dict(parse_qsl(urlsplit(query.template).query)).get("code", "")
    for name, text in asked:
        name = name.partition(":")[0]
        if name in ("patient", "subject"):
            if patient_id and reference_key(text).rpartition("/")[2] != patient_id:
                return ANOTHER_PATIENT
        elif name == "code" and codes:
            given = {code.rpartition("|")[2] for code in text.split(",")}
            if not given.issuperset(codes.split(",")):
                return NARROWER
        elif name in _NARROWING or (name[:1].isalpha() and name.lower() not in _PAGING):
            return NARROWER
    return None


def _is_type(name: str) -> bool:
    return name[:1].isupper() and not name.isupper()
