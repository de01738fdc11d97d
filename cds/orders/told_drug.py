"""Ketamine in the words of an order alone: of `Infusion per protocol`, of a bag of saline.

What they tell of the past, of a plan or of somebody else orders nothing, and neither does what is
to be given before ketamine.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.chart.product import Product
from cds.dosage.quantity import Problems
from cds.orders.elsewhere import affirmed, ordered_part
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch
from cds.terminology.text.diluent_names import is_only_diluent


def told_drug(
    product: Product, instructions: Iterable[str], notes: Iterable[str], terminology: Terminology
) -> DrugMatch | None:
    """The ketamine of the words beside a product that names no drug, or a fluid."""
    fluid = bool(product.texts) and all(map(is_only_diluent, product.texts))
    if not fluid and (
        product.match is not None or terminology.is_other_drug(product.texts, product.codes)
    ):
        return None
    told = told_in(instructions, terminology, instruct=True)
    return told or told_in(notes, terminology)


def told_in(
    words: Iterable[str], terminology: Terminology, *, instruct: bool = False
) -> DrugMatch | None:
    """The ketamine that one of the texts orders; `instruct`: they are instructions."""
    for text in filter(None, words):
        ours = terminology.told_ketamine(text, instructs=instruct)
        if ours is not None:
            said = ordered_part("", affirmed(text, terminology, year=None), Problems())
            if terminology.told_ketamine(said, instructs=instruct) is not None:
                return ours
    return None
