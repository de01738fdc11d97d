"""The cues of certainty.yaml: words that say how sure something is, and how far they reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from msgspec import Struct

from cds.reviewed import read_reviewed
from cds.terminology.model import Said

Words = tuple[str, ...]


class Cue(Struct, frozen=True):
    """Words that say something of what is in their reach. `said` None: a false friend, or an end
    of reaches."""

    words: Words
    said: Said | None
    reach: tuple[str, ...]
    example: str = ""
    found: Said | None = None
    """said instead where "positive" follows: "screening for aneurysm: positive\""""


class Lexicon(Struct, frozen=True):
    """The cues, and the words that bound their reach."""

    cues: Mapping[str, Mapping[str, tuple[Cue, ...]]]
    """by their first word, and by their second or none"""
    begins: frozenset[str]
    """the first words, also in the plural"""
    statements: frozenset[str]
    fillers: frozenset[str]
    # of what is new behind what was:
    joins: frozenset[str]
    anew: frozenset[str]
    now: frozenset[str]
    barriers: Mapping[str, frozenset[str]]
    # of a list behind a denial:
    stated: frozenset[str]
    seen: frozenset[str]
    since: frozenset[str]
    by_what: frozenset[str]
    """behind a denial, before the test that it rests on"""
    complaints: frozenset[str]
    """what is denied of a patient who has the disease: pain, a rupture"""
    properties: frozenset[str]
    """of them, what stands behind the disease: "AAA repair\""""
    units: frozenset[str]
    not_taking: re.Pattern[str]
    """denials that leave no doubt of a drug that is written like one that is taken"""
    manner: re.Pattern[str]
    """a denial of how a drug is taken"""
    of_drug: re.Pattern[str]
    """a denial of something that a drug did, or of what was done with it"""
    placeholders: frozenset[str]
    allergy: frozenset[str]
    """with these a denial in an allergy list is one of the allergy"""
    case: frozenset[str]
    no_case: frozenset[str]
    harms: frozenset[str]
    """why a drug is forbidden: beside the words of an allergy, what it did"""
    standing: frozenset[str]
    """an allergy itself, and no reaction that comes and goes"""
    owners: frozenset[str]
    """before another person: "her mother\""""

    def at(self, words: Sequence[str], at: int) -> Cue | None:
        """The longest cue that begins with the word."""
        word = words[at]
        begun = self.cues.get(word) or (self.cues.get(_one(word)) if word[-1] == "s" else None)
        if begun is None:
            return None
        following = words[at + 1] if at + 1 < len(words) else ""
        seconds = {following, _one(following), ""}
        written = (
            cue
            for second in seconds
            for cue in begun.get(second, ())
            if _is_written(cue.words, words, at)
        )
        return max(written, key=lambda cue: len(cue.words), default=None)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The cues of certainty.yaml, with every `@group` written out."""
    table = read_reviewed("cds.terminology", "text/certainty.yaml")
    found: dict[str, dict[str, list[Cue]]] = {}
    for cue in _cues(table):
        second = cue.words[1] if len(cue.words) > 1 else ""
        found.setdefault(cue.words[0], {}).setdefault(second, []).append(cue)
    return Lexicon(
        cues={
            word: {second: tuple(cues) for second, cues in begun.items()}
            for word, begun in found.items()
        },
        begins=frozenset(found) | {f"{word}s" for word in found},
        statements=frozenset(table["statements"]),
        fillers=frozenset(table["fillers"]),
        joins=frozenset(table["joins"]),
        anew=frozenset(table["anew"]),
        now=frozenset(table["now"]),
        barriers={reach: frozenset(words) for reach, words in table["barriers"].items()},
        stated=frozenset(table["stated"]),
        seen=frozenset(table["seen"]),
        since=frozenset(table["since"]),
        by_what=frozenset(table["by_what"]),
        complaints=frozenset(
            form
            for name in ("complaint", "property")
            for word in table["groups"][name]
            for form in (word, f"{word}s")
        ),
        properties=frozenset(table["properties"]),
        units=frozenset(table["units"]),
        not_taking=_pattern(table["not_taking"]),
        manner=_pattern(table["manner"]),
        of_drug=_pattern(table["of_drug"]),
        placeholders=frozenset(table["placeholders"]),
        allergy=frozenset(table["allergy"]),
        case=frozenset(table["case"]),
        no_case=frozenset(table["no_case"]),
        harms=frozenset(table["allergy"]) | frozenset(table["harms"]),
        standing=frozenset(table["standing_allergy"]),
        owners=frozenset(table["owners"]),
    )


def _pattern(written: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(written)})\b", re.I)


def _cues(table: Mapping[str, Any]) -> Iterator[Cue]:
    for entry in table["cues"]:
        said = None if entry["as"] == "nothing" else Said(entry["as"])
        for phrase, example in entry["cues"].items():
            for written in _written_out(phrase, table["groups"]):
                yield Cue(
                    tuple(Tokens(f"{written} ").words),  # a dash is one between blanks
                    said,
                    tuple(entry["reach"]),
                    example.replace("{}", written),
                    Said(entry["positive"]) if "positive" in entry else None,
                )
    for kind, phrases in table["ends"].items():
        for phrase in phrases:
            for written in _written_out(phrase, table["groups"]):
                yield Cue(tuple(written.split()), None, (kind,))


def _written_out(phrase: str, groups: Mapping[str, list[str]]) -> Iterator[str]:
    """`@dont @giving` as every pair of the two groups."""
    parts = [groups[part[1:]] if part.startswith("@") else [part] for part in phrase.split()]
    return map(" ".join, product(*parts))


def _one(word: str) -> str:
    """Without a plural s; short words keep theirs: "nos" is no "no"."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _is_written(cue: Words, words: Sequence[str], at: int) -> bool:
    """Whether it goes on as the cue does, whose first word stands there."""
    if at + len(cue) > len(words):
        return False
    for beyond in range(1, len(cue)):
        word, written = words[at + beyond], cue[beyond]
        if word != written and _one(word) != written:
            return False
    return True


# ---- the words of a text ----------------------------------------------------------------------

_TOKEN = re.compile(r"[^\W_]+|\?+|[:,;()\[\]|\n]|\.(?=\s|$)|!+|(?<=\s)[-–—]+(?=\s)|[-–—]{2,}|—")
WORD = re.compile(r"[^\W_]+")
CUTS = re.compile(r"[;|\n?!]|\.(?:\s|$)|\s[-–—]+\s|[-–—]{2,}|—")
_MARKS = {"[": "(", "]": ")", "\n": ".", "|": ".", "!": ".", "–": "-", "—": "-"}
"""marks that are read as others; several question marks or dashes are one"""


class Tokens:
    """The words of a text in lower case, and its marks, each with where it stands."""

    def __init__(self, text: str) -> None:
        found = list(_TOKEN.finditer(text))
        self.spans = [match.span() for match in found]
        self.words = [
            word.lower() if word[0].isalnum() else _MARKS.get(word[0], word[0])
            for word in map(re.Match.group, found)
        ]
