"""Words that name the product, and the strength behind them: of one unit, or the dose."""

from __future__ import annotations

import pytest
from notation import in_notation

from cds.dosage.words import read_words

NAMES = frozenset({"sertraline", "zoloft", "methadone", "buprenorphine", "naloxone"})


@pytest.mark.parametrize(
    ("text", "reads"),
    [("Sertraline 50 mg daily", "50 mg x 1"),
     ("Sertraline 50 mg tablet daily", "50 mg x 1"),
     ("Zoloft 50 mg 2 times a day", "50 mg x 2"),
     ("Sertraline 50 mg 30 minutes before bed", "50 mg x 1"),
     ("Sertraline 50 mg qAM + 100 mg qHS", "50 mg x 1 + 100 mg x 1"),
     ("Sertraline 50 mg for 7 days then 100 mg daily", "50 mg x 1 for 7 d then 100 mg x 1"),
     ("Sertraline 50 mg 2 tablets daily", "2 {tablet} (50 mg each) x 1"),
     ("Sertraline 50 mg: 2 daily", "2 1 (50 mg each) x 1"),
     ("Sertraline 50 mg 1/2 tab at night", "1/2 {tablet} (50 mg each) x 1"),
     ("sertraline 50 mg tablet - take 3 tablets daily", "3 {tablet} (50 mg each) x 1"),
     ("sertraline (Zoloft) 50 mg tablet: 75 mg daily", "75 mg x 1"),
     ("Sertraline tab 50 mg, Dose: 100 mg, Freq: Daily", "100 mg x 1"),
     ("Take 2 tablets of sertraline 50 mg daily", "2 {tablet} (50 mg) x 1"),
     ("Take one Zoloft tablet daily", "1 {tablet} x 1"),
     ("Methadone 10 mg/mL: 3 mL daily", "3 mL (30 mg in all) x 1"),
     ("Methadone 10 mg/mL: 30 mg (3 mL) daily", "3 mL (30 mg in all) x 1"),
     ("Methadone 10 mg/mL 30 mg daily", "30 mg x 1"),
     ("Buprenorphine-naloxone 8-2 mg 1 film SL bid", "1 {film} x 2"),
     ("buprenorphine/naloxone 8 mg-2 mg films: 2 films daily", "2 {film} x 1")],
)  # fmt: skip
def test_strength_or_dose(text: str, reads: str) -> None:
    words = read_words(text, NAMES)
    assert in_notation(words) == reads


@pytest.mark.parametrize(
    "text",
    ["Sertraline 50 mg daily", "sertraline 50 mg tablet - take 3 tablets daily",
     "Take one Zoloft tablet daily"],
)  # fmt: skip
def test_without_its_names_it_is_an_unknown_word(text: str) -> None:
    words = read_words(text)
    assert not words.complete
    assert words.unread in (("Sertraline",), ("sertraline",), ("Zoloft",))


@pytest.mark.parametrize(
    "text",
    ["Sertraline 50 mg 100 mg daily", "Sertraline 50 mg, 100 mg daily", "Stop sertraline 50 mg",
     "Buprenorphine-naloxone 8-2 mg daily", "Sertraline 50 mg citalopram 2 tablets daily"],
)  # fmt: skip
def test_two_masses_or_another_drug_are_no_dose(text: str) -> None:
    assert not read_words(text, NAMES).complete


def test_a_word_of_dosing_keeps_its_meaning_though_it_is_in_the_name() -> None:
    names = frozenset({"oral", "tablet", "daily", "night"})
    assert (
        read_words("1 tablet daily at night", names).steps
        == read_words("1 tablet daily at night").steps
    )
