"""Where the drug is to be given, and by whom it was asked for."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from cds.chart.asked import Asked
from cds.chart.encounter_entry import Encounter
from cds.chart.places import Setting, Unit, place_named, units_in

Specialty = Literal["anaesthesiology", "emergency", "critical_care", "palliative", "psychiatry"]

_CATEGORIES: dict[str, Setting] = {"inpatient": "inpatient", "outpatient": "outpatient"}
_CLASSES: dict[str, Setting] = {
    "AMB": "outpatient", "IMP": "inpatient", "ACUTE": "inpatient", "NONAC": "inpatient",
    "OBSENC": "inpatient", "SS": "outpatient", "EMER": "emergency", "FLD": "emergency",
    "HH": "home", "VR": "home",
}  # fmt: skip
_SPECIALTIES: tuple[tuple[Specialty, re.Pattern[str]], ...] = (
    ("anaesthesiology", re.compile(r"(?i)\bana?esthe(siolog|sia|tic|tist)")),
    ("critical_care", re.compile(r"(?i)\b(critical care|intensiv(e care|ist))")),
    ("emergency", re.compile(r"(?i)\bemergency (medicine|physician|doctor|department)")),
    ("psychiatry", re.compile(r"(?i)\bpsychiatr(y|ist|ic)\b")),
    ("palliative", re.compile(r"(?i)\b(palliative|hospice)\b")),
)
_PAIN_SPECIALTY = re.compile(r"(?i)\bpain\b")


def setting_of(asked: Asked, as_of: date | None = None) -> Setting | None:
    """The most specific statement wins: a named place, the encounter, then the category.

    An order may be placed for an encounter that is still to come, and not for one that is over on
    `as_of`; None: whatever the day.
    """
    if named := place_named(" ; ".join(asked.places)):
        return named
    encounter = _open_encounter(asked, as_of)
    if encounter is not None:
        return encounter_setting(encounter) or _category_setting(asked)
    return _category_setting(asked)


def units_of(asked: Asked, as_of: date | None = None) -> frozenset[Unit] | None:
    """The units in which it is to be given; None: neither a place nor an encounter is named."""
    if asked.places:
        return units_in(" ; ".join(asked.places))
    encounter = _open_encounter(asked, as_of)
    return encounter_units(encounter) if encounter is not None else None


def encounter_units(encounter: Encounter) -> frozenset[Unit]:
    """By what is said of its places, and by its class."""
    by_class = _CLASSES.get(encounter.encounter_class or "")
    return encounter.units | {"emergency"} if by_class == "emergency" else encounter.units


def _open_encounter(asked: Asked, as_of: date | None) -> Encounter | None:
    encounter = asked.encounter
    if encounter is None or not encounter.open or (as_of and encounter.is_over(as_of)):
        return None
    return encounter


def encounter_setting(encounter: Encounter) -> Setting | None:
    """Intensive care or a theatre by what is said of its place, else by its class."""
    if encounter.icu:
        return "icu"
    if encounter.operating_room:
        return "operating_room"
    return _CLASSES.get(encounter.encounter_class or "")


def community_of(asked: Asked) -> bool | None:
    """Whether the drug is to be taken away by the patient; None when nothing says it."""
    codes = {code.lower() for code in asked.categories}
    if codes & {"community", "discharge"}:
        return True
    return False if codes & {"inpatient", "outpatient"} else None


def specialty_of(asked: Asked) -> Specialty | None:
    """The requester's specialty. A pain specialist who is an anaesthetist is a pain specialist."""
    text = " ; ".join(asked.requester)
    if _PAIN_SPECIALTY.search(text):
        return None
    return next((name for name, pattern in _SPECIALTIES if pattern.search(text)), None)


def _category_setting(asked: Asked) -> Setting | None:
    named = (_CATEGORIES.get(code.lower()) for code in asked.categories)
    return next((setting for setting in named if setting), None)
