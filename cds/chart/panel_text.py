"""Panels whose results stand in one string: "128/76 mmHg", "Positive for cocaine and THC"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from cds.chart.listed_text import alcohol, listed
from cds.chart.pressure_text import pressures
from cds.fhir_json import as_text, choice, concept_texts, display
from cds.terminology.answers import answer
from cds.terminology.lookup import Terminology
from cds.wire import Json

_SCREEN = "uds_panel"
_POSITIVE = re.compile(
    r"\s*(?:presumptive(?:ly)? )?(?:positive|pos|detected)\s*(?:(?P<for>for)\b|:|-)\s*"
    r"(?P<what>.+?)\.?\s*\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[,;/&+]|\band\b)\s*", re.IGNORECASE)
_LINES, _COMMAS = re.compile(r"[;\r\n]+|\.\s+"), re.compile(r",+")
_SAID = r"(?:not detected|none detected|positive|negative|detected|pos|neg)"
_PRESUMED = r"(?:presumptive(?:ly)? )?"
_VERDICT = re.compile(rf"\b{_SAID}\b", re.IGNORECASE)
_NAME_FIRST = re.compile(
    rf"(?P<what>[^:=()]*?[^:=()\s-])\s*[-–—:=(]?\s*(?<!\w){_PRESUMED}(?P<said>{_SAID})\s*\)?\.?",
    re.IGNORECASE,
)
_VERDICT_FIRST = re.compile(
    rf"{_PRESUMED}(?P<said>{_SAID})\b\s*(?:for\b|[:=–—-])?\s*(?P<what>[^:=()]+?)\.?", re.IGNORECASE
)
_OTHERS = re.compile(
    r"(?:all )?(?:the )?(?:others?|rest|remainder|remaining)|otherwise", re.IGNORECASE
)
_ALL = re.compile(r"(?:for )?all(?: (?:drugs?|substances?|classes|tests|results))?", re.IGNORECASE)
_NONE = re.compile(r"none|nothing|no (?:drugs?|substances?)(?: (?:found|detected))?", re.IGNORECASE)
_REST = re.compile(r"\s*(?:neg(?:ative)?|not detected)\.?\s*", re.IGNORECASE)
"""said of what the other parts do not name: "Negative; ketamine positive\""""
_ONLY = re.compile(r"\s+(?:only|alone)\s*\Z", re.IGNORECASE)
_EXCEPT = re.compile(
    r"\s*(?:all |everything |screen )?neg(?:ative)? (?:except|apart from|but for|other than)"
    r"(?: for)? (?P<what>.+?)\.?\s*\Z",
    re.IGNORECASE,
)
_SIGNS = ((re.compile(r"\(\+\)|(?<=\w)\s?\+(?=\s*(?:[,;]|$))|(?<=\w)\+(?!\w)|\+ve\b"), " positive"),
          (re.compile(r"(?:(?<=[,;])|^)\s*\+\s*(?=[A-Za-z])"), " positive for "),
          (re.compile(r"\(-\)|(?<!\w)-ve\b"), " negative"))  # fmt: skip
_NOT_URINE = re.compile(r"\b(?:blood|serum|plasma|breath|saliva|oral|hair)\b", re.IGNORECASE)
_UNDERSTOOD = frozenset({"positive", "negative", "unknown"})
_SYSTOLIC: Json = {"text": "systolic blood pressure"}
_DIASTOLIC: Json = {"text": "diastolic blood pressure"}
_ANY = ("Quantity", "Boolean", "Integer", "Decimal")
_IN_WORDS = ("String", "CodeableConcept")
_Said = list[tuple[str, str]]
"""names with their verdicts, in the order of the string"""


def spelled_out(part: Json, terminology: Terminology) -> Iterator[Json]:
    """The results of a panel's string, as components would say them; nothing of other values.

    A drug screen that is positive "for" something that is not known is positive as a whole.
    """
    written = _written(part)
    if not written:
        if choice(part, "value", _ANY) is None:
            for name in concept_texts(part.get("code")):
                yield from alcohol(name, terminology)
        return
    kinds = terminology.observation(part.get("code")).sets
    if "blood_ethanol" in kinds:
        yield from alcohol(written, terminology)
    if not kinds:
        for value in listed(written, part.get("code"), terminology):
            yield value
            yield from spelled_out(value, terminology)  # "BP 190/115" among the vital signs
    if "blood_pressure_panel" in kinds and not part.get("component"):
        yield from _pressures(written)
    if _SCREEN in kinds and "negative" not in answer(written):
        yield from _screened(written, part.get("code"), terminology) or ()


def _pressures(written: str) -> Iterator[Json]:
    """Each reading; a string that can't be read is a systolic pressure that can't be."""
    readings = pressures(written)
    if not readings:
        yield {"code": _SYSTOLIC, "valueString": written}
    for systolic, diastolic in readings:
        yield {"code": _SYSTOLIC, "valueQuantity": _mmhg(systolic)}
        if diastolic is not None:
            yield {"code": _DIASTOLIC, "valueQuantity": _mmhg(diastolic)}


def _mmhg(number: str) -> Json:
    return {"value": Decimal(number), "unit": "mm[Hg]"}


def not_understood(part: Json, terminology: Terminology) -> bool:
    """A drug screen whose words say nothing that can be read: no screen was had by it."""
    written = _written(part)
    return bool(written) and (
        not answer(choice(part, "value", _IN_WORDS)) & _UNDERSTOOD
        and _screened(written, part.get("code"), terminology) is None
    )


def _written(part: Json) -> str:
    """The words of a value, in a string or in a CodeableConcept."""
    concept = part.get("valueCodeableConcept")
    if concept is None and part.get("valueString") is None:
        return ""
    return as_text(part.get("valueString")) or (display(concept) if concept else "")


def within_screen(part: Json, terminology: Terminology) -> Json:
    """A component of a urine drug screen under a local name: "Cocaine" is that in urine.

    A code that is known says for itself what it is of; so does a name with another specimen.
    """
    own = terminology.observation(part.get("code"))
    if own.code is not None:
        return part
    for text in concept_texts(part.get("code")):
        if code := _drug(text, terminology):
            return part | {"code": code}
    return part


def _screened(written: str, code: object, terminology: Terminology) -> list[Json] | None:
    """The results that a drug screen's string tells; None: not each name and verdict is told."""
    for sign, word in _SIGNS:
        written = sign.sub(word, written)
    if found := _EXCEPT.match(written):  # what is excepted was found; the others are not named
        drugs = [_drug(name, terminology) for name in _BETWEEN.split(found["what"]) if name]
        return [{"code": drug or code, "valueString": "positive"} for drug in drugs] or None
    if len(_VERDICT.findall(written)) == 1 and (found := _POSITIVE.match(written)):
        what = _ONLY.sub("", found["what"])
        if _NONE.fullmatch(what):
            return [{"code": code, "valueString": "negative"}]
        names = [name for name in _BETWEEN.split(what) if name]
        if any(map(_NONE.fullmatch, names)):
            return None  # "positive for none, see comment"
        codes = [_drug(name, terminology) for name in names]
        known: list[object] = [drug for drug in codes if drug]
        whole = [code] if found["for"] and len(known) < len(codes) else []
        return [{"code": c, "valueString": "positive"} for c in (*known, *whole)] or None
    pairs = _pairs(written)
    if pairs and all(_ALL.fullmatch(name) and answer(said) == {"negative"} for name, said in pairs):
        return [{"code": code, "valueString": "negative"}]
    results: list[Json] = []
    for name, said in pairs or ():
        if drug := _drug(name, terminology):
            results.append({"code": drug, "valueString": said})
        elif not _OTHERS.fullmatch(name) and answer(said) != {"negative"}:
            return None  # found, and unknown what
    told: dict[str, frozenset[str]] = {}
    for result in results:
        verdict = answer(result["valueString"])
        for kind in terminology.observation(result["code"]).sets:
            if told.setdefault(kind, verdict) != verdict:
                return None  # one drug with two verdicts
    return results or None


def _pairs(written: str) -> _Said | None:
    """Each name with its own verdict; None where a part of the string has not just one of each."""
    found: _Said = []
    for line in _LINES.split(written):
        parts = [line] if len(_VERDICT.findall(line)) == 1 else _COMMAS.split(line)
        for part in parts:
            if not part.strip() or _REST.fullmatch(part):
                continue
            listed = _listed(part.strip())
            if listed is None:
                return None
            found += listed
    return found


def _listed(part: str) -> _Said | None:
    """The names of one verdict. Before it stands a single one: "THC, cocaine positive" says not
    whether both are; after it they may be listed."""
    if len(_VERDICT.findall(part)) != 1:
        return None
    if first := _VERDICT_FIRST.fullmatch(part):
        return [(name, first["said"]) for name in _BETWEEN.split(first["what"]) if name]
    last = _NAME_FIRST.fullmatch(part)
    if last is None or "," in last["what"]:
        return None
    return [(last["what"].strip(), last["said"])]


def _drug(name: str, terminology: Terminology) -> Json | None:
    """The code of a drug of a urine screen; None for other names."""
    if _NOT_URINE.search(name):
        return None
    code: Json = {"text": f"{name} urine"}
    kinds = terminology.observation(code).sets
    known = kinds and all(kind.startswith("uds_") and kind != _SCREEN for kind in kinds)
    return code if known else None
