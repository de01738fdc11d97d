"""Ketamine orders in brief, on record and drafted, and what is said of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds.api import assess, load, read_chart
from cds.assessment.model import Finding
from cds.fhir.record.patient_record import records_from_bundle

DAY = date(2026, 11, 22)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PLACER = {"system": "urn:placer", "value": "77"}
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1984-03-02"}


def ketamine(ident: str | None, status: str = "active", **fields: Any) -> dict[str, Any]:
    coding = {"system": RXNORM, "code": "238084"}
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest", "id": ident, "status": status, "intent": "order",
        "authoredOn": "2026-11-10", "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"coding": [coding]},
        "dosageInstruction": [{"text": "35 mg IV over 40 minutes"}],
    }  # fmt: skip
    return {name: value for name, value in (order | fields).items() if value is not None}


def entry(resource: dict[str, Any], full_url: str | None = None) -> dict[str, Any]:
    return {"resource": resource} | ({"fullUrl": full_url} if full_url else {})


def findings(record: list[dict[str, Any]], *drafts: dict[str, Any]) -> dict[str, Finding]:
    """What is said of drafts (resources, or entries), with these entries on record, by id."""
    bundle = {"resourceType": "Bundle", "entry": [entry(PATIENT), *record]}
    (chart,) = records_from_bundle(bundle)
    engine = load()
    answer = assess(engine, read_chart(engine, chart), DAY, drafts)
    return {finding.id: finding for finding in answer.assessment.findings}


def second_orders(record: list[dict[str, Any]], *drafts: dict[str, Any]) -> set[str]:
    """What is said of a second ketamine order."""
    return set(findings(record, *drafts)) & {"order-duplicate", "second-ketamine-order"}
