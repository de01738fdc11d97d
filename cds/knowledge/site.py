"""The site protocol: what a hospital switches on, stocks and narrows."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from cds.knowledge.model.base import Record, no_switch

CARDS = ("candidacy", "dose", "safety", "course")
"""kinds of cards that a site can switch off: all but `stop`, which says what must not be given"""

_LEAST = Decimal("0.001")
Item = TypeVar("Item")


def _split(value: object) -> object:
    """A variable may hold `ptsd, ocd` where a file holds a list."""
    if isinstance(value, str):
        if value.lstrip().startswith(("[", "{")):
            raise ValueError("is no readable JSON")
        parts = [part.strip() for part in value.split(",")] if value.strip() else []
        if not all(parts):
            raise ValueError("has an empty item: a comma too many, or a name that is missing")
        return parts
    return value


def _lower(value: object) -> object:
    """Ids and choices are lower case; an operator may write `TRD-Unipolar` or `EU`."""
    if isinstance(value, str):
        return value.strip().lower()
    if isinstance(value, list | tuple):
        return [_lower(part) for part in value]
    if isinstance(value, dict):
        if len(value) != len({_lower(key) for key in value}):
            raise ValueError("has a name twice, in capitals and without")
        return {_lower(key): _lower(part) for key, part in value.items()}
    return value


def _once(values: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(values))


Ids = Annotated[
    tuple[str, ...], AfterValidator(_once), BeforeValidator(_lower), BeforeValidator(_split)
]
Concentration = Annotated[Decimal, Field(ge=Decimal("0.1"), le=100)]


def _within(low: Any, high: int, unit: str, default: Any) -> Any:
    """A number with both ends, and the unit in which they are told."""
    return Field(default=default, ge=low, le=high, json_schema_extra={"unit": unit})


class NarrowedLimit(Record):
    """A local limit. Wider than the knowledge's needs a reason, and never past the hard limit."""

    limit: Annotated[str, BeforeValidator(_lower)]
    """id of a limit of the knowledge; each stands once"""
    warn_above: Decimal | None = _within(_LEAST, 2000, "in the limit's own unit", default=None)
    """where a warning begins; wider than the knowledge's with a reason, and up to its stop"""
    stop_above: Decimal | None = _within(_LEAST, 2000, "in the limit's own unit", default=None)
    """where an order is stopped; only lower than the knowledge's"""
    reason: str | None = None
    """why a warning begins later here"""


class SiteProtocol(Record):
    """Defaults are the project's; each can be changed per site.

    What the types can't tell, such as whether an indication exists, `site_check` does.
    """

    jurisdiction: Annotated[Literal["us", "eu"], BeforeValidator(_lower)] = "us"
    """whose labels hold"""
    indications_off: Ids = ()
    """ids of indications that are neither judged nor dosed"""
    routes_off: Ids = ()
    """routes by which no dose is offered, such as `intramuscular`"""
    cards_off: Ids = ()
    """kinds of cards that are not shown: `candidacy`, `dose`, `safety`, `course`"""
    trigger_indications: Ids = ("trd-unipolar",)
    """other orders (antidepressant, augmentation, ECT; opioids when a pain indication is listed)
    may draw a candidacy card for these"""
    trigger_quiet_days: int = _within(0, 366, "days", default=90)
    """how long such a card, once shown for a patient, is not shown again"""
    adequate_trials_required: int = _within(2, 6, "trials", default=2)
    """failed adequate trials that make a depression treatment-resistant"""
    two_classes_required: bool = False
    """they must be of two classes"""
    lifetime_trials_count: bool = True
    """trials outside the current episode count (as in ELEKT-D); else only those inside it"""
    weight_basis_obesity: Annotated[
        Literal["actual", "ideal", "adjusted"], BeforeValidator(_lower)
    ] = "actual"
    """the weight that a dose rests on from BMI 30"""
    weight_max_age_days: int = _within(1, 365, "days", default=30)
    """an older weight makes no dose"""
    ketamine_concentrations_mg_per_ml: Annotated[
        tuple[Concentration, ...], AfterValidator(_once), BeforeValidator(_split)
    ] = Field(default=(), json_schema_extra={"unit": "mg/mL"})
    """of vials or bags in stock; empty: volume is computed only from the order's product"""
    round_dose_to_mg: Decimal | None = _within(Decimal("0.01"), 10, "mg", default=None)
    """a dose is rounded down to a multiple of this; else to 0.1 mg"""
    limits: tuple[NarrowedLimit, ...] = ()
    """local limits, see below"""
    review_required: bool = False
    """a dose rests only on facts that `reviews` records as reviewed, as they are now"""
    workup_orders: bool = True
    """the work-up card offers the missing tests as orders"""
    process_order_set: bool = True
    """the work-up card names what belongs to a session: monitoring, escort, no driving"""
    default_regimen: Annotated[dict[str, str], BeforeValidator(_lower)] = Field(
        default_factory=dict
    )
    """indication → regimen id"""
    max_cards: int = _within(1, 10, "cards", default=4)
    """cards of one answer; the others are named in the last"""
    max_words: int = _within(60, 2000, "words", default=250)
    """of a whole answer, summaries and details; what was found in the patient is never left out"""

    @field_validator("*", mode="before")
    @classmethod
    def _numbers(cls, value: object, info: ValidationInfo) -> object:
        return no_switch(cls, value, info)
