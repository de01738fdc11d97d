"""Resources of older FHIR versions: read where only names differ, refused where meaning might.

DSTU2 and STU3 resources carry no version mark. They are known by fields that R4 does not have. A
field that was merely renamed is renamed back; a resource whose fields mean something else is
refused with a reason, since a misread dose or status is worse than an unknown one. R4B needs
nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from cds.wire import Json

REFUSED_TYPES = {"MedicationOrder": "MedicationRequest"}
"""Types that R4 no longer has → the R4 type whose facts are then unknown."""

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_DOSES = ("doseQuantity", "doseSimpleQuantity", "doseRange")
_RATES = ("rateQuantity", "rateSimpleQuantity", "rateRange", "rateRatio")
_UNDONE_FLAGS = ("notDone", "notPerformed", "notGiven", "wasNotGiven", "wasNotTaken")
_UNDONE_REASONS = (
    "notDoneCodeableConcept", "notDoneReference", "notDoneReasonCodeableConcept",
    "notDoneReasonReference", "notDoneReason", "reasonNotPerformed", "reasonNotGiven",
    "reasonNotTaken",
)  # fmt: skip
_DSTU2_ALLERGY_STATUS = {
    "active": ("active", None), "inactive": ("inactive", None), "resolved": ("resolved", None),
    "confirmed": ("active", "confirmed"), "unconfirmed": ("active", "unconfirmed"),
    "refuted": (None, "refuted"), "entered-in-error": (None, "entered-in-error"),
}  # fmt: skip
_DSTU2_CRITICALITY = {"CRITL": "low", "CRITH": "high", "CRITU": "unable-to-assess"}


class Refused(ValueError):
    """The resource has the shape of a version in which it can't be read safely."""


def as_r4(resource: Json) -> Json:
    """The resource with R4 names; the same object when there is nothing to rename.

    Raises Refused, whose message names version and type and quotes nothing.
    """
    kind = resource.get("resourceType")
    if kind in REFUSED_TYPES:
        raise Refused(f"DSTU2 {kind}: not read")
    reader = _READERS.get(str(kind))
    if reader is None:
        return resource
    changes = reader(resource)
    return {**resource, **changes} if changes else resource


def _condition(resource: Json) -> Json:
    changes = _coded_statuses(resource, _CLINICAL, _VERIFICATION)
    changes |= _renamed(resource, patient="subject", context="encounter")
    recorded = resource.get("assertedDate") or resource.get("dateRecorded")
    if recorded and "recordedDate" not in resource:
        changes["recordedDate"] = recorded
    return changes | _listed(resource, "category")


def _observation(resource: Json) -> Json:
    return _renamed(resource, context="encounter") | _listed(resource, "category", "interpretation")


def _procedure(resource: Json) -> Json:
    return _renamed(resource, context="encounter") | _undone(resource, "not-done")


def _encounter(resource: Json) -> Json:
    return _renamed(resource, patient="subject")  # the class, by code or word, has one reader


def _allergy(resource: Json) -> Json:
    changes = _coded_statuses(resource, _ALLERGY_CLINICAL, _ALLERGY_VERIFICATION)
    changes |= _renamed(resource, substance="code", assertedDate="recordedDate")
    status = resource.get("status")  # DSTU2 has one status for both axes
    if isinstance(status, str) and "clinicalStatus" not in resource:
        clinical, verification = _DSTU2_ALLERGY_STATUS.get(status, (None, None))
        if clinical:
            changes["clinicalStatus"] = _coded(_ALLERGY_CLINICAL, clinical)
        if verification:
            changes["verificationStatus"] = _coded(_ALLERGY_VERIFICATION, verification)
    criticality = _DSTU2_CRITICALITY.get(str(resource.get("criticality")))
    if criticality:
        changes["criticality"] = criticality
    if isinstance(resource.get("category"), str):
        changes["category"] = [resource["category"]]
    return changes


def _medication_request(resource: Json) -> Json:
    _refuse_r5(resource)
    return _renamed(resource, context="encounter") | _doses(resource, "dosageInstruction")


def _medication_statement(resource: Json) -> Json:
    _refuse_r5(resource)
    _refuse_dstu2(resource, "patient", "wasNotTaken", "reasonForUse", "reasonForUseCodeableConcept")
    changes = _doses(resource, "dosage") | _undone(resource, "not-taken")
    taken = resource.get("taken")  # STU3 asks apart from the status whether it was taken
    if taken == "n":
        changes["status"] = "not-taken"
    elif taken in ("unk", "na") and resource.get("status") != "entered-in-error":
        changes["status"] = "unknown"
    return changes


def _medication_dispense(resource: Json) -> Json:
    _refuse_r5(resource)
    _refuse_dstu2(resource, "patient", "dispenser", "dispenserOrganization")
    return _doses(resource, "dosageInstruction") | _undone(resource, "declined")


def _medication_administration(resource: Json) -> Json:
    _refuse_r5(resource)
    _refuse_dstu2(
        resource, "patient", "wasNotGiven", "effectiveTimeDateTime", "effectiveTimePeriod"
    )
    return _renamed(resource, prescription="request") | _undone(resource, "not-done")


_READERS: dict[str, Callable[[Json], Json]] = {
    "Condition": _condition,
    "Observation": _observation,
    "Procedure": _procedure,
    "Encounter": _encounter,
    "AllergyIntolerance": _allergy,
    "MedicationRequest": _medication_request,
    "MedicationStatement": _medication_statement,
    "MedicationDispense": _medication_dispense,
    "MedicationAdministration": _medication_administration,
}


def _refuse_dstu2(resource: Json, *markers: str) -> None:
    if "subject" not in resource and any(marker in resource for marker in markers):
        raise Refused(f"DSTU2 {resource['resourceType']}: not read")


def _refuse_r5(resource: Json) -> None:
    if isinstance(resource.get("medication"), dict):
        raise Refused(f"R5 {resource['resourceType']}: not read")


def _undone(resource: Json, status: str) -> Json:
    """Older versions said beside the status that nothing was done, by a flag or by the reason."""
    flags = [resource[name] for name in _UNDONE_FLAGS if isinstance(resource.get(name), bool)]
    undone = any(flags) if flags else any(resource.get(name) for name in _UNDONE_REASONS)
    if not undone or resource.get("status") == "entered-in-error":
        return {}
    return {"status": status}


def _coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _coded_statuses(resource: Json, clinical: str, verification: str) -> Json:
    """Statuses were plain codes before R4."""
    return {
        field: _coded(system, resource[field])
        for field, system in (("clinicalStatus", clinical), ("verificationStatus", verification))
        if isinstance(resource.get(field), str)
    }


def _renamed(resource: Json, **names: str) -> Json:
    changes = {}
    for old, new in names.items():
        if old in resource and isinstance(resource[old], dict | str) and new not in resource:
            changes[new] = resource[old]
    return changes


def _listed(resource: Json, *fields: str) -> Json:
    return {field: [resource[field]] for field in fields if isinstance(resource.get(field), dict)}


def _doses(resource: Json, field: str) -> Json:
    """STU3 wrote dose and rate on the dosage itself; R4 has them in `doseAndRate`."""
    dosages = resource.get(field)
    if not isinstance(dosages, list) or not any(map(_is_stu3_dosage, dosages)):
        return {}
    return {field: [_moved(d) if _is_stu3_dosage(d) else d for d in dosages]}


def _is_stu3_dosage(dosage: object) -> bool:
    return (
        isinstance(dosage, dict)
        and "doseAndRate" not in dosage
        and any(name in dosage for name in (*_DOSES, *_RATES))
    )


def _moved(dosage: Json) -> Json:
    moved = {
        name.replace("Simple", ""): dosage[name] for name in (*_DOSES, *_RATES) if name in dosage
    }
    return {**dosage, "doseAndRate": [moved]}
