"""What a text orders besides the dose: `35 mg over 40 min, then 100 mg`, `CORRECTION: 350 mg`.

Such a second dose stands in words only, beside fields that hold the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from cds.dosage.model import DosageRead, FieldAmount, Fields, Stated
from cds.dosage.read import with_text
from cds.dosage.words import found_in, stated_in
from cds.orders.of_what import word_list
from cds.units import Quantity, UnitError, measures

_ONWARD = frozenset({"then", "repeat", "change_to", "extra", "another"})
_AMOUNTS = frozenset({"dose", "rate"})
_MILLIGRAMS = ("mg", "mg/kg")


def leads_on(text: str) -> bool:
    """Whether a text beside the dose goes on from it, or corrects it: `then 100 mg IV`."""
    return any(_is_onward(fact.kind, text[fact.begin : fact.end]) for fact in found_in(text))


def parts_in(text: str) -> tuple[str, ...]:
    """The text, cut before each word that goes on from one amount to another or corrects it."""
    cuts, cut, told = [0], None, False
    for fact in found_in(text):
        if fact.kind in _AMOUNTS:
            if cut is not None and told:
                cuts.append(cut)
            cut, told = None, True
        elif cut is None and _is_onward(fact.kind, text[fact.begin : fact.end]):
            cut = fact.begin
    ends = [*cuts[1:], len(text)]
    return tuple(text[a:b].strip(" ,;.*") for a, b in zip(cuts, ends, strict=True))


def split(read: DosageRead) -> tuple[DosageRead, list[DosageRead]]:
    """(the dosage of the fields, further ones that only its words order)."""
    parts = parts_in(read.own)
    coded = (*read.fields.doses, *read.fields.rates)
    further = [part for part in parts[1:] if _is_another(stated_in(part), coded)]
    if not further or _is_another(stated_in(parts[0]), coded):
        return read, []
    own = "; ".join(part for part in parts if part not in further)
    return with_text(read, own), [_in_words(read, part) for part in further]


def _in_words(read: DosageRead, part: str) -> DosageRead:
    """A further dose: as the instruction is given, unless the words say how."""
    said, fields = stated_in(part), read.fields
    whole, timing = stated_in(read.own), fields.timing
    if said.method in ("push", "bolus") or said.duration_min is not None or said.rates:
        timing = replace(timing, duration_min=None, duration_unread=False)
    elif timing.duration_min is None:
        timing = replace(timing, duration_min=whole.duration_min)
    bare = replace(
        fields, doses=(), rates=(), timing=timing, method=None, amount_written=False, problems=()
    )
    if said.routes:
        bare = replace(bare, route=None, routes=(), route_written=False)
    elif len(whole.routes) == 1 and not fields.route_written:
        bare = replace(bare, route=whole.routes[0], routes=whole.routes, route_written=True)
    return with_text(replace(read, fields=_without_maxima(bare)), part)


def _without_maxima(fields: Fields) -> Fields:
    """They are of the instruction, and judged there."""
    return replace(
        fields, max_per_administration=None, max_per_period=(), max_per_lifetime=None, against=()
    )


def _is_onward(kind: str, word: str) -> bool:
    return kind in _ONWARD or re.sub(r"\W", "", word).lower() in word_list("anew")


def _is_another(said: Stated, coded: tuple[FieldAmount, ...]) -> bool:
    """Whether words name an amount of the drug, and none that is the fields'."""
    named = list(_of_the_drug(said))
    return bool(named) and not any(_is_within(one, amount) for one in named for amount in coded)


def _of_the_drug(said: Stated) -> Iterator[Quantity]:
    for dose in said.doses:
        if any(measures(dose.unit, unit) for unit in _MILLIGRAMS):
            yield dose
    yield from (rate for rate in said.rates if not rate.unit.startswith("mL"))


def _is_within(said: Quantity, amount: FieldAmount) -> bool:
    """An amount of the fields, to within rounding (1 %), or one of their range."""
    ends = [end for end in (amount.low, amount.high) if end is not None]
    try:
        low, high = (end.to(said.unit).value for end in (ends[0], ends[-1]))
    except UnitError:
        return False
    return low * 99 <= said.value * 100 and said.value * 100 <= high * 101
