"""Changing a draft order without touching anything else in it.

The draft is the EHR's own JSON: what is not set here comes back exactly as it was sent, unknown
fields and extensions included.
"""

from __future__ import annotations

import copy
from decimal import Decimal

from cards.dose_words import in_words, ordered
from cds.assessment.model import DoseProposal
from cds.dosage.route import CODES_SENT
from cds.fhir_json import as_object, as_objects
from cds.units import plain
from cds.wire import Json

UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"


def quantity(value: Decimal, unit: str, code: str | None = None) -> Json:
    """A FHIR Quantity in UCUM."""
    exact = int(value) if value == value.to_integral_value() else value
    return {"value": exact, "unit": unit, "system": UCUM, "code": code or unit}


def with_dose(draft: Json, dose: DoseProposal, told: str = "") -> Json:
    """The draft MedicationRequest with the proposed dose, rate, route and timing filled in.

    `told` is the patient instruction, for a draft that has none.
    """
    changed: Json = copy.deepcopy(draft)
    # one instruction stands for the whole: a second one would be a second dose
    instruction: Json = next(iter(as_objects(changed.get("dosageInstruction"))), {})
    changed["dosageInstruction"] = [instruction]
    instruction["text"] = in_words(dose)
    if told:
        instruction.setdefault("patientInstruction", told)
    if "route" not in instruction and dose.route in CODES_SENT:
        code, display = CODES_SENT[dose.route]
        instruction["route"] = {
            "coding": [{"system": SNOMED, "code": code, "display": display}],
            "text": display,
        }
    instruction["doseAndRate"] = [_dose_and_rate(dose)]
    timing = _timing(instruction.get("timing"), dose)
    if timing:
        instruction["timing"] = timing
    for stale in ("maxDosePerAdministration", "rateRatio", "doseQuantity", "rateQuantity"):
        instruction.pop(stale, None)
    return changed


def _dose_and_rate(dose: DoseProposal) -> Json:
    entry: Json = {"doseQuantity": quantity(ordered(dose), "mg")}
    if dose.order_rate_mg_per_h is not None and not dose.devices:
        rate = round(dose.order_rate_mg_per_h, 2)
        entry["rateQuantity"] = quantity(Decimal(plain(rate)), "mg/h")
    return entry


def _timing(timing: object, dose: DoseProposal) -> Json:
    """The draft's timing with what the regimen says; the EHR's own bounds and codes stay."""
    kept: Json = copy.deepcopy(as_object(timing))
    repeat: Json = dict(as_object(kept.get("repeat")))
    if dose.duration_min is not None and not dose.devices:
        repeat |= {"duration": _number(dose.duration_min), "durationUnit": "min"}
        repeat.pop("durationMax", None)
    if dose.sessions_per_week is not None:
        whole = dose.sessions_per_week == dose.sessions_per_week.to_integral_value()
        if whole:
            repeat |= {"frequency": int(dose.sessions_per_week), "period": 1, "periodUnit": "wk"}
            for other in ("frequencyMax", "periodMax", "dayOfWeek", "timeOfDay", "when", "offset"):
                repeat.pop(other, None)
            kept.pop("code", None)
            kept.pop("event", None)
    if dose.sessions is not None:
        repeat["count"] = dose.sessions
        repeat.pop("countMax", None)
    if repeat:
        kept["repeat"] = repeat
    return kept


def _number(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value
