"""Charts of medication in brief, as FHIR resources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cds.fhir.record.patient_record import PatientRecord
from tests.charts.fhir import one_patient

TABLE = yaml.load(
    (Path(__file__).parent / "tables" / "medications.yaml").read_text(), Loader=yaml.CBaseLoader
)
DRUGS = TABLE["drugs"]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_TYPES = {
    "order": "MedicationRequest",
    "statement": "MedicationStatement",
    "dispense": "MedicationDispense",
    "given": "MedicationAdministration",
}
_DEFAULT_STATUS = {
    "order": "active",
    "statement": "active",
    "dispense": "completed",
    "given": "completed",
}


def concept(drug: str) -> dict[str, Any]:
    """The CodeableConcept of a drug of the table."""
    known = DRUGS[drug]
    if "code" not in known:
        return {"text": known["text"]}
    coding = {"system": RXNORM, "code": known["code"], "display": known["text"]}
    return {"coding": [coding], "text": known["text"]}


def amount(text: str, default: str = "") -> dict[str, Any]:
    value, _, unit = text.partition(" ")
    unit = unit or default
    return {"value": int(value)} | ({"unit": unit} if unit else {})


def resources(brief: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """The resource of one line of a chart, and the Medication that it refers to."""
    kind = next(word for word in _TYPES if word in brief)
    drug = concept(brief[kind])
    made: dict[str, Any] = {
        "resourceType": _TYPES[kind],
        "id": brief.get("id", f"{kind}-{number}"),
        "status": brief.get("status", _DEFAULT_STATUS[kind]),
        "subject": {"reference": "Patient/p"},
    }
    others = []
    if "contained" in brief:
        made["contained"] = [{"resourceType": "Medication", "id": "m", "code": drug}]
        made["medicationReference"] = {"reference": "#m"}
    elif "referenced" in brief:
        others.append({"resourceType": "Medication", "id": f"m{number}", "code": drug})
        made["medicationReference"] = {"reference": f"Medication/m{number}"}
    else:
        made["medicationCodeableConcept"] = drug
    made |= {"order": _order, "statement": _statement, "dispense": _dispense, "given": _given}[
        kind
    ](brief)
    if "reason" in brief:
        reason = brief["reason"]
        coded = {"coding": [{"code": reason}]} if reason.islower() else {"text": reason}
        made["statusReason"] = coded if kind == "order" else [coded]
    if "note" in brief:
        made["note"] = [{"text": brief["note"]}]
    return [made, *others]


def _dosage(brief: dict[str, Any], *, bounds: bool = False) -> list[dict[str, Any]]:
    if "dosage" in brief:
        return [
            {k: int(v) if k == "sequence" else v for k, v in entry.items()}
            for entry in brief["dosage"]
        ]
    entry: dict[str, Any] = {"text": brief["sig"]} if "sig" in brief else {}
    if "route" in brief:
        entry["route"] = {"text": brief["route"]}
    period = {"start": brief.get("from"), "end": brief.get("to")}
    period = {key: value for key, value in period.items() if value}
    if bounds and period:
        entry["timing"] = {"repeat": {"boundsPeriod": period}}
    return [entry] if entry else []


def _order(brief: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "intent": brief.get("intent", "order"),
        "dosageInstruction": _dosage(brief, bounds=True),
    }
    if "on" in brief:
        made["authoredOn"] = brief["on"]
    supply: dict[str, Any] = {}
    if "quantity" in brief:
        supply["quantity"] = amount(brief["quantity"])
    if "days" in brief:
        supply["expectedSupplyDuration"] = amount(brief["days"], "d")
    if "refills" in brief:
        supply["numberOfRepeatsAllowed"] = int(brief["refills"])
    if "valid until" in brief:
        supply["validityPeriod"] = {"end": brief["valid until"]}
    if supply:
        made["dispenseRequest"] = supply
    for word, field in (("prior", "priorPrescription"), ("based on", "basedOn")):
        if word in brief:
            reference = {"reference": f"MedicationRequest/{brief[word]}"}
            made[field] = [reference] if field == "basedOn" else reference
    for flag in ("doNotPerform", "reportedBoolean"):
        if flag in brief:
            made[flag] = brief[flag] == "true"
    return made


def _statement(brief: dict[str, Any]) -> dict[str, Any]:
    period = {"start": brief.get("from"), "end": brief.get("to")}
    made: dict[str, Any] = {
        "effectivePeriod": {key: value for key, value in period.items() if value},
        "dosage": _dosage(brief),
    }
    return made | ({"dateAsserted": brief["asserted"]} if "asserted" in brief else {})


def _dispense(brief: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"whenHandedOver": brief["on"], "dosageInstruction": _dosage(brief)}
    if "quantity" in brief:
        made["quantity"] = amount(brief["quantity"])
    if "days" in brief:
        made["daysSupply"] = amount(brief["days"], "d")
    if "of" in brief:
        made["authorizingPrescription"] = [{"reference": f"MedicationRequest/{brief['of']}"}]
    return made


def _given(brief: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"effectiveDateTime": brief["on"]}
    if "of" in brief:
        made["request"] = {"reference": f"MedicationRequest/{brief['of']}"}
    return made | ({"dosage": {"dose": amount(brief["dose"])}} if "dose" in brief else {})


def chart(case: dict[str, Any]) -> list[dict[str, Any]]:
    """All resources of a case."""
    briefs = enumerate(case["chart"])
    return [resource for number, brief in briefs for resource in resources(brief, number)]


def record(made: list[dict[str, Any]]) -> PatientRecord:
    """The resources as a record, through the wire."""
    return one_patient(*made)
