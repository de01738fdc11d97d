"""Settings: typed, from variables and a file, and never silently ignored."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from cds.settings import Settings, SettingsError, load_settings
from cds.settings_page import page

DOCS = Path(__file__).parents[2] / "docs"


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

    return write


def test_the_defaults_need_nothing():
    settings = load_settings()
    assert settings.auth == "required"
    assert settings.algorithms == ("ES384", "RS384")
    assert settings.deadline_ms == 2000


def test_a_file_is_read_and_a_variable_wins(config, monkeypatch):
    config(
        """
        base_url = "https://cds.example.org/"
        deadline_ms = 900
        [[clients]]
        iss = "https://ehr.example.org"
        jku = "https://ehr.example.org/jwks.json"
        fhir_servers = ["https://ehr.example.org/fhir/"]
        [site]
        jurisdiction = "eu"
        ketamine_concentrations_mg_per_ml = ["10", "50"]
        """
    )
    monkeypatch.setenv("KETAMINE_CDS_DEADLINE_MS", "1500")
    monkeypatch.setenv("KETAMINE_CDS_SITE__MAX_CARDS", "3")
    settings = load_settings()
    assert settings.base_url == "https://cds.example.org"
    assert settings.deadline_ms == 1500
    assert settings.clients[0].fhir_servers == ("https://ehr.example.org/fhir",)
    assert settings.site.jurisdiction == "eu"
    assert settings.site.max_cards == 3
    assert settings.site.ketamine_concentrations_mg_per_ml == (Decimal("10"), Decimal("50"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KETAMINE_CDS_BASEURL", "x", "KETAMINE_CDS_BASEURL is not a setting"),
        ("KETAMINE_CDS_DEADLINE_MS", "soon", "deadline_ms"),
        ("KETAMINE_CDS_DEADLINE_MS", "1", "deadline_ms"),
        ("KETAMINE_CDS_AUTH", "maybe", "auth"),
        ("KETAMINE_CDS_ALGORITHMS", '["HS256"]', "algorithms"),
        ("KETAMINE_CDS_ALGORITHMS", "[]", "algorithms"),
        ("KETAMINE_CDS_CLIENTS", '[{"iss": "x"}]', "clients.0"),
        ("KETAMINE_CDS_CLIENTS", "[{", "clients"),
        ("KETAMINE_CDS_REPLAY", "redis", "redis_url"),
        ("KETAMINE_CDS_SITE__COLOUR", "red", "site.colour"),
        ("KETAMINE_CDS_CONFIG", "/nowhere.toml", "not there"),
    ],
)
def test_what_is_unknown_or_impossible_stops_the_start(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


@pytest.mark.parametrize("text", ["colour = 1", "[site]\ncolour = 1", "[[clients]]\nissuer = 'x'"])
def test_unknown_keys_of_the_file_stop_the_start(config, text):
    config(text)
    with pytest.raises(SettingsError):
        load_settings()


def test_a_broken_file_is_told(config):
    config("base_url = ")
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings()


def test_two_clients_can_t_share_an_issuer():
    client = {"iss": "x", "jku": "https://a.example.org/k"}
    with pytest.raises(ValueError, match="same iss"):
        Settings(clients=[client, client])


@pytest.mark.parametrize("name", ["KETAMINE_CDS_AUDIT_KEY", "KETAMINE_CDS_REDIS_URL"])
def test_a_secret_is_never_shown(monkeypatch, name):
    monkeypatch.setenv(name, "redis://:s3cret@host")
    assert "s3cret" not in repr(load_settings())
    monkeypatch.setenv("KETAMINE_CDS_WORKERS", "s3cret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "memory"),
    [
        ({}, "process"),
        ({"workers": 2}, "database"),
        ({"redis_url": "redis://h"}, "redis"),
        ({"workers": 2, "replay": "process"}, "process"),
    ],
)
def test_where_used_tokens_are_remembered(given, memory):
    assert Settings(**given).replay_store == memory


def test_the_page_of_settings_is_current():
    assert (DOCS / "settings.md").read_text() == page(), "run: make docs"


def test_each_setting_says_what_it_means():
    assert all(field.description for field in Settings.model_fields.values())
