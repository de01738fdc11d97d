"""Drugs that no rule asks about: what is known to be another drug is not unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files

from cds.terminology.text.diluent_names import is_diluent
from cds.terminology.text.spelling import folded, without_last_e

_WORD = re.compile(r"[a-z][a-z0-9'-]*|[/+]")
_PART = re.compile(r"[a-z][a-z0-9'-]*|[/+&,;:()\[\].]")
_STRONG = frozenset({"/", "+", "&", "with", "and", "plus", "contains", "containing", "or", "vs",
                     "versus"})  # fmt: skip
"""between the drugs of one entry"""
_WEAK = frozenset(",;:()[].")
"""between drugs, or between a drug and a remark, its brand or its maker"""
_USE = re.compile(
    r"\b(?:for|sig|prn|takes?|taking|apply|use|inject|inhale|give|instill|place|swallow|dissolve|to|due"
    r"|because|until|before|after|if|when|as|per|by|on|in|at|from)\b[^,;()]*"
)
"""how or why it is used, to the end of the phrase"""
_SHORTEST = 4
"""letters: a word of three is seldom a drug"""
_MOST_UNKNOWN = 2
"""words: more are a remark"""
_LONGEST = 4
"""words in a name"""
_JOINS = frozenset("/+-")
_SHORTEST_SUFFIX = 5
"""letters: of four is the suffix of a biologic, `insulin glargine-yfgn`"""
_SHORTEST_OF_ALL = 3
"""letters: where every word must be understood"""
_OF_A_STRENGTH = frozenset({
    "ml", "mg", "mcg", "ug", "g", "gm", "h", "hr", "hour", "hours", "day", "actuat", "actuation",
    "dose", "spray", "puff", "unit", "units", "unt", "iu", "tablet", "tab", "capsule", "vial", "kg",
    "er", "xr", "sr", "hct", "hctz", "act", "min", "mm", "cm", "cc", "mmhg",
})  # fmt: skip
"""words behind a slash that name no further drug: `50 mg/mL`, `100 mcg/actuation`"""


class OtherDrugs:
    """Reads whether a text names drugs, and none but such as no rule asks about."""

    def __init__(self, is_known: Callable[[tuple[str, ...]], bool]) -> None:
        """`is_known`: whether the drug tables know a name, by its words."""
        neutral = (word for line in _lines("neutral_words") for word in line.split())
        self._neutral = frozenset(neutral) | _OF_A_STRENGTH
        written = {
            (name,) if name.isalpha() else tuple(_WORD.findall(name)) for name in _written_names()
        }
        written.discard(())
        names = {name for name in written if not is_known(name)}
        # "calcium" is a drug and the salt of any other
        supplies = {word for line in _lines("supplies") for word in line.split()}
        salts = {(word,) for word in supplies | self._neutral} & names
        names -= salts
        self._things = frozenset(supplies.union(*salts))
        self._names = names
        self._begins = {name[0] for name in names}
        self._hyphened = {word for name in names for word in name if "-" in word}
        self._is_known = is_known
        self._understood = self._neutral | self._things | _JOINS

    def named(self, text: str) -> str | None:
        """The first such drug that the text names; None also where a further drug may stand
        beside it: joined by a slash, plus, hyphen, comma, "with" or "and", and not known."""
        words = self._words(text)
        taken: set[int] = set()
        first, at = None, 0
        while at < len(words):
            length = self._at(words, at)
            if length:
                first = first or " ".join(words[at : at + length])
                taken.update(range(at, at + length))
            at += length or 1
        if not first:
            return self._thing(words, taken)
        if self._joined_to_unknown(words, taken) or self.beside(text, weak=True):
            return self._thing(words, taken)
        return first

    def _thing(self, words: list[str], taken: set[int]) -> str | None:
        """What no drug is, or a mineral, where every word of the entry is understood.

        A word that nobody knows is a remark beside "Ventolin"; beside "dressing" or "calcium" it
        may be a drug.
        """
        thing = next((word for word in words if word in self._things), None)
        understood = (
            at in taken
            or word in self._understood
            or len(word) < _SHORTEST_OF_ALL
            or word.isdigit()
            for at, word in enumerate(words)
        )
        return thing if thing and all(understood) else None

    def _words(self, text: str) -> list[str]:
        """`norethindrone-ethinyl estradiol` names two, `co-careldopa` is one name."""
        found: list[str] = []
        for word in _WORD.findall(folded(text)):
            if "-" not in word or word in self._hyphened:
                found.append(word)
                continue
            for part in filter(None, word.split("-")):
                found += [part, "-"]
            found.pop()
        return found

    def _joined_to_unknown(self, words: list[str], taken: set[int]) -> bool:
        """Whether a word that is no name stands right beside a slash, a plus or a hyphen."""
        for at, word in enumerate(words):
            if word not in _JOINS:
                continue
            sides = {at - 1, at + 1} & set(range(len(words)))
            if word == "-" and sides.isdisjoint(taken):
                continue  # "Retin-A"
            shortest = _SHORTEST_SUFFIX if word == "-" else 2
            if any(self._may_be_drug(words[side], shortest) for side in sides - taken):
                return True
        return False

    def _may_be_drug(self, word: str, shortest: int) -> bool:
        return len(word) >= shortest and word not in self._understood

    def mentions(self, text: str) -> bool:
        """Whether one of them stands in the text, whatever stands beside it."""
        return self.named(text) is not None or bool(self.all_in(text))

    def all_in(self, text: str) -> tuple[str, ...]:
        """Each of them that stands in the text, in its order."""
        words = self._words(text)
        found = (" ".join(words[at : at + self._at(words, at)]) for at in range(len(words)))
        return tuple(dict.fromkeys(filter(None, found)))

    def beside(self, text: str, *, weak: bool = False) -> str | None:
        """What stands beside the drugs that the text names, and may be a further one.

        `weak`: also behind a comma, where a remark or a maker may stand as well. What stands in
        brackets is the brand or the substance of what is in front of them ("Marevan (warfarin)"),
        unless it begins with a join ("Zolmex (contains paracetamol)").
        """
        parts = _parts(_USE.sub(" ", folded(text)))
        named = [self._is_named(p.words) or is_diluent(" ".join(p.words)) for p in parts]
        if not any(named) or len(parts) < 2:
            return None
        for at, part in enumerate(parts):
            marks = part.before | (parts[at + 1].before if at + 1 < len(parts) else frozenset())
            joined = marks & _STRONG or (weak and marks & {",", ";"})
            if joined and not named[at]:
                unknown = self._unknown(part.words, most=_MOST_UNKNOWN)
                if unknown:
                    start = text.lower().find(unknown)
                    return text[start : start + len(unknown)] if start >= 0 else unknown
        return None

    def _is_named(self, words: list[str]) -> bool:
        """Whether a drug of the list or of the tables stands there."""
        return any(
            self._at(words, at)
            or any(self._is_known(tuple(words[at : at + n])) for n in range(1, _LONGEST + 1))
            or any((bit,) in self._names or self._is_known((bit,)) for bit in words[at].split("-"))
            for at in range(len(words))
        )

    def _unknown(self, words: list[str], *, most: int) -> str | None:
        """The words that no list knows, when the first word is such a one and they are few."""
        telling = [word for word in words if len(word) >= _SHORTEST]
        unknown = [word for word in telling if self._has_unknown(word)]
        if not unknown or len(unknown) > most or telling[0] != unknown[0]:
            return None
        return " ".join(unknown)

    def _has_unknown(self, word: str) -> bool:
        parts = (part for part in word.split("-") if len(part) >= _SHORTEST)
        return word not in self._understood and any(p not in self._understood for p in parts)

    def _at(self, words: list[str], at: int) -> int:
        """How many words from here are a name."""
        if words[at] not in self._begins:
            return 0
        lengths = range(min(_LONGEST, len(words) - at), 0, -1)
        return next((n for n in lengths if tuple(words[at : at + n]) in self._names), 0)


@dataclass(frozen=True, slots=True)
class _Part:
    """The words between two joins, and what stands before them."""

    before: frozenset[str]
    words: list[str]


def _parts(text: str) -> list[_Part]:
    found: list[_Part] = []
    before: set[str] = set()
    words: list[str] = []
    for word in _PART.findall(text):
        if word in _STRONG or word in _WEAK:
            if words:
                found.append(_Part(frozenset(before), words))
                before, words = set(), []
            before.add(word)
        else:
            words.append(word)
    return [*found, _Part(frozenset(before), words)] if words else found


def _written_names() -> Iterable[str]:
    """Those of other_drugs one a line, also as substances are called in German, and those of
    other_products in groups by comma."""
    substances = list(_lines("other_drugs"))
    yield from substances
    yield from filter(None, map(without_last_e, substances))
    for group in "\n".join(_lines("other_products")).split("\n\n"):
        yield from group.replace("\n", " ").split(", ")


def _lines(name: str) -> Iterable[str]:
    text = files("cds.terminology").joinpath(f"text/{name}.txt").read_text("utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))
