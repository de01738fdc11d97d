"""The names of drugs, each by its words: of the tables, of brands abroad, in other languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from cds.reviewed import read_reviewed
from cds.terminology.codes.tables import DrugTable
from cds.terminology.text.drug_brands import read_brands
from cds.terminology.text.spelling import without_last_e

TOKEN = re.compile(r"#(?=\d)[0-9]+|[a-z0-9][a-z0-9'.&#-]*|[/+]")


class Name(Struct, frozen=True):
    """What a name stands for. `classes` None: those of the ingredient.

    Without ingredients it is no drug, though it has the name of one in it: "alcohol swabs".
    """

    ingredients: tuple[str, ...]
    classes: str | None = None
    flags: str = ""
    route: str = ""
    """the only one that it is made for"""
    strengths: tuple[str, ...] = ()
    """of a combination, those that are sold, in the order of the ingredients: `30/500`"""


QUITTING = Name(("bupropion",), "bupropion_not_for_depression", "smoking_cessation")


def words_of(name: str) -> tuple[str, ...]:
    """
    >>> words_of("Solpadeine Max"), words_of("co-codamol")
    (('solpadeine', 'max'), ('co-codamol',))
    """
    if name.isalpha():
        return (name.lower(),)
    return tuple(token.strip(".") for token in TOKEN.findall(name.lower().replace(",", " ")))


def names_of(table: DrugTable) -> Iterable[tuple[tuple[str, ...], Name]]:
    """Every name as words; where two agree, the later one stands."""
    extra = read_reviewed("cds.terminology", "text/drug_names.yaml")
    for ingredient in (*extra["others"], *table.ingredients):
        german = without_last_e(ingredient)
        if german:
            yield (german,), Name((ingredient,))
    for brand, row in table.brands.items():
        product = Name(row.ingredients, row.classes, row.flags)
        yield words_of(brand), product
        if brand.endswith("-d"):
            yield words_of(brand.replace("-", " ")), product
    for name in extra["no_drugs"]:
        yield words_of(name), Name(())
    for told in read_brands():
        product = Name(told.ingredients, told.classes, told.flags, told.route, told.strengths)
        for brand in told.names:
            yield words_of(brand), product
    for brand, entry in extra["brands"].items():
        parts = tuple(entry["ingredients"].split(" / "))
        yield (
            words_of(brand),
            Name(
                parts,
                entry.get("classes"),
                entry.get("flags", ""),
                strengths=tuple(entry.get("strengths", ())),
            ),
        )
    for names in (table.synonyms, extra["ingredients"]):
        for name, ingredient in names.items():
            yield words_of(name), Name((ingredient,))
    for name in (*extra["others"], *table.ingredients):
        if name:
            yield words_of(name), Name((name,))
