"""What must hold for every clinical fact, whoever adds one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.knowledge.load import Knowledge, KnowledgeError, load_knowledge, validated
from cds.knowledge.model.parameters import Parameter


def test_no_dose_comes_from_a_fact_that_was_not_read(knowledge: Knowledge) -> None:
    giving = [r for r in knowledge.regimens.values() if r.suggests == "dose" and r.dose_verified]
    assert {r.id for r in giving if not r.verified} == set()
    assert giving


def test_the_version_names_the_content(knowledge: Knowledge) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", knowledge.version)
    assert load_knowledge().version == knowledge.version


def test_an_entry_that_does_not_fit_is_named_with_its_field() -> None:
    entry = {"id": "gap", "value": "many", "unit": "d", "meaning": "x", "status": "seen"}
    with pytest.raises(KnowledgeError, match=r"file\.yaml: gap: value"):
        list(validated("file.yaml", [entry], Parameter))


def test_check_counts_facts_by_review_state() -> None:
    result = CliRunner().invoke(main, ["knowledge", "check"])
    assert result.exit_code == 0, result.output
    assert "contraindications" in result.output
    assert "none recorded as reviewed" in result.output


def test_nothing_reads_outside_the_package() -> None:
    root = Path(__file__).parents[1]
    reading = [
        str(path.relative_to(root))
        for folder in ("cds", "cards", "fhir_fixtures", "benchmarks")
        for path in (root / folder).rglob("*.py")
        if "../shared" in path.read_text() or "shared/" in path.read_text()
    ]
    assert reading == []
