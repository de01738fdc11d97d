"""The pages of scenarios, and the list that ships with the knowledge, are those of the tables."""

import re

import pytest

from cds.knowledge.load import load_knowledge
from cds.knowledge.scenarios import load_scenarios, scenarios_of, scenarios_of_row
from tests.scenario_pages.cases import CLINICAL, TESTS, config, pages
from tests.scenario_pages.pages import FOLDER, SCENARIOS, documents, listed

MAKE = "differs from the tables: run `make docs`"


def test_the_pages_are_those_of_the_tables() -> None:
    made = documents()
    assert {path.name for path in FOLDER.glob("*.md")} == made.keys(), MAKE
    for name, text in made.items():
        assert (FOLDER / name).read_text() == text, f"{name} {MAKE}"


def test_the_list_is_that_of_the_tables() -> None:
    assert SCENARIOS.read_text() == listed(), f"{SCENARIOS.name} {MAKE}"


def test_every_clinical_table_has_a_page() -> None:
    placed = {table for _, _, tables in pages() for table in tables} | set(config()["shared"])
    clinical = {path for folder in CLINICAL for path in (TESTS / folder).rglob("*.yaml")}
    assert {str(path.relative_to(TESTS).with_suffix("")) for path in clinical} <= placed


def test_each_scenario_has_an_anchor_of_its_own_on_its_page() -> None:
    made = documents()
    ids = [scenario.id for scenario in load_scenarios()]
    assert len(ids) == len(set(ids)) > 2000
    for scenario in load_scenarios():
        assert f'<a id="{scenario.anchor}"></a>' in made[f"{scenario.page}.md"]


def test_a_scenario_says_something_or_forbids_something() -> None:
    assert [each.id for each in load_scenarios() if not each.says and not each.never] == []


def test_the_facts_that_are_named_are_in_the_knowledge() -> None:
    known = {f"{subject}/{fact.id}" for subject, fact in load_knowledge().facts()}
    assert {fact for each in load_scenarios() for fact in each.facts} <= known


@pytest.mark.parametrize(
    ("subject", "ident", "scenario"),
    [
        ("contraindications", "aneurysm", "contraindications/abdominal-aortic-aneurysm"),
        ("regimens", "iv-std-acute", "doses/ketamine-without-a-route-goes-by-vein"),
        ("limits", "iv_bolus_analgesic", "limits/iv-bolus-analgesic-warn-above"),
        ("order_checks", "nasal-volume", "order-checks/70-mg-intranasally-acute-pain"),
        ("indications", "crps", "candidacy/crps-met"),
        ("pain_trials", "neuropathic-gabapentin", "pain-trials/gabapentin-1200-two-weeks"),
        ("uses", "procedural_sedation", "uses/by-its-words"),
    ],
)  # fmt: skip
def test_a_fact_finds_its_scenarios(subject: str, ident: str, scenario: str) -> None:
    assert scenario in [each.id for each in scenarios_of(subject, ident)]


def test_a_row_finds_its_scenarios() -> None:
    assert "contraindications/abdominal-aortic-aneurysm" in [
        each.id for each in scenarios_of_row("psy:C1")
    ]


def test_a_case_is_told_in_words() -> None:
    told = next(e for e in load_scenarios() if e.id == "contraindications/inactive-counts")
    assert told.title == "inactive counts"
    assert told.given == ("Diagnoses: Aneurysm of iliac artery (I72.3), status inactive",)
    assert re.fullmatch(r"critical, by psy:C1 \(aneurysm.*\)", told.says[0])
