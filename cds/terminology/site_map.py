"""A site's own codes: one file that says what they mean in the service's terms.

CSV with a header row, or YAML with a list of mappings under `codes:`, with these columns:

    system   URI of the code system, as the site's FHIR server writes it
    code     the local code
    kind     drug, condition, observation or procedure
    target   drug: `rxnorm:312941`, or ingredient names joined by " / ";
             else names of sets, separated by spaces
    strength drug by names: `50 mg`, `50 mg/mL`; of combinations joined by " / " in the same order
    route    drug by names: oral, injectable, nasal …

A row for a code that the tables know replaces what they say. That is also how a site turns on a
LOINC code that nobody has checked yet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml
from msgspec import Struct, field

from cds.characters import as_seen, as_utf8
from cds.terminology.codes import systems
from cds.terminology.codes.tables import DrugRow
from cds.units import Quantity, UnitError, parse_unit

KINDS = ("drug", "condition", "observation", "procedure")
COLUMNS = ("system", "code", "kind", "target", "strength", "route")
Key = tuple[str, str]
"""(canonical system, code)"""


class SiteMapError(Exception):
    """The file cannot be used; the message names the line."""


class SiteMap(Struct, frozen=True):
    """What a site's codes mean."""

    drugs: Mapping[Key, DrugRow] = field(default_factory=dict)
    sets: Mapping[str, Mapping[Key, frozenset[str]]] = field(default_factory=dict)
    """kind → code → sets"""

    def of(self, kind: str) -> Mapping[Key, frozenset[str]]:
        return self.sets.get(kind, {})

    def under(self, other: SiteMap) -> SiteMap:
        """This map with another one before it."""
        kinds = {*self.sets, *other.sets}
        return SiteMap(
            {**self.drugs, **other.drugs},
            {kind: {**self.of(kind), **other.of(kind)} for kind in kinds},
        )


class Known(Struct, frozen=True):
    """What a row may name."""

    sets: Mapping[str, frozenset[str]]
    """kind → names of its sets"""
    ingredients: Mapping[str, str]
    """name → class tags"""
    rxnorm: Mapping[str, DrugRow]


def read_site_map(path: Path, known: Known) -> SiteMap:
    """The map in that file. Raises SiteMapError."""
    drugs: dict[Key, DrugRow] = {}
    sets: dict[str, dict[Key, frozenset[str]]] = {}
    for line, row in _rows(path):
        try:
            key = (systems.canonical(_needed(row, "system")), _needed(row, "code"))
            kind = _needed(row, "kind")
            if kind == "drug":
                drugs[key] = _drug(row, known)
            elif kind in KINDS:
                sets.setdefault(kind, {})[key] = _named_sets(row, known.sets[kind])
            else:
                raise ValueError(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
        except (ValueError, UnitError) as error:
            raise SiteMapError(f"{path.name}, line {line}: {error}") from None
    return SiteMap(drugs, sets)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = as_utf8(path.read_bytes()).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SiteMapError(f"{path}: {error}") from None
    yield from _csv(path, text) if path.suffix.lower() == ".csv" else _yaml(path, text)


def _csv(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text, newline=None))
    unknown = set(reader.fieldnames or ()) - set(COLUMNS)
    if unknown:
        raise SiteMapError(f"{path.name}, line 1: unknown columns {', '.join(sorted(unknown))}")
    for row in reader:
        if None in row:
            raise SiteMapError(f"{path.name}, line {reader.line_num}: too many fields")
        yield reader.line_num, {name: as_seen(value or "").strip() for name, value in row.items()}


def _yaml(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        raise SiteMapError(f"{path.name}: {error}") from None
    if root is None:
        return
    top = {key.value: value for key, value in root.value} if _is_map(root) else {}
    listed = top.get("codes")
    if set(top) != {"codes"} or not isinstance(listed, yaml.SequenceNode):
        raise SiteMapError(f"{path.name}, line 1: expected one list under `codes:`")
    for node in listed.value:
        line = node.start_mark.line + 1
        if not _is_map(node):
            raise SiteMapError(f"{path.name}, line {line}: expected a mapping")
        row = {key.value: as_seen(str(value.value)).strip() for key, value in node.value}
        unknown = set(row) - set(COLUMNS)
        if unknown:
            raise SiteMapError(f"{path.name}, line {line}: unknown keys {', '.join(unknown)}")
        yield line, row


def _is_map(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode)


def _needed(row: Mapping[str, str], name: str) -> str:
    value = row.get(name, "")
    if not value:
        raise ValueError(f"{name} is missing")
    return value


def _named_sets(row: Mapping[str, str], known: frozenset[str]) -> frozenset[str]:
    names = frozenset(_needed(row, "target").split())
    if names - known:
        raise ValueError(f"unknown set {', '.join(sorted(names - known))}")
    return names


def _drug(row: Mapping[str, str], known: Known) -> DrugRow:
    target = _needed(row, "target")
    if target.startswith("rxnorm:"):
        code = target.removeprefix("rxnorm:").strip()
        if code not in known.rxnorm:
            raise ValueError(f"RxNorm code {code} is not in the tables")
        return known.rxnorm[code]
    names = [name.strip().lower() for name in target.split(" / ")]
    unknown = [name for name in names if name not in known.ingredients]
    if unknown:
        raise ValueError(f"unknown ingredient {', '.join(unknown)}")
    strengths = _strengths(row.get("strength", ""), len(names))
    return DrugRow(
        level="product",
        ingredients=tuple(f"{n}={s}" if s else n for n, s in zip(names, strengths, strict=True)),
        classes=" ".join(known.ingredients[name] for name in names),
        codes="",
        route=row.get("route", ""),
    )


def _strengths(text: str, count: int) -> list[str]:
    if not text:
        return [""] * count
    parts = [part.strip() for part in text.split(" / ")]
    if len(parts) != count:
        raise ValueError(f"{count} ingredients, but {len(parts)} strengths")
    return [str(_strength(part)) for part in parts]


def _strength(text: str) -> Quantity:
    value, _, unit = text.partition(" ")
    parse_unit(unit)
    try:
        return Quantity(Decimal(value), unit)
    except InvalidOperation:
        raise ValueError(f"strength {text!r} is not a number and a unit") from None
