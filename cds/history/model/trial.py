"""Trials of a treatment: whether dose and time were enough, and what came of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from cds.chart.entries import Source
from cds.terminology.model import Certainty

Adequacy = Literal["strict", "minimum", "inadequate", "not_tolerated", "unknown"]
Adherence = Literal["verified", "unverified", "contradicted"]


Outcome = Literal["failed", "partial", "responded", "not_tolerated", "unknown"]


class TrialPhase(Struct, frozen=True):
    """A stretch of a trial at one daily dose; None: unknown."""

    start: date
    end: date
    """the first day no longer covered"""
    daily_dose: Decimal | None


class Trial(Struct, frozen=True):
    """One treatment trial of one ingredient, judged by dose and duration."""

    ingredient: str
    drug_class: str
    """as the knowledge writes it: SSRI, SNRI, gabapentinoid …"""
    start: date | None
    end: date | None
    max_daily_dose_mg: Decimal | None
    weeks: Decimal | None
    """time on the drug, days / 7, one decimal"""
    weeks_at_minimum: Decimal | None
    """time at or above the minimum dose: what adequacy judges"""
    adequacy: Adequacy
    adherence: Adherence
    outcome: Outcome
    reason: str
    """why it counts or does not, in a sentence"""
    basis: tuple[str, ...]
    source: Source
    in_current_episode: bool | None = None
    group: str = "antidepressant"
    """antidepressant, augmentation, or the pain digest's group: neuropathic, migraine …"""
    certainty: Certainty = Certainty.CODE
    remarks: tuple[str, ...] = ()
    ongoing: bool | None = None
    phases: tuple[TrialPhase, ...] = ()
    """its steps, where there are several"""
    assumed_dose: bool = False
    """part of its dose stands nowhere: never strict"""
    unscored: bool = False
    """adequate, and nobody could see whether it was answered by a response"""
    bar_unread: bool = False
    """adequate by a dose that was recalled or is a default of this project: read in no source"""
    fixed_course: bool = False
    """a course of set length that no rule of weeks can count: named apart"""

    @property
    def adequate(self) -> bool:
        """Counts towards `adequate_trials`: adequate, and not answered by a response."""
        enough = self.adequacy in ("strict", "minimum")
        return enough and self.outcome != "responded" and not self.unscored
