"""The product that a drug's name means, with the strength, form and release written beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from msgspec.structs import replace

from cds.terminology.codes.drugs import DrugIndex, by_text
from cds.terminology.codes.tables import DrugRow, DrugTable
from cds.terminology.model import DrugMatch
from cds.terminology.text.drug_name_table import Name
from cds.terminology.text.written_drug import Written
from cds.units import Quantity

_DEVICE = Quantity(Decimal(28), "mg")
_DEVICE_CONTENT = Quantity(Decimal(140), "mg/mL")


class NamedProducts:
    """The products of the tables by their ingredients."""

    def __init__(self, table: DrugTable, snomed: DrugTable, index: DrugIndex) -> None:
        self._index = index
        self._products: dict[frozenset[str], list[DrugRow]] = defaultdict(list)
        for row in table.drugs:
            self._products[_ingredients(row)].append(row)
        self.combinations = self._products.keys() | set(map(_ingredients, snomed.drugs))
        """the sets of ingredients that one product holds"""

    def match(self, name: Name, written: Written) -> DrugMatch:
        """The drug of a name, as the one product that fits all that is written, where there is."""
        released = written.extended_release or "extended_release" in name.flags
        route = written.route or name.route or _by_content(name, written)
        written = replace(written, route=route, extended_release=released)
        strengths = self._strengths(name, written)
        rows = self._rows(name, strengths, written)
        common = _agreed(rows)
        classes, flags = self._use(name, rows, common)
        if written.extended_release:
            flags += " extended_release"
        if written.route in ("topical", "ophthalmic"):
            flags += " non_systemic_route"
        items = tuple(_item(n, strengths.get(n)) for n in sorted(name.ingredients))
        row = DrugRow(
            level="text",
            ingredients=items,
            classes=classes,
            codes="",
            form=_form(written),
            route=written.route or _route(rows),
            flags=flags,
            pack=_devices(name, written),
        )
        return by_text(self._index.match(row, None))

    def _use(self, name: Name, rows: list[DrugRow], common: DrugRow | None) -> tuple[str, str]:
        """Class tags and flags: a brand's own, those of the product, else of the ingredients."""
        if name.classes is not None and (common is None or len(name.ingredients) > 1):
            return name.classes, name.flags
        if common is not None:
            flags = set(common.flags.split()) - {"extended_release"}
            classes = name.classes if name.flags and name.classes else common.classes
            return classes, " ".join(sorted(flags | set(name.flags.split())))
        whole = _agreed(self._products.get(frozenset(name.ingredients), []))
        if whole is not None and len(name.ingredients) > 1:
            return whole.classes, name.flags
        tags = (self._index.classes.get(n, "") for n in name.ingredients)
        return " ".join(tags), name.flags

    def _strengths(self, name: Name, written: Written) -> dict[str, Quantity]:
        """Strength by ingredient, where the text leaves no doubt."""
        if len(name.ingredients) > 1:
            return self._combined(name, written)
        only = name.ingredients[0]
        said = written.strengths or self._bare(only, written)
        if len(said) != 1:
            return {}
        if only == "esketamine" and (said[0] == _DEVICE_CONTENT or _devices(name, written)):
            return {only: _DEVICE}
        if written.route == "injectable" and "/" not in said[0].unit:
            return {}  # "ketamine 35 mg IV" is a dose, not what a vial holds
        return {only: said[0]}

    def _bare(self, name: str, written: Written) -> tuple[Quantity, ...]:
        """`Lisinopril 20`: the last word is a number, and a product of that many mg exists."""
        if written.last_number is None:
            return ()
        meant = Quantity(written.last_number, "mg")
        rows = self._products.get(frozenset({name}), [])
        return (meant,) if any(row.ingredients == (f"{name}={meant}",) for row in rows) else ()

    def _combined(self, name: Name, written: Written) -> dict[str, Quantity]:
        """Of a combination: the one product whose strengths are the numbers written."""
        numbers = written.numbers or tuple(str(q.value) for q in written.strengths)
        sold = _sold(name.strengths, numbers)
        if sold:
            return {n: Quantity(v, "mg") for n, v in zip(name.ingredients, sold, strict=True)}
        wanted = sorted(Decimal(n) for n in numbers)
        found = {}
        for row in self._products.get(frozenset(name.ingredients), []):
            items = dict(_split(item) for item in row.ingredients)
            values = [q.value for q in items.values() if q is not None]
            if len(values) == len(items) and sorted(values) == wanted:
                found[tuple(sorted(items.items(), key=str))] = items
        if len(found) != 1:
            return {}
        return {n: q for n, q in next(iter(found.values())).items() if q is not None}

    def _rows(
        self, name: Name, strengths: Mapping[str, Quantity], written: Written
    ) -> list[DrugRow]:
        """Products of the ingredients that fit all that is written."""
        if not strengths and not written.route:
            return []
        rows = [
            row
            for row in self._products.get(frozenset(name.ingredients), [])
            if row.level == "product"
            and (not written.route or row.route == written.route)
            and (not written.extended_release or "extended_release" in row.flags)
            and (not strengths or dict(map(_split, row.ingredients)) == strengths)
        ]
        other_uses = [row for row in rows if "smoking_cessation" not in row.flags]
        return other_uses or rows


def _sold(strengths: tuple[str, ...], numbers: tuple[str, ...]) -> list[Decimal]:
    """The strengths of the product that is written; without a number, of the only one sold."""
    listed = [[Decimal(value) for value in one.split("/")] for one in strengths]
    wanted = [Decimal(number) for number in numbers]
    fitting = [one for one in listed if not wanted or one == wanted]
    return fitting[0] if len(fitting) == 1 else []


def _by_content(name: Name, written: Written) -> str:
    """Esketamine is for the nose in its device alone; another solution of it is injected."""
    solutions = {s for s in written.strengths if s.unit == "mg/mL"}
    injected = name.ingredients == ("esketamine",) and solutions - {_DEVICE_CONTENT}
    return "injectable" if injected else ""


def _devices(name: Name, written: Written) -> int:
    """Esketamine devices: 56 mg nasal are two of 28 mg."""
    if name.ingredients != ("esketamine",) or len(written.strengths) != 1:
        return 0
    said = written.strengths[0]
    if said.unit != "mg" or written.route not in ("", "nasal"):
        return 0
    return {28: 1, 56: 2, 84: 3}.get(int(said.value), 0)


def _agreed(rows: list[DrugRow]) -> DrugRow | None:
    """A row when all have the same classes and flags, apart from the release form."""
    uses = {(r.classes, frozenset(r.flags.split()) - {"extended_release"}) for r in rows}
    return rows[0] if len(uses) == 1 else None


def _ingredients(row: DrugRow) -> frozenset[str]:
    return frozenset(item.partition("=")[0] for item in row.ingredients)


def _route(rows: list[DrugRow]) -> str:
    routes = {row.route for row in rows}
    return routes.pop() if len(routes) == 1 else ""


@lru_cache(maxsize=16_384)
def _split(item: str) -> tuple[str, Quantity | None]:
    name, _, text = item.partition("=")
    if not text:
        return name, None
    value, _, unit = text.partition(" ")
    return name, Quantity(Decimal(value), unit)


def _item(name: str, strength: Quantity | None) -> str:
    return f"{name}={strength}" if strength else name


def _form(written: Written) -> str:
    if written.extended_release and written.form.startswith("Oral"):
        return f"Extended Release {written.form}"
    return written.form
