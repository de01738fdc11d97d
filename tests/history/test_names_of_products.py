"""The words by which an instruction may name its product, from the resource to the dose."""

from __future__ import annotations

import pytest

from cds.chart.medication.substances import Substances
from cds.chart.product import read_named
from cds.dosage.read import read_dosages
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.strength import Product, product_of
from cds.terminology.lookup import load_terminology


def product(text: str) -> Product:
    terminology = load_terminology()
    substances = Substances(terminology).of(read_named(text, terminology.drug))
    assert substances
    return product_of(substances[0])


@pytest.mark.parametrize(
    ("text", "names", "no_names"),
    [("sertraline 50 MG Oral Tablet", {"sertraline"}, {"50", "mg"}),
     ("sertraline (ZOLOFT) 50 mg tablet", {"sertraline", "zoloft"}, {"mg"}),
     ("ZOLOFT 50 mg", {"sertraline", "zoloft"}, set())],
)  # fmt: skip
def test_names_are_the_ingredient_and_the_words_of_the_resource(
    text: str, names: set[str], no_names: set[str]
) -> None:
    found = product(text).names
    assert names <= found
    assert not no_names & found
    assert all(len(name) >= 4 and name.islower() for name in found)


@pytest.mark.parametrize(
    ("sig", "dose"),
    [("Zoloft 50 mg daily", "50 mg/d"), ("sertraline 50 mg tabs: 2 tabs qam", "100 mg/d"),
     ("Sertraline 100 mg: 1 tab daily", None), ("citalopram 50 mg daily", None)],
)  # fmt: skip
def test_a_dose_is_read_beside_the_product_s_names(sig: str, dose: str | None) -> None:
    (phase,) = phases_of(read_dosages([{"text": sig}]), product("sertraline (ZOLOFT) 50 mg tablet"))
    assert (str(phase.low) if phase.low else None) == dose


def test_an_instruction_that_names_another_product_stays_unread() -> None:
    (phase,) = phases_of(read_dosages([{"text": "Zoloft 50 mg daily"}]), Product())
    assert phase.low is None
    assert phase.unread
