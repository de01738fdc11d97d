"""The recipes of CONTRIBUTING.md do what they say, and break nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from recipe import PAGE, ROOT, copy_to, recipes

SOURCE = "First its source"
GUARDS = (
    "tests/test_knowledge.py",
    "tests/cards/test_internal_names.py",
    "tests/assessment/candidacy/test_candidacy_knowledge.py",
)
"""what must hold for every entry, with the pages that are made from the knowledge"""
EACH_HAS_A_ROW = (
    "tests/assessment/test_dose.py"
    "::test_every_regimen_that_is_offered_has_its_doses_in_a_table"
)  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """What is shown of one, and the tests that are run: of a table the rows named `example …`."""

    chart: Mapping[str, Any]
    tests: Sequence[str]
    after: Sequence[str] = ()
    hook: str | None = None


RECIPES = {
    "A contraindication": Recipe(
        {"patient": "ash", "problems": ["G47.411"]},
        [*GUARDS, "tests/assessment/test_contraindications.py"],
    ),
    "An indication": Recipe(
        {"patient": "hazel", "problems": ["K14.6"]},
        [*GUARDS, "tests/scenarios/pain/test_pain_scenarios.py"],
    ),
    "A regimen": Recipe(
        {"patient": "hazel", "problems": ["K14.6"]},
        [*GUARDS, "tests/scenarios/orders/test_order_scenarios.py", EACH_HAS_A_ROW],
        after=["An indication"],
    ),
    "A drug class": Recipe(
        {"patient": "ash", "takes": ["ondansetron 4 mg tablet"]},
        [*GUARDS, "tests/assessment/test_interactions.py"],
    ),
    "A hook service": Recipe(
        {"patient": "ash"},
        ["tests/hooks/test_services.py", "tests/hooks/test_discovery.py"],
        hook="encounter-start",
    ),
}


def test_each_recipe_of_the_page_is_carried_out() -> None:
    assert recipes().keys() == {SOURCE, *RECIPES}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_does_what_it_says(name: str, tmp_path: Path) -> None:
    recipe, page = RECIPES[name], recipes()
    copy_to(tmp_path)
    blocks = [block for step in (SOURCE, *recipe.after, name) for block in page[step]]
    for block in blocks:
        if block.file is not None:
            block.put(tmp_path)
    commands = {block.text for block in blocks if block.kind == "sh"}
    assert commands <= {"make docs\n"}
    said = [block for block in page[name] if block.kind == "text" and block.file is None]
    shows = [line for block in said for line in block.text.splitlines()]
    assert shows
    chosen = ["-k", " or ".join(["example", "offered", *(Path(test).stem for test in GUARDS)])]
    task = {
        "chart": recipe.chart, "hook": recipe.hook, "docs": bool(commands), "shows": shows,
        "tests": [*recipe.tests, *([] if recipe.hook else chosen)],
    }  # fmt: skip
    child = subprocess.run(
        [sys.executable, "tests/recipes/carry_out.py", json.dumps(task)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stdout[-4000:] + child.stderr[-4000:]


def test_the_project_is_as_it_was(tmp_path: Path) -> None:
    """A block is written into the copy, and not through its link into the project."""
    copy_to(tmp_path)
    block = recipes()[SOURCE][0]
    assert block.file is not None
    before = (ROOT / block.file).read_bytes()
    block.put(tmp_path)
    assert (ROOT / block.file).read_bytes() == before
    assert (tmp_path / block.file).read_bytes() == before + block.text.encode()


def test_the_commands_and_places_of_the_page_exist() -> None:
    text = PAGE.read_text("utf-8")
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([\w-]+)", text)) <= targets
    places = set(re.findall(r"`((?:cds|cards|docs|tests)/[\w/.]+)", text))
    new = {block.file for name in RECIPES for block in recipes()[name] if block.kind == "python"}
    gone = {place for place in places if not (ROOT / place.partition(":")[0]).exists()}
    assert gone <= new
    assert len(places) > 10
