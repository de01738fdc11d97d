"""Drug tables of SNOMED CT, dm+d and ATC rows, and names of drugs that RxNorm does not sell."""

from __future__ import annotations

import re
from collections import defaultdict

from cds.terminology.build.drugs import Meaning, group, names_of, strengths_of
from cds.terminology.build.uses import trapped
from cds.terminology.build.writer import Row, tags, words
from cds.terminology.codes.tables import DrugTable

# ---- SNOMED CT and dm+d ----------------------------------------------------------------------

_ROUTES = {
    "injection": "injectable", "infusion": "injectable", "suppositor": "rectal",
    "transdermal": "transdermal", "patch": "transdermal", "gel": "topical", "ointment": "topical",
    "cream": "topical", "plaster": "topical", "nasal": "nasal", "eye drops": "ophthalmic",
    "lozenge": "sublingual_buccal", "buccal": "sublingual_buccal", "inhal": "inhalation",
    "sublingual": "sublingual_buccal", "tablet": "oral", "capsule": "oral",
    "oral solution": "oral", "oral suspension": "oral", "oral drops": "oral",
    "granules": "oral",
}  # fmt: skip
_MUCOSAL = re.compile(r"\b(sublingual|buccal|oromucosal)\b", re.I)
_RELEASE = re.compile(
    r"\b(modified|prolonged|extended|sustained)[- ]release|\bm/r\b|\b(XL|MR|SR|XR)\b", re.I
)
_PRECISE = re.compile(
    r"(?P<value>\d+(?:\.\d+)?) (?P<unit>milligram|microgram|gram)/1 (?P<per>each|milliliter)", re.I
)
_UNIT_DOSE = re.compile(r"unit dose (\d+) unit dose", re.I)


def snomed_drug_table(rows: list[Row]) -> DrugTable:
    """SNOMED CT and dm+d products; rows that name only an ingredient have no strength or form."""
    rows = [row for row in rows if row["ingredient_name"]]
    return DrugTable(drugs=group((_snomed_meaning(row), row["code"]) for row in rows))


def _snomed_meaning(row: Row) -> Meaning:
    display = row["display"]
    route = _ROUTES.get(row["dose_form"], "")
    if _MUCOSAL.search(display):
        route = "sublingual_buccal"
    elif "solution for injection" in display.lower():
        route = "injectable"
    ingredients = _snomed_strengths(row)
    unit_doses = _UNIT_DOSE.search(display)
    classes, flags = trapped(tags(row["set_id"]), names_of(row), route)
    if _RELEASE.search(display):
        flags.append("extended_release")
    has_strength = any("=" in item for item in ingredients)
    return Meaning(
        level="product" if has_strength else "form" if row["dose_form"] else "ingredient",
        ingredients=ingredients,
        classes=words(classes),
        form=row["dose_form"],
        route=route,
        flags=words(flags),
        pack=int(unit_doses[1]) if unit_doses else 0,
    )


def _snomed_strengths(row: Row) -> tuple[str, ...]:
    precise = _PRECISE.findall(row["display"])
    if not row["strength_value"] and len(names_of(row)) == len(precise) == 1:
        value, unit, per = precise[0]
        unit = unit if per == "each" else f"{unit}/ml"
        row = row | {"strength_value": value, "strength_unit": unit}
    return strengths_of(row | {"tty": "", "dose_form": row["dose_form"].replace("nasal", "Nasal")})


# ---- ATC -------------------------------------------------------------------------------------

_ATC_USES = {
    "N02AE01": ("buprenorphine opioid_partial_or_mixed_agonist", "buprenorphine_pain"),
    "N07BC01": (
        "buprenorphine opioid_partial_or_mixed_agonist oud_treatment", "buprenorphine_oud"),
    "D04AX01": ("doxepin_topical", "topical_antipruritic non_systemic_route"),
}  # fmt: skip
"""The same substance has several ATC codes, one for each use."""


def atc_table(rows: list[Row]) -> DrugTable:
    """ATC level 5: the ingredient, never a strength."""
    meanings = []
    listed: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        listed[row["code"]].append(row)
    for row in (_named_by_title(same) for same in listed.values()):
        classes, flags = _ATC_USES.get(row["code"], (words(tags(row["set_id"])), ""))
        meanings.append((Meaning("ingredient", names_of(row), classes, flags=flags), row["code"]))
    return DrugTable(drugs=group(meanings))


def _named_by_title(rows: list[Row]) -> Row:
    """Of ester and parent drug under one code (enalapril, enalaprilat), the one in its title."""
    return next((r for r in rows if r["display"].lower() == r["ingredient_name"]), None) or min(
        rows, key=lambda r: len(r["ingredient_name"])
    )


def add_foreign(table: DrugTable, rows: list[Row]) -> None:
    """Names of ingredients that RxNorm has no product of (moclobemide), so that text finds them."""
    for row in rows:
        names = names_of(row)
        if len(names) == 1 and names[0] and names[0] not in table.ingredients:
            table.ingredients[names[0]] = row["ingredient_rxcui"]
            table.ingredient_classes[names[0]] = words(tags(row["set_id"]))
