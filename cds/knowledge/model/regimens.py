"""A dosing regimen as studied or labelled."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from cds.knowledge.model.base import Fact, Texts
from cds.knowledge.model.declared import NameOf, UpTo
from cds.knowledge.model.names import Age, Count, OrderRoutes, Positive, Settings

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
    routes: OrderRoutes
    given: Literal["infusion", "bolus", "bolus_and_infusion", "injection", "nasal", "oral"]
    indications: Annotated[Texts, NameOf("row of an indication")]
    """digest rows of the indications: `psy:trd-unipolar`; `pain:any` for any chronic pain"""
    phase: Literal["acute", "induction", "weeks_5_8", "maintenance", "any"] = "acute"
    settings: Settings = ()
    """where it may be given; empty: wherever the drug is given with monitoring"""
    jurisdiction: Literal["us", "eu"] | None = None
    min_age: Annotated[Age | None, UpTo("max_age")] = None
    max_age: Age | None = None
    suggests: Suggests = "nothing"
    why_none: str | None = None
    dose_verified: bool = False
    """dose and duration were both read in the source (or no duration is claimed)"""
    weight_based: bool = False
    dose: Annotated[Positive | None, UpTo("dose_high")] = None
    """the usual dose of one session, in `dose_unit`"""
    dose_low: Annotated[Positive | None, UpTo("dose_high"), UpTo("dose")] = None
    dose_high: Positive | None = None
    dose_unit: Literal["mg", "mg/kg", "mg/d"] | None = None
    first_dose: Annotated[Positive | None, UpTo("dose_high")] = None
    session_doses: tuple[Positive, ...] = ()
    """the only doses that exist, in mg"""
    duration_min: Annotated[Positive | None, UpTo("duration_max_min")] = None
    duration_max_min: Positive | None = None
    rate_low: Annotated[Positive | None, UpTo("rate_high")] = None
    rate_high: Positive | None = None
    rate_unit: Literal["mg/kg/h", "mg/h"] | None = None
    rate_cap_mg_per_h: Positive | None = None
    max_session_mg: Positive | None = None
    sessions: Count | None = None
    sessions_per_week: Positive | None = None
    weeks: Positive | None = None
    ends: bool = False
    """after its weeks no further dose is suggested: longer use was not studied"""
    course: str | None = None
    regulatory: str
