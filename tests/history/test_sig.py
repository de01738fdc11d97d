"""Written instructions: what is understood, and what is not understood on purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.history.sig import Sig, read_sig

UNDERSTOOD = [
    # text, amount, unit, times a day, as needed
    ("take 2 tablets by mouth twice daily", "2", "{tablet}", "2", False),
    ("1 tab po bid", "1", "{tablet}", "2", False),
    ("1 tablet p.o. q.d.", "1", "{tablet}", "1", False),
    ("Take one capsule (20 mg) every morning", "1", "{capsule}", "1", False),
    ("1-2 tabs q6h prn", "1-2", "{tablet}", "4", True),
    ("1-2 tablets every 4 to 6 hours as needed", "1-2", "{tablet}", "4-6", True),
    ("apply 1 patch every 72 hours", "1", "{patch}", "1/3", False),
    ("Place 1 patch onto the skin every 3 days", "1", "{patch}", "1/3", False),
    ("75 mcg/hr patch every 72 hours", "75", "ug/h", "1/3", False),
    ("½ tablet at bedtime", "1/2", "{tablet}", "1", False),
    ("take one-half tablet twice a day", "1/2", "{tablet}", "2", False),
    ("one and a half tablets daily", "3/2", "{tablet}", "1", False),
    ("1 1/2 tablets hs", "3/2", "{tablet}", "1", False),
    ("take 1.5 tablets daily", "3/2", "{tablet}", "1", False),
    ("50 mg PO QHS", "50", "mg", "1", False),
    ("Take 20 mg by mouth daily for depression", "20", "mg", "1", False),
    ("0.5 mg three times a day", "1/2", "mg", "3", False),
    ("10 mL bid", "10", "mL", "2", False),
    ("take 1 teaspoonful twice daily", "5", "mL", "2", False),
    ("1 tab daily with meal", "1", "{tablet}", "1", False),
    ("1 cap once a week", "1", "{capsule}", "1/7", False),
    ("1 cap 2x/week", "1", "{capsule}", "2/7", False),
    ("1 tablet every other day", "1", "{tablet}", "1/2", False),
    ("1 tab bid prn anxiety", "1", "{tablet}", "2", True),
    ("Takes 1-2 tabs daily at bedtime as needed for restless legs", "1-2", "{tablet}", "1", True),
    ("1 tablet in the morning and 2 tablets at bedtime", "3", "{tablet}", "1", False),
    ("1 tab PO QAM and 1 tab PO QHS", "2", "{tablet}", "1", False),
    ("Take 1 tablet every morning and at bedtime", "1", "{tablet}", "2", False),
    ("Take 1 po bid", "1", "1", "2", False),
    ("Take 1 tablet (50 mg total) by mouth 2 (two) times daily.", "1", "{tablet}", "2", False),
    ("Take 1 tablet by mouth 3 times daily for 10 days", "1", "{tablet}", "3", False),
]  # fmt: skip

NOT_UNDERSTOOD = [
    "as directed",
    "sliding scale prn",
    "Take 1 tablet daily, then 2",
    "25 mg daily for 1 week, then 50 mg daily",
    "25 mg daily for 1 week, 50 mg daily",
    "1 tablet daily, increase to 2 tablets after 7 days",
    "taper as instructed",
    "0 tablets daily",
    "900 tablets daily",
    "1 tablet every 30 minutes",
    "1 tablet every minute",
    "1 mg/kg daily",
    "50 units SQ once daily",
    "1 tablet od",  # once daily in Britain, the right eye in America
    "1 tablet twice daily three times daily",
    "do not take",
    "take 1 tablet daily except Sunday",
    "",
    "1" * 1000,
]


def spread(low: object, high: object) -> str:
    return str(low) if low == high else f"{low}-{high}"


@pytest.mark.parametrize(("text", "amount", "unit", "per_day", "as_needed"), UNDERSTOOD)
def test_understood(text: str, amount: str, unit: str, per_day: str, as_needed: bool) -> None:
    sig = read_sig(text)
    assert sig is not None, "the instruction should be understood"
    assert sig.amount is not None
    assert sig.per_day is not None
    found = (
        spread(sig.amount.low, sig.amount.high),
        sig.unit,
        spread(sig.per_day.low, sig.per_day.high),
    )
    assert (*found, sig.as_needed) == (amount, unit, per_day, as_needed)


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_not_understood(text: str) -> None:
    assert read_sig(text) is None


def test_maximum_a_day_is_read() -> None:
    sig = read_sig("Take 1 tablet every 8 hours as needed for pain. Max 2 tablets per day")
    assert sig is not None
    assert sig.max_per_day == (2, "{tablet}")


def test_days_are_read() -> None:
    assert read_sig("1 tablet twice daily for 2 weeks") == Sig(
        amount=read_sig("1 tablet bid").amount,  # type: ignore[union-attr]
        unit="{tablet}",
        per_day=read_sig("1 tablet bid").per_day,  # type: ignore[union-attr]
        days=14,
    )


@pytest.mark.parametrize("text", ["Take 1 tablet once", "50 mg PO x1", "1 tablet one time only"])
def test_a_single_dose_lasts_a_day(text: str) -> None:
    sig = read_sig(text)
    assert sig is not None
    assert sig.days == 1


@given(st.text(max_size=80))
def test_any_text_is_read_or_not(text: str) -> None:
    sig = read_sig(text)
    assert sig is None or sig.amount is None or sig.amount.low > 0


@given(
    st.sampled_from(UNDERSTOOD),
    st.sampled_from(["then", "until finished increase", "xyzzy", "unless sleepy", "mg/kg"]),
)
def test_an_unknown_word_makes_the_whole_text_unknown(row: tuple[str, ...], word: str) -> None:
    assert read_sig(f"{row[0]} {word} 7") is None
