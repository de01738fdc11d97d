"""The dosages of a draft: its instructions, completed by what its name and its notes say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.medication.entry import Medication
from cds.dosage.model import DosageRead, Stated
from cds.dosage.quantity import Problems
from cds.dosage.read import in_words, with_text
from cds.orders import onward
from cds.orders.dosage import (
    AT_ONCE,
    BOLUS_MIN,
    OrderedDosage,
    in_steps,
    is_one_time,
    ordered,
)
from cds.orders.elsewhere import (
    NAME,
    NOT_JUDGED,
    Told,
    adds_a_dose,
    affirmed,
    bare_amount_in,
    beside_dosage,
    makes_up,
    told_beside,
    told_how,
    told_in_names,
    with_paths,
)
from cds.orders.of_what import OURS, Piece, split_by_thing
from cds.orders.product import OrderedProduct
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty
from cds.units import Quantity, measures, readable

_BY_NEEDLE = ("intravenous", "intramuscular", "subcutaneous", "intraosseous")


class _Step(Struct, frozen=True):
    """One instruction, or one step of it."""

    path: str
    dosage: DosageRead
    number: int
    """of its dosageInstruction"""
    written: str
    """its text before anything of other drugs was taken out"""
    beside: bool = False
    """only words order it, beside the fields"""

    def read(self, problems: Problems, more: str = "") -> OrderedDosage:
        text = "; ".join(t for t in (self.dosage.own, more) if t)
        dosage = with_text(self.dosage, text) if more else self.dosage
        found = ordered(dosage, self.path, problems)
        shown = "; ".join(t for t in (self.written, more) if t)
        told = found.text.removeprefix(text)
        return replace(
            found, text=shown + told if shown != text else found.text, beside=self.beside
        )


def dosages_of(
    entry: Medication, product: OrderedProduct, terminology: Terminology, problems: Problems
) -> tuple[list[OrderedDosage], list[OrderedDosage]]:
    """The dosages in their order, and other readings of their doses, to be judged as well."""
    ours = product.match is not None and not product.match.names.isdisjoint(OURS)
    steps = list(_steps(entry.dosages, terminology if ours else None, problems))
    dosages = [step.read(problems) for step in steps]
    if not ours:
        return dosages, []  # of another drug, only that it is ordered counts, and by which route
    notes = list(_notes(entry, terminology))
    for number, told in _told(product, notes, problems):
        given = _given(dosages)
        at = next((n for n, step in enumerate(steps) if step.number == number), 0)
        if not given or (makes_up(told) and len(dosages) == 1 and not dosages[0].rate):
            step = steps[at] if steps else _Step(told.path, in_words(""), 0, "")
            dosages[at : at + 1] = [step.read(problems, told.text)]
        elif not adds_a_dose(told, given):
            continue
        elif told.sure:
            problems.add(told.path, "names another dose than the instruction")
            changed = ordered(in_words(told.text), told.path, problems)
            dosages.append(replace(_as_the_instruction(changed, dosages[at]), beside=True))
        else:
            named = (*told.stated.doses, *told.stated.rates)[0]
            problems.add(told.path, f"names another amount than the instruction: {named}")
    for note in notes:
        for how in told_how(note.pieces):
            for what in _otherwise(how, dosages[0]) if dosages else ():
                problems.add(note.path, what)
    by_needle = any(dosage.route in _BY_NEEDLE for dosage in dosages)
    if by_needle and not _given(dosages) and bare_amount_in(product.names):
        problems.add(NAME, NOT_JUDGED)
    return dosages, [other for dosage in dosages for other in _other_readings(dosage)]


def concurrent(dosages: Sequence[DosageRead]) -> bool:
    """Whether the instructions run beside each other: several, and none says its turn."""
    return len(dosages) > 1 and len({dosage.sequence for dosage in dosages}) == 1


def in_turn(dosages: Sequence[DosageRead]) -> list[tuple[int, DosageRead]]:
    """(number, dosage) in the order in which they are to be followed."""

    def turn(numbered: tuple[int, DosageRead]) -> tuple[int, int]:
        number, dosage = numbered
        return (dosage.sequence if dosage.sequence is not None else number + 1, number)

    return sorted(enumerate(dosages), key=turn)


def _steps(
    dosages: Sequence[DosageRead], terminology: Terminology | None, problems: Problems
) -> Iterator[_Step]:
    """The instructions in their turn; with `terminology`, those of other drugs and of fluids are
    left out."""
    for number, dosage in in_turn(dosages):
        path, text = f"dosageInstruction[{number}]", dosage.own
        pieces = split_by_thing(text, terminology, strict=False) if text and terminology else ()
        if any(piece.thing == "another drug" for piece in pieces):
            problems.add(f"{path}.text", "names a dose of another drug, which was not judged")
        kept = [piece for piece in pieces if piece.thing == "ordered"]
        if len(kept) < len(pieces):  # else the text stays as it is written
            if not any(piece.amounts for piece in kept) and not dosage.fields.amount_written:
                continue
            dosage = with_text(dosage, "; ".join(piece.text for piece in kept))
        if dosage.fields.amount_written:
            first, further = onward.split(dosage)
            yield _Step(path, first, number, text)
            for step in further:
                yield _Step(path, step, number, step.own, beside=True)
            continue
        split = in_steps(dosage)
        for step in split:
            yield _Step(path, step, number, text if len(split) == 1 else step.own)


class _Note(Struct, frozen=True):
    """Words beside the instructions."""

    path: str
    number: int
    """of the instruction that it belongs to"""
    pieces: tuple[Piece, ...]


def _notes(entry: Medication, terminology: Terminology) -> Iterator[_Note]:
    """What stands beside each instruction, and the notes; each is taken apart once."""
    year = entry.times.authored.day.year if entry.times.authored else None
    for number, dosage in enumerate(entry.dosages):
        for below, text in beside_dosage(dosage):
            path = f"dosageInstruction[{number}].{below}"
            yield _Note(path, number, affirmed(text, terminology, year=year))
    for path, text in with_paths(entry.notes):
        yield _Note(path, 0, affirmed(text, terminology, year=year))


def _told(
    product: OrderedProduct, notes: Sequence[_Note], problems: Problems
) -> Iterator[tuple[int, Told]]:
    """(number of the instruction that it belongs to, what is told there); names come first."""
    coded = product.match is not None and product.match.certainty is Certainty.CODE
    strength = product.strength if coded else None  # else it is that of the very name
    yield from ((0, told) for told in told_in_names(product.names, strength))
    for note in notes:
        for told in told_beside(note.path, note.pieces, problems):
            yield note.number, told


def _otherwise(how: Stated, dosage: OrderedDosage) -> Iterator[str]:
    """Another time, another route, or a push of what takes its time."""
    minutes = dosage.duration_min
    if minutes is not None and not is_one_time(minutes, how.duration_min):
        yield f"says {readable(how.duration_min or minutes)} min, not {readable(minutes)} min"
    elif minutes is not None and minutes > BOLUS_MIN and how.method in AT_ONCE:
        yield f"says {how.method}, not {readable(minutes)} min"
    if dosage.route is not None and how.routes and dosage.route not in how.routes:
        yield f"says {how.routes[0]}, not {dosage.route}"


def _given(dosages: list[OrderedDosage]) -> list[Quantity]:
    return [q for d in dosages for q in (d.dose, d.rate, d.dose_per_kg, *d.also) if q is not None]


def _as_the_instruction(changed: OrderedDosage, instruction: OrderedDosage) -> OrderedDosage:
    """`may increase to 1 mg/kg`: in the time of the instruction, unless it says how it is given."""
    changed = replace(changed, route=changed.route or instruction.route)
    told = changed.rate or changed.duration_min or changed.method in ("push", "bolus")
    return changed if told else replace(changed, duration_min=instruction.duration_min)


def _other_readings(dosage: OrderedDosage) -> Iterator[OrderedDosage]:
    """The dosage with what its words say in place of what its fields say."""
    plain = replace(dosage, also=(), also_rates=(), dose_high=None, dose_per_kg=None)
    for dose in dosage.also:
        if not measures(dose.unit, "mL"):  # it may be what the dose is made up to
            yield replace(plain, dose=dose, rate=None, rate_high=None, volume=None)
    for rate in dosage.also_rates:
        yield replace(plain, dose=None, rate=rate, rate_high=None)
