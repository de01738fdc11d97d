"""The values of facts with their units, and what facts ask: nothing of a fact is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from cds.knowledge.in_words import rule_in_words, rule_of, title_of, values_of
from cds.knowledge.in_words.rule import ROLES
from cds.knowledge.in_words.units import ENDINGS, FIXED, SAID_BY
from cds.knowledge.in_words.values import asks
from cds.knowledge.load import Knowledge, subjects
from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import declared
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.quantities import In
from tests.in_words.test_predicates_in_words import name_of
from tests.rows import check_each, read_table

ROWS = read_table(Path(__file__).parent / "values.yaml")
COUNTS = {
    "AntidepressantDose.strict_weeks", "Conversion.divide", "Conversion.multiply",
    "Conversion.subtract", "EsketamineLong.max_sessions", "EsketamineWeek.max_sessions",
    "FrequentSessions.max_in_four_weeks", "FrequentSessions.max_per_week", "Interaction.rank",
    "Limit.share_of_racemic", "LiverSign.points_high", "LiverSign.points_low", "MmeFactor.factor",
    "OpenCourse.max_sessions_two_weeks", "Product.sprays_per_device", "Regimen.sessions",
    "Regimen.sessions_per_week", "ResponseRule.after_sessions", "ResponseRule.from_day",
    "ResponseRule.per_week", "ResponseRule.score_at_most", "ResponseRule.score_below",
    "ResponseRule.to_day", "Source.max_age_months",
}  # fmt: skip
"""numbers without a unit: so many, a score, a day by its number, a factor"""


def test_a_fact_is_told_in_words() -> None:
    models = subjects()

    def check(row: dict[str, Any]) -> None:
        fact = TypeAdapter(models[row["subject"]]).validate_python(row["fact"])
        told = [f"{value.label}: {value.text}" for value in values_of(fact, name_of)]
        assert told == row["values"]
        assert list(rule_in_words(fact, name_of)) == row["asks"]

    check_each(ROWS, check, lambda row: row["fact"]["id"])


def test_a_fact_is_called_by_its_name_or_its_id(knowledge: Knowledge) -> None:
    assert title_of(knowledge.regimens["iv-std-acute"]) == "Standard IV course"
    assert title_of(knowledge.decisions["number-of-trials"]).startswith("How many failed")
    assert title_of(knowledge.contraindications["recent-stroke"]) == "Recent stroke"
    assert all(title_of(fact) for _, fact in knowledge.facts())


def test_several_records_of_one_field_are_told_apart(knowledge: Knowledge) -> None:
    values = values_of(knowledge.measurements["blood_ethanol"])
    fields = [value.field for value in values]
    assert fields[fields.index("conversions.1") + 1] == "conversions.2"
    assert len(set(fields)) == len(fields)


def test_every_field_that_has_a_value_is_told(knowledge: Knowledge) -> None:
    """As a value, by what it asks, or as the unit of another."""

    def check(fact: Fact) -> None:
        told = {value.field.split(".")[0] for value in values_of(fact)}
        untold = {*SAID_BY.get(type(fact).__name__, {}), *fact.untold}
        own = set(type(fact).model_fields) - set(Fact.model_fields)
        for field in own & fact.model_fields_set:
            value = getattr(fact, field)
            default = type(fact).model_fields[field].default
            assert field in told or asks(value) or field in untold or value == default, field

    check_each((fact for _, fact in knowledge.facts()), check, lambda fact: fact.id)


def test_every_predicate_of_a_fact_stands_in_what_it_asks(knowledge: Knowledge) -> None:
    def check(fact: Fact) -> None:
        assert len(list(predicates(fact))) == sum(map(asked, rule_of(fact)))

    check_each((fact for _, fact in knowledge.facts()), check, lambda fact: fact.id)


def predicates(record: BaseModel) -> Iterator[Predicate]:
    """Those that a record holds itself or in its records, but not those that these are made of."""
    for field in type(record).model_fields:
        value = getattr(record, field)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Predicate):
                yield part
            elif isinstance(part, BaseModel):
                yield from predicates(part)


def asked(said: Any) -> int:
    """How many predicates are told there: one by its role, of a record those of its parts."""
    return 1 if said.text in ROLES.values() else sum(map(asked, said.parts))


def test_no_text_is_one_of_python(knowledge: Knowledge) -> None:
    python = re.compile(r"None\b|Decimal\(|\{'|\('|True\b|False\b|\bE\+")
    words = {"pattern", "code system"}

    def check(case: tuple[str, Fact]) -> None:
        for value in values_of(case[1]):
            known = value.text in vars(case[1]).values() or value.label in words
            assert known or not python.search(value.text), value

    check_each(knowledge.facts(), check, lambda case: f"{case[0]}/{case[1].id}")


def records(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of, without predicates."""
    is_record = isinstance(kind, type) and issubclass(kind, BaseModel)
    if is_record and not issubclass(kind, Predicate):
        yield kind
        for info in kind.model_fields.values():
            yield from records(info.annotation)
    for part in get_args(kind):
        yield from records(part)


def test_a_number_has_its_unit_or_is_a_count() -> None:
    without = set()
    for kind in {kind for model in subjects().values() for kind in records(model)}:
        for field, info in kind.model_fields.items():
            if numeric(info.annotation) and not has_unit(kind, field):
                without.add(f"{kind.__name__}.{field}")
    assert without - COUNTS == set()


def numeric(annotation: Any) -> bool:
    return annotation in (int, Decimal) or any(map(numeric, get_args(annotation)))


def has_unit(kind: type[BaseModel], field: str) -> bool:
    by_field = any(field in numbers for numbers in SAID_BY.get(kind.__name__, {}).values())
    fixed = field in FIXED or f"{kind.__name__}.{field}" in FIXED
    return bool(by_field or fixed or declared(kind, field, In)) or field.endswith(tuple(ENDINGS))


def test_units_are_said_of_fields_that_exist() -> None:
    kinds = {k.__name__: k for model in subjects().values() for k in records(model)}
    for model, units in SAID_BY.items():
        if model == "Threshold":
            continue
        for unit, numbers in units.items():
            assert {unit, *numbers} <= set(kinds[model].model_fields), model
    for name in FIXED:
        model, _, field = name.rpartition(".")
        fields = [kinds[model]] if model else kinds.values()
        assert any(field in kind.model_fields for kind in fields), name
