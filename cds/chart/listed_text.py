"""Values listed in one string under a panel's name: "T bili 4.8, albumin 2.2 g/dL, INR 2.4 (H)"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.fhir_json import concept_texts
from cds.terminology.lookup import Terminology
from cds.wire import Json

_PANEL = re.compile(
    r"\b(?:panel|profile|cmp|bmp|chem|chemistry|lfts?|liver function|hepatic function|labs?"
    r"|lab results|laboratory|vitals|vital signs)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:urine|urinalysis|ua|stool|csf|fluid|goals?|targets?|prior|previous|last|old|mother|fetal)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?P<name>[A-Za-z][\w .()/-]*?)(?:\s*[:=]\s*|\s+)"
    r"(?P<value>(?:[<>]=?\s*)?\d+(?:[.,]\d+)*(?:\s*/\s*\d{2,3}\b)?"
    r"(?:\s*%|\s*mm ?\[?hg\]?|\s*[\w*^µ]{1,8}/[\w*^µ./]{1,12})?"
    r"(?:\s*\(\s*[HL*]{1,2}\s*\)|\s+[HL]{1,2}\b|\s*\*)?)(?!\w|\.\d)",
    re.IGNORECASE,
)
_ALCOHOL = "blood_ethanol"
_BETWEEN = re.compile(r"[\s,;|.]*")


def listed(written: str, code: object, terminology: Terminology) -> Iterator[Json]:
    """Each value that has a known name; none of a string that is not such a list to its end."""
    name = " ".join(concept_texts(code))
    if not _PANEL.search(name) or _OTHER.search(f"{name} {written}"):
        return
    found, at = [], 0
    while at < len(written):
        pair = _PAIR.match(written, at)
        if pair is None:
            return
        found.append({"code": {"text": pair["name"]}, "valueString": pair["value"]})
        at = _BETWEEN.match(written, pair.end()).end()  # type: ignore[union-attr]  # matches always
    yield from (part for part in found if terminology.observation(part["code"]))


def alcohol(written: str, terminology: Terminology) -> Iterator[Json]:
    """A blood or breath alcohol that stands in one text with its name: "BAC 0.18%".

    Of no other kind: a scale has numbers in its name.
    """
    pair = _PAIR.fullmatch(written.strip())
    if pair and _ALCOHOL in terminology.observation({"text": pair["name"]}).sets:
        yield {"code": {"text": pair["name"]}, "valueString": pair["value"]}
