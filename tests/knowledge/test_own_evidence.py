"""A site's own rows of evidence: checked with its facts, named by them, and read once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from folders import change, run

from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import load_knowledge

REGIMEN, ROW = "iv-std-acute", "local:our-audit"
WRITTEN = f"""\
- id: {ROW}
  statement: 40 courses at this hospital.
  sources: [DESIGN]
  status: proposal
"""


@pytest.fixture
def with_a_row(theirs: Path) -> Path:
    """A fact rests on a row of the site, and nothing else."""
    with (theirs / "evidence/local.yaml").open("a", encoding="utf-8") as file:
        file.write(WRITTEN)
    change(theirs, "regimens", REGIMEN, basis=[ROW])
    return theirs


def test_a_fact_may_rest_on_a_row_of_the_site(with_a_row: Path) -> None:
    ended = run("knowledge", "check", "--knowledge", with_a_row)
    assert ended.exit_code == 0, ended.output
    assert load_knowledge(with_a_row).regimens[REGIMEN].basis == (ROW,)
    assert load_evidence(with_a_row)[ROW].statement == "40 courses at this hospital."


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("- id: [open", r"evidence/local.yaml:9: is no YAML: "),
        ("- id: other", r"evidence/local.yaml:9: other, id: `other` is no row of evidence"),
        (WRITTEN, rf"evidence/local.yaml:9: {ROW}, id: stands twice, first in "),
    ],
    ids=["no YAML", "no row", "a row twice"],
)
def test_a_mistake_in_it_stops_the_start(
    with_a_row: Path, edit: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (with_a_row / "evidence/local.yaml").open("a", encoding="utf-8") as file:
        file.write(edit)
    assert said in run("knowledge", "check", "--knowledge", with_a_row).output
    monkeypatch.setenv("KETAMINE_CDS_KNOWLEDGE", str(with_a_row))
    monkeypatch.setenv("KETAMINE_CDS_AUTH", "off")
    monkeypatch.setattr("cds.commands.serve.listening", lambda *_, **__: pytest.fail("it serves"))
    ended = run("serve")
    assert (ended.exit_code, said in ended.output) == (2, True)


def test_without_rows_of_its_own_a_site_has_ours(theirs: Path) -> None:
    shutil.rmtree(theirs / "evidence")
    assert run("knowledge", "check", "--knowledge", theirs).exit_code == 0
    assert load_evidence(theirs).keys() == load_evidence().keys()


def test_pages_show_the_rows_of_the_start_whatever_becomes_of_the_folder(with_a_row: Path) -> None:
    load_knowledge(with_a_row)
    shutil.rmtree(with_a_row)
    assert ROW in load_evidence(with_a_row)


def test_a_row_that_was_taken_away_is_missed(theirs: Path) -> None:
    (theirs / "evidence/pain_and_safety/limits.yaml").unlink()
    ended = run("knowledge", "check", "--knowledge", theirs)
    assert (ended.exit_code, "unknown row of evidence" in ended.output) == (2, True)
