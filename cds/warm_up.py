"""All wordings, and a first answer about a patient who does not exist, before any is asked for.

Much is read, compiled or remembered when it is first needed: templates, patterns, how common words
are read. A patient's answer, which has so much processor time and no more, must not pay for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from cards.words import prepare_all
from cds.runtime import parse_body
from cds.service import Service
from cds.wire import Json

_ICD = "http://hl7.org/fhir/sid/icd-10-cm"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_NDC = "http://hl7.org/fhir/sid/ndc"
_LOINC = "http://loinc.org"
_NOBODY = "Patient/nobody"


def warm_up(service: Service) -> None:
    """Answer each hook once. What breaks here breaks in a call as well, which says so."""
    prepare_all()
    for body in _requests():
        with suppress(Exception):
            service.respond(parse_body(body))


def _requests() -> Iterator[Json]:
    draft = _resource(
        "MedicationRequest", "draft", "ketamine 50 mg/mL injection", _RXNORM, "238084",
        status="draft", intent="order", reasonCode=[_concept("Depression", _ICD, "F33.2")],
        dosageInstruction=[{"text": "500 mg IV push, then 35 mg IV over 40 minutes twice a week"}],
    )  # fmt: skip
    orders = {"draftOrders": _bundle(draft)}
    for hook, more in (
        ("order-select", orders | {"selections": ["MedicationRequest/draft"]}),
        ("order-sign", orders),
        ("patient-view", {}),
    ):
        context = {"userId": "Practitioner/nobody", "patientId": "nobody", **more}
        ident = "00000000-0000-4000-8000-000000000000"
        yield {"hook": hook, "hookInstance": ident, "context": context, "prefetch": _chart()}


def _chart() -> Json:
    """One of most kinds, in codes and in words."""
    person = {"resourceType": "Patient", "id": "nobody", "birthDate": "1970-01", "gender": "female"}
    weight = {"value": 70, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    dosage = [{"text": "Take 1 tablet by mouth twice daily for 8 weeks"}]
    day = "2020-01-31"
    return {
        "patient": person,
        "conditions": _bundle(
            _resource("Condition", "c1", "Recurrent depression", _ICD, "F33.2", recordedDate=day),
            _resource("Condition", "c2", "Aneurysm of the aorta", _ICD, "I71.4", recordedDate=day),
            _resource("Condition", "c3", "history of stroke, no seizures", recordedDate=day),
        ),
        "medicationRequests": _bundle(
            _resource(
                "MedicationRequest", "m1", "sertraline 50 MG Oral Tablet", _RXNORM, "312941",
                status="active", intent="order", authoredOn=day, dosageInstruction=dosage,
            ),
            _resource(
                "MedicationRequest", "m3", "duloxetine 30 mg", _NDC, "00002324030",
                status="completed", intent="order", authoredOn=day,
            ),
            _resource(
                "MedicationRequest", "m2", "tranylcypromine 10 mg tablet",
                status="active", intent="order", authoredOn=day, dosageInstruction=dosage,
            ),
        ),
        "observations": _bundle(
            _resource(
                "Observation", "o1", "Body weight", _LOINC, "29463-7",
                status="final", effectiveDateTime=f"{day}T09:00:00Z", valueQuantity=weight,
            ),
        ),
        "allergies": _bundle(
            _resource("AllergyIntolerance", "a1", "Penicillin", _RXNORM, "7980"),
            _resource("AllergyIntolerance", "a2", "Ketalar: rash"),
        ),
        "procedures": _bundle(_resource("Procedure", "p1", "Electroconvulsive therapy")),
    }  # fmt: skip


def _resource(
    kind: str, ident: str, text: str, system: str | None = None, code: str = "", **more: object
) -> Json:
    name = "medicationCodeableConcept" if kind.startswith("Medication") else "code"
    whose = "patient" if kind == "AllergyIntolerance" else "subject"
    concept = {"text": text} if system is None else _concept(text, system, code)
    return {"resourceType": kind, "id": ident, name: concept, whose: {"reference": _NOBODY}, **more}


def _concept(text: str, system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}], "text": text}


def _bundle(*resources: Json) -> Json:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}
