"""Why a drug was stopped, from codes and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from cds.fhir_json import as_objects, as_text, concept_codes, display
from cds.reviewed import read_reviewed
from cds.terminology.model import Said
from cds.terminology.text.certainty import STOP_REASONS, Asked, affirmed
from cds.wire import Json

Reason = Literal["not_taken", "intolerance", "inefficacy", "response", "other"]
Use = Literal["mood", "pain"]
Names = Callable[[str], frozenset[str]]
"""the ingredients that a word names"""

_KINDS: tuple[Reason, ...] = ("not_taken", "intolerance", "inefficacy", "response")
_ASKED: Mapping[Reason, Asked] = {
    "not_taken": STOP_REASONS,
    "intolerance": STOP_REASONS,
    # for a trial speaks only what is certain, and of this drug
    "inefficacy": STOP_REASONS | {Said.DOUBTFUL, Said.PAST, Said.NO_MORE},
    "response": STOP_REASONS | {Said.DOUBTFUL, Said.PAST, Said.NO_MORE},
}
_BECAUSE = re.compile(r"\b(?:due to|because of|caused|causing|secondary to)\W+(?:\w+\W+){0,3}\Z")
_SWITCHED = re.compile(
    r"\b(?:switch|chang|convert|transition|replac|mov|rotat|cross.?taper|augment)\w* .*?"
    r"\b(?:due to|because(?: of)?|d/t|b/c|owing to|secondary to|for|as|since|after)\b"
)
"""to what and why: what follows is of the drug that was stopped"""
_PART = re.compile(r"[,;:|.\n]")
_TO = re.compile(r"\W+(?:to|with|from)\W+(?P<words>(?:\w+\W*){1,3})")
_NEXT = re.compile(r"\W+(?P<words>\w+)")
_FOR = re.compile(r"\W+(?:for|on|in|with)\W+(?P<words>(?:\w+\W*){1,3})")
_MOST = 2000
"""characters of a note that are read: longer ones are letters"""


class StatusReason(Struct, frozen=True):
    """A stated reason for the status: why a drug was stopped, or not given."""

    codes: frozenset[str]
    """lower case, of whatever system"""
    words: str
    """text and displays"""
    display: str
    """as the chart has it: chart text"""


class Stop(Struct, frozen=True):
    """The reason for stopping: its kind, and as the chart has it (chart text)."""

    kind: Reason
    text: str | None = None
    use: Use | None = None
    """what it did or did not work for, where the words say so"""


def status_reason(resource: Json) -> StatusReason | None:
    """The first stated reason for the status."""
    stated = as_objects(resource.get("statusReason"))
    stated = stated + as_objects(resource.get("statusReasonCodeableConcept"))
    for concept in stated:
        shown = (as_text(coding.get("display")) for coding in as_objects(concept.get("coding")))
        return StatusReason(
            codes=frozenset(code.lower() for code in concept_codes(concept)),
            words=" ".join([as_text(concept.get("text")), *shown]),
            display=display(concept),
        )
    return None


def stop_reason(
    stated: StatusReason | None,
    notes: Iterable[str] = (),
    ingredient: str = "",
    names: Names | None = None,
) -> Stop | None:
    """Why a drug was stopped, by its status reason and its notes.

    A coded or stated status reason comes first; notes are searched for known phrases only, since
    most of them say other things. `names` tells what is said of another drug than `ingredient`.
    """
    reader = _Reader(ingredient, names or (lambda _: frozenset()))
    if stated is not None:
        code = _by_code(stated.codes)
        found = Stop(code) if code else reader.read(stated.words, stated=True)
        found = found or Stop("other")
        return Stop(found.kind, stated.display or None, found.use)
    for written in notes:
        said = reader.read(written, stated=False)
        if said is not None:
            return Stop(said.kind, written, said.use)
    return None


def may_say_not_taken(text: str) -> bool:
    """Whether a note or an instruction may say that some drug was not taken: most do not."""
    return _vocabulary().kinds["not_taken"].phrases.search(text.lower()) is not None


def says_not_taken(text: str, ingredient: str, names: Names) -> bool:
    """Whether a note or an instruction says that the drug was not taken."""
    found = _Reader(ingredient, names).read(text, stated=False)
    return found is not None and found.kind == "not_taken"


def _by_code(codes: frozenset[str]) -> Reason | None:
    known = _vocabulary().kinds
    return next((kind for kind in _KINDS if codes & known[kind].codes), None)


class _Reader(Struct, frozen=True):
    """Reads reasons in words, about one drug."""

    ingredient: str
    names: Names

    def read(self, words: str, *, stated: bool) -> Stop | None:
        lower = words[:_MOST].lower().replace("’", "'")
        plain = _vocabulary().none_of_them.sub(lambda m: " " * len(m[0]), lower)
        for kind in _KINDS:
            for match in self._said(kind, plain, stated=stated):
                use = _use(plain[match.end() :])
                if use != "other" and not self._of_another(kind, plain, match):
                    return Stop(kind, use=use)
        return None

    def _said(self, kind: Reason, plain: str, *, stated: bool) -> Iterator[re.Match[str]]:
        known = _vocabulary().kinds[kind]
        yield from affirmed(known.phrases, plain, _ASKED[kind])
        for match in affirmed(known.words, plain, _ASKED[kind]):
            if stated or _BECAUSE.search(plain[: match.start()]):
                yield match

    def _of_another(self, kind: Reason, plain: str, match: re.Match[str]) -> bool:
        """Whether it is said of another drug, or of what is none: "no response to phone calls"."""
        before = _SWITCHED.sub("", _PART.split(plain[: match.start()])[-1]).split()
        known = _vocabulary()
        behind = (_NEXT if kind == "not_taken" else _TO).match(_PART.split(plain[match.end() :])[0])
        after = behind["words"].split() if behind else []
        if not known.no_drug.isdisjoint(after):
            return True
        named = frozenset().union(*map(self.names, (*before, *after)))
        if self.ingredient in named:
            return False
        if kind == "intolerance" and after and known.this.isdisjoint(after):
            return True
        return bool(named) or not known.another.isdisjoint(before)


def _use(behind: str) -> Use | Literal["other"] | None:
    found = _FOR.match(_PART.split(behind)[0])
    words = set(re.findall(r"\w+", found["words"])) if found else set()
    uses = _vocabulary().uses
    return next((use for use in ("mood", "pain", "other") if words & uses[use]), None)


# ---- the vocabulary ------------------------------------------------------------------------------


class _Kind(Struct, frozen=True):
    codes: frozenset[str]
    phrases: re.Pattern[str]
    words: re.Pattern[str]


class _Vocabulary(Struct, frozen=True):
    kinds: Mapping[Reason, _Kind]
    none_of_them: re.Pattern[str]
    no_drug: frozenset[str]
    this: frozenset[str]
    another: frozenset[str]
    uses: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    document = read_reviewed("cds.chart.medication", "stop_reasons.yaml")
    return _Vocabulary(
        kinds={
            kind: _Kind(
                frozenset(document[kind]["codes"]),
                _any_of([*_literal(document[kind]["phrases"]), *document[kind]["patterns"]]),
                _any_of(_literal(document[kind]["words"])),
            )
            for kind in _KINDS
        },
        none_of_them=_any_of(document["none_of_them"]),
        no_drug=frozenset(document["no_drug"]),
        this=frozenset(document["this"]),
        another=frozenset(document["another"]),
        uses={use: frozenset(words) for use, words in document["uses"].items()},
    )


def _literal(phrases: list[str]) -> list[str]:
    return list(map(re.escape, phrases))


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b" if patterns else r"(?!)")
