"""Whether notes and instructions say that a drug is not taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from cds.chart.medication.entry import Substance
from cds.chart.medication.stop_reason import Names, may_say_not_taken, says_not_taken
from cds.dosage.model import DosageRead
from cds.kept import kept
from cds.reviewed import read_reviewed
from cds.terminology.model import Said
from cds.terminology.text.certainty import affirms

_OF_NOBODY_HERE = frozenset({Said.OTHER, Said.CONCERN})
_MOST = 2000
"""characters that are read: longer notes are letters"""
_NOT_TAKEN = 'its note or instruction says that it is not taken: "{}"'
_SHOWN = 60


def as_taken(
    substance: Substance,
    notes: Iterable[str],
    dosages: Iterable[DosageRead],
    names: Names,
    *,
    ordered: bool = False,
) -> Substance:
    """The substance, in doubt where a note or an instruction says that it is not taken.

    `ordered`: they are of an order, which they may call off. Words lower certainty: it may still be
    taken, and no day of it is proven.
    """
    if substance.doubt is not None:
        return substance
    for text in _texts(notes, dosages):
        told = _told(text)
        if (
            told.not_taken
            or (ordered and told.withdrawn)
            or (told.perhaps and says_not_taken(_plain(text), substance.ingredient, names))
        ):
            short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            notes = (*substance.notes, _NOT_TAKEN.format(short))
            return replace(substance, doubt=Said.DENIED, notes=notes)
    return substance


def _texts(notes: Iterable[str], dosages: Iterable[DosageRead]) -> Iterator[str]:
    yield from filter(None, notes)
    for dosage in dosages:
        yield from filter(None, (dosage.own, dosage.patient))


class _Told(NamedTuple):
    """What a text says, of whatever drug."""

    not_taken: bool
    withdrawn: bool
    """an order of which it is said is called off"""
    perhaps: bool
    """it says of some drug that it was not taken"""


@kept(4096)
def _told(text: str) -> _Told:
    plain = _plain(text)
    return _Told(
        not_taken=affirms(_now(), plain, _OF_NOBODY_HERE),
        withdrawn=affirms(_withdrawn(), plain, _OF_NOBODY_HERE),
        perhaps=may_say_not_taken(plain),
    )


def _plain(text: str) -> str:
    return text[:_MOST].lower().replace("’", "'")


def withdraw(texts: Iterable[str]) -> bool:
    """Whether notes or instructions of an order say that nothing is to be given by it."""
    return any(_told(text).withdrawn for text in texts)


@lru_cache(maxsize=1)
def _withdrawn() -> re.Pattern[str]:
    document = read_reviewed("cds.chart.medication", "not_taken.yaml")
    keys = ("withdrawn", "before", "object", "ordered", "ends")
    told, before, objects, ordered, ends = ("|".join(document[key]) for key in keys)
    return re.compile(
        rf"(?:\A|[.;:!\n,(]|\s-)\s*(?:(?:{before})\s+)*(?:{told})(?:\s+(?:{objects}|{ordered}))*"
        rf"\s*(?=\Z|[.,;!()\n]|-\s|(?:{ends})\b)(?![^.;\n]*\b(?:if|unless)\b)"
    )


@lru_cache(maxsize=1)
def _now() -> re.Pattern[str]:
    document = read_reviewed("cds.chart.medication", "not_taken.yaml")
    now, objects, ends = ("|".join(document[key]) for key in ("now", "object", "ends"))
    return re.compile(rf"\b(?:{now})(?: (?:{objects}))*\s*(?=\Z|[.,;:!()\n-]|(?:{ends})\b)")
