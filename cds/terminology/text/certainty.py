"""How words say that something is so: denied, doubtful, past, somebody else's, to be avoided.

The one reader of it. A text is cut into clauses, each with what its cues say of it; the cues and
how far they reach are in certainty.yaml. Readers differ only in what they ask for, below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import Any

from cds.terminology.codes.tables import read_yaml
from cds.terminology.model import Said

Asked = frozenset[Said]

CONDITIONS: Asked = frozenset({Said.DENIED, Said.DOUBTFUL, Said.PAST, Said.OTHER, Said.CONCERN})
DIAGNOSES: Asked = CONDITIONS - {Said.DOUBTFUL}
"""of a rule that asks for a current disease in words: a doubtful one counts, as it warns"""
STATES: Asked = frozenset({Said.DENIED, Said.OTHER, Said.CONCERN, Said.PLANNED})
"""of what was done once and lasts: an operation, a device, the menopause"""
PROCEDURES: Asked = STATES - {Said.PLANNED}
"""done or ordered; an order is a plan"""
DRUGS: Asked = frozenset(
    {Said.DENIED, Said.DOUBTFUL, Said.PAST, Said.OTHER, Said.AVOIDED, Said.STOPPED, Said.ABOUT}
)
NOT_TAKEN: Asked = frozenset({Said.DENIED, Said.ABOUT})
"""of these, what leaves no drug that may be taken; the others make it doubtful"""
ORDERS: Asked = frozenset({Said.ABOUT})
"""an order that names a drug is for it, whatever else it says"""
ALLERGIES: Asked = frozenset({Said.DENIED, Said.OTHER, Said.TOLERATED})
"""to be avoided is what an allergy entry is for"""
STOP_REASONS: Asked = frozenset({Said.DENIED})
USES: Asked = frozenset({Said.DENIED, Said.OTHER, Said.PAST, Said.AVOIDED})
"""of what an order is for: "to avoid intubation" is no intubation"""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the text. `said` empty: the words say that it is so."""

    text: str
    start: int
    end: int
    said: frozenset[Said] = frozenset()


@lru_cache(maxsize=4096)
def read(text: str, asked: Asked) -> tuple[Clause, ...]:
    """The text as clauses, in order; the words of the cues themselves belong to none."""
    if _is_plain(text):
        return (Clause(text, 0, len(text)),)
    return tuple(_Reading(text, asked).clauses())


def _is_plain(text: str) -> bool:
    """Most names hold no cue and are one clause: they are told apart first, for speed."""
    return lexicon().begins.isdisjoint(_WORD.findall(text.lower())) and not _CUTS.search(text)


def affirms(pattern: re.Pattern[str], text: str, asked: Asked) -> bool:
    """Whether the pattern stands in the text where none of what is asked for is said of it."""
    return any(affirmed(pattern, text, asked))


def affirmed(pattern: re.Pattern[str], text: str, asked: Asked) -> Iterator[re.Match[str]]:
    """The matches of which nothing is said that is asked for.

    A match that begins with a cue ("no response") says it itself.
    """
    pieces: list[tuple[int, int]] = []
    reading, start, end = None, 0, 0
    for match in pattern.finditer(text):
        if reading is None or match.start() >= end:
            pieces = pieces or _pieces(text)
            start, end = next(piece for piece in pieces if match.start() < piece[1])
            reading = _Reading(text[start:end], asked)
        if not reading.said_at(match.start() - start):
            yield match


def _pieces(text: str) -> list[tuple[int, int]]:
    """A long text in parts that are read each for itself, since cues speak of what is near.

    Reading a part takes more than twice as long when it is twice as long.
    """
    found, start = [], 0
    while len(text) - start > _LONGEST:
        cut = max(text.rfind(mark, start, start + _LONGEST) for mark in (". ", "; ", "\n", "|"))
        if cut <= start:
            cut = max(text.rfind(" ", start, start + _LONGEST), start + 1)
        found.append((start, cut + 1))
        start = cut + 1
    return [*found, (start, len(text))]


# ---- the cues --------------------------------------------------------------------------------

_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that say something of what is in their reach. `said` None: a false friend, or an end
    of reaches."""

    words: _Words
    said: Said | None
    reach: tuple[str, ...]
    example: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The cues by their first word, the longest first, and the words that bound their reach."""

    cues: Mapping[str, tuple[Cue, ...]]
    begins: frozenset[str]
    """the first words, also in the plural"""
    statements: frozenset[str]
    fillers: frozenset[str]
    barriers: Mapping[str, frozenset[str]]

    def at(self, words: Sequence[str], at: int) -> Cue | None:
        """The longest cue that begins with the word."""
        word = words[at]
        begin = self.cues.get(word) or (self.cues.get(_one(word)) if word[-1] == "s" else None)
        for cue in begin or ():
            if _is_written(cue.words, words, at):
                return cue
        return None


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The cues of certainty.yaml, with every `@group` written out."""
    table = read_yaml("text/certainty.yaml")
    found: dict[str, list[Cue]] = {}
    for cue in _cues(table):
        found.setdefault(cue.words[0], []).append(cue)
    return Lexicon(
        cues={
            word: tuple(sorted(cues, key=lambda c: -len(c.words))) for word, cues in found.items()
        },
        begins=frozenset(found) | {f"{word}s" for word in found},
        statements=frozenset(table["statements"]),
        fillers=frozenset(table["fillers"]),
        barriers={reach: frozenset(words) for reach, words in table["barriers"].items()},
    )


def _cues(table: Mapping[str, Any]) -> Iterator[Cue]:
    for entry in table["cues"]:
        said = None if entry["as"] == "nothing" else Said(entry["as"])
        for phrase, example in entry["cues"].items():
            for written in _written_out(phrase, table["groups"]):
                yield Cue(
                    tuple(_Tokens(written).words),
                    said,
                    tuple(entry["reach"]),
                    example.replace("{}", written),
                )
    for kind, phrases in table["ends"].items():
        for phrase in phrases:
            yield Cue(tuple(phrase.split()), None, (kind,))


def _written_out(phrase: str, groups: Mapping[str, list[str]]) -> Iterator[str]:
    """`@dont @giving` as every pair of the two groups."""
    parts = [groups[part[1:]] if part.startswith("@") else [part] for part in phrase.split()]
    return map(" ".join, product(*parts))


def _one(word: str) -> str:
    """Without a plural s; short words keep theirs: "nos" is no "no"."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _is_written(cue: _Words, words: Sequence[str], at: int) -> bool:
    there = words[at : at + len(cue)]
    return len(there) == len(cue) and all(map(_alike, there, cue))


def _alike(word: str, written: str) -> bool:
    return word == written or _one(word) == written


_LONGEST = 400


# ---- the text --------------------------------------------------------------------------------

_TOKEN = re.compile(r"[^\W_]+|\?+|[:,;()\[\]|\n]|\.(?=\s|$)|(?<=\s)[-–—]+(?=\s)|[-–—]{2,}|—")
_WORD = re.compile(r"[^\W_]+")
_CUTS = re.compile(r"[;|\n?]|\.(?:\s|$)|\s[-–—]+\s|[-–—]{2,}|—")
_MARKS = {"[": "(", "]": ")", "\n": ".", "|": ".", "–": "-", "—": "-"}
"""marks that are read as others; several question marks or dashes are one"""
_STRONG = frozenset(";.")
_PARTS_CLAUSES = _STRONG | {"-"}
_BORDERS = _PARTS_CLAUSES | frozenset("(),:")
_NEAR = 3
"""words that "words before" takes"""


class _Tokens:
    """The words of a text in lower case, and its marks, each with where it stands."""

    def __init__(self, text: str) -> None:
        found = list(_TOKEN.finditer(text))
        self.spans = [match.span() for match in found]
        self.words = [
            word.lower() if word[0].isalnum() else _MARKS.get(word[0], word[0])
            for word in map(re.Match.group, found)
        ]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A cue where it stands: tokens from `first` up to `past`."""

    cue: Cue
    first: int
    past: int


class _Reading:
    """One text, read for what is asked."""

    def __init__(self, text: str, asked: Asked) -> None:
        self._text = text
        self._lexicon = lexicon()
        tokens = _Tokens(text)
        self._words, self._spans = tokens.words, tokens.spans
        marks = list(self._find())
        self._begins = {mark.first for mark in marks if mark.cue.said is not None}
        self._ends = {m.first for m in marks if m.cue.reach[0] in ("split", "stay")}
        self._causes = {m.first for m in marks if m.cue.reach[0] == "cause"}
        self._split = [m for m in marks if m.cue.reach[0] == "split"]
        self._asked = [mark for mark in marks if mark.cue.said in asked]

    def _find(self) -> Iterator[_Mark]:
        at = 0
        while at < len(self._words):
            cue = self._lexicon.at(self._words, at)
            if cue is not None:
                yield _Mark(cue, at, at + len(cue.words))
            at += len(cue.words) if cue is not None else 1

    def clauses(self) -> Iterator[Clause]:
        """Cut wherever a clause, a cue or a reach begins or ends."""
        gone = [
            span
            for span, word in zip(self._spans, self._words, strict=True)
            if word in _PARTS_CLAUSES
        ]
        gone += [self._span(mark.first, mark.past) for mark in self._split]
        reaches = []
        for mark in self._asked:
            if mark.cue.reach[0] != "itself":
                gone.append(self._span(mark.first, mark.past))
            reach = self._reach(mark)
            if reach is not None and mark.cue.said is not None:
                reaches.append((*reach, mark.cue.said))
        cuts = {0, len(self._text), *(at for span in gone for at in span)}
        cuts |= {at for start, end, _ in reaches for at in (start, end)}
        for start, end in pairwise(sorted(cuts)):
            part = self._text[start:end]
            if not part.strip(" ,:()[]") or any(s <= start and end <= e for s, e in gone):
                continue
            said = frozenset(said for s, e, said in reaches if s <= start and end <= e)
            yield Clause(part, start, end, said)

    @cached_property
    def _all(self) -> tuple[Clause, ...]:
        return tuple(self.clauses())

    def said_at(self, position: int) -> frozenset[Said]:
        """What is said of the word at a position; inside a cue, what the cue says."""
        for mark in self._asked:
            start, end = self._span(mark.first, mark.past)
            if start < position < end and mark.cue.said is not None:
                return frozenset({mark.cue.said})
        found = (c.said for c in self._all if c.start <= position < c.end)
        return next(found, frozenset())

    # ---- how far a cue reaches ---------------------------------------------------------------

    def _reach(self, mark: _Mark) -> tuple[int, int] | None:
        """The characters that the cue speaks of; None when there is nothing."""
        first, *other = mark.cue.reach
        match first:
            case "itself":
                return self._span(mark.first, mark.past)
            case "clause":
                return self._whole_clause(mark)
            case "words before":
                return self._words_before(mark)
            case "mark":
                return self._by_question_mark(mark)
            case "to comma":
                return self._after(mark, in_lists=False)
            case "after":
                return self._after(mark) or (self._before(mark) if other else None)
        within = self._preceding(mark)
        return within or (self._after(mark) if other else None) or self._before(mark)

    def _after(self, mark: _Mark, *, in_lists: bool = True) -> tuple[int, int] | None:
        at, named = mark.past, False
        ends = self._ends | self._causes if mark.cue.said is Said.DENIED else self._ends
        while at < len(self._words) and at not in ends and not self._stops(at, named, in_lists):
            named = named or self._names(at)
            at += 1
        return (self._spans[mark.past - 1][1], self._spans[at - 1][1]) if named else None

    def _stops(self, at: int, named: bool, in_lists: bool) -> bool:
        """Whether a reach ends before the token. A dash or bracket right behind the cue is none."""
        word = self._words[at]
        if word in _STRONG or word == ")":
            return True
        if word in ("-", "("):
            return named
        if word == ",":
            return not in_lists or (named and self._new_statement(at + 1))
        return word == "and" and named and self._is_statement(at + 1)

    def _new_statement(self, at: int) -> bool:
        """Whether, behind a comma, something else is said and no list goes on."""
        at += at < len(self._words) and self._words[at] == "and"
        return self._is_statement(at) or at in self._begins

    def _is_statement(self, at: int) -> bool:
        return at < len(self._words) and self._words[at] in self._lexicon.statements

    def _preceding(self, mark: _Mark) -> tuple[int, int] | None:
        """What stands before the cue in its own part of the sentence."""
        at = self._part_begins(mark.first, self._lexicon.barriers["before"])
        if not any(map(self._names, range(at, mark.first))):
            return None
        return self._spans[at][0], self._spans[mark.first][0]

    def _before(self, mark: _Mark) -> tuple[int, int] | None:
        """The same; where the cue stands alone, the part before, or all parts of the clause."""
        found = self._preceding(mark)
        if found is not None:
            return found
        at = self._part_begins(mark.first, frozenset())
        alone = not any(map(self._names, range(at, mark.first)))
        if not alone or not at or at - 1 in self._ends or self._words[at - 1] == ".":
            return None
        end = at - 1
        if self._words[end] in ("(", ";"):
            at = self._part_begins(end, frozenset())
        else:
            at = self._clause_begins(end)
        return (self._spans[at][0], self._spans[end][0]) if at < end else None

    def _part_begins(self, at: int, barriers: Set[str]) -> int:
        while at and not (
            self._words[at - 1] in _BORDERS
            or at - 1 in self._ends
            or self._words[at - 1] in barriers
        ):
            at -= 1
        return at

    def _clause_begins(self, at: int) -> int:
        while at and self._words[at - 1] not in _STRONG and at - 1 not in self._ends:
            at -= 1
        return at

    def _words_before(self, mark: _Mark) -> tuple[int, int] | None:
        at = mark.first
        barriers = _BORDERS | self._lexicon.barriers["words before"]
        while at and mark.first - at < _NEAR:
            word = self._words[at - 1]
            if word in barriers or word[0].isdigit():
                break
            at -= 1
        if at == mark.first:
            return None
        return self._spans[at][0], self._spans[mark.first][0]

    def _by_question_mark(self, mark: _Mark) -> tuple[int, int] | None:
        """`TIA?` asks what it is written onto; `?TIA` and `? TIA` what follows."""
        glued = mark.first and self._spans[mark.first - 1][1] == self._spans[mark.first][0]
        return (self._before(mark) if glued else None) or self._after(mark) or self._before(mark)

    def _whole_clause(self, mark: _Mark) -> tuple[int, int]:
        last = mark.past
        while last < len(self._words) and self._words[last] not in _PARTS_CLAUSES:
            last += 1
        first = mark.first
        while first and self._words[first - 1] not in _PARTS_CLAUSES:
            first -= 1
        return self._span(first, last)

    def _names(self, at: int) -> bool:
        """Whether the token is a word that something can be said of."""
        word = self._words[at]
        return word[0].isalpha() and word not in self._lexicon.fillers

    def _span(self, first: int, past: int) -> tuple[int, int]:
        return self._spans[first][0], self._spans[past - 1][1]
