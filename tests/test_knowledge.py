"""What must hold for every clinical fact, whoever adds one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cards.words import has_wording
from cds.cli import main
from cds.knowledge.load import Knowledge, KnowledgeError, _validated, load_knowledge
from cds.knowledge.model.parameters import Parameter
from cds.terminology.lookup import Terminology


def test_every_source_that_a_fact_cites_is_listed(knowledge: Knowledge) -> None:
    unknown = [
        f"{subject}/{fact.id} cites {source}"
        for subject, fact in knowledge.facts()
        for source in fact.sources
        if source not in knowledge.sources
    ]
    assert unknown == []


def test_every_fact_says_where_it_comes_from(knowledge: Knowledge) -> None:
    silent = [f"{subject}/{fact.id}" for subject, fact in knowledge.facts() if not fact.sources]
    assert silent == []


def test_a_basis_names_its_digest(knowledge: Knowledge) -> None:
    """`psy:` and `pain:` are the research digests; `local:` is a rule of a site or a proposal."""
    odd = [
        f"{subject}/{fact.id}: {row}"
        for subject, fact in knowledge.facts()
        for row in fact.basis
        if not re.match(r"(psy|pain|local):[\w/+. -]", row)
    ]
    assert odd == []


def test_no_dose_comes_from_a_fact_that_was_not_read(knowledge: Knowledge) -> None:
    giving = [r for r in knowledge.regimens.values() if r.suggests == "dose" and r.dose_verified]
    assert {r.id for r in giving if not r.verified} == set()
    assert giving


ENCOUNTERS = {"ACUTE", "AMB", "EMER", "IMP", "NONAC", "OBSENC"}


def test_every_class_that_a_rule_asks_for_exists(
    knowledge: Knowledge, terminology: Terminology
) -> None:
    """Of drugs, treatments or encounters. A misspelt one would be silent for ever."""
    index = terminology._drugs.index
    tagged = (*index.classes.values(), *(row.classes for row in index.rxnorm_rows.values()))
    known = ENCOUNTERS | {tag for tags in set(tagged) for tag in tags.split()}
    known |= {dose.drug_class for dose in knowledge.antidepressant_trials.values()}
    known |= {dose.drug_class for dose in knowledge.pain_trials.values()}
    asked = {
        name: f"{subject}/{fact.id}"
        for subject, fact in knowledge.facts()
        for name in _classes(fact.model_dump(mode="json"))
    }
    assert {name: where for name, where in asked.items() if name not in known} == {}
    assert len(asked) > 50


def _classes(value: Any) -> Iterator[str]:
    """Everything under `classes` or `trigger_classes`, however deep."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("classes", "trigger_classes") and isinstance(part, list):
                yield from part
            else:
                yield from _classes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _classes(part)


@pytest.mark.parametrize("subject", ["contraindications", "interactions"])
def test_every_finding_has_its_words(knowledge: Knowledge, subject: str) -> None:
    silent = {
        fact.id for fact in getattr(knowledge, subject).values() if getattr(fact, "silent", False)
    }
    ids = {fact.id for fact in getattr(knowledge, subject).values()} - silent
    assert {ident for ident in ids if not has_wording(ident)} == set()


def test_the_version_names_the_content(knowledge: Knowledge) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", knowledge.version)
    assert load_knowledge().version == knowledge.version


def test_an_entry_that_does_not_fit_is_named_with_its_field() -> None:
    entry = {"id": "gap", "value": "many", "unit": "d", "meaning": "x", "status": "seen"}
    with pytest.raises(KnowledgeError, match=r"file\.yaml: gap: value"):
        list(_validated("file.yaml", [entry], Parameter))


def test_check_counts_facts_by_review_state() -> None:
    result = CliRunner().invoke(main, ["knowledge", "check"])
    assert result.exit_code == 0, result.output
    assert "contraindications" in result.output
    assert "clinician review: none" in result.output


def test_nothing_reads_outside_the_package() -> None:
    root = Path(__file__).parents[1]
    reading = [
        str(path.relative_to(root))
        for folder in ("cds", "cards", "fhir_fixtures", "benchmarks")
        for path in (root / folder).rglob("*.py")
        if "../shared" in path.read_text() or "shared/" in path.read_text()
    ]
    assert reading == []
