"""Why a drug was stopped, from codes and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml

from cds.fhir_json import as_objects, as_text, display
from cds.terminology.codes.concept import codings
from cds.terminology.text.certainty import STOP_REASONS, affirmed, affirms
from cds.wire import Json

Reason = Literal["intolerance", "inefficacy", "other"]
_KINDS: tuple[Reason, ...] = ("intolerance", "inefficacy")
_BECAUSE = re.compile(r"\b(?:due to|because of|caused|causing|secondary to)\W+(?:\w+\W+){0,3}\Z")


def stop_reason(resource: Json) -> tuple[Reason | None, str | None]:
    """The kind of reason, and the reason as the chart has it (chart text).

    A coded or stated status reason comes first; notes are searched for known phrases only, since
    most of them say other things.
    """
    stated = as_objects(resource.get("statusReason"))
    stated = stated + as_objects(resource.get("statusReasonCodeableConcept"))
    for concept in stated:
        words = " ".join([as_text(concept.get("text")), *_displays(concept)])
        kind = _by_code(concept) or _by_words(words, stated=True)
        return kind or "other", display(concept) or None
    for note in as_objects(resource.get("note")):
        written = as_text(note.get("text"))
        kind = _by_words(written, stated=False)
        if kind is not None:
            return kind, written
    return None, None


def _displays(concept: Json) -> Iterator[str]:
    for coding in as_objects(concept.get("coding")):
        yield as_text(coding.get("display"))


def _by_code(concept: Json) -> Reason | None:
    codes = {code.lower() for _, code in codings(concept)}
    return next((kind for kind in _KINDS if codes & _vocabulary()[kind][0]), None)


def _by_words(words: str, *, stated: bool) -> Reason | None:
    lower = words.lower().replace("’", "'")
    for kind in _KINDS:
        _, phrases, symptoms = _vocabulary()[kind]
        if affirms(phrases, lower, STOP_REASONS):
            return kind
        for match in affirmed(symptoms, lower, STOP_REASONS):
            if stated or _BECAUSE.search(lower[: match.start()]):
                return kind
    return None


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b" if phrases else r"(?!)")


@lru_cache(maxsize=1)
def _vocabulary() -> Mapping[Reason, tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]]:
    """By kind: codes, phrases, symptoms."""
    source = files(__package__).joinpath("stop_reasons.yaml")
    document = yaml.load(source.read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506
    return {
        kind: (
            frozenset(document[kind]["codes"]),
            _any_of(document[kind]["phrases"]),
            _any_of(document[kind]["symptoms"]),
        )
        for kind in _KINDS
    }
