"""Values listed in one string under a panel's name: "T bili 4.8, albumin 2.2 g/dL, INR 2.4 (H)"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.fhir_json import concept_texts
from cds.terminology.lookup import Terminology
from cds.wire import Json

_PANEL = re.compile(
    r"\b(?:panel|profile|cmp|bmp|chem|chemistry|lfts?|liver function|hepatic function|labs?"
    r"|lab results|laboratory)\b",
    re.IGNORECASE,
)
_VITALS = re.compile(r"\b(?:vitals|vital signs)\b|\A\s*vs\s*\Z", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:urine|urinalysis|ua|stool|csf|fluid|goals?|targets?|prior|previous|last|old|mother|fetal)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?P<name>[A-Za-z][\w .()/-]{0,60}?)(?:\s*[:=]\s*|\s+)"
    r"(?P<value>(?:[<>]=?\s*)?\d+(?:[.,]\d+)*(?:\s*/\s*\d{2,3}\b)?"
    r"(?:\s*%|\s*mm ?\[?hg\]?|\s*[\w*^µ]{1,8}/[\w*^µ./]{1,12})?"
    r"(?:\s*\(\s*[HL*]{1,2}\s*\)|\s+[HL]{1,2}\b|\s*\*)?)(?!\w|\.\d)",
    re.IGNORECASE,
)
_ALCOHOL = "blood_ethanol"
_PRESSURE = re.compile(r"\s*\d{2,3}\s*/\s*\d{2,3}\b")
_NO_NAME = frozenset({
    "on", "at", "of", "in", "to", "by", "from", "since", "was", "were", "is", "now", "up", "down",
    "for", "x", "and", "or", "then",
})  # fmt: skip
"""words between a name, its value and the time of it"""
_MARKS = " ,;|."


def listed(written: str, code: object, terminology: Terminology) -> Iterator[Json]:
    """Each value that has a known name, with the words around it up to the next name.

    What these words make of the value, its own reader decides: "BP 188/112 sitting" is a pressure,
    "BP 188/112 yesterday" one that is named as not readable.
    """
    name = " ".join(concept_texts(code))
    vitals = _VITALS.search(name) is not None
    if not (vitals or _PANEL.search(name)) or _OTHER.search(f"{name} {written}"):
        return
    values = _values(written, terminology)
    before = values.pop(0)[1]
    if vitals and _PRESSURE.match(before):  # the first of the vital signs needs no name
        values.insert(0, ("BP", before))
    elif values:
        values[0] = (values[0][0], f"{before} {values[0][1]}")
    for said, value in values:
        if terminology.observation(part := {"text": said}):
            yield {"code": part, "valueString": " ".join(value.split()).strip(_MARKS)}


def _values(written: str, terminology: Terminology) -> list[tuple[str, str]]:
    """(name, value) in the order of the string; first what stands before them all, unnamed."""
    found, at = [("", "")], 0
    for pair in _PAIR.finditer(written):
        other, name, verb = _named(pair["name"], terminology)
        before, value = found[-1]
        found[-1] = (before, f"{value}{written[at : pair.start()]} {other}")
        said = f"{verb} {pair['value']}"
        if name:
            found.append((name, said))
        else:
            found[-1] = (before, f"{found[-1][1]} {said}")
        at = pair.end()
    last, value = found[-1]
    found[-1] = (last, value + written[at:])
    return found


def _named(words: str, terminology: Terminology) -> tuple[str, str, str]:
    """(what stands before the name, the name, what stands behind it) of "sitting HR", "ALT was".

    The whole is the name where no part of it is one that is known; there is none in "on".
    """
    each = words.split()
    end = len(each)
    while end and each[end - 1].lower() in _NO_NAME:
        end -= 1
    behind = " ".join(each[end:])
    for start in range(end):
        if terminology.observation({"text": (name := " ".join(each[start:end]))}):
            return " ".join(each[:start]), name, behind
    return "", " ".join(each[:end]), behind


def alcohol(written: str, terminology: Terminology) -> Iterator[Json]:
    """A blood or breath alcohol that stands in one text with its name: "BAC 0.18%".

    Of no other kind: a scale has numbers in its name.
    """
    pair = _PAIR.fullmatch(written.strip())
    if pair and _ALCOHOL in terminology.observation({"text": pair["name"]}).sets:
        yield {"code": {"text": pair["name"]}, "valueString": pair["value"]}
