"""How sure an entry is of itself: its verification status, by FHIR's code, SNOMED CT or words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from cds.fhir_json import concept_texts, status_code
from cds.reviewed import read_reviewed
from cds.terminology.codes.concept import codings
from cds.terminology.codes.named_codes import snomed
from cds.usual import once

NOT_SO = frozenset({"refuted", "entered-in-error"})
"""Statuses by which the entry says nothing of the patient."""


@once(256)
def verification(stated: object) -> str | None:
    """FHIR's code of what is stated; where it can't be told, the code or text as it stands."""
    code = status_code(stated)
    known = _statuses()
    if code is None or code in known.values():
        return code
    said = [f"snomed {c}" for c in sorted(snomed(tuple(codings(stated))))]
    said += [_plain(text) for text in concept_texts(stated)]
    return next((known[each] for each in said if each in known), code)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+", text.lower()))


@lru_cache(maxsize=1)
def _statuses() -> Mapping[str, str]:
    document = read_reviewed("cds.chart", "verification.yaml")
    return {
        said: status
        for status, entry in document.items()
        for said in (*(f"snomed {code}" for code in entry["snomed"]), *entry["words"])
    }
