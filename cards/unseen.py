"""What of the record was not seen, and what of it was there and not readable."""

from __future__ import annotations

from collections.abc import Container, Sequence

from cards.lines import Line, line
from cards.words import inert
from cds.history.model.history import History
from cds.history.parts import PART_NAMES, parts_of

_KINDS = {
    "AllergyIntolerance": ("allergy", "allergies"),
    "Condition": ("diagnosis", "diagnoses"),
    "Encounter": ("encounter", "encounters"),
    "Medication": ("medication", "medications"),
    "MedicationAdministration": ("dose given", "doses given"),
    "MedicationDispense": ("dispense", "dispenses"),
    "MedicationRequest": ("prescription", "prescriptions"),
    "MedicationStatement": ("reported medication", "reported medications"),
    "Observation": ("result or measurement", "results or measurements"),
    "Procedure": ("procedure", "procedures"),
    "QuestionnaireResponse": ("questionnaire", "questionnaires"),
    "ServiceRequest": ("order for a test", "orders for tests"),
}
"""entries of a record, one and several"""


def unseen_lines(history: History) -> tuple[Line, ...]:
    """Parts of the record that were not had, and entries that were not readable."""
    lines = []
    cut = {PART_NAMES[key] for key in history.cut_off}
    slow = set(parts_of(history.cut))  # these have their line
    whole = history.unavailable.keys() - history.cut_off - history.partial
    if unseen := sorted({PART_NAMES[key] for key in whole} - slow):
        lines.append(line(f"Not seen: {', '.join(unseen)}."))
    if in_part := _by_reason(history, slow):
        lines.append(line(f"Not seen in full: {inert('; '.join(in_part))}."))
    if cut:
        lines.append(line(f"Not seen to the end, the file is cut off: {', '.join(sorted(cut))}."))
    # what was not understood has its line
    named = {ref for drug in history.unread_drugs for ref in drug.source}
    named |= {ref for entry in history.unread_entries for ref in entry.source}
    lost = [
        (one.resource, one.reason)
        for one in history.skipped
        if one.lost and one.resource not in named and not (cut and one.cut_off)
    ]
    if lost:
        lines.append(line(f"Not readable: {inert('; '.join(_counted(lost)))}."))
    return tuple(lines)


def _by_reason(history: History, told: Container[str]) -> list[str]:
    """`allergies, diagnoses (a further page did not come)`, but for those that are told."""
    parts: dict[str, list[str]] = {}
    for key in history.partial:
        if PART_NAMES[key] not in told:
            parts.setdefault(history.unavailable.get(key, ""), []).append(PART_NAMES[key])
    return sorted(
        ", ".join(sorted(names)) + (f" ({why})" if why else "") for why, names in parts.items()
    )


def _counted(lost: Sequence[tuple[str, str]]) -> list[str]:
    """`2 results or measurements (no unit)`: an entry that was not readable has no other name."""
    alike: dict[tuple[str, str], int] = {}
    for resource, reason in lost:
        key = (resource.partition("/")[0], reason)
        alike[key] = alike.get(key, 0) + 1
    return [
        f"{count} {_KINDS.get(kind, ('other entry', 'other entries'))[count > 1]} ({reason})"
        for (kind, reason), count in alike.items()
    ]
