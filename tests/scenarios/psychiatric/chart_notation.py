"""Charts in a brief notation, written out as FHIR R4 resources.

A chart names its patient and what is on record, one line each:

    patient: {age: 40, sex: male}                    age on the day of the assessment, or born
    problems: [{icd: F33.2, since: 2026-01-01}]      or snomed, text; status, verified, until
    drugs:    [{order: sertraline 100 MG Oral Tablet, take: 1 daily, from: 2026-01-01, days: 42}]
    scores:   [{phq9: 20, when: 2026-01-01}]
    allergies: [{to: sertraline, reaction: rash}]
    done:     [{procedure: Electroconvulsive therapy, when: 2026-01-01}]
    fhir:     [{...}]                                a resource as it stands

A drug is an `order`, `stated` (statement), `dispensed` or `given` (administration). `days` counts
the days of intake, from the first day up to the end of the bounds. `supply` is days
of supply. `take` is structured: `2 daily`, `150 mg twice daily`; `sig` is text only.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from cds.api import assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle
from cds.wire import decode, encode

Json = dict[str, Any]
AS_OF = date(2026, 11, 22)
HL7 = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "atc": "http://www.whocc.no/atc",
    "icd": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}
SCORES = {
    "phq9": ("44261-6", "{score}"),
    "item9": ("44260-8", "{score}"),
    "weight": ("29463-7", "kg"),
    "height": ("8302-2", "cm"),
    "alt": ("1742-6", "U/L"),
    "ast": ("1920-8", "U/L"),
}
TEXT_SCORES = {
    "madrs": "Montgomery-Asberg Depression Rating Scale total score",
}
FREQUENCY = {"three times daily": 3, "twice daily": 2, "daily": 1, "weekly": None}
KINDS = {
    "order": "MedicationRequest",
    "stated": "MedicationStatement",
    "dispensed": "MedicationDispense",
    "given": "MedicationAdministration",
}


def bundle(chart: Json) -> Json:
    """The whole chart as a collection Bundle."""
    resources = [_patient(chart.get("patient", {}))]
    for field, write in (
        ("problems", _problem),
        ("drugs", _drug),
        ("scores", _score),
        ("allergies", _allergy),
        ("done", _procedure),
    ):
        for number, line in enumerate(chart.get(field, ()), 1):
            resource = write(line)
            resource = {"subject": {"reference": "Patient/p"}, **resource}
            if resource["resourceType"] == "AllergyIntolerance":
                resource["patient"] = resource.pop("subject")
            resources.append(
                {"id": f"{field}-{number}", **resource, **line.get("fhir", {})},
            )
    for number, line in enumerate(chart.get("fhir", ()), 1):
        who = "patient" if line["resourceType"] == "AllergyIntolerance" else "subject"
        resources.append({"id": f"fhir-{number}", who: {"reference": "Patient/p"}, **line})
    entry = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entry}


def assessed(scenario: Json) -> Json:
    """What `ketamine-cds assess --json` prints for the scenario's chart and order."""
    record = next(iter(records_from_bundle(decode(encode(bundle(scenario["chart"]))))))
    drafts = [decode(encode(draft(scenario["order"])))] if "order" in scenario else []
    engine = load()
    answer = assess(engine, read_chart(engine, record), AS_OF, drafts)
    printed: Json = decode(encode(answer.report()))
    return printed


def draft(order: str | Json) -> Json:
    """A draft order: `ketamine` or `esketamine`, or the fields of a MedicationRequest."""
    if isinstance(order, str):
        order = ORDERS[order]
    return {
        "resourceType": "MedicationRequest",
        "id": "draft",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        **order,
    }


def _product(text: str, code: str) -> Json:
    return {"coding": [{"system": SYSTEMS["rxnorm"], "code": code, "display": text}], "text": text}


ORDERS: dict[str, Json] = {
    "ketamine": {
        "medicationCodeableConcept": _product("ketamine 50 MG/ML Injectable Solution", "238084"),
        "dosageInstruction": [{"route": {"text": "intravenous"}}],
    },
    "oral ketamine": {
        "medicationCodeableConcept": _product("ketamine 50 MG/ML Injectable Solution", "238084"),
        "dosageInstruction": [{"route": {"text": "oral"}}],
    },
    "esketamine": {
        "medicationCodeableConcept": _product(
            "{2 (0.2 ML) (esketamine 140 MG/ML Nasal Spray) } Pack", "2119390"
        ),
        "dosageInstruction": [{"route": {"text": "nasal"}}],
    },
}


def _patient(line: Json) -> Json:
    born = line.get("born")
    if born is None and "age" in line:
        born = f"{AS_OF.year - int(line['age'])}-{AS_OF.month:02}-{AS_OF.day:02}"
    resource: Json = {"resourceType": "Patient", "id": "p"}
    if born is not None:
        resource["birthDate"] = str(born)
    if "sex" in line:
        resource["gender"] = line["sex"]
    return resource


def _concept(line: Json, text: str | None) -> Json:
    coding = [
        {"system": SYSTEMS[name], "code": str(line[name])} | ({"display": text} if text else {})
        for name in SYSTEMS
        if name in line
    ]
    concept: Json = {"coding": coding} if coding else {}
    return concept | ({"text": text} if text else {})


def _problem(line: Json) -> Json:
    resource: Json = {"resourceType": "Condition", "code": _concept(line, line.get("text"))}
    status = line.get("status", "active")
    if status != "none":
        resource["clinicalStatus"] = _status("condition-clinical", status)
    resource["verificationStatus"] = _status(
        "condition-ver-status", line.get("verified", "confirmed")
    )
    for name, field in (
        ("since", "onsetDateTime"),
        ("until", "abatementDateTime"),
        ("recorded", "recordedDate"),
    ):
        if name in line:
            resource[field] = str(line[name])
    return resource


def _status(system: str, code: str) -> Json:
    return {"coding": [{"system": HL7 + system, "code": code}]}


def _drug(line: Json) -> Json:
    name = next(kind for kind in KINDS if kind in line)
    kind, text = KINDS[name], line[name]
    resource: Json = {"resourceType": kind, "medicationCodeableConcept": _concept(line, text)}
    resource["status"] = line.get("status", "completed")
    first = line.get("from")
    last = line.get("to")
    if last is None and first is not None and "days" in line:
        last = first + timedelta(days=line["days"])
    dosage = _dosage(line)
    if kind == "MedicationRequest":
        resource["intent"] = line.get("intent", "order")
        if first is not None:
            resource["authoredOn"] = str(first)
        if last is not None:
            dosage.setdefault("timing", {}).setdefault("repeat", {})["boundsPeriod"] = {
                "start": str(first),
                "end": str(last),
            }
        resource["dosageInstruction"] = [dosage] if dosage else []
        resource |= _request_extras(line)
    elif kind == "MedicationStatement":
        if first is not None or last is not None:
            resource["effectivePeriod"] = {
                key: str(day) for key, day in (("start", first), ("end", last)) if day is not None
            }
        resource["dosage"] = [dosage] if dosage else []
    elif kind == "MedicationDispense":
        resource["whenHandedOver"] = str(first)
        if "supply" in line:
            resource["daysSupply"] = _days(line["supply"])
        if "quantity" in line:
            resource["quantity"] = {"value": line["quantity"]}
        resource["dosageInstruction"] = [dosage] if dosage else []
    else:
        resource["effectiveDateTime"] = str(first)
        if dosage:
            resource["dosage"] = {"text": dosage.get("text", ""), "dose": _amount(line["take"])}
    if "because" in line:
        resource["statusReason"] = (
            [{"text": line["because"]}] if kind == "MedicationStatement" else
            {"text": line["because"]}
        )  # fmt: skip
    if kind == "MedicationDispense" and "because" in line:
        resource["statusReasonCodeableConcept"] = resource.pop("statusReason")
    if "note" in line:
        resource["note"] = [{"text": line["note"]}]
    if "reason" in line:
        resource["reasonCode"] = [_concept({"icd": line["reason"]}, None)]
    return resource


def _request_extras(line: Json) -> Json:
    extras: Json = {}
    if line.get("do_not"):
        extras["doNotPerform"] = True
    request: Json = {}
    if "supply" in line:
        request["expectedSupplyDuration"] = _days(line["supply"])
    if "quantity" in line:
        request["quantity"] = {"value": line["quantity"]}
    if "refills" in line:
        request["numberOfRepeatsAllowed"] = line["refills"]
    return extras | ({"dispenseRequest": request} if request else {})


def _days(count: int) -> Json:
    return {"value": count, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}


def _dosage(line: Json) -> Json:
    dosage: Json = {}
    if "sig" in line:
        dosage["text"] = line["sig"]
    if line.get("needed"):
        dosage["asNeededBoolean"] = True
    if "take" in line:
        times = next(FREQUENCY[how] for how in FREQUENCY if line["take"].endswith(how))
        repeat = (
            {"frequency": times, "period": 1, "periodUnit": "d"}
            if times
            else {"frequency": 1, "period": 1, "periodUnit": "wk"}
        )
        dosage["timing"] = {"repeat": repeat}
        dosage["doseAndRate"] = [{"doseQuantity": _amount(line["take"])}]
    return dosage


def _amount(take: str) -> Json:
    number, unit = re.match(r"([\d.]+) (mg|patch|capsule)?", take).groups()  # type: ignore[union-attr]
    value: Json = {"value": float(number) if "." in number else int(number)}
    if unit == "mg":
        return value | {"unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    return value | {"unit": unit or "tablet"}


def _score(line: Json) -> Json:
    resource: Json = {"resourceType": "Observation", "status": line.get("status", "final")}
    if "when" in line:
        resource["effectiveDateTime"] = str(line["when"])
    if "bp" in line:
        systolic, diastolic = (int(part) for part in line["bp"].split("/"))
        parts = (("8480-6", systolic), ("8462-4", diastolic))
        resource["code"] = _loinc("85354-9")
        resource["component"] = [
            {"code": _loinc(code), "valueQuantity": _measured(value, "mm[Hg]")}
            for code, value in parts
        ]
        return resource
    for name, text in TEXT_SCORES.items():
        if name in line:
            measured = _measured(line[name], "{score}")
            return resource | {"code": {"text": text}, "valueQuantity": measured}
    kind = next((name for name in SCORES if name in line), None)
    if kind is None:
        resource["code"] = _concept(line, line.get("text"))
        for field in ("value", "says"):
            if field == "says" and "says" in line:
                resource["valueCodeableConcept"] = {"text": line["says"]}
            elif field in line:
                resource["valueQuantity"] = _measured(line["value"], line.get("unit", "1"))
        return resource
    code, unit = SCORES[kind]
    return resource | {"code": _loinc(code), "valueQuantity": _measured(line[kind], unit)}


def _loinc(code: str) -> Json:
    return {"coding": [{"system": SYSTEMS["loinc"], "code": code}]}


def _measured(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _allergy(line: Json) -> Json:
    resource: Json = {
        "resourceType": "AllergyIntolerance",
        "code": _concept(line, line["to"]),
        "clinicalStatus": _status("allergyintolerance-clinical", line.get("status", "active")),
        "verificationStatus": _status(
            "allergyintolerance-verification", line.get("verified", "confirmed")
        ),
    }
    if "when" in line:
        resource["recordedDate"] = str(line["when"])
    if "type" in line:
        resource["type"] = line["type"]
    if "reaction" in line:
        resource["reaction"] = [{"manifestation": [{"text": line["reaction"]}]}]
    return resource


def _procedure(line: Json) -> Json:
    resource: Json = {
        "resourceType": "Procedure",
        "status": line.get("status", "completed"),
        "code": _concept(line, line["procedure"]),
    }
    if "when" in line:
        resource["performedDateTime"] = str(line["when"])
    return resource
