"""What an assessment says. Wording belongs to `cards`; here are ids, states and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct, field

from cds.assessment.case import Case
from cds.history.model.history import History
from cds.orders.model import Order
from cds.units import Quantity

Severity = Literal["critical", "warning", "info"]
Kind = Literal["contraindication", "interaction", "order_error", "caution", "missing", "course"]
Verdict = Literal["met", "not_met", "cannot_determine", "not_supported", "not_applicable"]
Stance = Literal[
    "supported", "conditional", "weak", "investigational", "not_supported", "icu_only",
    "perioperative", "labelled",
]  # fmt: skip
State = Literal["met", "not_met", "unknown"]

SEVERITY_ORDER: Mapping[Severity, int] = {"critical": 0, "warning": 1, "info": 2}


class ChartText(str):
    """Text that came from a chart: data, escaped by `cards` before it is shown."""

    __slots__ = ()


class Finding(Struct, frozen=True):
    """One thing to say. `id` picks the wording; `params` fill it."""

    id: str
    kind: Kind
    severity: Severity
    basis: tuple[str, ...]
    params: Mapping[str, object] = field(default_factory=dict)
    """for the wording: numbers as Decimal or Quantity, dates, and ChartText for chart text"""
    source: tuple[str, ...] = ()
    """references of the resources that it rests on"""
    citations: tuple[str, ...] = ()
    """source ids of the knowledge"""
    grade: str | None = None
    verified: bool = True
    order: str | None = None
    """the draft order that it is about, if it is about one"""
    stops_dose: bool = False
    """no dose is suggested while this stands"""
    correction: Mapping[str, Quantity | Decimal | str] | None = None
    """the one sensible correction of the order: dose, rate, duration_min, route"""
    rank: int = 3
    """its place among what is as severe: 1 is told first"""
    workup: str | None = None
    """id of the work-up item (test or measurement) that would answer it"""


class Criterion(Struct, frozen=True):
    """One entry criterion of an indication."""

    id: str
    basis: tuple[str, ...]
    state: State
    why: str
    """a plain sentence of facts and figures, safe text (chart text already marked)"""
    source: tuple[str, ...] = ()
    finding: str | None = None
    """id of the finding that gates it, if one does"""
    next_step: str | None = None
    gating: bool = True
    """False: shown for the reader; the verdict does not rest on it"""


class Candidacy(Struct, frozen=True):
    """One indication, judged."""

    indication: str
    basis: tuple[str, ...]
    verdict: Verdict
    stance: Stance
    criteria: tuple[Criterion, ...] = ()
    source: tuple[str, ...] = ()
    """the conditions that make the indication applicable"""
    grade: str | None = None
    citations: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    ordered_for: bool = False
    """the order's reason names this indication"""
    meant: bool = True
    """False: the order is for another kind of illness, as one for pain is not for depression"""
    other_reading: str | None = None
    """where guidelines disagree and the verdict would change: the other one, in a sentence"""


class DoseProposal(Struct, frozen=True):
    """A regimen for this patient; `dose_mg` None says why not in `why_not`."""

    regimen: str
    basis: tuple[str, ...]
    drug: Literal["ketamine", "esketamine"]
    route: str
    dose_mg: Decimal | None = None
    dose_mg_high: Decimal | None = None
    duration_min: Decimal | None = None
    rate_mg_per_h: Decimal | None = None
    rate_ml_per_h: Decimal | None = None
    weight_basis: Literal["actual", "ideal", "adjusted", "fixed"] | None = None
    weight_kg: Decimal | None = None
    dose_per_kg: Quantity | None = None
    volume_ml: Decimal | None = None
    concentration: Quantity | None = None
    devices: int | None = None
    sessions: int | None = None
    sessions_per_week: Decimal | None = None
    course: str | None = None
    why_not: str | None = None
    why_not_for: str | None = None
    """id of the indication that `why_not` may name"""
    unsigned: tuple[str, ...] = ()
    """`subject/id` of the facts for which it is withheld, as nobody at the site vouches for them"""
    outdated: tuple[str, ...] = ()
    """ids of its sources that were read longer ago than a dose may rest on them unasked"""
    rounding: str | None = None
    """what was rounded and to what, in words"""
    rounded_mg: Decimal | None = None
    """`dose_mg` as it is drawn up and ordered: rounded down, so never above it"""
    first_choice: bool = False
    """the one for this patient, whether or not something speaks against it"""
    recommended: bool = False
    against: tuple[str, ...] = ()
    """ids of the findings, and of what turns the verdict on the indication, for which the first
    choice is an option and not recommended"""
    order: str | None = None
    citations: tuple[str, ...] = ()
    grade: str | None = None
    regulatory: str | None = None
    source: tuple[str, ...] = ()

    @property
    def order_mg(self) -> Decimal | None:
        """What a suggestion orders."""
        return self.dose_mg if self.rounded_mg is None else self.rounded_mg

    @property
    def order_rate_mg_per_h(self) -> Decimal | None:
        """The rate that gives `order_mg` in `duration_min`; exact where it can be."""
        if self.order_mg is None or not self.duration_min:
            return self.rate_mg_per_h
        return self.order_mg * 60 / self.duration_min


class WeightUsed(Struct, frozen=True):
    """The weight that doses rest on."""

    value_kg: Decimal
    when: date
    source: tuple[str, ...]
    code: str | None = None
    """LOINC, where a code told that it is a weight"""


class Assessment(Struct, frozen=True):
    """Everything said of one patient on one day, for the orders at hand."""

    cases: tuple[Case, ...]
    """the selected orders, each with what it is for; the patient alone where none is ketamine"""
    candidacy: tuple[Candidacy, ...]
    """best first: the order's reason, then the verdict, then the stance"""
    findings: tuple[Finding, ...]
    """most severe first, in a fixed order"""
    doses: tuple[DoseProposal, ...]
    weight: WeightUsed | None = None
    """the weight that a dose may rest on"""
    weight_on_record: WeightUsed | None = None
    """the latest plausible one, usable or not"""
    weight_why_not: str | None = None
    """why no dose may rest on the latest weight"""
    infusion_therapy: bool = True
    """False: every order is for a use without regimens, or not clear: no candidacy card"""

    @property
    def history(self) -> History:
        return self.cases[0].history

    @property
    def orders(self) -> tuple[Order, ...]:
        """The selected orders."""
        return tuple(case.order for case in self.cases if case.order is not None)
