"""A dosage that was read, with other words: as if it had been sent with them."""

from __future__ import annotations

from typing import Any

import pytest

from cds.dosage.read import in_words, read_dosage, with_text
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.strength import Product
from cds.wire import decode, encode

DOSE = {"doseAndRate": [{"doseQuantity": {"value": 20, "unit": "mg", "code": "mg"}}]}
DAILY = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
NODES: list[dict[str, Any]] = [
    {},
    DOSE,
    DOSE | DAILY,
    {"sequence": 2} | DAILY,
    {"text": "0.5 mg/kg IV"},
    {"text": "1 tablet daily", "patientInstruction": "as needed"},
    {"patientInstruction": "as needed"},
    {"patientInstruction": "do not take"},
    {"patientInstruction": "no more than 2 doses a day"} | DOSE,
    {"additionalInstruction": [{"text": "do not take"}], "text": "as before"},
    {"additionalInstruction": [{"text": "at most 40 mg a day"}]},
    {"patientInstruction": "at most 40 mg a day", "maxDosePerPeriod": [
        {"numerator": {"value": 60, "unit": "mg"}, "denominator": {"value": 1, "unit": "d"}}]},
    {"asNeededBoolean": False, "patientInstruction": "if needed"},
]  # fmt: skip
TEXTS = ["1 tablet twice daily", "0.3 mg/kg IV over 40 minutes", "as needed", "do not take"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("node", NODES)
def test_it_reads_as_if_sent_so(node: dict[str, Any], text: str) -> None:
    sent = decode(encode(node))
    read = with_text(read_dosage(sent), text)
    assert read == read_dosage(sent | {"text": text})
    assert hash(read) == hash(read_dosage(sent | {"text": text}))


@pytest.mark.parametrize("text", ["", *TEXTS])
def test_words_alone(text: str) -> None:
    assert in_words(text) == read_dosage({"text": text} if text else {})


@pytest.mark.parametrize(
    ("fields", "written"),
    [
        ({}, False),
        ({"text": "20 mg"}, False),
        (DAILY, False),
        ({"doseAndRate": []}, False),
        ({"maxDosePerLifetime": {"value": 1, "unit": "mg"}}, False),
        (DOSE, True),
        ({"doseQuantity": {"value": 20, "unit": "flurb"}}, True),  # unread, and yet written
        ({"dose": {"value": 20, "unit": "mg"}}, True),
        ({"rateRatio": {"numerator": {"value": 1}}}, True),
        ({"rateRange": {"low": {"value": 1}}}, True),
    ],
)
def test_whether_an_amount_is_written(fields: dict[str, Any], written: bool) -> None:
    assert read_dosage(decode(encode(fields))).fields.amount_written is written


def test_dosages_of_one_hash_are_still_told_apart() -> None:
    """The hash looks at little; what differs elsewhere must not share its phases."""
    often = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "count": 9}}}
    needed = DAILY | {"asNeededBoolean": True}
    reads = [read_dosage(decode(encode(DOSE | one))) for one in (DAILY, needed, often)]
    assert len({hash(read) for read in reads}) == 1
    assert len({phases_of((read,), Product()) for read in reads}) == 3
