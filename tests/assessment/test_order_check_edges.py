"""Each number of each order check, and of the regimens that judge: an order at it, just below and
just above, by a table.

A number that is changed in the knowledge fails here, and so does a new one without a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from order_cases import case

from cds.assessment.order_check import check_order
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Fact
from cds.knowledge.model.quantities import In
from cds.units import plain
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "order_check_edges.yaml")
OF_THE_ROW = {"field", "value", "x", "step", "times", "says", "corrected", "below", "at", "above"}
PLACES = ("below", "at", "above")


@dataclass(frozen=True)
class Row:
    """A number of a check, and the orders around it."""

    fact: str
    row: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.fact} {self.row['field']} {self.row['value']}"


ROWS = [Row(check, row) for check, rows in TABLE.items() for row in rows]


def _number(text: str) -> Decimal:
    return Decimal(text.partition(" ")[0])


def around(row: dict[str, Any]) -> tuple[Decimal, ...]:
    """The number as the order says it: just below, at and just above."""
    if "x" in row:
        return tuple(Decimal(str(x)) * Decimal(str(row.get("times", 1))) for x in row["x"])
    value = _number(str(row["value"]))
    step = Decimal(str(row["step"])) if "step" in row else value / 100
    return value - step, value, value + step


def filled(value: Any, number: Decimal) -> Any:
    """What stands in a row, with the number for `{x}`."""
    if isinstance(value, dict):
        return {key: filled(part, number) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, number) for part in value]
    if value == "{x}":
        return int(number) if number == int(number) else number
    return value.replace("{x}", plain(number)) if isinstance(value, str) else value


def said(row: dict[str, Any], number: Decimal) -> str:
    order = {key: filled(part, number) for key, part in row.items() if key not in OF_THE_ROW}
    for name in ("age", "kg", "cm"):
        if name in order:
            order[name] = Decimal(str(order[name])) if name != "age" else int(order[name])
    found = next((f for f in check_order(case(order)) if f.id == row["says"]), None)
    if found is None:
        return "nothing"
    offered = list((found.correction or {}).values()) if row.get("corrected") else []
    return " ".join(map(str, [found.severity, *offered]))


def test_each_number_acts_where_the_table_says() -> None:
    def check(row: Row) -> None:
        found = {
            place: said(row.row, number)
            for place, number in zip(PLACES, around(row.row), strict=True)
        }
        assert found == {place: row.row[place] for place in PLACES}

    check_each(ROWS, check, lambda row: row.name)


def numbers(fact: Fact) -> Iterator[tuple[str, str | list[str]]]:
    """The numeric fields of a fact, as the knowledge writes them."""
    for name, field in type(fact).model_fields.items():
        value = getattr(fact, name)
        units = [each for each in field.metadata if isinstance(each, In)]
        if isinstance(value, tuple) and value and isinstance(value[0], Decimal):
            yield name, list(fact.model_dump(mode="json")[name])
        elif isinstance(value, Decimal):
            assert units, f"{fact.id}: {name} has no unit"
            yield name, units[0].written(value)
        elif isinstance(value, int):
            yield name, str(value)


def judging(knowledge: Knowledge) -> Iterator[tuple[tuple[str, str], str | list[str]]]:
    """The numbers of the regimens by which an order is judged: by role, or as a first dose."""
    fields = {
        "standard_session": {"dose": "mg/kg", "duration_min": "min"},
        "low_dose_ceiling": {"dose_high": "mg/kg"},
        "lowest_start": {"rate_low": "mg/kg/h"},
    }
    for regimen in knowledge.regimens.values():
        for field, unit in fields.get(regimen.role or "", {}).items():
            yield (regimen.id, field), f"{plain(getattr(regimen, field))} {unit}"
        first = regimen.first_dose
        if first is not None and first < max(regimen.session_doses):
            yield (regimen.id, "first_dose"), f"{plain(first)} mg"


def test_every_number_of_a_check_stands_in_the_table(knowledge: Knowledge) -> None:
    known: dict[tuple[str, str], str | list[str]] = {
        (check.id, name): value
        for check in knowledge.order_checks.values()
        for name, value in numbers(check)
    }
    known |= dict(judging(knowledge))
    stated = {(row.fact, row.row["field"]): _as_written(row.row["value"]) for row in ROWS}
    check_each(known, lambda key: _same(stated.get(key), known[key]), " ".join)
    assert set(stated) == set(known)


def _as_written(value: object) -> object:
    return str(value) if isinstance(value, int) else value


def _same(stated: object, known: object) -> None:
    assert stated == known
