"""Past ketamine, and what is known of pregnancy and breastfeeding."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from cds.chart.entries import Source
from cds.units import Quantity


class KetamineSession(Struct, frozen=True):
    """One past ketamine or esketamine session, or an order or dispense that stands for some."""

    drug: Literal["ketamine", "esketamine"]
    kind: Literal["administration", "procedure", "dispense", "order", "statement"]
    when: date | None
    route: str
    source: Source
    dose: Quantity | None = None
    duration_min: Decimal | None = None
    active_order: bool | None = None
    """for orders: still active on `as_of`"""
    continuous: bool = False
    """for orders: a rate, and neither a dose nor a time"""
    withdrawn: bool = False
    """for orders: by its status it is active, and its words say that nothing is given by it"""
    end: date | None = None
    in_progress: bool = False
    """for administrations: by its status it runs; hospitals often leave it so when it is over"""


class ReproductiveState(Struct, frozen=True):
    """Pregnancy and lactation, each with the day it is known from."""

    pregnant: bool | None = None
    pregnancy_when: date | None = None
    pregnancy_source: Source = ()
    pregnancy_why: str = ""
    pregnancy_taken_back: bool = False
    """it rests on entries whose own words, or a later test, say that there is none"""
    pregnancy_possible_why: str = ""
    """what speaks for one that no test since has answered"""
    lactating: bool | None = None
    lactation_when: date | None = None
    lactation_source: Source = ()
    hysterectomy_or_sterile: bool | None = None
    contraception: bool | None = None
    last_test: date | None = None
    last_test_source: Source = ()
