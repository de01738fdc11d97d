"""The site protocol: what a hospital switches on, stocks and narrows."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from cds.knowledge.base import Record


class NarrowedLimit(Record):
    """A local limit. Wider than the knowledge's needs a reason, and never past the hard limit."""

    limit: str
    """id of a limit of the knowledge"""
    warn_above: Decimal | None = None
    stop_above: Decimal | None = None
    reason: str | None = None


class SiteProtocol(Record):
    """Defaults are the project's; each can be changed per site."""

    jurisdiction: Literal["us", "eu"] = "us"
    indications_off: tuple[str, ...] = ()
    routes_off: tuple[str, ...] = ()
    cards_off: tuple[str, ...] = ()
    trigger_indications: tuple[str, ...] = ("trd-unipolar",)
    """other orders (antidepressant, augmentation, ECT; opioids when a pain indication is listed)
    may draw a candidacy card for these"""
    trigger_quiet_days: int = 90
    adequate_trials_required: int = Field(default=2, ge=2)
    two_classes_required: bool = False
    lifetime_trials_count: bool = True
    """trials outside the current episode count (as in ELEKT-D); else only those inside it"""
    weight_basis_obesity: Literal["actual", "ideal", "adjusted"] = "actual"
    weight_max_age_days: int = 30
    ketamine_concentrations_mg_per_ml: tuple[Decimal, ...] = ()
    """of vials or bags in stock; empty: volume is computed only from the order's product"""
    round_dose_to_mg: Decimal | None = None
    limits: tuple[NarrowedLimit, ...] = ()
    workup_orders: bool = True
    process_order_set: bool = True
    default_regimen: dict[str, str] = Field(default_factory=dict)
    """indication → regimen id"""
    max_cards: int = Field(default=4, ge=1, le=10)
    max_words: int = Field(default=250, ge=60, le=2000)
    """of a whole answer, summaries and details; what was found in the patient is never left out"""
