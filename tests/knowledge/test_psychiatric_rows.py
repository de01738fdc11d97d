"""The rows of the psychiatric research: all of them, and no figure of them lost or invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.model.base import EvidenceRow

FIGURE = re.compile(r"(?<![A-Za-z\d.])(?<![A-Za-z]-)\d+(?:\.\d+)?")
CODE = re.compile(r"\b[A-Z]\d+(?:\.(?:\d+|\*))?\*?")
"""ICD-10-CM, and the id of another row: no figures"""
IN_WORDS = {
    "no": 0, "none": 0, "half": 0.5, "one": 1, "single": 1, "two": 2, "twice": 2, "three": 3,
    "thrice": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
}  # fmt: skip
NO_WORDS = {
    "id", "generic", "sources", "related_sources", "default_sources", "status", "grade", "fhir",
    "fhir_hint", "loinc", "rxnorm_ingredient_hint", "rxnorm_ingredient_hints", "icd10cm_hint",
    "numeric_note", "evidence", "guideline_positions",
}  # fmt: skip
"""fields of the digest without a figure of the row itself"""
PHARMACOKINETICS = (
    "esketamine-nasal", "racemic-oral", "sublingual", "racemic-nasal", "intramuscular",
    "no-conversion",
)  # fmt: skip
SAID_OTHERWISE = {
    "psy:I31": {2},  # CYP3A4/2B6, both by name
    "psy:sc-anxiety-maint": {13},  # weeks: 3 months
}


def rows_of(digest: Any) -> Iterator[tuple[str, Any]]:
    """Each row of the digest under the id that it has here."""
    for section, entries in digest.items():
        if section in ("meta", "sources"):
            continue
        for number, row in enumerate(entries):
            if section == "pharmacokinetics":
                yield f"psy:{section}/{PHARMACOKINETICS[number]}", row
            elif "generic" in row:
                yield f"psy:{section}/{row['generic']}", row
            else:
                yield f"psy:{row['id']}", row
            if section == "indications":
                for finding in (*row["evidence"], *row["guideline_positions"]):
                    yield f"psy:{row['id']}/{finding['sources'][0].lower()}", finding


def words(value: Any) -> str:
    """What a row of the digest says."""
    if isinstance(value, dict):
        return " | ".join(words(each) for name, each in value.items() if name not in NO_WORDS)
    if isinstance(value, list):
        return " | ".join(words(each) for each in value)
    return str(value)


def our_words(row: EvidenceRow) -> str:
    fields = (row.statement, row.population, row.unverified, *row.against, row.note)
    return " | ".join(field for field in fields if field)


def figures(text: str) -> set[float]:
    return {float(each) for each in FIGURE.findall(CODE.sub("", text))}


def with_words(text: str) -> set[float]:
    """The figures of a text, those too that it has as a word."""
    spelled = {IN_WORDS[each] for each in re.findall(r"[a-z]+", text.lower()) if each in IN_WORDS}
    return figures(text) | spelled


@pytest.fixture(scope="module")
def ours() -> dict[str, EvidenceRow]:
    return {ident: row for ident, row in load_evidence().items() if ident.startswith("psy:")}


@pytest.fixture(scope="module")
def digest(shared_dir: Path) -> dict[str, Any]:
    text = (shared_dir / "clinical" / "psychiatric.yaml").read_text()
    return dict(rows_of(yaml.load(text, Loader=yaml.CBaseLoader)))


@pytest.mark.shared
def test_every_row_is_here_and_no_other(
    ours: dict[str, EvidenceRow], digest: dict[str, Any]
) -> None:
    assert set(ours) == set(digest)


@pytest.mark.shared
def test_a_row_is_as_sure_as_in_the_digest(
    ours: dict[str, EvidenceRow], digest: dict[str, Any]
) -> None:
    for ident, row in digest.items():
        mine = ours[ident]
        assert mine.grade == row.get("grade"), ident
        if "status" in row:
            assert mine.status == row["status"], ident
        if "recalled_part" in row or "proposal_part" in row:
            assert mine.unverified, ident


@pytest.mark.shared
def test_no_figure_is_lost(ours: dict[str, EvidenceRow], digest: dict[str, Any]) -> None:
    lost = {
        ident: missing
        for ident, row in digest.items()
        if (missing := figures(words(row)) - with_words(our_words(ours[ident])))
    }
    assert lost == SAID_OTHERWISE


@pytest.mark.shared
def test_no_figure_is_invented(ours: dict[str, EvidenceRow], digest: dict[str, Any]) -> None:
    for ident, row in digest.items():
        beside = (
            row.get(field, "") for field in ("evidence", "guideline_positions", "sources", "fhir")
        )
        known = words(row) + " | " + " | ".join(map(str, beside))
        # a range of the digest has a hyphen, and so has a source with its year
        known_figures = with_words(known) | figures(known.replace("-", " "))
        assert figures(our_words(ours[ident])) <= known_figures, ident


def test_a_statement_is_read_at_a_glance(ours: dict[str, EvidenceRow]) -> None:
    long = {ident for ident, row in ours.items() if len(row.statement.split()) > 62}
    assert long == set()


def test_a_finding_belongs_to_an_indication(ours: dict[str, EvidenceRow]) -> None:
    tables = ("adequate_trials", "augmentation_trials", "pharmacokinetics")
    owners = {ident.removeprefix("psy:").split("/")[0] for ident in ours if "/" in ident}
    assert {owner for owner in owners - set(tables) if f"psy:{owner}" not in ours} == set()
