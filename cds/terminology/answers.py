"""What a coded or written result means: positive, not_pregnant, yes, class_b …

The tables are in `answers.yaml`, by canonical system: an answer counts under every name of its
system, and under no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from cds.characters import as_seen
from cds.fhir_json import as_text, concept_texts, display
from cds.reviewed import read_reviewed
from cds.terminology.codes import systems
from cds.terminology.codes.concept import codings

_SYSTEMS = {"snomed": systems.SNOMED, "loinc": systems.LOINC, "yes_no": systems.YES_NO}
_LOINC_ANSWER = re.compile(r"LA\d{1,6}-\d\Z")
_FLAGGED = re.compile(r"(?P<said>[\w\s+-]+?)\s*[(\[](?:\w{1,3}|abnormal|normal|!+)[)\]]\.?")
_REMARKED = re.compile(r"(?P<said>[\w\s]+?)\s*[-–—,;:(.]\s*(?P<remark>.+)", re.DOTALL)
_DOUBTS = re.compile(
    r"\?|\b(?:neg(?:ative)?|not?|none|false|falsely|invalid|control|qc|cross|interfer\w*|doubt\w*"
    r"|previous(?:ly)?|prior|partner|mother|error|wrong|unlikely)\b",
    re.IGNORECASE,
)
_POSITIVE, _NEGATIVE = "POS", "NEG"
PREGNANCY_ANSWERS = frozenset(
    {"pregnant", "not_pregnant", "possibly_pregnant", "unlikely_pregnant"}
)
"""answers that say themselves what they are of"""
_FOUND = frozenset({"positive", "pregnant", "possibly_pregnant", "yes"})
_NOT_FOUND = frozenset({"negative", "not_pregnant", "no"})


def answer(value: object) -> frozenset[str]:
    """The answers of a CodeableConcept, a string or a boolean; empty when it means none of them."""
    if isinstance(value, bool):
        return frozenset({"yes" if value else "no"})
    if isinstance(value, str):
        return _of_text(as_seen(value))
    if isinstance(value, dict) and "value" in value:
        return frozenset()  # a Quantity
    coded = coded_answer(value)
    return _found_in_words(coded, value) or coded or _of_text(display(value))


def _found_in_words(coded: frozenset[str], value: object) -> frozenset[str]:
    """What the words find where the code finds nothing: "Positive" under the code of negative.

    Of the two the one that may speak against treatment counts.
    """
    if not coded & _NOT_FOUND or coded & _FOUND:
        return frozenset()
    return frozenset().union(*map(_remarked, concept_texts(value))) & _FOUND


def all_answers() -> frozenset[str]:
    """Every answer that a result may have."""
    return frozenset(_codes().values()) | {name for _, name in _words()}


def remarked_answer(value: object) -> frozenset[str]:
    """The same, also of an answer with a remark behind it: "Positive - confirmed", "Negative (N)".

    Behind a negative only a flag may stand. A remark that doubts or denies leaves nothing.
    """
    return answer(value) or _remarked(value if isinstance(value, str) else display(value))


def _remarked(written: str) -> frozenset[str]:
    text = as_text(written)
    found = _of_text(text)
    if found or not text:
        return found
    if flagged := _FLAGGED.fullmatch(text):
        return _of_text(flagged["said"])
    remarked = _REMARKED.fullmatch(text)
    if remarked is None or _DOUBTS.search(remarked["remark"]):
        return found
    return _of_text(remarked["said"]) & {"positive"}


def coded_answer(value: object) -> frozenset[str]:
    """The answers of the codes alone."""
    known = _codes()
    return frozenset(known[pair] for pair in _coded(value) if pair in known)


def scored(concept: object) -> int | None:
    """The score that an answer to a PHQ item stands for: its code, else its words.

    Two answers at once are none.
    """
    scores = _scores()
    found = {
        scores[code]
        for system, code in _coded(concept)
        if system == systems.LOINC and code in scores
    }
    texts = [" ".join(text.split()) for text in concept_texts(concept)]
    found = found or {
        score for text in texts for pattern, score in _score_words() if pattern.match(text)
    }
    return found.pop() if len(found) == 1 else None


def interpretation(concepts: Iterable[object]) -> str | None:
    """HL7's code for an interpretation, also where another system or words say POS or NEG.

    A code that no table knows comes back as it is: senders name the system of an `H` as they like.
    """
    listed = list(concepts)
    found = [pair for concept in listed for pair in _coded(concept)]
    own = [code.upper() for system, code in found if system == systems.INTERPRETATION]
    if own:
        return own[0]
    said = frozenset[str]().union(*map(answer, listed))
    if len(said & {"positive", "negative"}) == 1:
        return _POSITIVE if "positive" in said else _NEGATIVE
    return found[0][1].upper() if found else None


def interpreted(code: str | None) -> frozenset[str]:
    """What an interpretation code says of presence: H or A say nothing."""
    found = _table()["interpretations"].get((code or "").upper())
    return frozenset({found}) if found else frozenset()


def _coded(concept: object) -> Iterator[tuple[str, str]]:
    """(system, code) of each coding, as the tables write them."""
    for system, code in codings(concept):
        if not system and _LOINC_ANSWER.match(code):
            yield systems.LOINC, code
        else:
            yield system, code.upper() if system == systems.YES_NO else code


def _of_text(written: str) -> frozenset[str]:
    plain = " ".join(as_text(written).split())
    return frozenset(name for pattern, name in _words() if pattern.match(plain))


# ---- the tables ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return read_reviewed("cds.terminology", "answers.yaml")


@lru_cache(maxsize=1)
def _codes() -> dict[tuple[str, str], str]:
    return {
        (_SYSTEMS[system], code): name
        for name, by_system in _table()["codes"].items()
        for system, codes in by_system.items()
        for code in codes
    }


@lru_cache(maxsize=1)
def _scores() -> dict[str, int]:
    return {code: int(score) for code, score in _table()["scores"].items()}


@lru_cache(maxsize=1)
def _score_words() -> tuple[tuple[re.Pattern[str], int], ...]:
    return tuple(
        (
            re.compile(
                rf"(?:\+?{score}\s*[-–=:.)]*\s*)?(?:{'|'.join(words)})"
                rf"(?:\s*[-–=:,]?\s*\(?\+?{score}\)?)?\.?\Z",
                re.IGNORECASE,
            ),
            int(score),
        )
        for score, words in _table()["score_words"].items()
    )


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(rf"(?:{row['pattern']})\.?\Z", re.IGNORECASE), row["answer"])
        for row in _table()["words"]
    )
