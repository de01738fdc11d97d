"""Classes of drugs that are told beside the tables, in `drug_classes.yaml`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from cds.reviewed import read_reviewed
from cds.terminology.codes.tables import DrugRow, DrugTable, TableError

LIST = "drug_classes.yaml"
_TAG = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def told_classes(known: Collection[str]) -> dict[str, str]:
    """Ingredient → its tags, space separated. Raises TableError for what the tables don't know."""
    return by_ingredient(read_reviewed("cds.terminology", LIST)["classes"] or {}, known)


def by_ingredient(classes: Mapping[str, list[str]], known: Collection[str]) -> dict[str, str]:
    """The list, turned round."""
    told: dict[str, str] = {}
    for tag, ingredients in classes.items():
        if not _TAG.fullmatch(tag):
            raise TableError(f"{LIST}: {tag!r} is no tag: lower case, digits and _")
        for name in ingredients:
            if name not in known:
                raise TableError(f"{LIST}: {tag}: {name!r} is no ingredient of the tables")
            told[name] = f"{told[name]} {tag}" if name in told else tag
    return told


def with_classes(table: DrugTable, told: Mapping[str, str]) -> DrugTable:
    """The table, with the tags on every row and name of these ingredients."""
    if not told:
        return table
    own = table.ingredient_classes
    return msgspec.structs.replace(
        table,
        ingredient_classes=own | {name: _both(own.get(name, ""), told[name]) for name in told},
        brands={brand: _tagged(row, told) for brand, row in table.brands.items()},
        drugs=tuple(_tagged(row, told) for row in table.drugs),
    )


def _tagged(row: DrugRow, told: Mapping[str, str]) -> DrugRow:
    names = (item.partition("=")[0] for item in row.ingredients)
    more = " ".join(told[name] for name in names if name in told)
    return msgspec.structs.replace(row, classes=_both(row.classes, more)) if more else row


def _both(tags: str, more: str) -> str:
    return " ".join(sorted({*tags.split(), *more.split()}))
