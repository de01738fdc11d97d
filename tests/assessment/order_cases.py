"""Orders and patients in brief, for the tables of the order checks and doses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from cds.assessment.case import Case
from cds.assessment.cases import case_of
from cds.chart.encounter_entry import Encounter
from cds.chart.entries import Condition, Person, Result
from cds.history.model.history import History
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from cds.terminology.lookup import load_terminology
from cds.units import Quantity
from tests.charts.entries import ages, condition
from tests.charts.reading import order_of
from tests.replaced import replace

TODAY = date(2026, 11, 22)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
REASONS = {
    "depression": "F33.2", "suicidality": "R45.851", "crps": "G90.511", "neuropathy": "G62.9",
    "acute pain": "G89.11", "status epilepticus": "G40.901", "phantom limb": "G54.6",
    "phn": "B02.29", "sickle crisis": "D57.00", "migraine": "G43.709", "hypertension": "I10",
    "back pain": "M54.50",
}  # fmt: skip
PRODUCTS = {
    "ketamine": {"coding": [{"system": RXNORM, "code": "6130"}]},
    "ketamine 10 mg/mL": {"coding": [{"system": RXNORM, "code": "238082"}]},
    "ketamine 50 mg/mL": {"coding": [{"system": RXNORM, "code": "238084"}]},
    "ketamine 100 mg/mL": {"coding": [{"system": RXNORM, "code": "238083"}]},
    "esketamine device": {"coding": [{"system": RXNORM, "code": "2119387"}]},
    "esketamine": {"coding": [{"system": RXNORM, "code": "2119365"}]},
}


def draft(row: Mapping[str, Any]) -> dict[str, Any]:
    """A draft order; `fhir` is laid over it as it is."""
    product = row.get("product", "ketamine 50 mg/mL")
    resource: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": row.get("id", "draft-1"),
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": PRODUCTS.get(product, {"text": product}),
    }
    if row.get("order"):
        resource["dosageInstruction"] = [{"text": row["order"]}]
    reason = row.get("for", "depression")
    if reason != "nothing":
        coding = {"system": ICD, "code": REASONS[reason]}
        resource["reasonCode"] = [{"coding": [coding]}]
    if row.get("category"):
        resource["category"] = [{"coding": [{"code": row["category"]}]}]
    return resource | row.get("fhir", {})


def read(row: Mapping[str, Any]) -> Order:
    """The order; `mixed`: what is in the bag beside it."""
    order = order_of(draft(row), load_terminology())
    return replace(order, co_ingredients=(row["mixed"],)) if "mixed" in row else order


def history(row: Mapping[str, Any]) -> History:
    """`weights`: [[kg, days ago], …]; `kg`: one weight, twelve days old."""
    kg = row.get("kg", 70)
    weights = row.get("weights", [[kg, 12]] if kg else [])
    observations: dict[str, tuple[Result, ...]] = {
        "body_weight": tuple(
            Result(
                "body_weight",
                TODAY - timedelta(days=int(ago)),
                (f"Observation/w{n}",),
                Decimal(str(kg)),
                "kg",
            )
            for n, (kg, ago) in enumerate(weights or [])
        )
    }
    if row.get("cm"):
        height = Result("body_height", TODAY, ("Observation/h",), Decimal(str(row["cm"])), "cm")
        observations["body_height"] = (height,)
    return History(
        as_of=TODAY,
        person=Person("p", ages=ages(row.get("age", 45)), sex=row.get("sex", "female")),
        observations=observations,
        answered=frozenset({"observations", *row.get("answered", ())})
        - frozenset(row.get("unanswered", ())),
        conditions=tuple(_condition(name) for name in row.get("problems", [])),
        ketamine_sessions=tuple(_session(n, past) for n, past in enumerate(row.get("past", []))),
        encounter=Encounter(row.get("encounter"), icu=row.get("icu"))
        if row.get("encounter") or row.get("icu")
        else None,
    )


def _condition(name: str) -> Condition:
    concept = {"coding": [{"system": ICD, "code": REASONS[name]}]}
    sets = load_terminology().condition(concept).sets
    return condition(*sets, display=name, source=(f"Condition/{name}",))


def _session(number: int, past: Mapping[str, Any]) -> KetamineSession:
    kind = past.get("kind", "administration")
    return KetamineSession(
        drug=past.get("drug", "ketamine"),
        kind=kind,
        when=None if past["days_ago"] is None else TODAY - timedelta(days=int(past["days_ago"])),
        route=past.get("route", "injectable"),
        source=(past.get("ref", f"MedicationAdministration/{number}"),),
        dose=Quantity(Decimal(str(past["mg"])), past.get("unit", "mg")) if "mg" in past else None,
        duration_min=Decimal(str(past["minutes"])) if "minutes" in past else None,
        active_order=past.get("active"),
        continuous=past.get("continuous", False),
    )


@cache
def offering(*regimens: str) -> Knowledge:
    """The knowledge with these doses alone on offer, for the tables that are about them.

    A regimen that comes later is none of their answers.
    """
    known = load_knowledge()
    kept = {r.id: r for r in known.regimens.values() if r.suggests != "dose" or r.id in regimens}
    return replace(known, regimens=kept)


def case(row: Mapping[str, Any], knowledge: Knowledge | None = None) -> Case:
    site = SiteProtocol.model_validate(row.get("site", {}))
    drafts = tuple(
        read({"for": "nothing"} | other | {"id": f"draft-{n + 2}"})
        for n, other in enumerate(row.get("drafts", []))
    )
    return case_of(history(row), read(row), drafts, knowledge or load_knowledge(), site)
