"""Of what the amounts of a text are: of the ordered drug, of another, or of a fluid.

`propofol 2 mg/kg IV for ECT` in an order for ketamine is no dose of ketamine, and neither is
`NS at 100 mL/h`. An amount is of the thing that is named before it or right behind it; one without
a name is of the same thing as the amount before it, and of the ordered drug where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from msgspec import Struct

from cds.dosage.words import found_in
from cds.dosage.words.facts import Dose, Fact
from cds.terminology.lookup import Terminology
from cds.terminology.text.untold import is_added_to_ketamine

Thing = Literal["ordered", "another drug", "fluid", "unknown"]
OURS = frozenset({"ketamine", "esketamine"})
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")
_SHORTEST_DRUG = 5
_BETWEEN = " ,/+&"
_SENTENCES = re.compile(r"[;\n]|\.(?:\s+|$)")


class Piece(Struct, frozen=True):
    """A stretch of a text whose amounts are of one thing."""

    text: str
    thing: Thing
    amounts: bool = True


def split_by_thing(text: str, terminology: Terminology, *, strict: bool) -> tuple[Piece, ...]:
    """The text in pieces, each of one thing.

    `strict`: a word that is not known, right before an amount, names something else.
    """
    pieces: list[Piece] = []
    for sentence in filter(None, (part.strip() for part in _SENTENCES.split(text))):
        pieces += _Sentence(sentence, terminology, strict=strict).pieces()
    return tuple(pieces)


@cache
def word_list(name: str) -> frozenset[str]:
    """A list of wording.yaml, as it is written there."""
    return frozenset(_table()[name])


@cache
def _table() -> dict[str, Any]:
    text = (files("cds.orders") / "wording.yaml").read_text(encoding="utf-8")
    # a word is a word: YAML has `no` and `on` for truth values otherwise
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
    return found


class _Sentence:
    def __init__(self, text: str, terminology: Terminology, *, strict: bool) -> None:
        self._text, self._terminology, self._strict = text, terminology, strict
        self._facts = found_in(text)

    def pieces(self) -> Iterator[Piece]:
        """Cut where each new thing is named: what stands before that is of the one before."""
        amounts = [n for n, fact in enumerate(self._facts) if _is_amount(fact)]
        if not amounts:
            yield Piece(self._text, "ordered", amounts=False)
            return
        begin, last = 0, -1
        thing: Thing | None = None
        for at in amounts:
            named, place = self._named(last, at) or (thing or "ordered", at)
            if thing is not None and named != thing:
                cut = self._facts[place].begin
                yield Piece(self._text[begin:cut].strip(_BETWEEN), thing)
                begin = cut
            thing, last = named, at
        yield Piece(self._text[begin:].strip(_BETWEEN), thing or "ordered")

    def _named(self, last: int, at: int) -> tuple[Thing, int] | None:
        """What is named between the amount before and this one, else right behind this one.

        With the place where it is named.
        """
        between = range(last + 1, at)
        heads = [(n, word) for n in between for word in self._words([self._facts[n]])]
        kinds = [(kind, n) for n, word in heads if (kind := self._kind(word)) is not None]
        if kinds:
            return next((named for named in kinds if named[0] == "ordered"), kinds[-1])
        fluid = self._fluid(between, heads)
        if fluid is not None and self._is_volume(at):
            return None if self._in_the_bag(between, at) else ("fluid", fluid)
        behind = self._right_behind(at)
        if behind is not None:
            return behind, at
        if self._strict and heads and heads[-1][1].lower() not in word_list("dosing"):
            return "unknown", heads[-1][0]
        return None

    def _words(self, facts: Sequence[Fact]) -> Iterator[str]:
        for fact in facts:
            words = _WORD.findall(self._text[fact.begin : fact.end])
            if fact.kind in ("unknown", "medication"):
                yield from words
            elif fact.kind == "ignored":  # of tablets: "not with magnesium"
                yield from filter(is_added_to_ketamine, words)

    def _kind(self, word: str) -> Thing | None:
        """Whether a word is the ordered drug, another one, or what may be mixed with it."""
        if is_added_to_ketamine(word):
            return "unknown"
        if len(word) < _SHORTEST_DRUG:
            return None
        match = self._terminology.drug({"text": word})
        if match is None:
            return None
        return "ordered" if match.names & OURS else "another drug"

    def _right_behind(self, at: int) -> Thing | None:
        """`2 mg midazolam`, `5 mg of midazolam`; not the next item of a list."""
        rest = [f for f in self._facts[at + 1 : at + 3] if f.kind not in ("fill", "ignored")]
        words = list(self._words(rest[:2])) if rest and rest[0].kind == "unknown" else []
        words = [word for word in words if word != "of"]
        return self._kind(words[0]) if words else None

    def _fluid(self, between: range, heads: Sequence[tuple[int, str]]) -> int | None:
        """Where a fluid is named; one right behind the amount before is that amount's."""
        named = [n for n, word in heads if word.lower() in word_list("fluids")]
        named += [n for n in between if self._facts[n].kind == "fluid"]
        behind = between.start and between.start in named
        return min((n for n in named if not (behind and n == between.start)), default=None)

    def _in_the_bag(self, between: range, at: int) -> bool:
        """`500 mg in NS 250 mL`: the bag that the dose is in. `NS at 100 mL/h` runs beside it."""
        joined = {self._facts[n].value for n in between}
        if not between.start:
            return "in" in joined  # `hydrate with NS at 100 mL/h`
        return "/" not in self._facts[at].value.unit or bool(joined & {"in", "with"})

    def _is_volume(self, at: int) -> bool:
        unit: str = self._facts[at].value.unit
        return unit.startswith("mL")


def _is_amount(fact: Fact) -> bool:
    return (
        fact.kind == "dose" and isinstance(fact.value, Dose) and fact.value.unit not in ("1", "1/d")
    )
