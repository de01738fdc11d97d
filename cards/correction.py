"""A draft order with the one sensible correction of a mistake."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal

from cards.patch import quantity
from cds.fhir_json import as_object, as_objects
from cds.units import Quantity
from cds.wire import Json

Correction = Mapping[str, Quantity | Decimal | str]


def corrected(draft: Json, correction: Correction) -> tuple[str, Json]:
    """What is changed, in words, and the draft with only that changed."""
    changed: Json = copy.deepcopy(draft)
    instruction: Json = next(iter(as_objects(changed.get("dosageInstruction"))), {})
    changed["dosageInstruction"] = [instruction]
    said = [_apply(instruction, name, value) for name, value in sorted(correction.items())]
    text = ", ".join(part for part in said if part)
    instruction["text"] = f"Corrected: {text}"
    return text, changed


def _apply(instruction: Json, name: str, value: Quantity | Decimal | str) -> str:
    entry: Json = next(iter(as_objects(instruction.get("doseAndRate"))), {})
    if isinstance(value, Quantity):
        if name == "dose":
            entry.pop("doseRange", None)
            entry["doseQuantity"] = quantity(value.value, value.unit)
        else:
            entry.pop("rateRatio", None)
            entry.pop("rateRange", None)
            entry["rateQuantity"] = quantity(value.value, value.unit)
        instruction["doseAndRate"] = [entry]
        return f"{name} {value}"
    if isinstance(value, Decimal):
        timing = as_object(instruction.get("timing"))
        repeat = as_object(timing.get("repeat"))
        changed = {**repeat, "duration": value, "durationUnit": "min"}
        instruction["timing"] = {**timing, "repeat": changed}
        return f"over {value} min"
    return ""
