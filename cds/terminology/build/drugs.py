"""Drug tables: RxNorm, NDC, SNOMED CT and ATC rows to the shape that the service loads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cds.terminology.build.writer import Row, tags, words
from cds.terminology.codes.strength import strength
from cds.terminology.codes.tables import DrugRow, DrugTable
from cds.units import Quantity, plain

LEVELS = {
    "SCD": "product", "SBD": "product", "GPCK": "pack", "BPCK": "pack",
    "SCDC": "component", "SBDC": "component", "SBDG": "form", "SBDF": "form", "SBDFP": "form",
    "SCDF": "form", "SCDG": "form", "SCDFP": "form", "SCDGP": "form", "BN": "brand",
    "IN": "ingredient", "PIN": "ingredient", "MIN": "ingredient",
}  # fmt: skip
ESKETAMINE_DEVICE = "28 mg"
"""One device holds 0.2 mL of 140 mg/mL and delivers 28 mg in two sprays: the piece that counts."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A DrugRow without its codes: rows of the same meaning share one line of the table."""

    level: str
    ingredients: tuple[str, ...]
    classes: str
    form: str = ""
    route: str = ""
    flags: str = ""
    pack: int = 0
    volume: str = ""


def group(meanings: Iterable[tuple[Meaning, str]]) -> tuple[DrugRow, ...]:
    """One row for each meaning, with all its codes."""
    codes: dict[Meaning, set[str]] = defaultdict(set)
    for meaning, code in meanings:
        codes[meaning].add(code)
    rows = [
        DrugRow(m.level, m.ingredients, m.classes, words(c), m.form, m.route, m.flags, m.pack,
                m.volume)
        for m, c in codes.items()
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda r: (r.ingredients, r.level, r.form, r.codes)))


# ---- RxNorm ----------------------------------------------------------------------------------


def rxnorm_table(ingredients: list[Row], products: list[Row]) -> DrugTable:
    """The table of RxNorm, of the rows of rxnorm_ingredients.csv and rxnorm_products.csv."""
    base = {row["ingredient_name"].lower() for row in ingredients if row["tty"] == "IN"}
    ingredients = [named(row, base) for row in ingredients]
    products = [named(row, base) for row in products]
    meanings = [(_ingredient_meaning(row), row["code"]) for row in ingredients]
    meanings += [(_product_meaning(row), row["code"]) for row in products]
    return DrugTable(
        ingredients=_ingredient_codes(ingredients, products),
        ingredient_classes=_ingredient_classes(ingredients),
        synonyms={
            row["display"].lower(): row["ingredient_name"]
            for row in ingredients
            if row["tty"] == "PIN" and row["display"].lower() != row["ingredient_name"]
        },
        brands=_brands(products),
        drugs=group(meanings),
        historical=words(
            row["code"] for row in [*ingredients, *products] if row["status"] != "prescribable"
        ),
    )


_SALTS = frozenset({"carbonate", "citrate", "hydrochloride", "sulfate", "acetate"})


def named(row: Row, base: set[str]) -> Row:
    """The row with its ingredient names in lower case, and salts that RxNorm files as ingredients
    (lithium carbonate) under the base where that is an ingredient too."""
    names = row["ingredient_name"].lower().split("|")
    if row["tty"] == "MIN" and not all(names):
        names = row["display"].lower().split(" / ")  # a partner without a code of its own
    collapsed = []
    for name in names:
        stem, _, salt = name.rpartition(" ")
        collapsed.append(stem if salt in _SALTS and stem in base else name)
    return row | {"ingredient_name": "|".join(collapsed)}


def _ingredient_meaning(row: Row) -> Meaning:
    return Meaning("ingredient", names_of(row), words(tags(row["set_id"])))


def names_of(row: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["ingredient_name"].lower().split("|")))


def _product_meaning(row: Row) -> Meaning:
    level = LEVELS[row["tty"]]
    counts = [int(n) for n in row["quantity"].split("|") if n.isdigit()]
    packed = level == "pack" and len(counts) == 1
    return Meaning(
        level=level,
        ingredients=strengths_of(row),
        classes=words(tags(row["set_id"])),
        form=row["dose_form"].removeprefix("Pack: "),
        route=row["route_group"],
        flags=words(tags(row["use_flags"])),
        pack=counts[0] if packed else 0,
        volume=written_volume(row["quantity"]),
    )


def written_volume(name: str) -> str:
    """`10 ML ketamine …` or a quantity of `10 ML` as 10 mL; hours of release are none."""
    match = re.match(r"(\d+(?:\.\d+)?) ML\b", name)
    return f"{match[1]} mL" if match else ""


def strengths_of(row: Row) -> tuple[str, ...]:
    """`name=strength` of each ingredient, once.

    An ingredient with several strengths in one product (a titration pack) has none; salts of one
    ingredient in one tablet (mixed amphetamine salts) add up.
    """
    names = row["ingredient_name"].split("|")
    values, units = row["strength_value"].split("|"), row["strength_unit"].split("|")
    if not len(names) == len(values) == len(units):
        return tuple(dict.fromkeys(names))
    found: dict[str, list[str]] = {}
    for name, value, unit in zip(names, values, units, strict=True):
        quantity = strength(value, unit)
        found.setdefault(name, []).append(str(quantity) if quantity else "")
    device = "Nasal" in row["dose_form"]
    return tuple(
        _with_strength(n, s, pack="PCK" in row["tty"], device=device) for n, s in found.items()
    )


def _with_strength(name: str, listed: list[str], *, pack: bool, device: bool) -> str:
    if name == "esketamine" and device:
        return f"{name}={ESKETAMINE_DEVICE}"
    text = listed[0] if len(set(listed)) == 1 else ""
    if not pack and len(listed) > 1:
        text = add_up(listed)
    return f"{name}={text}" if text else name


def add_up(listed: list[str]) -> str:
    """The sum of strengths of one unit; empty when one is missing or the units differ."""
    values = [text.split(" ") for text in listed if text]
    units = {unit for _, unit in values}
    if len(values) < len(listed) or len(units) != 1:
        return ""
    total = sum((Decimal(value) for value, _ in values), Decimal(0))
    return str(Quantity(Decimal(plain(total)), units.pop()))


def _ingredient_codes(ingredients: list[Row], products: list[Row]) -> dict[str, str]:
    """Ingredient name → rxcui. IN rows come first; partners of combinations only in products."""
    found: dict[str, str] = {}
    for row in ingredients:
        if row["tty"] == "IN" and row["display"].lower() == row["ingredient_name"]:
            found[row["ingredient_name"]] = row["code"]
    for row in [*ingredients, *products]:
        codes, names = row["ingredient_rxcui"].split("|"), row["ingredient_name"].split("|")
        if len(codes) == len(names):
            for code, name in zip(codes, names, strict=True):
                if not found.get(name):
                    found[name] = code if code.isdigit() else ""
    return found


def _ingredient_classes(ingredients: list[Row]) -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in ingredients:
        if row["tty"] == "IN":
            found[row["ingredient_name"]].update(tags(row["set_id"]))
    return {name: words(classes) for name, classes in found.items()}


def _brands(products: list[Row]) -> dict[str, DrugRow]:
    """Brand → what all its products have in common; a brand of several meanings stays out."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in products:
        if row["tty"] == "BN":
            rows[_brand(row["display"])].append(row)
        elif row["brand"] and LEVELS[row["tty"]] == "product":
            rows[_brand(row["brand"])].append(row)
    found = {}
    for brand, listed in rows.items():
        named = [row for row in listed if row["tty"] != "BN"] or listed
        if len({frozenset(names_of(row)) for row in named}) == 1:
            found[brand] = DrugRow(
                level="brand",
                ingredients=names_of(named[0]),
                classes=words(_common(named, "set_id")),
                codes=words(row["code"] for row in listed if row["tty"] == "BN"),
                flags=words(_common(named, "use_flags")),
            )
    return found


def _brand(name: str) -> str:
    """`Percodan Reformulated May 2009` is written `Percodan`."""
    return re.sub(r" (reformulated .*|brand of .*)$", "", name.lower())


def _common(rows: list[Row], column: str) -> set[str]:
    return set.intersection(*(set(tags(row[column])) for row in rows))


def ndc_table(rows: list[Row], known: set[str]) -> dict[str, str]:
    """rxcui → its 11-digit NDCs."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["rxcui"] in known:
            found[row["rxcui"]].add(row["ndc11"])
    return {rxcui: words(codes) for rxcui, codes in found.items()}
