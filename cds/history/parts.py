"""What the parts of a record are called."""

from __future__ import annotations

from collections.abc import Mapping

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
