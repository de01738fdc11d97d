"""Findings, orders and assessments written by hand, for the tables of the cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from cards.drafts import Drafts
from cards.model import Card, Suggestion
from cds.assessment.case import Case
from cds.assessment.model import (
    Assessment,
    Candidacy,
    ChartText,
    DoseProposal,
    Finding,
    Kind,
    Severity,
    WeightUsed,
)
from cds.chart.entries import Person
from cds.history.model.history import History
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from cds.terminology.lookup import load_terminology
from cds.units import Quantity
from tests.charts.reading import order_of
from tests.replaced import replace

TODAY = date(2026, 11, 22)
REF = "MedicationRequest/a"
OTHER = "MedicationRequest/b"
HISTORY = History(as_of=TODAY, person=Person("p"))
SITE = SiteProtocol()


def mg(value: str, unit: str = "mg") -> Quantity:
    return Quantity(Decimal(value), unit)


def order(ref: str = REF, **fields: Any) -> Order:
    """An order for ketamine by vein; `...` of nothing else is said."""
    kind: Any = ref.partition("/")[0]
    return replace(Order(ref, kind, drug="ketamine", display="ketamine"), **fields)


def case(of: Order | None = None, history: History = HISTORY, **site: Any) -> Case:
    return Case(history, of, (), load_knowledge(), SITE.model_copy(update=site))


def finding(
    ident: str, severity: Severity = "warning", kind: Kind = "contraindication", **fields: Any
) -> Finding:
    """One whose wording shows what was `found`; the other fields are the finding's."""
    found = fields.pop("found", (f"{ident} found",))
    params = {
        "found": tuple(ChartText(item) for item in found), "rows": (), "drug": "ketamine",
        "withheld": False, **fields.pop("params", {}),
    }  # fmt: skip
    made = Finding(ident, kind, severity, (), params, stops_dose=severity == "critical")
    return replace(made, **fields)


def missing(item: str, severity: Severity = "info", **params: Any) -> Finding:
    """A test or measurement that the work-up lacks: none on record, unless `params` say else."""
    state = {
        "name": load_knowledge().monitoring[item].name, "seen": True, "last": None, "days": None,
        "max_age_days": 30, "unusable": None, "unusable_when": None, "inconclusive": False,
        "without": (),
    }  # fmt: skip
    return Finding(f"missing-{item}", "missing", severity, (), state | params, workup=item)


def dose(regimen: str = "iv-std-acute", **fields: Any) -> DoseProposal:
    """35 mg over 40 min for 70 kg, twice a week, six times."""
    made = DoseProposal(
        regimen=regimen, basis=(), drug="ketamine", route="intravenous", dose_mg=Decimal(35),
        duration_min=Decimal(40), weight_basis="actual", weight_kg=Decimal(70),
        dose_per_kg=mg("0.5", "mg/kg"), sessions=6, sessions_per_week=Decimal(2), first_choice=True,
        recommended=True,
    )  # fmt: skip
    return replace(made, **fields)


def no_dose(why: str, regimen: str = "iv-std-acute", **fields: Any) -> DoseProposal:
    none = dict.fromkeys(
        ("dose_mg", "duration_min", "weight_basis", "weight_kg", "dose_per_kg", "sessions",
         "sessions_per_week")
    )  # fmt: skip
    return dose(regimen, why_not=why, recommended=False, **none, **fields)


def judged(indication: str = "trd-unipolar", **fields: Any) -> Candidacy:
    return replace(Candidacy(indication, (), "met", "conditional"), **fields)


def assessment(
    *findings: Finding,
    orders: Sequence[Order] = (),
    doses: Sequence[DoseProposal] = (),
    candidacy: Sequence[Candidacy] = (),
    history: History = HISTORY,
    infusion_therapy: bool = True,
    weight: str | None = "70",
    weight_why_not: str | None = None,
    **site: Any,
) -> Assessment:
    cases = tuple(case(one, history, **site) for one in orders) or (case(None, history, **site),)
    used = WeightUsed(Decimal(weight), date(2026, 11, 10), ("Observation/w",)) if weight else None
    return Assessment(
        cases, tuple(candidacy), findings, tuple(doses), used, used, weight_why_not,
        infusion_therapy,
    )  # fmt: skip


def said(card: Card | None) -> tuple[str, str, list[str]] | None:
    """Indicator, summary and the lines of a card."""
    if card is None:
        return None
    return card.indicator, card.summary, card.detail.split("\n") if card.detail else []


def offered(suggestions: Sequence[Suggestion]) -> list[tuple[str, bool, list[tuple[str, str]]]]:
    """Label, whether recommended, and the type and the resource of each action."""
    return [
        (s.label, s.recommended, [(a.type, a.resource_id or _named(a.resource)) for a in s.actions])
        for s in suggestions
    ]


def _named(resource: Any) -> str:
    return str(resource.get("id") or resource["code"]["text"])


def drafts(*refs: str, **more: Any) -> Drafts:
    """Drafts of ketamine as an EHR sends them; `more` is laid over each."""
    sent = {
        ref: {
            "resourceType": ref.partition("/")[0], "id": ref.partition("/")[2], "status": "draft",
            "intent": "order", "medicationCodeableConcept": {"text": "ketamine 50 mg/mL"}, **more,
        }
        for ref in refs or (REF,)
    }  # fmt: skip
    return Drafts(sent, lambda draft: order_of(draft, load_terminology()))
