"""Remarks beside an instruction: which are passed over, which are kept, which make it unknown."""

from __future__ import annotations

import pytest

from cds.dosage.read import read_dosages
from cds.dosage.words import read_words
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.strength import Product
from cds.units import Quantity, decimal

PLAIN = read_words("1 tablet twice daily").steps


@pytest.mark.parametrize(
    "remark",
    ["(insurance will not cover the 100 mg)", ". Confirmed with spouse and pill bottle 3/5/24.",
     ". INR goal 2-3, recheck in 4 weeks.", " - GP to continue", ". Levels 3 monthly.",
     ". Daily weights.", ", 90 day supply please, pt travelling for 3 months",
     ". Please discontinue previous Rx for 25 mg tablets.", ". Pharmacy: Main St #4471"],
)  # fmt: skip
def test_a_remark_of_the_office_or_the_ward_says_nothing_of_the_dose(remark: str) -> None:
    words = read_words(f"1 tablet twice daily{remark}")
    assert words.steps == PLAIN
    assert words.beside == ()


@pytest.mark.parametrize(
    ("remark", "kept"),
    [(". Brown preventer.", "Brown preventer"), (" (covert administration)", "covert"),
     (", resp team", "resp team")],
)  # fmt: skip
def test_strangers_alone_are_kept_as_not_understood_beside_what_was(remark: str, kept: str) -> None:
    words = read_words(f"1 tablet twice daily{remark}")
    assert words.steps == PLAIN
    assert any(kept in piece for piece in words.beside)


@pytest.mark.parametrize(
    "remark",
    [". Wife gives 2 at night.", ". Pharmacist halved it.", ", mostly skips", ". Patient refused.",
     ". Rarely used.", ". Withheld.", " - ran out", ". Clinic: 2 tablets.", ". Stop mirtazapine.",
     ". Carer gives 1 extra", ", not collected", ". Self discontinued."],
)  # fmt: skip
def test_a_remark_that_may_be_of_the_dose_makes_it_unknown(remark: str) -> None:
    assert not read_words(f"1 tablet twice daily{remark}").complete


@pytest.mark.parametrize(
    ("sig", "doubt"),
    [("Suggest 50 mg od", "Suggest"), ("We would recommend 50 mg od", "We would recommend"),
     ("proposed 50 mg od", "proposed"), ("plan to take 50 mg od", "plan to"),
     ("historical: 50 mg od", "historical"), ("Historical med - 50 mg od", "Historical med"),
     ("w/d 50 mg od", "w/d"), ("50 mg od - w/d", "w/d"), ("50 mg od for w/d", None),
     ("50 mg od, last taken 2 weeks ago", "last taken 2 weeks ago"),
     ("50 mg od, last dose 3 months ago", "last dose 3 months ago"),
     ("50 mg od, last taken yesterday", None), ("50 mg od, last dose 2 hours ago", None),
     ("50 mg od - hold for surgery", "hold for surgery"),
     ("50 mg od, hold for sedation", None), ("50 mg od, hold for SBP < 90", None),
     ("50 mg od non va medication recommended by va provider", None),
     ("a trial of 50 mg od", None), ("advised 50 mg od", None)],
)  # fmt: skip
def test_words_that_leave_a_dose_unsure_stand_beside_it(sig: str, doubt: str | None) -> None:
    words = read_words(sig)
    assert words.steps == read_words("50 mg od").steps
    assert words.beside == ((doubt,) if doubt else ())


@pytest.mark.parametrize(
    "sig",
    ["do not ever take 2 tablets at night", "Don't routinely give 1 tablet daily",
     "advise against 1 tablet daily", "we recommend against sertraline 50 mg daily"],
)  # fmt: skip
def test_a_dose_that_is_denied_or_advised_against_is_none(sig: str) -> None:
    assert not read_words(sig, frozenset({"sertraline"})).complete


@pytest.mark.parametrize("name", ["Zolmex", "Zolmex:", "Zolmex,", "Zolmex -", "Zolmex."])
def test_a_stranger_before_the_amount_may_be_another_drug(name: str) -> None:
    assert not read_words(f"{name} 50 mg twice daily").complete


def test_a_drug_that_is_named_lets_what_stands_before_it_be_a_heading() -> None:
    named = read_words("Xyzzy clinic list: sertraline 50 mg twice daily", frozenset({"sertraline"}))
    assert named.complete


def test_what_was_not_understood_stands_on_the_phase() -> None:
    product = Product(Quantity(decimal(50), "mg"), form="tablet")
    (phase,) = phases_of(read_dosages([{"text": "1 tablet daily. Brown preventer."}]), product)
    assert str(phase.low) == "50 mg/d"
    assert any("Brown preventer" in note for note in phase.notes)
