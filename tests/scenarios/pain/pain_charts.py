"""Charts written as a clinician would jot them down, turned into FHIR R4 Bundles.

A chart is one entry of a YAML table in this folder. Days are counted back from `AS_OF`: `days: 12`
is twelve days ago. Codes are given as `rxnorm`, `ndc`, `icd10`, `snomed`, `loinc` or `cpt`; `text`
alone is a resource without a code. `extra` is FHIR, put into the resource as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.rows import read_table

Json = dict[str, Any]
Row = Mapping[str, Any]

AS_OF = date(2026, 11, 22)
HERE = Path(__file__).parent
HL7 = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "icd10": "http://hl7.org/fhir/sid/icd-10-cm",
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "cpt": "http://www.ama-assn.org/go/cpt",
}
ROUTES = {
    "oral": "26643006", "iv": "47625008", "im": "78421000", "sc": "34206005",
    "transdermal": "45890007", "sublingual": "37839007", "buccal": "54471007",
    "nasal": "46713006", "topical": "6064005",
}  # fmt: skip
MEASURES = {
    "weight": ("29463-7", "kg"),
    "height": ("8302-2", "cm"),
    "pain": ("72514-3", "{score}"),
    "heart_rate": ("8867-4", "/min"),
    "respiratory_rate": ("9279-1", "/min"),
    "alt": ("1742-6", "U/L"),
    "ast": ("1920-8", "U/L"),
    "alp": ("6768-6", "U/L"),
    "ggt": ("2324-2", "U/L"),
    "tsh": ("3016-3", "m[IU]/L"),
    "egfr": ("98979-8", "mL/min/{1.73_m2}"),
}
ANSWERS = {"positive": "10828004", "negative": "260385009", "yes": "373066001", "no": "373067005"}


def tables() -> Iterator[tuple[str, Row]]:
    """Every chart of every table, with the name of its table."""
    for path in sorted(HERE.glob("*.yaml")):
        for row in read_table(path):
            yield path.stem, row


def day(ago: int) -> str:
    return (AS_OF - timedelta(days=ago)).isoformat()


def bundle(chart: Row) -> Json:
    """The chart as a collection Bundle with one patient."""
    resources = [_patient(chart)]
    resources += _each(chart, "conditions", "Condition", _condition)
    for number, row in enumerate(chart.get("drugs", ()), 1):
        resources += _drug(number, row)
    resources += _each(chart, "observations", "Observation", _observation)
    resources += _each(chart, "allergies", "AllergyIntolerance", _allergy)
    resources += _each(chart, "procedures", "Procedure", _procedure)
    if "encounter" in chart:
        resources.append(_encounter(chart["encounter"]))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


def orders(chart: Row) -> list[Json]:
    """The drafts of the chart: `order`, or several under `orders`."""
    rows = chart.get("orders") or ([chart["order"]] if "order" in chart else [])
    return [_order(number, row) for number, row in enumerate(rows, 1)]


def _each(chart: Row, key: str, kind: str, write: Any) -> list[Json]:
    return [
        {"resourceType": kind, "id": f"{key}-{number}", **write(row), **row.get("extra", {})}
        for number, row in enumerate(chart.get(key, ()), 1)
    ]


def _code(row: Row) -> Json:
    concept: Json = {}
    codings = [
        {"system": system, "code": str(row[name])}
        for name, system in SYSTEMS.items()
        if name in row
    ]
    if codings:
        concept["coding"] = codings
    if "text" in row:
        concept["text"] = row["text"]
    return concept


def _hl7(name: str, code: str) -> Json:
    return {"coding": [{"system": HL7 + name, "code": code}]}


def _patient(chart: Row) -> Json:
    row = chart.get("patient", {})
    birth = row.get("birth") or f"{AS_OF.year - row.get('age', 50)}-03-04"
    return {
        "resourceType": "Patient",
        "id": "p",
        "gender": row.get("sex", "male"),
        "birthDate": birth,
    }


SUBJECT = {"reference": "Patient/p"}


def _condition(row: Row) -> Json:
    resource: Json = {
        "subject": SUBJECT,
        "code": _code(row),
        "category": [_hl7("condition-category", row.get("category", "problem-list-item"))],
    }
    if row.get("status", "active") != "none":
        resource["clinicalStatus"] = _hl7("condition-clinical", row.get("status", "active"))
    if row.get("verification", "confirmed") != "none":
        state = row.get("verification", "confirmed")
        resource["verificationStatus"] = _hl7("condition-ver-status", state)
    if "onset" in row:
        resource["onsetDateTime"] = day(row["onset"])
    if "abated" in row:
        resource["abatementDateTime"] = day(row["abated"])
    if "recorded" in row:
        resource["recordedDate"] = day(row["recorded"])
    return resource


def _drug(number: int, row: Row) -> Iterator[Json]:
    """A request, and the dispenses that it lists; or a statement or administrations alone."""
    kind = row.get("as", "MedicationRequest")
    start = row.get("days", 60)
    common: Json = {"medicationCodeableConcept": _code(row)}
    base: Json = {"resourceType": kind, "id": f"drug-{number}", **common}
    if "note" in row:
        base["note"] = [{"text": row["note"]}]
    status = row.get("status", "completed" if kind == "MedicationAdministration" else "active")
    if kind == "MedicationRequest":
        request = base | {
            "status": status,
            "intent": row.get("intent", "order"),
            "subject": SUBJECT,
            "authoredOn": day(start),
            "dosageInstruction": [_dosage(row)],
        }
        if "reason" in row:
            request["statusReason"] = {"text": row["reason"]}
        supply = row.get("supply")
        if supply:
            request["dispenseRequest"] = {
                "validityPeriod": {"start": day(start)},
                "expectedSupplyDuration": {
                    "value": supply,
                    "unit": "d",
                    "system": "http://unitsofmeasure.org",
                    "code": "d",
                },
            }
            if "refills" in row:
                request["dispenseRequest"]["numberOfRepeatsAllowed"] = row["refills"]
        yield request
    elif kind == "MedicationStatement":
        period = {"start": day(start)} | ({"end": day(row["until"])} if "until" in row else {})
        yield base | {
            "status": status,
            "subject": SUBJECT,
            "effectivePeriod": period,
            "dosage": [_dosage(row)],
        }
    elif kind == "MedicationAdministration":
        dosage: Json = {"route": _route(row)} if "route" in row else {}
        if "dose" in row:
            dosage["dose"] = _quantity(row["dose"])
        when: Json = {"effectiveDateTime": f"{day(start)}T09:00:00Z"}
        if "hours" in row:
            begin = f"{day(start)}T09:00:00Z"
            end_day, hour = divmod(9 + row["hours"], 24)
            when = {
                "effectivePeriod": {
                    "start": begin,
                    "end": f"{day(start - end_day)}T{hour:02d}:00:00Z",
                }
            }
        yield base | {"status": status, "subject": SUBJECT, "dosage": dosage} | when
    for count, dispensed in enumerate(row.get("dispensed", ()), 1):
        yield {
            "resourceType": "MedicationDispense",
            "id": f"drug-{number}-dispense-{count}",
            "status": "completed",
            "subject": SUBJECT,
            "authorizingPrescription": [{"reference": f"MedicationRequest/drug-{number}"}],
            "whenHandedOver": day(dispensed[0]),
            "daysSupply": {"value": dispensed[1], "unit": "d"},
            **common,
        }


def _quantity(written: str) -> Json:
    value, _, unit = str(written).partition(" ")
    quantity: Json = {"value": _number(value), "unit": unit}
    if unit in {"mg", "ug", "mL", "g", "mg/kg", "mg/h", "mg/kg/h", "ug/h", "U/L", "mm[Hg]"}:
        quantity |= {"system": "http://unitsofmeasure.org", "code": unit}
    return quantity


def _number(value: str) -> int | float:
    return int(value) if value.lstrip("-").isdigit() else float(value)


def _route(row: Row) -> Json:
    code = ROUTES[row["route"]]
    return {"coding": [{"system": SYSTEMS["snomed"], "code": code}], "text": row["route"]}


def _dosage(row: Row) -> Json:
    """`sig` is text; `dose: 1 tablet` with `per_day: 2` or `every: 72 h` is structured."""
    dosage: Json = {}
    if "sig" in row:
        dosage["text"] = row["sig"]
    if "dose" in row:
        low, _, high = str(row["dose"]).partition(" to ")
        if high:
            unit = high.partition(" ")[2]
            dosage["doseAndRate"] = [
                {"doseRange": {"low": _quantity(f"{low} {unit}"), "high": _quantity(high)}}
            ]
        else:
            dosage["doseAndRate"] = [{"doseQuantity": _quantity(row["dose"])}]
    if "per_day" in row:
        dosage["timing"] = {"repeat": {"frequency": row["per_day"], "period": 1, "periodUnit": "d"}}
    if "every" in row:
        period, unit = str(row["every"]).split()
        dosage["timing"] = {
            "repeat": {"frequency": 1, "period": _number(period), "periodUnit": unit}
        }
    if row.get("prn"):
        dosage["asNeededBoolean"] = True
    if "route" in row:
        dosage["route"] = _route(row)
    return dosage


def _observation(row: Row) -> Json:
    base: Json = {
        "status": row.get("status", "final"),
        "subject": SUBJECT,
        "effectiveDateTime": f"{day(row.get('days', 0))}T08:00:00Z",
    }
    if "bp" in row:
        systolic, diastolic = str(row["bp"]).split("/")
        base["code"] = _code({"loinc": "85354-9"})
        base["component"] = [
            {"code": _code({"loinc": code}), "valueQuantity": _quantity(f"{value} mm[Hg]")}
            for code, value in (("8480-6", systolic), ("8462-4", diastolic))
        ]
        return base
    for name, (code, unit) in MEASURES.items():
        if name in row:
            base["code"] = _code({"loinc": code})
            base["valueQuantity"] = _quantity(f"{row[name]} {unit}") | {
                "system": "http://unitsofmeasure.org",
                "code": unit,
            }
    if "code" not in base:
        base["code"] = _code(row)
    if "answer" in row:
        word = row["answer"]
        coding = [{"system": SYSTEMS["snomed"], "code": ANSWERS[word]}] if word in ANSWERS else []
        base["valueCodeableConcept"] = {"coding": coding, "text": word}
    if "value" in row:
        base["valueQuantity"] = _quantity(row["value"])
    limits = {side: {"value": row[side]} for side in ("low", "high") if side in row}
    if limits:
        base["referenceRange"] = [limits]
    return base


def _allergy(row: Row) -> Json:
    resource: Json = {"patient": SUBJECT, "code": _code(row)}
    resource["clinicalStatus"] = _hl7("allergyintolerance-clinical", row.get("status", "active"))
    state = row.get("verification", "confirmed")
    resource["verificationStatus"] = _hl7("allergyintolerance-verification", state)
    if "type" in row:
        resource["type"] = row["type"]
    return resource


def _procedure(row: Row) -> Json:
    return {
        "status": row.get("status", "completed"),
        "subject": SUBJECT,
        "code": _code(row),
        "performedDateTime": day(row.get("days", 30)),
    }


def _service(row: Row) -> Json:
    return {
        "status": row.get("status", "active"),
        "intent": "order",
        "subject": SUBJECT,
        "code": _code(row),
        "authoredOn": day(row.get("days", 1)),
    }


def _encounter(row: Row) -> Json:
    encounter: Json = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "class": {"system": HL7 + "v3-ActCode", "code": row.get("class", "AMB")},
        "subject": SUBJECT,
        "period": {"start": day(row.get("days", 0))},
    }
    if "location" in row:
        encounter["location"] = [{"location": {"display": row["location"]}}]
    return encounter


def _order(number: int, row: Row) -> Json:
    """A draft of ketamine (or another `drug`) with route, dose, minutes, reason; or a `service`."""
    if "service" in row:
        service = _service(row["service"]) | {"status": "draft"}
        return {"resourceType": "ServiceRequest", "id": f"draft-{number}", **service}
    code = {"ketamine": "238084", "esketamine": "2119390"}.get(row.get("drug", "ketamine"))
    dosage: Json = _dosage({key: row[key] for key in ("dose", "route", "sig") if key in row})
    if "minutes" in row:
        dosage["timing"] = {"repeat": {"duration": row["minutes"], "durationUnit": "min"}}
    draft: Json = {
        "resourceType": "MedicationRequest",
        "id": f"draft-{number}",
        "status": "draft",
        "intent": "order",
        "subject": SUBJECT,
        "authoredOn": day(0),
        "medicationCodeableConcept": _code({"rxnorm": code} if code else row),
        "dosageInstruction": [dosage],
    }
    if "reason" in row:
        draft["reasonCode"] = [_code(row["reason"])]
    return draft
