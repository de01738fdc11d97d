"""Rules are data: code names no entry of the knowledge that a clinician could add or take away."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cds.knowledge.load import Knowledge

ROOT = Path(__file__).parents[2] / "cds" / "assessment"
SUBJECTS = ("indications", "regimens", "limits", "contraindications", "interactions")
OF_THE_CODE = {
    # findings that a program makes
    "contraindications-not-excluded", "diagnosis-contradicts-itself", "recorded-as-deceased",
}  # fmt: skip
OTHER_WORDS = {
    "acute_pain",  # a family of indications, and a use
    "breastfeeding", "pregnancy",  # what a chart says
    "oral",  # a route
}  # fmt: skip


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_id_of_the_knowledge_stands_in_the_rules(knowledge: Knowledge) -> None:
    ids = {ident for subject in SUBJECTS for ident in getattr(knowledge, subject)}
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in ROOT.rglob("*.py")
        for text in literals(path)
        if text.removeprefix("psy:").removeprefix("pain:") in ids - OF_THE_CODE - OTHER_WORDS
    }
    assert found == set()
