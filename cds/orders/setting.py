"""Where the drug is to be given, and by whom it was asked for."""

from __future__ import annotations

import re
from typing import Literal

from cds.chart.asked import Asked
from cds.orders.model import Setting

Specialty = Literal["anaesthesiology", "emergency", "critical_care"]

_CATEGORIES: dict[str, Setting] = {"inpatient": "inpatient", "outpatient": "outpatient"}
_CLASSES: dict[str, Setting] = {
    "AMB": "outpatient", "IMP": "inpatient", "ACUTE": "inpatient", "NONAC": "inpatient",
    "OBSENC": "inpatient", "SS": "outpatient", "EMER": "emergency", "FLD": "emergency",
    "HH": "home", "VR": "home", "outpatient": "outpatient", "ambulatory": "outpatient",
    "inpatient": "inpatient", "emergency": "emergency", "home": "home",
}  # fmt: skip
_PLACES: tuple[tuple[Setting, re.Pattern[str]], ...] = (
    ("icu", re.compile(r"\b(M|S|P|N|C|CV|T)?ICU\b|(?i:\b(intensive|critical) care\b)")),
    (
        "operating_room",
        re.compile(r"(?i)\b((operating )?theat(re|er)|operating room|procedur(e|al) suite)\b"),
    ),
    ("emergency", re.compile(r"(?i)\b(emergency|ambulance|prehospital)\b|\bED\b")),
    ("home", re.compile(r"(?i)\b(patient'?s home|private residence)\b")),
    (
        "outpatient",
        re.compile(r"(?i)\b(outpatient|ambulatory|clinic|infusion (suite|cent(er|re)))\b"),
    ),
    ("inpatient", re.compile(r"(?i)\b(inpatient|ward)\b")),
)  # fmt: skip
_SPECIALTIES: tuple[tuple[Specialty, re.Pattern[str]], ...] = (
    ("anaesthesiology", re.compile(r"(?i)\bana?esthe(siolog|sia|tic|tist)")),
    ("critical_care", re.compile(r"(?i)\b(critical care|intensiv(e care|ist))")),
    ("emergency", re.compile(r"(?i)\bemergency (medicine|physician|doctor|department)")),
)
_PAIN_SPECIALTY = re.compile(r"(?i)\bpain\b")


def setting_of(asked: Asked) -> Setting | None:
    """The most specific statement wins: a named place, the encounter, then the category."""
    named = place_in(" ; ".join(asked.places))
    return named or _encounter_setting(asked) or _category_setting(asked)


def place_in(text: str) -> Setting | None:
    for setting, pattern in _PLACES:
        if pattern.search(text):
            return setting
    return None


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


def _encounter_setting(asked: Asked) -> Setting | None:
    place = place_in(" ; ".join(asked.encounter_words))
    if place in ("icu", "operating_room"):
        return place
    return next((_CLASSES[code] for code in asked.encounter_classes if code in _CLASSES), None)
