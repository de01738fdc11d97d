"""A dosing regimen as studied or labelled."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from cds.knowledge.model.base import Fact, Texts

Suggests = Literal["dose", "nothing"]
RegimenRole: TypeAlias = Literal["standard_session", "low_dose_ceiling", "lowest_start"]
"""What else a regimen is the measure of: the usual session by vein for depression, what counts as a
low dose, and the lowest published start of an infusion."""


ANY_CHRONIC_PAIN = "pain:any"
"""the row of regimens for any chronic pain, where an indication has none of its own"""


class Regimen(Fact):
    """A dosing regimen as studied or labelled.

    Only a regimen that `suggests` a dose, and whose numbers were read in their source
    (`dose_verified`), ever yields one. The others are known so that an order like them is
    recognised and named, and `why_none` says why they are not offered.
    """

    name: str
    drug: Literal["ketamine", "esketamine"]
    role: RegimenRole | None = None
    routes: Texts
    given: Literal["infusion", "bolus", "bolus_and_infusion", "injection", "nasal", "oral"]
    indications: Texts
    """digest rows of the indications: `psy:trd-unipolar`; `pain:any` for any chronic pain"""
    phase: Literal["acute", "induction", "weeks_5_8", "maintenance", "any"] = "acute"
    settings: Texts = ()
    """where it may be given; empty: wherever the drug is given with monitoring"""
    jurisdiction: Literal["us", "eu"] | None = None
    min_age: int | None = None
    max_age: int | None = None
    suggests: Suggests = "nothing"
    why_none: str | None = None
    dose_verified: bool = False
    """dose and duration were both read in the source (or no duration is claimed)"""
    weight_based: bool = False
    dose: Decimal | None = None
    """the usual dose of one session, in `dose_unit`"""
    dose_low: Decimal | None = None
    dose_high: Decimal | None = None
    dose_unit: Literal["mg", "mg/kg", "mg/d"] | None = None
    first_dose: Decimal | None = None
    session_doses: tuple[Decimal, ...] = ()
    """the only doses that exist, in mg"""
    duration_min: Decimal | None = None
    duration_max_min: Decimal | None = None
    rate_low: Decimal | None = None
    rate_high: Decimal | None = None
    rate_unit: Literal["mg/kg/h", "mg/h"] | None = None
    rate_cap_mg_per_h: Decimal | None = None
    max_session_mg: Decimal | None = None
    sessions: int | None = None
    sessions_per_week: Decimal | None = None
    weeks: Decimal | None = None
    ends: bool = False
    """after its weeks no further dose is suggested: longer use was not studied"""
    course: str | None = None
    regulatory: str
