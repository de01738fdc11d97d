"""The table of requirements: complete, and each with a test that carries its id."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[2] / "docs" / "conformance.md"
ROW = re.compile(r"\| ([A-Z]+-\d+) \| (SHALL|SHOULD|HOUSE) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ID = re.compile(r"[A-Z]+_\d+")


def rows():
    return {row[0]: row for row in ROW.findall(TABLE.read_text())}


def ids_in_tests():
    """Ids in the names of the tests; a table of cases names its ids in its first column."""
    found = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= {name.replace("_", "-") for name in ID.findall(node.name)}
        if file.name == "test_responses.py":
            broken = next(
                node.value for node in tree.body
                if isinstance(node, ast.Assign) and node.targets[0].id == "BROKEN"
            )  # fmt: skip
            found |= {row.elts[0].value for row in broken.elts}
    return found


def test_each_requirement_has_a_test():
    assert set(rows()) - ids_in_tests() == set()


def test_each_test_that_carries_an_id_is_in_the_table():
    assert ids_in_tests() - set(rows()) == set()


def test_no_shall_is_open():
    for ident, level, _, how in rows().values():
        assert level != "SHALL" or not how.lower().startswith("open"), ident


@pytest.mark.shared
def test_the_table_holds_every_requirement_of_the_list(shared_dir):
    text = (shared_dir / "spec" / "REQUIREMENTS.md").read_text()
    listed = dict(re.findall(r"^\| ([A-Z]+-\d+) \| (\w+) \|", text, re.MULTILINE))
    assert {ident: row[1] for ident, row in rows().items()} == listed
