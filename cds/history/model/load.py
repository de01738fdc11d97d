"""What a patient takes of opioids and of sedatives in a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from cds.chart.entries import Source
from cds.units import Quantity


class NotConvertible(Struct, frozen=True):
    """An opioid that is present but has no CDC 2022 factor, and why."""

    ingredient: str
    route: str
    reason: str
    basis: tuple[str, ...]
    source: Source


class OpioidItem(Struct, frozen=True):
    """One opioid taken on the day in question."""

    ingredient: str
    route: str
    daily_dose: Quantity
    mme_per_day: Decimal | None
    basis: tuple[str, ...]
    source: Source


class OpioidIntake(Struct, frozen=True):
    """Opioids taken on `as_of`.

    `mme_per_day`: 0 with no opioid on record, None when nothing could be converted or data lack,
    and when the total has a hole: an opioid of unknown dose, one that is perhaps taken no more, or
    a drug that could not be read.
    """

    mme_per_day: Decimal | None
    items: tuple[OpioidItem, ...] = ()
    not_convertible: tuple[NotConvertible, ...] = ()
    tolerant: bool | None = None
    """FDA definition by drug-specific thresholds for 7 days or longer"""
    tolerance_why: str = ""
    timeline: tuple[tuple[date, Decimal | None], ...] = ()
    """MME per day from each change on"""
    source: Source = ()
    problems: tuple[str, ...] = ()
    at_least: Decimal | None = None
    """MME per day of what could be computed: what a rule against treatment goes by where the total
    is unknown; None when data lack"""
    all_counted: bool = True
    """every opioid of the day is in the total with all of its dose"""
    timeline_at_least: tuple[tuple[date, Decimal], ...] = ()
    """what could be computed at each change of the timeline"""

    @property
    def known_mme(self) -> Decimal | None:
        """The total, or where it is unknown the part that is known."""
        return self.at_least if self.mme_per_day is None else self.mme_per_day


class SedativeIntake(Struct, frozen=True):
    """Benzodiazepines taken on `as_of`, as diazepam. None: present but not computable, or with a
    hole (see OpioidIntake)."""

    diazepam_equivalent_mg_per_day: Decimal | None
    items: tuple[tuple[str, Quantity | None, Decimal | None], ...] = ()
    """(ingredient, daily dose, diazepam equivalent in mg/d)"""
    source: Source = ()
    problems: tuple[str, ...] = ()
    at_least: Decimal | None = None
    """mg/d as diazepam of what could be computed; None when data lack"""

    @property
    def known_mg(self) -> Decimal | None:
        """The total, or where it is unknown the part that is known."""
        total = self.diazepam_equivalent_mg_per_day
        return self.at_least if total is None else total
