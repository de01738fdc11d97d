"""A site protocol that can't lie: what is unknown, contradictory or too wide stops the start."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import get_args

import pytest
from click.testing import CliRunner

from cards.model import CardKind
from cds.cli import main
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import CARDS, SiteProtocol
from cds.knowledge.site_check import site_faults
from cds.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in list(os.environ):
        if name.startswith("KETAMINE_CDS_"):
            monkeypatch.delenv(name)


@pytest.fixture
def config(monkeypatch, tmp_path):
    def write(text):
        file = tmp_path / "settings.toml"
        file.write_text(text)
        monkeypatch.setenv("KETAMINE_CDS_CONFIG", str(file))
        return file

    return write


def refused(**site):
    """What is said of a site protocol; None when it is taken."""
    try:
        Settings(site=site)
    except ValueError as error:
        return [fault["msg"] for fault in error.errors()]
    return None


OFF, TRIGGERS, USUAL = "indications_off", "trigger_indications", "default_regimen"


@pytest.mark.parametrize(
    ("setting", "given", "said"),
    [
        # names, with what was meant
        (OFF, ["trd"], "unknown indication `trd`: did you mean `trd-unipolar`?"),
        (OFF, ["trd_unipolar"], "unknown indication `trd_unipolar`: did you mean `trd-unipolar`?"),
        (OFF, ["pstd"], "unknown indication `pstd`: did you mean `ptsd`?"),
        (OFF, ["bipolar"], "did you mean `bipolar-depression`?"),
        (OFF, ["mdd"], "did you mean `mdd-acute-suicidality`, `mdd-not-resistant` or `mdd-psyc"),
        (OFF, ["xyz"], "the known ones are trd-unipolar, mdd-acute-suicidality"),
        (OFF, "[trd", "is no readable JSON"),
        ("routes_off", ["iv"], "unknown route `iv`: did you mean `intravenous`?"),
        ("routes_off", ["intramusclar"], "did you mean `intramuscular`?"),
        ("routes_off", ["orl"], "did you mean `oral`?"),
        ("cards_off", ["workup"], "unknown card `workup`: did you mean `safety`?"),
        ("cards_off", ["candidate"], "did you mean `candidacy`?"),
        ("cards_off", ["stop"], "can't be switched off"),
        (TRIGGERS, ["trd"], "did you mean `trd-unipolar`?"),
        (TRIGGERS, ["ptsd"], "no order is a trigger for `ptsd`; those that have some: crps"),
        (USUAL, {"trd": "iv-std-acute"}, "unknown indication `trd`: did you mean `trd-unipolar`?"),
        (USUAL, {"trd-unipolar": "iv-std"}, "did you mean `iv-std-acute`?"),
        (USUAL, {"trd-unipolar": "xyz"}, "the known ones are listed on /knowledge"),
        (USUAL, {"crps": "iv-std-acute"}, "is not for `crps`; those that are: crps_outpatient"),
        (USUAL, {"ptsd": "iv-ptsd"}, "the regimen `iv-ptsd` makes no dose: guideline against"),
        (USUAL, {"trd-unipolar": "esk-trd-eu"}, "is of the jurisdiction `eu`, not `us`"),
        (USUAL, ["iv-std-acute"], "dictionary"),
        (USUAL, {"crps": "crps_outpatient", "CRPS": "crps_outpatient"}, "has a name twice"),
        ("max_cards", True, "must not be true or false"),
        ("jurisdiction", "uk", "'us' or 'eu'"),
        # numbers, at both ends
        ("weight_max_age_days", 0, "greater than or equal to 1"),
        ("weight_max_age_days", 366, "less than or equal to 365"),
        ("weight_max_age_days", 100_000, "less than or equal to 365"),
        ("weight_max_age_days", "nan", "integer"),
        ("trigger_quiet_days", -1, "greater than or equal to 0"),
        ("trigger_quiet_days", 367, "less than or equal to 366"),
        ("adequate_trials_required", 1, "greater than or equal to 2"),
        ("adequate_trials_required", 7, "less than or equal to 6"),
        ("max_cards", 0, "greater than or equal to 1"),
        ("max_cards", 11, "less than or equal to 10"),
        ("round_dose_to_mg", 0, "greater than or equal to 0.01"),
        ("round_dose_to_mg", "10.01", "less than or equal to 10"),
        ("round_dose_to_mg", "NaN", "finite"),
        ("ketamine_concentrations_mg_per_ml", ["0.09"], "greater than or equal to 0.1"),
        ("ketamine_concentrations_mg_per_ml", ["100.1"], "less than or equal to 100"),
        ("ketamine_concentrations_mg_per_ml", ["5000"], "less than or equal to 100"),
        ("ketamine_concentrations_mg_per_ml", ["Infinity"], "finite"),
        # what leaves nothing
        ("routes_off", ["intravenous", "intranasal"], "no regimen with a dose is left"),
        (OFF, sorted(load_knowledge().indications), "no regimen with a dose is left"),
    ],
)  # fmt: skip
def test_one_setting_that_is_refused(setting, given, said):
    assert said in "\n".join(refused(**{setting: given}) or [])


@pytest.mark.parametrize(
    ("setting", "given"),
    [
        (OFF, ["trd-unipolar"]),  # the default trigger gives way
        (OFF, []),
        (TRIGGERS, []),
        (TRIGGERS, ["trd-unipolar", "neuropathic_mixed"]),
        ("routes_off", ["intravenous"]),
        ("cards_off", list(CARDS)),
        (USUAL, {"trd-unipolar": "iv-std-acute", "crps": "crps_outpatient"}),
        ("weight_max_age_days", 1),
        ("weight_max_age_days", 365),
        ("trigger_quiet_days", 0),
        ("trigger_quiet_days", 366),
        ("adequate_trials_required", 2),
        ("adequate_trials_required", 6),
        ("max_cards", 1),
        ("max_cards", 10),
        ("round_dose_to_mg", "0.01"),
        ("round_dose_to_mg", 10),
        ("ketamine_concentrations_mg_per_ml", ["0.1", "100"]),
    ],
)
def test_one_setting_that_is_taken(setting, given):
    assert refused(**{setting: given}) is None


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ({OFF: ["trd-unipolar"], TRIGGERS: ["trd-unipolar"]}, "is also in indications_off"),
        ({"cards_off": ["candidacy"], TRIGGERS: ["trd-unipolar"]}, "that is in cards_off"),
        ({OFF: ["trd-unipolar"], USUAL: {"trd-unipolar": "iv-std-acute"}}, "in indications_off"),
        ({"routes_off": ["intravenous"], USUAL: {"trd-unipolar": "iv-std-acute"}}, "in routes_off"),
        ({"jurisdiction": "eu", USUAL: {"trd-unipolar": "esk-trd-us-induction"}}, "not `eu`"),
    ],
)
def test_settings_that_contradict_each_other(site, said):
    assert said in "\n".join(refused(**site) or [])


def test_no_dose_at_all_may_be_meant():
    assert refused(routes_off=["intravenous", "intranasal"], cards_off=["dose"]) is None


def test_capitals_repetitions_and_bare_lists_are_taken():
    site = Settings(
        site={
            OFF: "PTSD, ocd , Ptsd",
            "jurisdiction": "EU",
            "ketamine_concentrations_mg_per_ml": ["10", "10.0"],
            USUAL: {"TRD-Unipolar": "IV-STD-acute"},
        }
    ).site
    assert site.indications_off == ("ptsd", "ocd")
    assert site.jurisdiction == "eu"
    assert site.ketamine_concentrations_mg_per_ml == (Decimal(10),)
    assert site.default_regimen == {"trd-unipolar": "iv-std-acute"}


WARD = "iv_infusion_ward_pain"  # warns above 0.5 mg/kg/h, stops above 1
CLINIC = "iv_infusion_outpatient_pain"  # warns above 0.5 and again above 1, stops above 2
SEIZURE = "iv_infusion_se"  # right from 0.9 mg/kg/h, warns above 5, stops above 15
SESSION = "outpatient_session_total"  # warns above 100 mg and again above 200, without a stop


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"limit": WARD, "warn_above": "0.3"}, None),
        ({"limit": WARD, "warn_above": "0.5"}, None),
        ({"limit": WARD, "warn_above": "0.51"}, "wider than the 0.5 mg/kg/h of `iv_infusion_ward"),
        ({"limit": WARD, "warn_above": "0.51", "reason": "  "}, "needs a `reason`"),
        ({"limit": WARD, "warn_above": "0.51", "reason": "."}, "needs a `reason`"),
        ({"limit": WARD, "warn_above": "0.51", "reason": "QI"}, None),
        ({"limit": WARD, "warn_above": "0.51", "reason": "our audit"}, None),
        ({"limit": WARD, "warn_above": "1", "reason": "our audit"}, None),
        ({"limit": WARD, "warn_above": "1.01", "reason": "our audit"}, "past the hard limit of"),
        ({"limit": WARD, "stop_above": "1"}, None),
        ({"limit": WARD, "stop_above": "0.6"}, None),
        ({"limit": WARD, "stop_above": "1.01"}, "past the hard limit of `iv_infusion_ward_"),
        ({"limit": WARD, "stop_above": "1.01", "reason": "our audit"}, "past the hard limit"),
        ({"limit": WARD, "stop_above": "0.4", "warn_above": "0.45"}, "would never come"),
        ({"limit": WARD, "stop_above": "0"}, "greater than or equal to 0.001"),
        ({"limit": WARD, "stop_above": "-1"}, "greater than or equal to 0.001"),
        ({"limit": WARD, "stop_above": "NaN"}, "finite"),
        ({"limit": WARD, "stop_above": "2001"}, "less than or equal to 2000"),
        ({"limit": WARD, "stop_above": "0.04"}, "below the least dose that is known"),
        ({"limit": WARD, "stop_above": "0.05"}, None),
        ({"limit": WARD}, "sets neither warn_above nor stop_above"),
        ({"limit": CLINIC, "warn_above": "1.01", "reason": "our audit"}, "past the hard limit"),
        ({"limit": SEIZURE, "stop_above": "0.89"}, "below the least dose that is known"),
        ({"limit": SEIZURE, "stop_above": "0.9"}, None),
        ({"limit": SESSION, "stop_above": "150"}, None),
        ({"limit": SESSION, "warn_above": "201", "reason": "our audit"}, "past the hard limit"),
        ({"limit": "neuraxial", "stop_above": "1"}, "past the hard limit"),
        ({"limit": "esketamine_parenteral", "stop_above": "1"}, "no number of its own"),
        ({"limit": "iv-infusion-ward-pain", "stop_above": "1"}, "did you mean `iv_infusion_ward_p"),
        ({"limit": "xyz", "stop_above": "1"}, "the known ones are iv_bolus_analgesic"),
        ({"limit": WARD.upper(), "stop_above": "1"}, None),
    ],
)  # fmt: skip
def test_a_local_limit(limit, said):
    found = refused(limits=[limit])
    assert (found is None) if said is None else (said in "\n".join(found or []))


def test_a_limit_stands_once():
    twice = [{"limit": WARD, "stop_above": "0.9"}, {"limit": WARD, "warn_above": "0.3"}]
    assert refused(limits=twice) == [f"`{WARD}` stands twice: put both bounds into one entry"]


def test_every_mistake_is_told_where_it_is_written(monkeypatch, config):
    file = config(
        """
        deadline_ms = 1
        [site]
        routes_off = ["iv"]
        max_cards = 0
        [[site.limits]]
        limit = "oral"
        warn_above = nan
        [[site.limits]]
        limit = "orla"
        stop_above = 1
        """
    )
    monkeypatch.setenv("KETAMINE_CDS_COLOUR", "red")
    monkeypatch.setenv("KETAMINE_CDS_WORKER", "2")
    monkeypatch.setenv("KETAMINE_CDS_SITE__INDICATIONS_OFF", "trd")
    monkeypatch.setenv("KETAMINE_CDS_SITE__WEIGHT_MAX_AGE_DAYS", "100000")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert set(str(caught.value).splitlines()) == {
        "KETAMINE_CDS_COLOUR is not a setting; see docs/settings.md",
        "KETAMINE_CDS_WORKER is not a setting; did you mean KETAMINE_CDS_WORKERS?",
        f"{file}, deadline_ms: must be at least 100",
        f"{file}, site.routes_off: unknown route `iv`: did you mean `intravenous`?",
        f"{file}, site.max_cards: must be at least 1 card",
        f"{file}, site.limits.0.warn_above: must be a number in the limit's own unit, neither NaN "
        "nor infinite",
        f"{file}, site.limits.1.limit: unknown limit `orla`: did you mean `oral`?",
        "KETAMINE_CDS_SITE__INDICATIONS_OFF, site.indications_off: unknown indication `trd`: did "
        "you mean `trd-unipolar`?",
        "KETAMINE_CDS_SITE__WEIGHT_MAX_AGE_DAYS, site.weight_max_age_days: must be at most 365 "
        "days",
    }


def test_a_table_in_one_variable_is_named(monkeypatch):
    monkeypatch.setenv("KETAMINE_CDS_SITE", '{"cards_off": ["dosing"], "colour": 1}')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).splitlines() == [
        "KETAMINE_CDS_SITE, site.colour: is not a setting",
        "KETAMINE_CDS_SITE, site.cards_off: unknown card `dosing`: did you mean `dose`?",
    ]


@pytest.mark.parametrize(
    "command",
    [
        ["serve"],
        ["assess", __file__],
        ["demo", "--once"],
        ["demo"],
        ["call", "--fhir-server", "http://127.0.0.1:9/fhir", "--patient", "p"],
        ["knowledge", "check"],
        ["feedback"],
    ],
)
def test_every_command_refuses_them(monkeypatch, command):
    monkeypatch.setenv("KETAMINE_CDS_SITE__INDICATIONS_OFF", '["trd"]')
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "did you mean `trd-unipolar`?" in done.output
    assert "Traceback" not in done.output


def test_an_assessment_keeps_the_site_protocol(config, tmp_path):
    file = config('[site]\nindications_off = ["ptsd"]')
    chart = tmp_path / "chart.json"
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01"}
    chart.write_text(json.dumps({"resourceType": "Bundle", "type": "collection",
                                 "entry": [{"resource": patient}]}))  # fmt: skip
    arguments = ["assess", str(chart), "--as-of", "2026-11-24", "--json"]
    done = CliRunner().invoke(main, [*arguments, "--config", str(file)])
    judged = {entry["indication"] for entry in json.loads(done.output)["candidacy"]}
    assert "ptsd" not in judged
    assert "ocd" in judged


def test_the_defaults_say_what_the_knowledge_keeps():
    assert site_faults(SiteProtocol(), load_knowledge()) == ()


def test_every_kind_of_card_but_stop_can_be_switched_off():
    assert {*CARDS, "stop"} == set(get_args(CardKind))
