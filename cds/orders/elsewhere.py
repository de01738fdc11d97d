"""What an order says outside its dosage: in the name of its medication, and in its notes.

`ketamine 500 mg IV push x1` as a name, `give 500 mg IV push` as a note: a dose that stands only
there is the order's dose, and one beside another dose is judged as well. A strength in a name
(`ketamine 50 mg/mL`, `100 mg troche`) is no dose: an amount orders something only with a word on
how it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds.dosage.model import Stated
from cds.dosage.words import read_words
from cds.fhir_json import as_objects, as_text
from cds.terminology.lookup import Terminology
from cds.units import Quantity, UnitError
from cds.wire import Json

_GIVEN = frozenset({"push", "bolus", "infusion"})
_WORD = re.compile(r"[A-Za-z]{5,}")
_OURS = frozenset({"ketamine", "esketamine"})
_SOLVENTS = frozenset({"sodium chloride", "dextrose", "glucose", "water", "oxygen", "lactate"})


@dataclass(frozen=True, slots=True)
class Told:
    """A text that says how much to give."""

    path: str
    text: str
    stated: Stated


def told_elsewhere(
    resource: Json, names: Iterable[str], terminology: Terminology
) -> tuple[Told, ...]:
    """What the names of the medication and the notes order, in their order."""
    found = [Told("medication[x].text", text, read_words(text).stated) for text in names]
    found += [
        Told(f"note[{number}].text", text, read_words(text).stated)
        for number, note in enumerate(as_objects(resource.get("note")))
        if (text := as_text(note.get("text"))) and not _of_another_drug(text, terminology)
    ]
    distinct = {told.stated: told for told in reversed(found) if _orders(told.stated)}
    return tuple(reversed(distinct.values()))


def bag_in(names: Iterable[str]) -> Stated:
    """What a name tells of the bag: `ketamine 250 mg in D5W 250 mL`; else nothing."""
    stated = (read_words(name).stated for name in names)
    return next((s for s in stated if s.volume and s.diluent and s.doses), Stated())


def adds_a_dose(told: Told, given: list[Quantity]) -> bool:
    """Whether it names another amount than the dosages give; a bag's content is none."""
    if told.stated.volume and told.stated.diluent:
        return False
    amounts = (*told.stated.doses, *told.stated.rates)
    return not any(_same(amount, dose) for amount in amounts for dose in given)


def _orders(stated: Stated) -> bool:
    """An amount, and a word on how it is given: a push, an infusion, a time, once, per kg."""
    if stated.rates:
        return True
    how = stated.method in _GIVEN or stated.duration_min or stated.single or stated.sessions
    per_kg = any("/kg" in dose.unit for dose in stated.doses)
    return bool(stated.doses) and bool(how or per_kg)


def _of_another_drug(text: str, terminology: Terminology) -> bool:
    """A note on what is given beside it: `ondansetron 4 mg IV push before`."""
    return any(names and not names & (_OURS | _SOLVENTS) for names in _drugs(text, terminology))


def _drugs(text: str, terminology: Terminology) -> Iterator[frozenset[str]]:
    for word in dict.fromkeys(_WORD.findall(text.lower())):
        match = terminology.drug({"text": word})
        if match is not None:
            yield match.names


def _same(one: Quantity, other: Quantity) -> bool:
    """One amount, to within rounding (1 %)."""
    try:
        value = other.to(one.unit).value
    except UnitError:
        return False
    return abs(value - one.value) * 100 <= one.value
