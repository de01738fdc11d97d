"""Which intakes of a drug are one regimen: the same order, renewed or told again.

A chart may hold thousands of orders of one drug, so what is compared of each is made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from cds.allowance import check
from cds.history.medications.intake import Intake
from cds.history.medications.phase import Phase
from cds.units import Quantity


class _Told(Struct, frozen=True, eq=False):
    """What an intake says of strength and dose. Intakes that say the same share one."""

    needed: bool
    strength: Quantity | None
    doses: int
    """the same number for the same doses"""
    unknown: bool
    """no dose is known"""

    def fits(self, other: _Told) -> bool:
        """The same strength and the same instruction, as far as either is known."""
        if self.needed != other.needed:
            return False
        if self.strength != other.strength and None not in (self.strength, other.strength):
            return False
        return self.doses == other.doses or self.unknown or other.unknown


class Regimens:
    """The regimens of the intakes of one drug."""

    def __init__(self, intakes: Iterable[Intake]) -> None:
        numbers: dict[tuple[object, ...], int] = {}
        told: dict[tuple[object, ...], _Told] = {}
        self._told: dict[int, _Told] = {}
        """by the identity of the intake"""
        for intake in intakes:
            needed, strength = intake.as_needed is True, intake.substance.strength
            doses = tuple(map(_written, intake.phases))
            number = numbers.setdefault(doses, len(numbers))
            said = needed, strength, number
            if said not in told:
                unknown = all(part is None for dose in doses for part in dose)
                told[said] = _Told(needed, strength, number, unknown)
            self._told[id(intake)] = told[said]

    def same(self, one: Intake, other: Intake) -> bool:
        """Whether one renews the other, carries it out, or tells it again."""
        told, of_other = self._told[id(one)], self._told[id(other)]
        if told is of_other or one.ref in other.part_of or other.ref in one.part_of:
            return True
        return told.fits(of_other)

    def one(self, intakes: Iterable[Intake]) -> bool:
        """Whether all of these say the very same."""
        return len({id(self._told[id(intake)]) for intake in intakes}) <= 1

    def numbered(self, intakes: Sequence[Intake]) -> list[tuple[Intake, int]]:
        """Each with the number of its regimen: that of the first of its kind that is the same."""
        found: list[tuple[Intake, int]] = []
        first: dict[tuple[str, _Told], int] = {}
        """place of the first that says so; where references tell, of that which they name"""
        alike: dict[tuple[str, _Told], int] = {}
        """place of the first that fits one that says so"""
        by_ref: dict[tuple[str, str], int] = {}
        of_ref: dict[tuple[str, str], int] = {}
        for place, intake in enumerate(intakes):
            check()
            kind, told = intake.kind, self._told[id(intake)]
            places = [by_ref[kind, ref] for ref in intake.part_of if (kind, ref) in by_ref]
            places += [of_ref[kind, intake.ref]] if (kind, intake.ref) in of_ref else []
            if (kind, told) not in alike:
                like = (at for (k, one), at in first.items() if k == kind and told.fits(one))
                alike[kind, told] = next(like, place)
            places += [alike[kind, told]]
            number = found[min(places)][1] if min(places) < place else place
            found.append((intake, number))
            first.setdefault((kind, told), place)
            by_ref.setdefault((kind, intake.ref), place)
            for ref in intake.part_of:
                of_ref.setdefault((kind, ref), place)
        return found


def _written(phase: Phase) -> tuple[object, ...]:
    """The doses of an instruction, without what was handed out beside it."""
    beside = phase.doubts & {"sources_differ", "supplied"}
    return phase.low, phase.low if beside else phase.high, phase.up_to
