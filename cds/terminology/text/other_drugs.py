"""Drugs that no rule asks about: what is known to be another drug is not unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from msgspec import Struct

from cds.kept import kept
from cds.terminology.text.diluent_names import is_diluent
from cds.terminology.text.other_drug_lists import JOINS, WORD, OtherDrugLists, read_other_drugs
from cds.terminology.text.spelling import folded
from cds.terminology.text.untold import is_for_skin, is_short_for_drug, tells_of_drug
from cds.terminology.text.variants import variant_in
from cds.terminology.text.written_drug import read_written

_PART = re.compile(r"[a-z][a-z0-9'-]*|[/+&,;:()\[\].]")
_STRONG = frozenset({"/", "+", "&", "with", "and", "plus", "contains", "containing", "or", "vs",
                     "versus"})  # fmt: skip
"""between the drugs of one entry"""
_TIGHT = frozenset({"/", "+", "&", "and", "plus"})
"""between drugs and little else: a word of two letters may be one"""
_WEAK = frozenset(",;:()[].")
"""between drugs, or between a drug and a remark, its brand or its maker"""
_UNTOLD = _STRONG | {",", ";"}
"""in front of or behind what tells of a drug"""
_USE = re.compile(
    r"\b(?:for|sig|prn|takes?|taking|apply|use|inject|inhale|give|instill|place|swallow|dissolve|to|due"
    r"|because|until|before|after|if|when|as|per|by|on|in|at|from)\b[^,;()]*"
)
"""how or why it is used, to the end of the phrase"""
_SHORTEST = 4
"""letters: a word of three is seldom a drug"""
_SHORTEST_TIGHT = 2
_MOST_UNKNOWN = 2
"""words: more are a remark"""
_LONGEST = 4
"""words in a name"""
_SHORTEST_SUFFIX = 5
"""letters: of four is the suffix of a biologic, `insulin glargine-yfgn`"""
_SHORTEST_OF_ALL = 3
"""letters: where every word must be understood"""


class OtherDrugs:
    """Reads whether a text names drugs, and none but such as no rule asks about."""

    def __init__(
        self,
        is_known: Callable[[tuple[str, ...]], bool],
        is_name: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """Whether the drug tables know a name, or a word of it; and whether they know the whole."""
        self._is_known = is_known
        self._is_name = is_name
        self._first_named = kept(4096)(self._read)

    @cached_property
    def _lists(self) -> OtherDrugLists:
        return read_other_drugs(self._is_known)

    def named(self, text: str) -> str | None:
        """The first such drug that the text names; None also where a further drug may stand
        beside it: joined by a slash, plus, hyphen, comma, "with" or "and", and not known."""
        return self._first_named(text)

    def _read(self, text: str) -> str | None:
        words = self._words(text)
        taken: set[int] = set()
        first, at = None, 0
        if self.variant(text):
            return None
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
        thing = next((word for word in words if word in self._lists.things), None)
        understood = (
            at in taken
            or word in self._lists.understood
            or len(word) < _SHORTEST_OF_ALL
            or word.isdigit()
            for at, word in enumerate(words)
        )
        return thing if thing and all(understood) else None

    def _words(self, text: str) -> list[str]:
        """`norethindrone-ethinyl estradiol` names two, `co-careldopa` is one name."""
        found: list[str] = []
        for word in WORD.findall(folded(text)):
            if "-" not in word or word in self._lists.hyphened:
                found.append(word)
                continue
            for part in filter(None, word.split("-")):
                found += [part, "-"]
            found.pop()
        return found

    def _joined_to_unknown(self, words: list[str], taken: set[int]) -> bool:
        """Whether a word that is no name stands right beside a slash, a plus or a hyphen."""
        for at, word in enumerate(words):
            if word not in JOINS:
                continue
            sides = {at - 1, at + 1} & set(range(len(words)))
            if word == "-" and sides.isdisjoint(taken):
                continue  # "Retin-A"
            shortest = _SHORTEST_SUFFIX if word == "-" else 2
            if any(self._may_be_drug(words[side], shortest) for side in sides - taken):
                return True
        return False

    def _may_be_drug(self, word: str, shortest: int) -> bool:
        return len(word) >= shortest and word not in self._lists.understood

    def mentions(self, text: str) -> bool:
        """Whether one of them stands in the text, whatever stands beside it."""
        return self.named(text) is not None or bool(self.all_in(text))

    def all_in(self, text: str) -> tuple[str, ...]:
        """Each of them that stands in the text, in its order."""
        words = self._words(text)
        found = (" ".join(words[at : at + self._at(words, at)]) for at in range(len(words)))
        return tuple(dict.fromkeys(filter(None, found)))

    def variant(self, text: str) -> str | None:
        """A known name that a word behind it makes another product: "Tylenol Cold"."""
        return variant_in(text, self._is_whole_name)

    def _is_whole_name(self, name: str) -> bool:
        spelt = {name, name.replace("-", " ")}
        return any(self._is_name(s) or self._at(w := self._words(s), 0) == len(w) for s in spelt)

    def beside(self, text: str, *, weak: bool = False) -> str | None:
        """What stands beside the drugs that the text names, and may be a further one.

        `weak`: also behind a comma, where a remark or a maker may stand as well. What stands in
        brackets is the brand or the substance of what is in front of them ("Marevan (warfarin)"),
        unless it begins with a join ("Zolmex (contains paracetamol)").
        """
        parts = [piece for part in _parts(_USE.sub(" ", folded(text))) for piece in self._cut(part)]
        named = [self._is_named(p.words) or is_diluent(" ".join(p.words)) for p in parts]
        if not any(named) or len(parts) < 2:
            return None
        for at, part in enumerate(parts):
            marks = part.before | (parts[at + 1].before if at + 1 < len(parts) else frozenset())
            if not named[at] and (unknown := self._further(part.words, marks, text, weak=weak)):
                found = re.search(rf"\b{re.escape(unknown)}\b", text, re.I)
                return found[0] if found else unknown
        return None

    def _cut(self, part: _Part) -> list[_Part]:
        """At the hyphens of words with a drug in them: `acetaminophen-cod`, not `easi-breathe`."""
        found = [_Part(part.before, [])]
        for word in part.words:
            bits = [bit for bit in word.split("-") if self._may_be_bit(bit)]
            if len(bits) < 2 or self._is_whole(word) or not any(map(self._is_bit, bits)):
                found[-1].words.append(word)
                continue
            found[-1].words.append(bits[0])
            found += [_Part(frozenset("-"), [bit]) for bit in bits[1:]]
        return found

    def _may_be_bit(self, bit: str) -> bool:
        """No suffix of a biologic and no maker: `glargine-yfgn`, `apo-metoprolol`."""
        return len(bit) >= _SHORTEST_SUFFIX or is_short_for_drug(bit) or self._is_bit(bit)

    def _is_whole(self, word: str) -> bool:
        lists = self._lists
        return word in lists.hyphened or word in lists.understood or self._is_known((word,))

    def _is_bit(self, bit: str) -> bool:
        return (bit,) in self._lists.names or self._is_known((bit,))

    def _further(
        self, words: list[str], marks: frozenset[str], text: str, *, weak: bool
    ) -> str | None:
        """The words of a part that may be a further drug, by what joins it to a known one."""
        joins = marks & _UNTOLD
        if joins and tells_of_drug(words, joins, self._lists.understood, weak=weak):
            return " ".join(words)
        if (joins or "-" in marks) and is_short_for_drug(words[0]):
            return None if is_for_skin(words[0], read_written(text).route) else words[0]
        if marks & _TIGHT and (short := self._unknown(words, _SHORTEST_TIGHT)):
            return short
        if marks & _STRONG or (weak and marks & {",", ";"}):
            return self._unknown(words, _SHORTEST)
        return self._unknown(words, _SHORTEST_SUFFIX) if "-" in marks else None

    def _is_named(self, words: list[str]) -> bool:
        """Whether a drug of the list or of the tables stands there."""
        return any(
            self._at(words, at)
            or any(self._is_known(tuple(words[at : at + n])) for n in range(1, _LONGEST + 1))
            or any(map(self._is_bit, words[at].split("-")))
            for at in range(len(words))
        )

    def _unknown(self, words: list[str], shortest: int) -> str | None:
        """The words that no list knows, when the first word is such a one and they are few."""
        telling = [word for word in words if len(word) >= shortest]
        unknown = [word for word in telling if self._has_unknown(word)]
        if not unknown or len(unknown) > _MOST_UNKNOWN or telling[0] != unknown[0]:
            return None
        return " ".join(unknown)

    def _has_unknown(self, word: str) -> bool:
        understood = self._lists.understood
        bits = [bit for bit in word.split("-") if len(bit) >= _SHORTEST] if "-" in word else [word]
        return word not in understood and any(bit not in understood for bit in bits)

    def _at(self, words: list[str], at: int) -> int:
        """How many words from here are a name."""
        if words[at] not in self._lists.begins:
            return 0
        lengths = range(min(_LONGEST, len(words) - at), 0, -1)
        return next((n for n in lengths if tuple(words[at : at + n]) in self._lists.names), 0)


class _Part(Struct, frozen=True):
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
