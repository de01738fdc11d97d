"""A site's own facts: checked whole before they are used, and then every answer rests on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import add, change, entry, run

from cds.knowledge.load import load_knowledge
from cds.settings import SettingsError, load_settings
from tests.hooks import hooktools

ROOT = Path(__file__).parents[2]
ASH, ORDER = ROOT / "fhir_fixtures/ash.json", ROOT / "fhir_fixtures/orders/ash.json"
DOSE = re.compile(r"Ketamine ([\d.]+) mg IV over")


@pytest.fixture(autouse=True)
def no_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KETAMINE_CDS_CONFIG", raising=False)


@pytest.fixture
def lower(theirs: Path) -> Path:
    """The usual dose is another one."""
    change(theirs, "regimens", "iv-std-acute", dose="0.4")
    return theirs


@pytest.fixture
def faulty(theirs: Path) -> Path:
    """Two mistakes in two files, and a third that only shows beside the tables."""
    change(theirs, "limits", "iv_bolus_analgesic", stop_above="a lot")
    change(theirs, "regimens", "iv-std-acute", dose_unit="mg/lb")
    change(theirs, "antidepressant_trials", "sertraline", ingredient="sertralin")
    return theirs


MISTAKES = [
    r"/data/limits\.yaml:\d+: iv_bolus_analgesic, stop_above: `a lot`",
    r"/data/regimens\.yaml:\d+: iv-std-acute, dose_unit: unknown value `mg/lb`",
    r"/data/antidepressant_trials\.yaml:\d+: sertraline, ingredient: ",
]


def test_the_card_shows_what_was_changed(lower: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("assess", ASH, "--order", ORDER, "--as-of", "2026-06-01")
    ours, theirs = run(*asked), run(*asked, "--knowledge", lower)
    assert (DOSE.findall(ours.output)[0], DOSE.findall(theirs.output)[0]) == ("35.1", "28")
    monkeypatch.setenv("KETAMINE_CDS_KNOWLEDGE", str(lower))
    assert DOSE.findall(run(*asked).output)[0] == "28", "the setting does as the option"
    assert DOSE.findall(run("demo", "--once").output)[0] == "28"


def test_the_report_says_by_which_facts_it_was_judged(lower: Path) -> None:
    asked = ("assess", ASH, "--as-of", "2026-06-01", "--json", "--knowledge", lower)
    version = load_knowledge(lower).version
    assert version != load_knowledge().version
    assert f'"knowledge":{{"version":"{version}","since":' in run(*asked).output.replace(" ", "")


COMMANDS: list[tuple[str, ...]] = [
    ("serve",),
    ("demo", "--once"),
    ("assess", str(ASH)),
    ("call", "--fhir-server", "http://127.0.0.1:1/fhir", "--patient", "ash"),
    ("knowledge", "check"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_folder_with_mistakes_stops_the_start(
    command: tuple[str, ...], faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETAMINE_CDS_KNOWLEDGE", str(faulty))
    monkeypatch.setenv("KETAMINE_CDS_AUTH", "off")
    monkeypatch.setattr("cds.commands.serve.listening", lambda *_, **__: pytest.fail("it serves"))
    ended = run(*command)
    assert ended.exit_code == 2
    assert "3 mistakes" in ended.output
    assert [said for said in MISTAKES if not re.search(said, ended.output)] == []


def test_check_names_every_mistake_of_a_folder(faulty: Path, lower: Path) -> None:
    ended = run("knowledge", "check", "--knowledge", faulty)
    assert (ended.exit_code, "3 mistakes" in ended.output) == (2, True)
    assert [said for said in MISTAKES if not re.search(said, ended.output)] == []


def test_check_counts_the_facts_of_a_sound_folder(lower: Path) -> None:
    ended = run("knowledge", "check", "--knowledge", lower)
    assert ended.exit_code == 0, ended.output
    assert load_knowledge(lower).version in ended.output


def test_the_site_protocol_is_held_against_its_own_facts(
    theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(theirs, "regimens", entry(theirs, "regimens", "iv-std-acute") | {"id": "ours"})
    change(theirs, "regimens", "ours", role=None)
    monkeypatch.setenv("KETAMINE_CDS_SITE__DEFAULT_REGIMEN", '{"trd-unipolar": "ours"}')
    with pytest.raises(SettingsError, match="ours"):
        load_settings()
    monkeypatch.setenv("KETAMINE_CDS_KNOWLEDGE", str(theirs))
    assert load_settings().site.default_regimen == {"trd-unipolar": "ours"}


def test_a_folder_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETAMINE_CDS_KNOWLEDGE", "/nowhere")
    with pytest.raises(SettingsError, match="KNOWLEDGE, knowledge: names a folder that is not"):
        load_settings()


def test_the_service_tells_the_facts_that_it_judges_by(lower: Path) -> None:
    client = hooktools.app(knowledge=lower).test_client()
    version = load_knowledge(lower).version
    assert client.get("/readyz").get_json()["knowledge"] == version
