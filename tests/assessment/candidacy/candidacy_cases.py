"""Small ways to write a patient's facts and the case they make, for candidacy tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cds.assessment.candidacy import candidacy, candidacy_findings
from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Finding
from cds.chart.encounter_entry import Encounter
from cds.chart.entries import Condition, Person, Procedure, Result
from cds.history.model.course import MedicationCourse, Segment
from cds.history.model.history import History
from cds.history.model.load import OpioidIntake
from cds.history.model.trial import Trial
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from cds.units import Quantity
from tests.charts import entries
from tests.charts.entries import ages

AS_OF = date(2026, 11, 22)
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
KEYS = frozenset(
    {
        "patient", "conditions", "medicationRequests", "medicationStatements",
        "medicationDispenses", "medicationAdministrations", "observations", "allergies",
        "procedures", "encounter",
    }
)  # fmt: skip
NO_OPIOID = OpioidIntake(mme_per_day=Decimal(0), tolerant=False)


def days_ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def condition(
    *sets: str, code: str | None = None, status: Any = "active", **more: Any
) -> Condition:
    fields: dict[str, Any] = {
        "display": f"{code or sets[0]} as charted",
        "clinical": status,
        "source": (f"Condition/{'-'.join(sets) or code}",),
        "codes": ((ICD10CM, code),) if code else (),
        "recorded": days_ago(400),
    }
    return entries.condition(*sets, **fields | more)


def mdd(code: str = "F33.1", *more_sets: str, **more: Any) -> Condition:
    return condition("mdd_any", "depression_any", *more_sets, code=code, **more)


def trial(
    ingredient: str, drug_class: str, adequacy: Any = "strict", outcome: Any = "failed", **more: Any
) -> Trial:
    fields: dict[str, Any] = {
        "ingredient": ingredient,
        "drug_class": drug_class,
        "start": days_ago(300),
        "end": days_ago(200),
        "max_daily_dose_mg": Decimal(100),
        "weeks": Decimal("14.3"),
        "weeks_at_minimum": Decimal("14.3"),
        "adequacy": adequacy,
        "adherence": "unverified",
        "outcome": outcome,
        "reason": f"{adequacy} by dose and duration",
        "basis": (),
        "source": (f"MedicationRequest/{ingredient}",),
    }
    return Trial(**(fields | more))


SERTRALINE = trial("sertraline", "SSRI")
VENLAFAXINE = trial("venlafaxine", "SNRI")
ESCITALOPRAM = trial("escitalopram", "SSRI")
BUPROPION = trial("bupropion", "NDRI")


def pain_trial(ingredient: str, drug_class: str, group: str = "neuropathic", **more: Any) -> Trial:
    return trial(ingredient, drug_class, group=group, **more)


GABAPENTIN = pain_trial("gabapentin", "gabapentinoid")
DULOXETINE = pain_trial("duloxetine", "SNRI")


def score(
    kind: str, value: int | None, days: int = 7, **more: Any
) -> dict[str, tuple[Result, ...]]:
    fact = Result(
        kind=kind,
        when=days_ago(days),
        source=(f"Observation/{kind}",),
        value=None if value is None else Decimal(value),
        unit="{score}",
        **more,
    )
    return {kind: (fact,)}


def drug(
    ingredient: str, *classes: str, current: bool | None = True, since: int = 200
) -> MedicationCourse:
    return MedicationCourse(
        ingredient=ingredient,
        classes=frozenset(classes),
        route="oral",
        segments=(
            Segment(days_ago(since), AS_OF, Quantity(Decimal(1), "mg/d"), "ongoing", "ordered", ()),
        ),
        current=current,
        source=(f"MedicationRequest/{ingredient}",),
    )


def encounter(label: str | None, icu: bool | None = None) -> Encounter:
    return Encounter(label, icu=icu, source=("Encounter/1",))


def procedure(*sets: str) -> Procedure:
    return Procedure(frozenset(sets), "done", days_ago(60), ("Procedure/1",))


def patient(**facts: Any) -> History:
    """An adult whose record was read in full, with a medication history, and these facts."""
    fields: dict[str, Any] = {
        "as_of": AS_OF,
        "person": Person("p1", ages=ages(facts.pop("age", 44)), source=("Patient/p1",)),
        "answered": KEYS - frozenset(facts.pop("unanswered", ())),
        "first_medication_record": days_ago(2000),
        "opioids": NO_OPIOID,
    }
    scores = facts.pop("scores", ())
    facts["observations"] = {kind: found for entry in scores for kind, found in entry.items()}
    return History(**(fields | facts))


def order(drug: Any = "ketamine", **more: Any) -> Order:
    return Order(**({"ref": "MedicationRequest/draft", "resource_type": "MedicationRequest",
                     "drug": drug} | more))  # fmt: skip


def case(history: History, placed: Order | None = None, **site: Any) -> Case:
    return Case(history, placed, (), load_knowledge(), SiteProtocol(**site))


def verdicts(history: History, placed: Order | None = None, **site: Any) -> dict[str, Candidacy]:
    return {c.indication: c for c in candidacy(case(history, placed, **site))}


def findings(history: History, placed: Order | None = None, **site: Any) -> dict[str, Finding]:
    """Findings by the psychiatric digest's rule id."""
    asked = case(history, placed, **site)
    found = candidacy_findings(asked, candidacy(asked))
    return {basis.removeprefix("psy:"): finding for finding in found for basis in finding.basis}
