"""Classes of drugs that are told beside the tables, in `drug_classes.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches

import msgspec

from cds.reviewed import read_reviewed
from cds.terminology.codes.tables import DrugRow, DrugTable, TableError

LIST = "drug_classes.yaml"
_TAG = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def told_classes(known: Collection[str]) -> dict[str, str]:
    """Ingredient → its tags, space separated. Raises TableError for what the tables don't know."""
    return by_ingredient(read_reviewed("cds.terminology", LIST)["classes"] or {}, known)


def by_ingredient(classes: Mapping[str, list[str]], known: Collection[str]) -> dict[str, str]:
    """The list, turned round. Raises TableError."""
    for path, said in class_faults(classes, known):
        raise TableError(f"{LIST}: {path[0]}: {said}" if path else f"{LIST}: {said}")
    return sound_classes(classes, known)


def sound_classes(classes: object, known: Collection[str]) -> dict[str, str]:
    """What is right in the list, turned round."""
    told: dict[str, str] = {}
    for tag, ingredients in classes.items() if isinstance(classes, Mapping) else ():
        for name in ingredients if isinstance(ingredients, list) else ():
            if name in known:
                told[name] = f"{told[name]} {tag}" if name in told else tag
    return told


def class_faults(
    classes: object,
    known: Collection[str],
    is_other: Callable[[str], bool] = lambda name: False,
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with the list, each with its path. `is_other`: a drug known by name alone."""
    if not isinstance(classes, Mapping):
        yield (), "is no mapping of tags to their ingredients"
        return
    for tag, ingredients in classes.items():
        if not _TAG.fullmatch(tag):
            yield (tag,), f"{tag!r} is no tag: lower case, digits and _"
        if not isinstance(ingredients, list) or not ingredients:
            yield (tag,), "has no list of ingredients"
            continue
        for number, name in enumerate(ingredients):
            if name in known:
                continue
            said = f"{name!r} is no ingredient of the tables"
            if is_other(str(name)):
                said += f", but known by its name alone{_BY_NAME}"
            elif close := get_close_matches(str(name), known, n=1, cutoff=0.8):
                said += f": did you mean `{close[0]}`?"
            yield (tag, number), said


_BY_NAME = (
    ", as a drug that no rule asks about: the tables have no code of it, and a rule would miss"
    " every order that is coded. It has to be an ingredient of codes/data/rxnorm.json first"
)


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
