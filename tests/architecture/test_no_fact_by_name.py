"""No limit, regimen or indication is meant by its id in the program.

What one stands for is a field of its entry: a role, a family, a place in a rule. A new regimen then
is one entry, and the one that it replaces takes its meaning along.
"""

from __future__ import annotations

import ast
from pathlib import Path

from cds.knowledge.load import Knowledge

ROOT = Path(__file__).parents[2]
WORDS = {"acute_pain", "oral", "neuraxial"}
"""ids that are also a family of indications, a use, or a route"""
FOLDERS = ("cds/assessment", "cds/history", "cards")


def test_no_fact_is_meant_by_its_id(knowledge: Knowledge) -> None:
    facts = (knowledge.limits, knowledge.regimens, knowledge.indications)
    ids = {ident for subject in facts for ident in subject} - WORDS
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and node.value.removeprefix("psy:").removeprefix("pain:") in ids
    ]  # fmt: skip
    assert found == []
