"""A class of drugs beside the tables: every product of its ingredients bears it, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from release_fixture import write_release

from cds.terminology.build.refresh import merge
from cds.terminology.build.rrf import read_release
from cds.terminology.codes import systems
from cds.terminology.codes.drug_classes import by_ingredient, told_classes, with_classes
from cds.terminology.codes.tables import DrugRow, DrugTable, TableError, read_table
from cds.terminology.lookup import Terminology, load_terminology
from tests.rows import check_each

CLASSES = {"setron": ["ondansetron", "granisetron"], "sleepy": ["clemastine"],
           "old": ["clemastine", "ondansetron"]}  # fmt: skip


@pytest.fixture(scope="module")
def classed() -> Terminology:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "cds.terminology.drug_lookup.told_classes", lambda known: by_ingredient(CLASSES, known)
        )
        return Terminology()


def code(system: str, value: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": value}]}


ROWS = [
    ("an ingredient by code", code(systems.RXNORM, "26225"), {"setron", "old"}),
    ("a brand by code", code(systems.RXNORM, "998029"), {"setron", "old"}),
    ("by ATC", code(systems.ATC, "A04AA02"), {"setron"}),
    ("by name", {"text": "ondansetron 4 mg tablet"}, {"setron", "old"}),
    ("a brand by name", {"text": "Zofran 4 mg"}, {"setron", "old"}),
    ("without a tag of the tables", {"text": "clemastine 1 mg"}, {"sleepy", "old"}),
    ("a combination", code(systems.RXNORM, "857454"), {"sleepy", "old"}),
    ("its sibling", {"text": "palonosetron"}, set()),
    ("another drug", {"text": "sertraline 50 mg"}, set()),
]


def test_what_bears_the_class(classed: Terminology) -> None:
    plain = load_terminology()

    def check(row: tuple[str, Any, set[str]]) -> None:
        _, concept, wanted = row
        found, before = classed.drug(concept), plain.drug(concept)
        assert found is not None
        assert before is not None
        assert found.classes - before.classes == wanted
        assert before.classes <= found.classes

    check_each(ROWS, check, name=lambda row: row[0])


def test_a_table_is_untouched_without_a_list() -> None:
    table = DrugTable(drugs=(DrugRow("brand", ("a=1 mg",), "x", "1"),))
    assert with_classes(table, {}) is table
    assert with_classes(table, {"b": "y"}).drugs == table.drugs
    assert with_classes(table, {"a": "y w"}).drugs[0].classes == "w x y"


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        ({"setron": ["ondansetrone"]}, "setron: 'ondansetrone' is no ingredient of the tables"),
        ({"5-HT3": ["ondansetron"]}, "'5-HT3' is no tag"),
    ],
)
def test_what_the_tables_do_not_know_is_refused(classes: dict[str, list[str]], says: str) -> None:
    with pytest.raises(TableError, match=says):
        by_ingredient(classes, {"ondansetron"})


def test_the_list_is_one_that_the_tables_know() -> None:
    told_classes(read_table(DrugTable, "rxnorm").ingredients)


def test_a_release_brings_the_products_of_a_classed_ingredient(tmp_path: Any) -> None:
    release = read_release(write_release(tmp_path))
    table = read_table(DrugTable, "rxnorm")
    plain = merge(release, table, {})
    tracked = merge(release, table, {}, frozenset({"neverheardofin"}))
    found = tracked.table.index().keys() - plain.table.index().keys()
    assert {"9000001", "9000160", "9000161"} <= found
    assert tracked.table.ingredient_classes == table.ingredient_classes
