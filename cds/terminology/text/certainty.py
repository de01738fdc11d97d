"""How words say that something is so: denied, doubtful, past, somebody else's, to be avoided.

The one reader of it. A text is cut into clauses, each with what its cues say of it; the cues and
how far they reach are in certainty.yaml. Readers differ only in what they ask for, below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from cds.kept import kept
from cds.terminology.model import Said
from cds.terminology.text.cues import CUTS, WORD, Tokens, lexicon
from cds.terminology.text.reach import Asked, Clause, Reading
from cds.terminology.text.spelling import with_number_sign

__all__ = ["Asked", "Clause", "affirmed", "affirms", "joined", "read"]

CONDITIONS: Asked = frozenset(
    {Said.DENIED, Said.DOUBTFUL, Said.PAST, Said.NO_MORE, Said.ENDED, Said.OTHER, Said.CONCERN}
)
DIAGNOSES: Asked = CONDITIONS - {Said.DOUBTFUL}
"""of a rule that asks for a current disease in words: a doubtful one counts, as it warns"""
STATES: Asked = frozenset({Said.DENIED, Said.OTHER, Said.CONCERN, Said.PLANNED, Said.CANCELLED})
"""of what was done once and lasts: an operation, a device, the menopause"""
PROCEDURES: Asked = STATES - {Said.PLANNED, Said.CANCELLED}
"""done or ordered; an order is a plan"""
DONE: Asked = STATES
"""of a procedure on record: what is planned, cancelled or talked about was not done"""
DRUGS: Asked = frozenset(
    {Said.DENIED, Said.DOUBTFUL, Said.PAST, Said.OTHER, Said.AVOIDED, Said.STOPPED, Said.ABOUT,
     Said.ALLERGY, Said.NO_MORE, Said.CANCELLED}
)  # fmt: skip
NOT_TAKEN: Asked = frozenset({Said.DENIED, Said.ABOUT, Said.ALLERGY})
"""of these, what leaves no drug that may be taken; the others make it doubtful"""
ORDERS: Asked = frozenset({Said.ABOUT, Said.ALLERGY})
"""an order that names a drug is for it, whatever else it says"""
AGAINST_ORDER: Asked = frozenset(
    {Said.AVOIDED, Said.DENIED, Said.STOPPED, Said.CANCELLED, Said.NO_MORE, Said.ALLERGY}
)
"""what the words of an order say of a drug that is not to be given by it"""
ALLERGIES: Asked = frozenset({Said.DENIED, Said.OTHER, Said.TOLERATED, Said.ENDED})
"""to be avoided is what an allergy entry is for"""
NO_DENIAL: Asked = ALLERGIES - {Said.DENIED}
"""of an allergy entry that denies something else: "no ketamine, psychosis\""""
TOLD_AGAINST: Asked = frozenset({Said.ALLERGY, Said.AVOIDED})
STANDS_OR_ENDED: Asked = TOLD_AGAINST | {Said.ENDED}
HARM: Asked = ALLERGIES | TOLD_AGAINST | {Said.CONCERN, Said.ABOUT}
"""of a diagnosis that names a drug: whether it is one against the drug"""
STOP_REASONS: Asked = frozenset({Said.DENIED, Said.OTHER, Said.CONCERN})
USES: Asked = frozenset({Said.DENIED, Said.OTHER, Said.PAST, Said.NO_MORE, Said.AVOIDED})
"""of what an order is for: "to avoid intubation" is no intubation"""


@kept(4096)
def read(text: str, asked: Asked) -> tuple[Clause, ...]:
    """The text as clauses, in order; the words of the cues themselves belong to none."""
    text = with_number_sign(text)
    if _is_plain(text):
        return (Clause(text, 0, len(text)),)
    if len(text) <= _WHOLE and len(Tokens(text).words) <= _MOST_AT_ONCE:
        return tuple(Reading(text, asked).clauses())
    return tuple(_together(text, asked))


def joined(parts: Iterable[Clause]) -> str:
    """Parts of a text as one; a name does not go on from one to the next."""
    return " ; ".join(part.text for part in parts)


def is_filler(text: str) -> bool:
    """Whether it holds no word of which something can be said."""
    return lexicon().fillers.issuperset(WORD.findall(text.lower()))


def is_placeholder(text: str) -> bool:
    """Whether it only fills its field: "N/A", "not on file", a full stop."""
    plain = text.strip().lower()
    return plain in lexicon().placeholders or not plain.strip(" .-–—_/*")


def says_not_taken(text: str) -> bool:
    """Whether it denies in so many words that a drug is taken, and not how it is handled."""
    return lexicon().not_taking.search(text) is not None


def denies_something_else(text: str, names_none: Callable[[str], bool]) -> bool:
    """Whether not the drug is denied, but how it is taken or what comes of it.

    `names_none`: whether a text names no drug; what is denied stands before the drug.
    """
    words = lexicon()
    if words.manner.search(text):
        return True
    return any(names_none(text[: match.end()]) for match in words.of_drug.finditer(text))


def speaks_of_allergy(text: str) -> bool:
    """Whether a text of an allergy list says of the allergy, not of the drug, that it is not."""
    return not lexicon().allergy.isdisjoint(WORD.findall(text.lower()))


def speaks_of_harm(text: str) -> bool:
    """Whether it says what a drug did, as a reason not to give it."""
    return not lexicon().harms.isdisjoint(WORD.findall(text.lower()))


def speaks_of_a_standing_allergy(text: str) -> bool:
    """Whether it names an allergy, which is over when the entry is, and not a reaction alone."""
    return not lexicon().standing.isdisjoint(WORD.findall(text.lower()))


def _is_plain(text: str) -> bool:
    """Most names hold no cue and are one clause: they are told apart first, for speed."""
    return lexicon().begins.isdisjoint(WORD.findall(text.lower())) and not CUTS.search(text)


def affirms(pattern: re.Pattern[str], text: str, asked: Asked) -> bool:
    """Whether the pattern stands in the text where none of what is asked for is said of it."""
    return any(affirmed(pattern, text, asked))


def affirmed(pattern: re.Pattern[str], text: str, asked: Asked) -> Iterator[re.Match[str]]:
    """The matches of which nothing is said that is asked for.

    A match that holds a cue ("no response") says it itself.
    """
    if len(text) > _MOST:  # no name and no note: what it names counts, whatever is said of it
        yield from pattern.finditer(text)
        return
    text = with_number_sign(text)
    pieces: list[tuple[int, int]] = []
    reading, start, end = None, 0, 0
    for match in pattern.finditer(text):
        if reading is None or match.start() >= end:
            pieces = pieces or _pieces(text)
            start, end = next(piece for piece in pieces if match.start() < piece[1])
            reading = Reading(text[start:end], asked)
        if not reading.said_of(match.start() - start, match.end() - start):
            yield match


_WHOLE = 2_000
"""characters of a text that is cut into its clauses at once"""
_MOST_AT_ONCE = 600
"""words and marks of it: a sentence has one in five characters"""
_LONGEST = 400
"""characters that are read at once"""
_LONGEST_SENTENCE = 1_000
_MOST_IN_SENTENCE = 220
"""words and marks: reading takes the square of the number of its cues"""
_SENTENCE_ENDS = re.compile(r"[.;] |[\n|]")
_MOST = 20_000
"""characters that are read at all"""


def _together(text: str, asked: Asked) -> Iterator[Clause]:
    """The clauses of a long text; one that goes on behind the end of a piece is one."""
    last: Clause | None = None
    for start, end in _pieces(text):
        for clause in Reading(text[start:end], asked).clauses():
            begin, past = clause.start + start, clause.end + start
            if last is not None and last.end == begin == start and last.said == clause.said:
                begin = last.start
            elif last is not None:
                yield last
            last = Clause(text[begin:past], begin, past, clause.said)
    if last is not None:
        yield last


def _pieces(text: str) -> list[tuple[int, int]]:
    """A long text in parts that are read each for itself, since cues speak of what is near.

    Reading a part takes more than twice as long when it is twice as long. They end where a
    sentence does, or else a word.
    """
    found, start = [], 0
    while len(text) - start > _LONGEST:
        near = _SENTENCE_ENDS.finditer(text, start + 1, start + _LONGEST)
        end = max((mark.end() for mark in near), default=0) or _end_of_long_sentence(text, start)
        found.append((start, end))
        start = end
    return [*found, (start, len(text))]


def _end_of_long_sentence(text: str, start: int) -> int:
    """Where a sentence that is longer than most ends; of what is none, where a word does."""
    past = start + _LONGEST_SENTENCE
    mark = _SENTENCE_ENDS.search(text, start + 1, past)
    end = mark.end() if mark else len(text) if len(text) <= past else 0
    if end and len(Tokens(text[start:end]).words) <= _MOST_IN_SENTENCE:
        return end
    past = start + _LONGEST
    return text.rfind(" ", start + 1, past) + 1 or past
