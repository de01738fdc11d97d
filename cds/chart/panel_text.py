"""Panels whose results stand in one string: "128/76 mmHg", "Positive for cocaine and THC"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from cds.fhir_json import as_text
from cds.terminology.lookup import Terminology
from cds.wire import Json

_PRESSURE = re.compile(r"\s*(\d{2,3})\s*/\s*(\d{2,3})\s*(?:mm ?\[?hg\]?)?\s*\Z", re.IGNORECASE)
_POSITIVE = re.compile(
    r"\s*(?:presumptive(?:ly)? )?(?:positive|pos|detected)\s*(?:(?P<for>for)\b|:|-)\s*"
    r"(?P<what>.+?)\.?\s*\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[,;/&+]|\band\b)\s*", re.IGNORECASE)


def spelled_out(part: Json, terminology: Terminology) -> Iterator[Json]:
    """The results of a panel's string, as components would say them; nothing of other values.

    A drug screen that is positive "for" something that is not known is positive as a whole.
    """
    written = as_text(part.get("valueString"))
    if not written:
        return
    kinds = terminology.observation(part.get("code")).sets
    if "blood_pressure_panel" in kinds and (pair := _PRESSURE.match(written)):
        for name, value in zip(("systolic", "diastolic"), pair.groups(), strict=True):
            yield {
                "code": {"text": f"{name} blood pressure"},
                "valueQuantity": {"value": Decimal(value), "unit": "mm[Hg]"},
            }
    if "uds_panel" in kinds and (found := _POSITIVE.match(written)):
        names = [name for name in _BETWEEN.split(found["what"]) if name]
        codes = [{"text": f"{name} urine"} for name in names]
        known = [code for code in codes if terminology.observation(code)]
        whole = [part.get("code")] if found["for"] and len(known) < len(codes) else []
        for code in (*known, *whole):
            yield {"code": code, "valueString": "positive"}
