"""Every field of the knowledge is read by the program, and every field is used by some entry.

What counts as read is an attribute of that name, loaded in a package that may know the knowledge,
outside the models themselves. It can't tell whose attribute it is: a field with a common name
(`value`, `unit`, `name`) passes where any other class has one, so a new field is better named for
what it bounds. What is only shown, on /knowledge and in the documents made of it, is listed here:
texts for a reader, never a number.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from pydantic import BaseModel

import cds.knowledge.model
from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import Knowledge

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "cds" / "knowledge" / "model"
WITHOUT_KNOWLEDGE = ("terminology", "fhir", "dosage", "store", "web", "commands", "orders")
"""rooms of `cds` that never see a fact"""
SHOWN = {
    "Fact.note", "Source.citation", "Source.depth", "Source.note", "WeightRule.statement",
    "Interaction.mechanism", "Interaction.direction", "Claim.pages",
}  # fmt: skip
SHOWN_TOO = {
    "CandidacyRule.group", "OrderContext.name", "Position.sources", "Position.status",
    "MmeFactor.route", "OpioidThreshold.meaning", "PainTrialDose.drug", "Parameter.unit",
    "Product.drug",
}  # fmt: skip
"""only shown as well: names that other classes have, so that this test can't tell"""
BY_NAME = {"ByForm.esketamine", "ByForm.ketamine"}
"""read by the name of the ordered form"""


def models() -> Iterator[type[BaseModel]]:
    for found in walk_packages(cds.knowledge.model.__path__, "cds.knowledge.model."):
        module = import_module(found.name)
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if own and issubclass(kind, BaseModel):
                yield kind


def fields(kind: type[BaseModel]) -> Iterator[str]:
    """Those that a model declares itself, by their full name."""
    for name in kind.__annotations__:
        if name in kind.model_fields and name != "id":
            yield f"{kind.__name__}.{name}"


@cache
def loaded() -> frozenset[str]:
    """The names of every attribute that the program loads."""
    rooms = [ROOT / "cds" / name for name in WITHOUT_KNOWLEDGE]
    return frozenset(
        node.attr
        for folder in ("cds", "cards")
        for path in (ROOT / folder).rglob("*.py")
        if not any(path.is_relative_to(room) for room in (MODELS, *rooms))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def test_every_field_is_read() -> None:
    known = {field for kind in models() for field in fields(kind)}
    unread = {field for field in known if field.rpartition(".")[2] not in loaded()}
    assert unread - SHOWN - BY_NAME == set()


def test_what_is_only_shown_is_a_text_and_is_read_by_nothing() -> None:
    kinds = {kind.__name__: kind for kind in models()}
    for field in SHOWN | SHOWN_TOO:
        owner, name = field.split(".")
        common = field in SHOWN_TOO or name in ("note", "statement")
        assert common or name not in loaded(), field
        annotation = str(kinds[owner].model_fields[name].annotation)
        assert not any(number in annotation for number in ("int", "Decimal", "bool")), field


def records(value: Any) -> Iterator[BaseModel]:
    """A record with all that it is made of."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from records(getattr(value, name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from records(part)
    elif isinstance(value, dict):
        yield from records(tuple(value.values()))


def test_every_field_is_set_in_some_entry(knowledge: Knowledge) -> None:
    facts = [fact for _, fact in knowledge.facts()]
    roots = facts, list(knowledge.sources.values()), list(load_evidence().values())
    used = {
        f"{kind.__name__}.{name}"
        for root in roots
        for record in records(root)
        for kind in type(record).__mro__
        for name in record.model_fields_set
    }
    assert {field for kind in models() for field in fields(kind)} - used == set()
