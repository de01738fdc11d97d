"""Changing a draft order into the one that is suggested, and nothing else in it.

The draft is the EHR's own JSON: what the suggestion does not touch comes back exactly as it was
sent, unknown fields and extensions included. What it does touch is taken out wherever it may stand,
so that nothing is left behind that says something else.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from fractions import Fraction

from cards.instruction import Instruction
from cds.dosage.route import CODES_SENT
from cds.dosage.words import stated_in
from cds.fhir_json import as_object, as_objects, concept_texts
from cds.units import Quantity, plain
from cds.wire import Json

UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"

_OF_THE_OLD_DOSE = (
    "text", "_text", "doseAndRate", "doseQuantity", "doseSimpleQuantity", "doseRange",
    "rateQuantity", "rateSimpleQuantity", "rateRange", "rateRatio", "method",
    "maxDosePerAdministration", "maxDosePerPeriod", "maxDosePerLifetime",
    "asNeeded", "asNeededBoolean", "_asNeededBoolean", "asNeededCodeableConcept", "asNeededFor",
)  # fmt: skip
"""of a dosage"""
_OF_THE_OLD_DRAFT = ("text", "renderedDosageInstruction", "effectiveDosePeriod")
"""the narrative, and the instruction as R5 renders it"""
_OF_THE_OLD_SUPPLY = ("quantity", "initialFill", "expectedSupplyDuration", "numberOfRepeatsAllowed")
_OF_THE_OLD_DAYS = ("dayOfWeek", "timeOfDay", "when", "offset")
_OF_THE_OLD_FREQUENCY = ("frequency", "frequencyMax", "period", "periodMax", "periodUnit")
_OF_THE_OLD_COURSE = ("count", "countMax", "boundsDuration", "boundsRange")

_SITES = {
    ("intramuscular", "subcutaneous"): (
        "deltoid", "glute", "thigh", "vastus", "buttock", "muscle", "abdomen", "subcutaneous",
    ),
    ("intranasal",): ("nostril", "nose", "nasal", "naris", "nares"),
    ("intravenous", "intraosseous"): ("vein", "venous", "antecubital", "intravenous"),
}  # fmt: skip
"""words of a body site, by the routes that they are sites of"""


def quantity(value: Decimal, unit: str, code: str | None = None) -> Json:
    """A FHIR Quantity in UCUM."""
    return {"value": _number(value), "unit": unit, "system": UCUM, "code": code or unit}


def with_instruction(draft: Json, meant: Instruction, told: str = "") -> Json:
    """The draft MedicationRequest with one instruction, the one that is meant.

    `told` is the patient instruction, for a draft that has none which may stay.
    """
    changed: Json = copy.deepcopy(draft)
    for name in _OF_THE_OLD_DRAFT:
        changed.pop(name, None)
    _without_supply(changed)
    # one instruction stands for the whole: a second one would be a second dose
    dosage: Json = next(iter(as_objects(changed.get("dosageInstruction"))), {})
    changed["dosageInstruction"] = [dosage]
    for name in _OF_THE_OLD_DOSE:
        dosage.pop(name, None)
    _without_amounts(dosage)
    if _is_of_another_route(dosage.get("site"), meant.route):
        del dosage["site"]
    dosage["text"] = str(meant)
    if told:
        dosage.setdefault("patientInstruction", told)
    if "route" not in dosage and meant.route in CODES_SENT:
        code, display = CODES_SENT[meant.route]
        coding = {"system": SNOMED, "code": code, "display": display}
        dosage["route"] = {"coding": [coding], "text": display}
    dosage["doseAndRate"] = [_dose_and_rate(meant)]
    timing = _timing(dosage.pop("timing", None), meant)
    if timing:
        dosage["timing"] = timing
    return changed


def _without_supply(draft: Json) -> None:
    supply = as_object(draft.get("dispenseRequest"))
    if supply:
        kept = {k: v for k, v in supply.items() if k not in _OF_THE_OLD_SUPPLY}
        draft["dispenseRequest"] = kept
        if not kept:
            del draft["dispenseRequest"]


def _without_amounts(dosage: Json) -> None:
    """Takes out what is told to the patient or beside the dose, where it tells of an amount."""
    if _tells_how(str(dosage.get("patientInstruction") or "")):
        del dosage["patientInstruction"]
    beside = as_objects(dosage.get("additionalInstruction"))
    kept = [one for one in beside if not any(map(_tells_how, concept_texts(one)))]
    if len(kept) < len(beside):
        dosage.pop("additionalInstruction")
        if kept:
            dosage["additionalInstruction"] = kept


def _is_of_another_route(site: object, route: str | None) -> bool:
    """`left deltoid` in an order by vein."""
    words = " ".join(concept_texts(site)).lower()
    return any(
        any(word in words for word in names) and route not in routes
        for routes, names in _SITES.items()
    )


def _tells_how(text: str) -> bool:
    said = stated_in(text)
    return bool(
        said.doses or said.rates or said.duration_min or said.per_day or said.sessions
        or said.method in ("push", "bolus")
    )  # fmt: skip


def _dose_and_rate(meant: Instruction) -> Json:
    entry: Json = {}
    if meant.dose is not None:
        entry["doseQuantity"] = _in_ucum(meant.dose)
    if meant.rate is not None:
        entry["rateQuantity"] = _in_ucum(meant.rate)
    return entry


def _in_ucum(amount: Quantity) -> Json:
    return quantity(Decimal(plain(amount.value)), amount.unit)


def _timing(timing: object, meant: Instruction) -> Json:
    """The draft's timing with what is meant; where that says nothing, the EHR's own stays."""
    kept: Json = copy.deepcopy(as_object(timing))
    repeat: Json = dict(as_object(kept.get("repeat")))
    for name in ("duration", "durationMax", "durationUnit"):
        repeat.pop(name, None)
    if meant.duration_min is not None:
        repeat |= {"duration": _number(meant.duration_min), "durationUnit": "min"}
    often, course = meant.sessions_per_week is not None, meant.sessions is not None
    if often or course:
        kept.pop("event", None)
    if meant.sessions_per_week is not None:
        kept.pop("code", None)
        for name in (*_OF_THE_OLD_DAYS, *_OF_THE_OLD_FREQUENCY):
            repeat.pop(name, None)
        repeat |= _frequency(meant.sessions_per_week)
    if often or course:  # what bounded the old course bounds another one
        for name in _OF_THE_OLD_COURSE:
            repeat.pop(name, None)
        _without_end(repeat)
    if meant.sessions is not None:
        repeat["count"] = meant.sessions
    kept.pop("repeat", None)
    if repeat:
        kept["repeat"] = repeat
    return kept


def _without_end(repeat: Json) -> None:
    bounds = {k: v for k, v in as_object(repeat.pop("boundsPeriod", None)).items() if k != "end"}
    if bounds:
        repeat["boundsPeriod"] = bounds


def _frequency(per_week: Decimal) -> Json:
    """`2 in 1 wk`, `1 in 2 wk`."""
    exact = Fraction(per_week)
    return {"frequency": exact.numerator, "period": exact.denominator, "periodUnit": "wk"}


def _number(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value
