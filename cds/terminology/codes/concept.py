"""Reading a CodeableConcept as charts really send it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cds.fhir_json import as_text, concept_texts, raw_codings
from cds.terminology.codes import systems

_LONG = 400
"""characters beyond which a text is rather a note than a name, and seldom comes again"""
MAX_CODINGS = 50


class Coding(NamedTuple):
    """A coding with a code; `system` is canonical, or empty when it was not said."""

    system: str
    code: str
    display: str = ""
    chosen: bool = False
    """`userSelected`: a person picked this coding"""


def codings(concept: object) -> Iterator[tuple[str, str]]:
    """(canonical system, code) of each coding of a CodeableConcept or of a bare Coding."""
    return ((systems.canonical(raw.system), raw.code) for raw in raw_codings(concept))


class Concept(NamedTuple):
    """A CodeableConcept, reduced to what can be looked up. The key of the caches: of tuples alone,
    which are hashed and compared without a call of Python."""

    codings: tuple[Coding, ...]
    """sorted: the order in the chart means nothing"""
    texts: tuple[str, ...]
    """`text`, and displays that stand without a code; sorted, without repeats"""
    names: tuple[str, ...]
    """all texts and displays, sorted, without repeats"""
    is_long: bool
    """whether it takes more memory than a name does"""


def read_concept(value: object) -> Concept:
    """A concept of whatever stands where a CodeableConcept should; garbage is an empty one.

    A plain string is taken as text, a list as the concepts in it, a bare Coding as its concept.
    """
    plain = _one_coding(value)
    return _of_one(*plain) if plain is not None else _read(value)


_OneCoding = tuple[str | None, str, str | None, str | None]


def _one_coding(value: object) -> _OneCoding | None:
    """(system, code, display, text) of the usual shape: one coding, and perhaps a text."""
    listed = value.get("coding") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(listed, list) or len(listed) != 1:
        return None
    if "display" in value:  # where a Coding has it; it says something all the same
        return None
    [coding] = listed
    if not isinstance(coding, dict) or "userSelected" in coding:
        return None
    system, code, display, text = (
        *map(coding.get, ("system", "code", "display")),
        value.get("text"),
    )
    if not isinstance(code, str):
        return None
    for part in (system, code, display, text):
        if part is not None and not (isinstance(part, str) and len(part) <= _LONG):
            return None
    return system, code, display, text


@lru_cache(maxsize=16_384)
def _of_one(system: str | None, code: str, display: str | None, text: str | None) -> Concept:
    coding = {"system": system, "code": code, "display": display}
    return _read({"coding": [coding], "text": text})


def _read(value: object) -> Concept:
    codings: set[Coding] = set()
    texts: set[str] = set()
    _collect(value, codings, texts, depth=0)
    ordered = sorted(codings, key=lambda c: (c.system, c.code, c.display, c.chosen))
    kept = tuple(ordered[:MAX_CODINGS]), tuple(sorted(texts)[:MAX_CODINGS])
    names = {*kept[1], *(coding.display for coding in kept[0] if coding.display)}
    return Concept(*kept, tuple(sorted(names)), any(len(name) > _LONG for name in names))


def _collect(value: object, codings: set[Coding], texts: set[str], depth: int) -> None:
    if depth > 2:
        return
    if isinstance(value, str):
        _add_text(value, texts)
    elif isinstance(value, list):
        for item in value:
            _collect(item, codings, texts, depth + 1)
    elif isinstance(value, dict):
        _add_text(value.get("text"), texts)
        coded = list(raw_codings(value))
        for raw in coded:
            display = _clean(raw.display)
            codings.add(Coding(systems.canonical(raw.system), raw.code, display, raw.chosen))
        named = {raw.display for raw in coded}
        for text in concept_texts(value):
            if text not in named:
                _add_text(text, texts)


def _add_text(value: object, texts: set[str]) -> None:
    text = _clean(value)
    if text:
        texts.add(text)


def _clean(value: object) -> str:
    return " ".join(as_text(value).split())
