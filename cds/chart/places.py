"""Where a patient is, or is to be treated, by the name of the place."""

from __future__ import annotations

import re
from typing import Literal

Setting = Literal["outpatient", "inpatient", "emergency", "icu", "operating_room", "home"]

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


def place_in(text: str) -> Setting | None:
    """The most specific kind of place that the text names."""
    for setting, pattern in _PLACES:
        if pattern.search(text):
            return setting
    return None
