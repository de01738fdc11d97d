"""Where a patient is, or is to be treated, by the name of the place."""

from __future__ import annotations

import re
from typing import Literal

from cds.kept import kept

Setting = Literal["outpatient", "inpatient", "emergency", "icu", "operating_room", "home"]
Unit = Literal[
    "icu", "operating_room", "pacu", "emergency", "labour", "burn_unit", "hospice", "psychiatry"
]
"""where a hospital gives ketamine, and what for"""

_PLACES: tuple[tuple[Setting, re.Pattern[str]], ...] = (
    (
        "icu",
        re.compile(
            r"(?i)\b([smpnct]?icu|ccu|cvicu|(intensive|critical)[- ]care|intensive therapy unit)\b"
        ),
    ),
    (
        "operating_room",
        re.compile(r"(?i)\b((operating )?theat(re|er)|operating room|procedur(e|al) suite)\b"),
    ),
    ("emergency", re.compile(r"(?i)\b(emergency|ambulance|prehospital)\b|\b(?-i:ED)\b")),
    ("home", re.compile(r"(?i)\b(patient'?s home|private residence)\b")),
    (
        "outpatient",
        re.compile(r"(?i)\b(outpatient|ambulatory|clinic|infusion (suite|cent(er|re)))\b"),
    ),
    ("inpatient", re.compile(r"(?i)\b(inpatient|ward)\b")),
)  # fmt: skip


_PSYCHIATRIC = re.compile(r"(?i)\bpsychiatric (intensive care|icu)|\b(?-i:PICU)\W+psych")
_UNITS: tuple[tuple[Unit, re.Pattern[str]], ...] = (
    (
        "operating_room",
        re.compile(
            r"(?i)\b(theat(re|er)s?|operating rooms?|surgery (suite|center)|procedur(e|al) suite)\b"
            r"|\b(?-i:ORs?|OT|CVOR)\b"
        ),
    ),
    ("pacu", re.compile(r"(?i)\b(pacu|post[- ]?ana?esthesia|recovery (room|area|bay))\b")),
    (
        "emergency",
        re.compile(
            r"(?i)\b(emergency|casualty|ambulance|prehospital|resus(citation)? (bay|room)"
            r"|trauma bay)\b"
            r"|\b(?-i:ED|ER|A&E)\b"
        ),
    ),
    (
        "labour",
        re.compile(
            r"(?i)\b(labou?r (and|&|\+) delivery|labou?r ward|delivery (suite|room|ward)"
            r"|obstetrics?|maternity|birth(ing)? (cent(er|re)|suite|room))\b|\b(?-i:L ?[&+] ?D)\b"
        ),
    ),
    ("burn_unit", re.compile(r"(?i)\bburns? (unit|cent(er|re)|icu|ward|service|tank)\b")),
    ("hospice", re.compile(r"(?i)\b(hospice|palliative|comfort care)\b")),
    (
        "psychiatry",
        re.compile(
            r"(?i)\b(psychiatr\w*|behaviou?ral|mental health|mood|ketamine (clinic|suite))\b"
        ),
    ),
)


@kept(1024)
def units_in(name: str) -> frozenset[Unit]:
    """The units that the name of a place means; of the words of an order it says too much."""
    found: set[Unit] = {unit for unit, pattern in _UNITS if pattern.search(name)}
    if place_in(name) == "icu":
        found.add("icu")
    # psychiatric intensive care ventilates nobody, and psychiatry may use a recovery room
    return frozenset({"psychiatry"}) if found > {"psychiatry"} else frozenset(found)


def place_named(name: str) -> Setting | None:
    """As `place_in`, of the name of a place, where OR is an operating room."""
    known = place_in(name)
    return "operating_room" if known is None and "operating_room" in units_in(name) else known


@kept(1024)
def place_in(text: str) -> Setting | None:
    """The most specific kind of place that the text names."""
    for setting, pattern in _PLACES:
        if pattern.search(text):
            return "inpatient" if setting == "icu" and _PSYCHIATRIC.search(text) else setting
    return None
