"""What the parts of a record are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cds.fhir.queries import KEY_OF_TYPE

PART_NAMES: Mapping[str, str] = {
    "patient": "the patient's own data",
    "conditions": "diagnoses",
    "medicationRequests": "prescriptions",
    "medicationStatements": "reported medication",
    "medicationDispenses": "dispenses",
    "medicationAdministrations": "doses given",
    "observations": "results and measurements",
    "allergies": "allergies",
    "procedures": "procedures",
    "encounter": "the encounter",
}
"""by the keys of the queries for them"""
_WITHOUT_A_QUERY = {"QuestionnaireResponse": "questionnaires", "ServiceRequest": "orders for tests"}


def parts_of(types: Iterable[str]) -> tuple[str, ...]:
    """What the resources of some types are called, each once."""
    keys = ((kind, KEY_OF_TYPE.get(kind, "")) for kind in types)
    names = (PART_NAMES.get(key) or _WITHOUT_A_QUERY.get(kind, "others") for kind, key in keys)
    return tuple(dict.fromkeys(names))
