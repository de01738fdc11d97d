"""The drug table anew from an RxNorm release, keeping every code that is already there."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from cds.terminology.build.drugs import (
    ESKETAMINE_DEVICE,
    LEVELS,
    Meaning,
    add_up,
    group,
    written_volume,
)
from cds.terminology.build.rrf import Release, read_release
from cds.terminology.build.uses import named_use, trapped
from cds.terminology.build.writer import words, write_table
from cds.terminology.codes.drug_classes import told_classes
from cds.terminology.codes.strength import strength
from cds.terminology.codes.tables import DrugRow, DrugTable, read_ndc_groups, read_table

_STRENGTH = re.compile(r" (?P<value>\d[\d,]*(?:\.\d+)?) (?P<unit>[A-Z%]+(?:/[A-Z]+)?)$")
_COUNT = re.compile(r"(?:^\{|/ )(\d+) \(")
_ROUTES = (
    ("Nasal", "nasal"), ("Inject", "injectable"), ("Syringe", "injectable"),
    ("Cartridge", "injectable"), ("Transdermal", "transdermal"), ("Rectal", "rectal"),
    ("Ophthalmic", "ophthalmic"), ("Topical", "topical"), ("Sublingual", "sublingual_buccal"),
    ("Buccal", "sublingual_buccal"), ("Inhal", "inhalation"), ("Oral", "oral"),
    ("Chewable", "oral"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a release brought."""

    table: DrugTable
    ndc: dict[str, str]
    """rxcui → its NDCs, space separated"""
    added: int
    added_ndc: int


def refresh(folder: Path, out: Path) -> Refreshed:
    """Rebuild `rxnorm.json` and `ndc.json` in `out` from the release in `folder`.

    Raises ReleaseError or TableError.
    """
    table = read_table(DrugTable, "rxnorm")
    classed = told_classes(table.ingredients)
    result = merge(read_release(folder), table, read_ndc_groups(), frozenset(classed))
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / "rxnorm.json", result.table)
    write_table(out / "ndc.json", result.ndc)
    return result


def merge(
    release: Release, table: DrugTable, ndc: dict[str, str], classed: frozenset[str] = frozenset()
) -> Refreshed:
    """The bundled table with the release's products of the ingredients that it tracks.

    `classed`: those that have a class beside it (drug_classes.yaml), which is no part of a table.
    Bundled rows keep their reviewed meaning, so that history stays resolvable; whether a code can
    be prescribed is taken from the release.
    """
    reader = _Reader(release, table, classed)
    known = table.index()
    new = {
        code: meaning
        for code, tty in release.tty.items()
        if tty in LEVELS and code not in known and (meaning := reader.meaning(code)) is not None
    }
    kept = [(_meaning(row), code) for row in table.drugs for code in row.codes.split()]
    codes = known.keys() | new.keys()
    merged = {
        old: target
        for old, target in {**table.merged, **release.merged}.items()
        if old not in codes and target in codes
    }
    ndcs = _ndcs(ndc, release, codes)
    return Refreshed(
        table=DrugTable(
            ingredients=table.ingredients,
            ingredient_classes=table.ingredient_classes,
            synonyms=table.synonyms,
            brands=table.brands | reader.brands(new),
            drugs=group([*kept, *((meaning, code) for code, meaning in new.items())]),
            merged=merged,
            historical=words(codes - release.prescribable),
        ),
        ndc={code: words(listed) for code, listed in ndcs.items()},
        added=len(new),
        added_ndc=sum(map(len, ndcs.values())) - sum(len(v.split()) for v in ndc.values()),
    )


def _meaning(row: DrugRow) -> Meaning:
    return Meaning(
        row.level,
        row.ingredients,
        row.classes,
        row.form,
        row.route,
        row.flags,
        row.pack,
        row.volume,
    )


def _ndcs(ndc: dict[str, str], release: Release, codes: set[str]) -> dict[str, set[str]]:
    """NDCs by product, each once: the release knows best which product an NDC is today."""
    current = {n: code for code, listed in release.ndcs.items() if code in codes for n in listed}
    for code, listed in ndc.items():
        for n in listed.split():
            current.setdefault(n, code)
    found: dict[str, set[str]] = defaultdict(set)
    for n, code in current.items():
        found[code].add(n)
    return found


class _Reader:
    """Meanings of the release's concepts, in the terms of the bundled table."""

    def __init__(self, release: Release, table: DrugTable, classed: frozenset[str]) -> None:
        self._release = release
        self._table = table
        self._tracked = table.ingredient_classes.keys() | classed
        self._names = {code: name for name, code in table.ingredients.items() if code}
        self._alike: dict[tuple[frozenset[str], str], set[tuple[str, str]]] = defaultdict(set)
        for row in table.drugs:
            if row.level in ("product", "pack"):
                key = frozenset(row.ingredients), row.route
                self._alike[key].add((row.classes, row.flags))

    def meaning(self, code: str) -> Meaning | None:
        """None: none of its ingredients is tracked, or they are not stated."""
        level = LEVELS[self._release.tty[code]]
        items = self._items(code)
        names = frozenset(item.partition("=")[0] for item in items)
        if not names & self._tracked:
            return None
        display, form = self._release.name[code], self._form(code)
        route = next((route for word, route in _ROUTES if word in form), "")
        counts = [int(n) for n in _COUNT.findall(display)]
        classes, flags = self._use(items, names, route, display)
        return Meaning(
            level, items, classes, form, route, flags,
            pack=counts[0] if level == "pack" and len(counts) == 1 else 0,
            volume=written_volume(display),
        )  # fmt: skip

    def brands(self, new: dict[str, Meaning]) -> dict[str, DrugRow]:
        """Brand names that the release adds."""
        return {
            self._release.name[code].lower(): DrugRow(
                "brand", m.ingredients, m.classes, code, flags=m.flags
            )
            for code, m in new.items()
            if self._release.tty[code] == "BN"
        }

    # ---- ingredients and strengths -----------------------------------------------------------

    def _items(self, code: str) -> tuple[str, ...]:
        if self._release.tty[code] in ("GPCK", "BPCK"):
            return self._pack(code)
        parts = self._components(code)
        if parts:
            nasal = "Nasal" in self._form(code)
            found: dict[str, list[str]] = defaultdict(list)
            for part in parts:
                for name in self._ingredients(part):
                    found[name].append(self._strength(part))
            return tuple(_item(n, add_up(found[n]), nasal) for n in sorted(found))
        return tuple(self._ingredients(code))

    def _pack(self, code: str) -> tuple[str, ...]:
        """Ingredients of all that it contains; a strength only where there is but one."""
        found: dict[str, set[str]] = defaultdict(set)
        contained = self._release.linked(code, "contains", "SCD", "SBD")
        for product in contained:
            for item in self._items(product):
                name, _, said = item.partition("=")
                found[name].add(said)
        return tuple(_item(n, s.pop() if len(s) == 1 else "") for n, s in sorted(found.items()))

    def _components(self, code: str) -> list[str]:
        """The SCDCs of a product, by way of its generic."""
        if self._release.tty[code] == "SCDC":
            return [code]
        direct = self._release.linked(code, "consists_of", "SCDC")
        if direct:
            return direct
        generic = self._release.linked(code, "tradename_of", "SCD", "SCDC")
        return self._components(generic[0]) if generic else []

    def _ingredients(self, code: str) -> list[str]:
        release, tty = self._release, self._release.tty[code]
        if tty == "IN":
            return [self._names.get(code, release.name[code].lower())]
        if tty == "PIN":
            sources = release.linked(code, "form_of", "IN")
        elif tty == "MIN":
            sources = release.linked(code, "has_part", "IN")
        else:
            sources = (
                release.linked(code, "has_ingredient", "IN")
                or release.linked(code, "has_ingredients", "MIN")
                or release.linked(code, "tradename_of", "IN", "MIN", "SCDF", "SCDG")
            )
        return sorted({name for source in sources for name in self._ingredients(source)})

    def _strength(self, component: str) -> str:
        match = _STRENGTH.search(self._release.name[component])
        quantity = strength(match["value"].replace(",", ""), match["unit"]) if match else None
        return str(quantity) if quantity else ""

    def _form(self, code: str) -> str:
        if self._release.tty[code] in ("GPCK", "BPCK"):
            inside = self._release.linked(code, "contains", "SCD", "SBD")
            forms = {self._form(product) for product in inside}
            return forms.pop() if len(forms) == 1 else ""
        stated = self._release.linked(code, "has_dose_form", "DF")
        return self._release.name[stated[0]] if stated else ""

    def _use(
        self, items: tuple[str, ...], names: frozenset[str], route: str, display: str
    ) -> tuple[str, str]:
        """As a bundled product of the same strengths and route has it; else by the rules."""
        alike = self._alike.get((frozenset(items), route), set())
        if len(alike) == 1:
            return next(iter(alike))
        by_name = self._table.ingredient_classes
        tags, flags = trapped(
            {tag for name in names for tag in by_name.get(name, "").split()}, names, route, items
        )
        classes, marks = set(tags), set(flags)
        named_use(display, classes, marks, names)
        return words(classes), words(marks)


def _item(name: str, said: str, nasal: bool = False) -> str:
    if name == "esketamine" and nasal:
        return f"{name}={ESKETAMINE_DEVICE}"
    return f"{name}={said}" if said else name
