"""A request with one resource of each type, and in it nearly every field that a reader looks at."""

from __future__ import annotations

from functools import cache
from typing import Any

import hooktools

from cds.fhir.queries import KEY_OF_TYPE

Json = dict[str, Any]
HERE = "\x00here\x00"
MARK = b'"\\u0000here\\u0000"'
"""how `HERE` is written: where a value is put that no Python object could hold"""
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_NOW = "2026-11-20T09:00:00+01:00"
_PATIENT = {"reference": "Patient/p1", "type": "Patient", "display": "A"}
_EXTENSION = [{"url": "http://example.org/a", "valueString": "a",
               "extension": [{"url": "b", "valueDecimal": 0.5}]}]  # fmt: skip


def _concept(system: str, code: str, text: str) -> Json:
    coding = {"system": system, "version": "1", "code": code, "display": text, "userSelected": True}
    return {"coding": [coding], "text": text}


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _common(kind: str, number: int) -> Json:
    return {
        "resourceType": kind, "id": f"x{number}", "subject": _PATIENT, "extension": _EXTENSION,
        "identifier": [{"system": "urn:a", "value": f"v{number}"}], "language": "en",
        "meta": {"versionId": "1", "lastUpdated": _NOW, "profile": ["http://example.org/p"]},
        "note": [{"text": "no problems", "time": _NOW, "authorString": "B"}],
        "encounter": {"reference": "Encounter/e1"},
        "text": {"status": "generated", "div": "<div/>"},
    }  # fmt: skip


def _dosage() -> Json:
    return {
        "sequence": 1, "text": "35 mg IV over 40 min twice a week", "patientInstruction": "fast",
        "additionalInstruction": [_concept("urn:a", "a", "slowly")], "asNeededBoolean": False,
        "asNeededCodeableConcept": _concept("urn:a", "a", "for pain"),
        "timing": {
            "event": [_NOW], "code": _concept(_HL7 + "v3-GTSAbbreviation", "BID", "twice a day"),
            "repeat": {
                "boundsPeriod": {"start": "2026-01-01", "end": "2026-12-01"}, "frequency": 2,
                "frequencyMax": 3, "period": 1, "periodMax": 2, "periodUnit": "wk", "count": 6,
                "duration": 40, "durationUnit": "min", "dayOfWeek": ["mon"], "when": ["MORN"],
                "timeOfDay": ["08:00:00"], "boundsDuration": _quantity(3, "wk"), "offset": 30,
            },
        },
        "site": _concept("urn:a", "a", "left arm"), "method": _concept("urn:a", "a", "infusion"),
        "route": _concept("http://snomed.info/sct", "47625008", "Intravenous route"),
        "doseAndRate": [{
            "type": _concept("urn:a", "ordered", "ordered"), "doseQuantity": _quantity(35, "mg"),
            "rateQuantity": _quantity(52.5, "mg/h"),
            "rateRatio": {"numerator": _quantity(35, "mg"), "denominator": _quantity(40, "min")},
            "doseRange": {"low": _quantity(30, "mg"), "high": _quantity(40, "mg")},
        }],
        "maxDosePerPeriod": {"numerator": _quantity(70, "mg"), "denominator": _quantity(1, "d")},
        "maxDosePerAdministration": _quantity(40, "mg"), "maxDosePerLifetime": _quantity(900, "mg"),
    }  # fmt: skip


def _medication(number: int, code: str = "238084") -> Json:
    return {
        "resourceType": "Medication", "id": f"m{number}", "status": "active",
        "code": _concept(_RXNORM, code, "ketamine 50 MG/ML Injectable Solution"),
        "form": _concept("urn:a", "a", "injection"), "batch": {"lotNumber": "1"},
        "amount": {"numerator": _quantity(10, "mL"), "denominator": _quantity(1, "{vial}")},
        "ingredient": [{
            "itemCodeableConcept": _concept(_RXNORM, "6130", "ketamine"), "isActive": True,
            "strength": {"numerator": _quantity(50, "mg"), "denominator": _quantity(1, "mL")},
        }],
    }  # fmt: skip


def _request(number: int, status: str) -> Json:
    return _common("MedicationRequest", number) | {
        "status": status, "intent": "order", "authoredOn": _NOW, "priority": "routine",
        "statusReason": _concept("urn:a", "a", "side effects"), "doNotPerform": False,
        "category": [_concept(_HL7 + "medicationrequest-category", "outpatient", "Outpatient")],
        "medicationCodeableConcept": _concept(_RXNORM, "238084", "ketamine 50 MG/ML"),
        "contained": [_medication(9)], "requester": {"reference": "Practitioner/1"},
        "reasonCode": [_concept("http://hl7.org/fhir/sid/icd-10-cm", "F33.2", "Depression")],
        "reasonReference": [{"reference": "Condition/x1"}], "groupIdentifier": {"value": "1"},
        "basedOn": [{"reference": "ServiceRequest/x7"}], "dosageInstruction": [_dosage()],
        "priorPrescription": {"reference": "MedicationRequest/x2"},
        "dispenseRequest": {
            "validityPeriod": {"start": "2026-01-01", "end": "2026-12-01"}, "quantity":
            _quantity(10, "mL"), "numberOfRepeatsAllowed": 2,
            "expectedSupplyDuration": _quantity(30, "d"), "dispenseInterval": _quantity(30, "d"),
        },
        "substitution": {"allowedBoolean": True},
    }  # fmt: skip


@cache
def resources() -> list[Json]:
    """One of each type that is read."""
    drug = _concept(_RXNORM, "312941", "sertraline 50 MG Oral Tablet")
    problem = _concept("http://hl7.org/fhir/sid/icd-10-cm", "F33.2", "Recurrent depression, severe")
    period = {"start": "2026-01-05", "end": "2026-10-05"}
    used = {"medicationCodeableConcept": drug, "reasonCode": [problem], "status": "completed"}
    return [
        _common("Condition", 1) | {
            "code": problem, "onsetDateTime": "2025-01-01", "recordedDate": _NOW,
            "clinicalStatus": _concept(_HL7 + "condition-clinical", "active", "Active"),
            "verificationStatus": _concept(_HL7 + "condition-ver-status", "confirmed", "Confirmed"),
            "category": [_concept(_HL7 + "condition-category", "problem-list-item", "Problem")],
            "severity": _concept("http://snomed.info/sct", "24484000", "Severe"),
            "bodySite": [_concept("http://snomed.info/sct", "38266002", "Body")],
            "stage": [{"summary": _concept("urn:a", "a", "II")}], "abatementString": "never",
            "evidence": [{"code": [problem], "detail": [{"reference": "Observation/x6"}]}],
        },
        _request(2, "active"),
        _common("MedicationStatement", 3) | used | {
            "effectivePeriod": period, "dateAsserted": _NOW, "dosage": [_dosage()],
            "basedOn": [{"reference": "MedicationRequest/x2"}], "statusReason": [problem],
        },
        _common("MedicationDispense", 4) | used | {
            "whenHandedOver": _NOW, "quantity": _quantity(30, "{tablet}"), "whenPrepared": _NOW,
            "daysSupply": _quantity(30, "d"), "dosageInstruction": [_dosage()],
            "authorizingPrescription": [{"reference": "MedicationRequest/x2"}],
        },
        _common("MedicationAdministration", 5) | used | {
            "effectiveDateTime": _NOW, "request": {"reference": "MedicationRequest/x2"},
            "dosage": {"text": "35 mg", "dose": _quantity(35, "mg"), "route": drug,
                       "rateQuantity": _quantity(52.5, "mg/h")},
        },
        _common("Observation", 6) | {
            "status": "final", "effectiveDateTime": _NOW, "issued": _NOW,
            "category": [_concept(_HL7 + "observation-category", "vital-signs", "Vital signs")],
            "code": _concept("http://loinc.org", "29463-7", "Body weight"),
            "valueQuantity": _quantity(70.2, "kg"), "interpretation": [_concept("urn:a", "N", "N")],
            "referenceRange": [{"low": _quantity(50, "kg"), "high": _quantity(90, "kg"),
                                "text": "50 to 90"}],
            "component": [{"code": _concept("http://loinc.org", "8480-6", "Systolic"),
                           "valueQuantity": _quantity(120, "mm[Hg]")}],
            "hasMember": [{"reference": "Observation/x8"}], "valueString": "seventy",
            "derivedFrom": [{"reference": "Observation/x9"}],
        },
        _common("AllergyIntolerance", 7) | {
            "patient": _PATIENT, "code": _concept(_RXNORM, "6130", "ketamine"),
            "clinicalStatus": _concept(_HL7 + "allergyintolerance-clinical", "active", "Active"),
            "verificationStatus": _concept(_HL7 + "allergyintolerance-verification", "confirmed",
                                           "Confirmed"),
            "category": ["medication"], "criticality": "high", "recordedDate": _NOW,
            "reaction": [{"substance": drug, "manifestation": [problem], "severity": "severe",
                          "onset": _NOW, "description": "rash"}],
        },
        _common("Procedure", 8) | {
            "status": "completed", "performedDateTime": _NOW, "outcome": problem,
            "code": _concept("http://snomed.info/sct", "23835007", "Electroconvulsive therapy"),
            "usedCode": [drug], "followUp": [problem], "reasonCode": [problem], "complication":
            [problem], "partOf": [{"reference": "Procedure/x8"}],
        },
        _common("Encounter", 9) | {
            "status": "in-progress", "class": {"system": _HL7 + "v3-ActCode", "code": "AMB"},
            "type": [_concept("urn:a", "a", "visit")], "period": period, "reasonCode": [problem],
            "location": [{"location": {"reference": "Location/1", "display": "ICU"}}],
            "serviceType": _concept("urn:a", "a", "psychiatry"),
            "diagnosis": [{"condition": {"reference": "Condition/x1"}}],
        },
        _medication(3, "312941"),
        _common("QuestionnaireResponse", 11) | {
            "status": "completed", "authored": _NOW, "questionnaire": "http://example.org/phq-9",
            "item": [{"linkId": "1", "text": "PHQ-9 total", "answer": [{"valueInteger": 21}],
                      "item": [{"linkId": "/44261-6", "answer": [{"valueDecimal": 2.0}]}]}],
        },
    ]  # fmt: skip


def whole_request(hook: str) -> Json:
    """A request that has all of it: in its draft, its session and its prefetch."""
    body = hooktools.request(hook, encounterId="e1")
    if "draftOrders" in body["context"]:
        service = _common("ServiceRequest", 7) | {
            "status": "draft", "intent": "order", "authoredOn": _NOW, "orderDetail":
            [_concept("urn:a", "a", "slowly")], "quantityQuantity": _quantity(6, "{session}"),
            "code": _concept("http://snomed.info/sct", "14747002", "Ketamine infusion"),
            "occurrenceTiming": _dosage()["timing"], "reasonCode": [_concept("urn:a", "a", "TRD")],
            "patientInstruction": "fast", "locationCode": [_concept("urn:a", "a", "clinic")],
        }  # fmt: skip
        drafts = [_request(1, "draft") | {"id": "rx1"}, service, _medication(1)]
        url = "https://ehr.example.org/fhir/"
        body["context"]["draftOrders"]["entry"] = [
            {"fullUrl": f"{url}{one['resourceType']}/{one['id']}", "resource": one}
            for one in drafts
        ]
    for one in resources():
        key = KEY_OF_TYPE.get(one["resourceType"], "conditions")
        if key == "encounter":
            body["prefetch"][key] = one
        else:
            body["prefetch"][key].setdefault("entry", []).append({"resource": one})
    patient = dict(hooktools.PATIENT) | {
        "identifier": [{"system": "urn:mrn", "value": "1"}], "deceasedBoolean": False,
        "name": [{"family": "A", "given": ["B"]}], "extension": _EXTENSION, "active": True,
        "meta": {"versionId": "1", "lastUpdated": _NOW}, "link": [{"other": _PATIENT}],
    }  # fmt: skip
    body["prefetch"]["patient"] = patient
    body["extension"] = {"org.example": {"a": 1}}
    return body
