"""How far each cue of a text reaches, and the clauses that come of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate, pairwise

from msgspec import Struct

from cds.terminology.model import Said
from cds.terminology.text.cues import Cue, Tokens, lexicon
from cds.terminology.text.denied_list import members

Asked = frozenset[Said]

_STRONG = frozenset(";.")
_PARTS_CLAUSES = _STRONG | {"-"}
_BORDERS = _PARTS_CLAUSES | frozenset("(),:")
_OF_A_PROPERTY = frozenset({Said.DENIED, Said.DOUBTFUL, Said.CONCERN})
"""what is said of a rupture, a leak, an operation, and not of the disease that it is of"""
_UNLESS_IN_A_CASE = frozenset({Said.STOPPED, Said.AVOIDED, Said.CANCELLED})
_NEAR = 3
"""words that "words before" takes"""


class Clause(Struct, frozen=True):
    """A stretch of the text. `said` empty: the words say that it is so."""

    text: str
    start: int
    end: int
    said: frozenset[Said] = frozenset()


class _Mark(Struct, frozen=True):
    """A cue where it stands: tokens from `first` up to `past`."""

    cue: Cue
    first: int
    past: int


class Reading:
    """One text, read for what is asked."""

    def __init__(self, text: str, asked: Asked) -> None:
        self._text = text
        self._lexicon = lexicon()
        tokens = Tokens(text)
        self._words, self._spans = tokens.words, tokens.spans
        self._naming = [0, *accumulate(map(self._names, range(len(self._words))))]
        self._parts: dict[frozenset[str], list[int]] = {}
        """where the part of the sentence began, for each token, by what begins one"""
        marks = list(self._find())
        self._begins = {mark.first for mark in marks if mark.cue.said is not None}
        self._ends = {m.first for m in marks if m.cue.reach[0] in ("split", "stay")}
        self._causes = {m.first for m in marks if m.cue.reach[0] == "cause"}
        self._properties = {m.past - 1 for m in marks if m.cue.reach[0] == "property"}
        self._positive = [m.first for m in marks if m.cue.reach[0] == "positive"]
        self._split = [m for m in marks if m.cue.reach[0] == "split"]
        self._asked = [m for m in marks if m.cue.said in asked and not self._in_a_case(m)]
        self._wanted = asked

    def _find(self) -> Iterator[_Mark]:
        at = 0
        while at < len(self._words):
            cue = self._lexicon.at(self._words, at)
            if cue is not None:
                yield _Mark(cue, at, at + len(cue.words))
            at += len(cue.words) if cue is not None else 1

    def _in_a_case(self, mark: _Mark) -> bool:
        """Whether the drug is to be stopped or avoided in one case only: "hold if SBP > 180"."""
        if mark.cue.said not in _UNLESS_IN_A_CASE:
            return False
        for at in range(mark.past, len(self._words) - 1):
            if self._words[at] in _STRONG:
                return False
            if self._words[at] in self._lexicon.case:
                return self._words[at + 1] not in self._lexicon.no_case
        return False

    def clauses(self, without: Set[int] = frozenset()) -> Iterator[Clause]:
        """Cut wherever a clause, a cue or a reach begins or ends."""
        gone = [
            span
            for span, word in zip(self._spans, self._words, strict=True)
            if word in _PARTS_CLAUSES
        ]
        gone += [self._span(mark.first, mark.past) for mark in self._split]
        reaches: list[tuple[int, int, Said]] = []
        for mark in self._asked:
            if mark.first in without:
                continue
            if mark.cue.reach[0] != "itself":
                gone.append(self._span(mark.first, mark.past))
            reaches += self._said(mark)
        cuts = {0, len(self._text), *(at for span in gone for at in span)}
        cuts |= {at for start, end, _ in reaches for at in (start, end)}
        # one pass over all of them in order: `told` has how far each thing that is said goes
        spans = sorted([*((s, e, None) for s, e in gone), *reaches], key=lambda span: span[0])
        at, told = 0, dict[Said | None, int]()
        for start, end in pairwise(sorted(cuts)):
            while at < len(spans) and spans[at][0] <= start:
                _, past, what = spans[at]
                told[what] = max(past, told.get(what, past))
                at += 1
            part = self._text[start:end]
            if not part.strip(" ,:()[]") or told.get(None, 0) >= end:
                continue
            said = frozenset(what for what, past in told.items() if what and past >= end)
            yield Clause(part, start, end, said)

    def said_of(self, position: int, end: int) -> frozenset[Said]:
        """What is said of the words from a position; inside a cue, what the cue says.

        A cue that is part of the words is what they say, and says nothing of them.
        """
        for mark in self._asked:
            first, last = self._span(mark.first, mark.past)
            if first < position < last and mark.cue.said is not None:
                return frozenset({mark.cue.said})
        own = {
            mark.first
            for mark in self._asked
            if position <= self._spans[mark.first][0] and self._spans[mark.past - 1][1] <= end
        }
        found = (c.said for c in self.clauses(own) if c.start <= position < c.end)
        return next(found, frozenset())

    def _said(self, mark: _Mark) -> Iterator[tuple[int, int, Said]]:
        """Characters, and what the cue says of them."""
        reach, said = self._reach(mark), self._says(mark)
        if reach is None or said is None:
            return
        behind = reach[0] == self._spans[mark.past - 1][1]
        if said is not Said.DENIED or not behind:
            yield (*reach, said)
            return
        past = bisect_left(self._spans, reach[1], key=lambda span: span[1]) + 1
        words = self._words[mark.past : past]
        for member in members(words, self._lexicon, of_one=mark.cue.words == ("not",)):
            start = self._spans[mark.past + member.at - 1][1]
            end = self._spans[mark.past + member.past - 1][1]
            if not member.doubtful:
                yield start, end, said
            elif Said.DOUBTFUL in self._wanted:
                yield start, end, Said.DOUBTFUL

    def _says(self, mark: _Mark) -> Said | None:
        """What the cue says; of a screening that found something, what that is worth."""
        if mark.cue.found is None or not self._is_positive(mark):
            return mark.cue.said
        return mark.cue.found if mark.cue.found in self._wanted else None

    def _is_positive(self, mark: _Mark) -> bool:
        """Whether the same clause has a positive result."""
        return any(
            _STRONG.isdisjoint(self._words[min(mark.past, at) : max(mark.first, at)])
            for at in self._positive
        )

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
                return self._words_before(mark, _NEAR)
            case "word before":
                return self._words_before(mark, 1)
            case "mark":
                return self._by_question_mark(mark)
            case "to comma" | "after":
                behind = self._after(mark, in_lists=first == "after")
                return behind or self._otherwise(mark, other)
        within = self._preceding(mark)
        if within or not other:
            return within or self._before(mark)
        if self._tells_by_what(mark):
            return self._before(mark) or self._after(mark)
        return self._after(mark) or self._before(mark)

    def _tells_by_what(self, mark: _Mark) -> bool:
        """Whether behind the cue stands how that was found: "aneurysm - ruled out on MRA"."""
        return mark.past < len(self._words) and self._words[mark.past] in self._lexicon.by_what

    def _otherwise(self, mark: _Mark, other: Sequence[str]) -> tuple[int, int] | None:
        """The second reach of a cue behind which there is nothing."""
        if not other:
            return None
        return self._alone(mark) if other[0] == "alone" else self._before(mark)

    def _after(self, mark: _Mark, *, in_lists: bool = True) -> tuple[int, int] | None:
        at, named = mark.past, False
        if not self._any_named(at, len(self._words)):
            return None
        ends = self._ends | self._causes if mark.cue.said is Said.DENIED else self._ends
        if mark.cue.said in _OF_A_PROPERTY:
            ends = ends | self._properties
        while at < len(self._words) and at not in ends and not self._stops(at, named, in_lists):
            if mark.cue.said is Said.PAST and named and self._is_anew(at):
                break
            if mark.cue.said is Said.ABOUT and named and self._words[at] == ":":
                break  # "do not give with MAOI: tramadol" is about the MAOI
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

    def _is_anew(self, at: int) -> bool:
        """Whether something new is told behind what was: "old stroke, new stroke"."""
        word, before = self._words[at], self._words[at - 1]
        if at + 1 == len(self._words) or not self._names(at + 1):
            return False
        joined = before in self._lexicon.joins and word in self._lexicon.anew
        return joined or word in self._lexicon.now

    def _preceding(self, mark: _Mark) -> tuple[int, int] | None:
        """What stands before the cue in its own part of the sentence."""
        at = self._part_begins(mark.first, self._lexicon.barriers["before"])
        if not self._any_named(at, mark.first):
            return None
        return self._spans[at][0], self._spans[mark.first][0]

    def _before(self, mark: _Mark) -> tuple[int, int] | None:
        """The same; where the cue stands alone, the part before, or all parts of the clause."""
        found = self._preceding(mark)
        if found is not None:
            return found
        at = self._part_begins(mark.first, frozenset())
        alone = not self._any_named(at, mark.first)
        return self._earlier(at, "(;") if alone else None

    def _alone(self, mark: _Mark) -> tuple[int, int] | None:
        """Of a cue that is a part by itself, "(her mother)", the same: the part before or more."""
        at = self._part_begins(mark.first, frozenset())
        following = self._words[mark.past] if mark.past < len(self._words) else "."
        alone = self._lexicon.owners.issuperset(self._words[at : mark.first])
        return self._earlier(at, "(;:") if alone and following in _BORDERS else None

    def _earlier(self, at: int, near: str) -> tuple[int, int] | None:
        """What precedes a part that begins here: a part behind a `near` mark, else the clause."""
        if not at or at - 1 in self._ends or self._words[at - 1] == ".":
            return None
        end = at - 1
        begins = (
            self._part_begins(end, frozenset())
            if self._words[end] in near
            else self._clause_begins(end)
        )
        return (self._spans[begins][0], self._spans[end][0]) if begins < end else None

    def _part_begins(self, at: int, barriers: frozenset[str]) -> int:
        begins = self._parts.get(barriers)
        if begins is None:
            begins = self._parts[barriers] = [0]
            for past, word in enumerate(self._words, 1):
                cut = word in _BORDERS or past - 1 in self._ends or word in barriers
                begins.append(past if cut else begins[-1])
        return begins[at]

    def _clause_begins(self, at: int) -> int:
        while at and self._words[at - 1] not in _STRONG and at - 1 not in self._ends:
            at -= 1
        return at

    def _words_before(self, mark: _Mark, most: int) -> tuple[int, int] | None:
        at = mark.first
        barriers = _BORDERS | self._lexicon.barriers["words before"]
        while at and mark.first - at < most:
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

    def _any_named(self, first: int, past: int) -> bool:
        """Whether something can be said of one of the tokens."""
        return self._naming[past] > self._naming[first]

    def _names(self, at: int) -> bool:
        """Whether the token is a word that something can be said of."""
        word = self._words[at]
        return word[0].isalpha() and word not in self._lexicon.fillers

    def _span(self, first: int, past: int) -> tuple[int, int]:
        return self._spans[first][0], self._spans[past - 1][1]
