"""The house keeps its plan: no cycles, a picture that is true, and steps that exist.

What may import what stands in .importlinter and is kept by `make lint`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from picture import BLOCK, PAGE, arrows, drawn, imports

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"`(?P<path>(?:cds|cards)/[\w/]+\.py):(?P<name>[\w.]+)`")


def cycle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert cycle(imports()) == []


def test_no_room_looks_into_one_that_looks_back() -> None:
    assert cycle(arrows()) == []


def test_the_picture_is_true() -> None:
    (block,) = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert block == drawn(), "`make docs` draws it anew"


def steps() -> list[tuple[str, str]]:
    return sorted(set(STEP.findall(PAGE.read_text(encoding="utf-8"))))


def test_the_page_tells_the_way_of_a_call() -> None:
    assert len(steps()) > 15


@pytest.mark.parametrize(("path", "name"), steps())
def test_each_step_that_the_page_names_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.ClassDef
    defined = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
    assert name.rpartition(".")[2] in defined
