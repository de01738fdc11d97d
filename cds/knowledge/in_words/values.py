"""The values of a fact, each with what it is called and its unit.

What every fact has (rows, sources, status, days) is told apart from these, and so is what a rule
asks: `cds.knowledge.in_words.rule`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

from cds.knowledge.in_words.labels import label_of
from cds.knowledge.in_words.names import NameOfCode, coded, plainly, unnamed
from cds.knowledge.in_words.units import amount, tells_unit
from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import NameOf, declared
from cds.knowledge.model.predicates.base import Predicate

CODE = " code"
"""what the kinds of names end in that are codes: `LOINC code`"""
_AS_WRITTEN = (
    "indication", "contraindication", "finding", "work-up item", "parameter of days",
    "setting of the site protocol", "switch of the site protocol",
)  # fmt: skip
"""kinds of names by which something is looked up or set"""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: `stop above`, `0.5 mg/kg`."""

    field: str
    """where it stands: `stop_above`; of several records the first is `conversions.1`"""
    label: str
    text: str


def values_of(fact: BaseModel, name_of: NameOfCode = unnamed) -> tuple[Value, ...]:
    """The values of a fact, or of a record in one, in the order of its model."""
    return tuple(_values(fact, name_of))


def _values(record: BaseModel, name_of: NameOfCode) -> Iterator[Value]:
    model = type(record)
    for field, info in model.model_fields.items():
        value = getattr(record, field)
        silent = (isinstance(value, bool) or not value) and value == info.default
        if silent or _told_elsewhere(record, field) or asks(value):
            continue
        label = label_of(model.__name__, field)
        if isinstance(value, tuple) and isinstance(next(iter(value), None), BaseModel):
            for place, part in enumerate(value, 1):
                yield Value(f"{field}.{place}", label, in_one_line(part, name_of))
        else:
            yield Value(field, label, _text(record, field, value, name_of))


def _told_elsewhere(record: BaseModel, field: str) -> bool:
    if isinstance(record, Fact) and (field in Fact.model_fields or field in record.untold):
        return True
    return tells_unit(record, field)


def asks(value: object) -> bool:
    """Whether it is a predicate, or holds one: what a rule asks, and no value."""
    if isinstance(value, tuple):
        return any(map(asks, value))
    if isinstance(value, BaseModel):
        whole = isinstance(value, Predicate)
        return whole or any(asks(getattr(value, each)) for each in type(value).model_fields)
    return False


def in_one_line(record: BaseModel, name_of: NameOfCode = unnamed) -> str:
    """A record in a fact: `unit: g/dL; multiply: 10`."""
    return "; ".join(f"{value.label}: {value.text}" for value in values_of(record, name_of))


def _text(record: BaseModel, field: str, value: object, name_of: NameOfCode) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | int):
        return amount(record, field, value)
    if isinstance(value, BaseModel):
        return in_one_line(value, name_of)
    if isinstance(value, tuple):
        return ", ".join(_text(record, field, part, name_of) for part in value) or "none"
    for named in declared(type(record), field, NameOf):
        if named.kind.endswith(CODE):
            return coded(named.kind.removesuffix(CODE), [str(value)], name_of)[0]
        if named.kind in _AS_WRITTEN:
            return str(value)
    return plainly(str(value))
