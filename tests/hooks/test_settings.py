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
        ("KETAMINE_CDS_SITE_MAP", "/nowhere.csv", "SITE_MAP, site_map: names a file"),
        ("KETAMINE_CDS_SITE__REVIEW_REQUIRED", "true", "and reviews is not: nothing could be"),
        ("KETAMINE_CDS_BASE_URL", "https://cds.example.org/cds-services", "without /cds-services"),
        ("KETAMINE_CDS_BASE_URL", "https://cds.example.org/cds-services/", "without /cds-services"),
        ("KETAMINE_CDS_CORS_ORIGINS", '["foo"]', "CORS_ORIGINS, cors_origins: must be"),
        ("KETAMINE_CDS_CORS_ORIGINS", '["https://ehr.example.org/app"]', "without a path"),
        ("KETAMINE_CDS_DATABASE_URL", "foo://x", "DATABASE_URL, database_url: must be sqlite"),
        ("KETAMINE_CDS_DATABASE_URL", "cds.sqlite", "must be sqlite"),
        ("KETAMINE_CDS_REDIS_URL", "foo", "REDIS_URL, redis_url: must be redis://"),
        ("KETAMINE_CDS_REDIS_URL", "redis://", "redis_url: must be redis://"),
        ("KETAMINE_CDS_SITE", '{"max_words": 100, "max_words": 200}', "SITE: the key `max_words`"),
        ("KETAMINE_CDS_SITE__LIMITS", '[{"limit": "oral", "stop_above": 1, "stop_above": 2}]',
         "SITE__LIMITS: the key `stop_above` stands twice"),
        ("KETAMINE_CDS_SITE__MAX_WORD", "200", "not a setting; did you mean `max_words`"),
        ("KETAMINE_CDS_SITE__INDICATION_OFF", "ptsd", "did you mean `indications_off`"),
        ("KETAMINE_CDS_SITE__INDICATIONS_OFF", "ptsd,,ocd", "has an empty item"),
        ("KETAMINE_CDS_SITE__INDICATIONS_OFF", "ptsd,", "has an empty item"),
    ],
)  # fmt: skip
def test_what_is_unknown_or_impossible_stops_the_start(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


@pytest.mark.parametrize("text", ["colour = 1", "[site]\ncolour = 1", "[[clients]]\nissuer = 'x'"])
def test_unknown_keys_of_the_file_stop_the_start(config, text):
    config(text)
    with pytest.raises(SettingsError):
        load_settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base_url = ", "settings.toml: settings can't be read"),
        ("[site]\nmax_words = 100\nmax_words = 200", "settings.toml: settings can't be read"),
        ("basurl = 'http://x'", "settings.toml, basurl: is not a setting; did you mean `base_url`"),
        ("[site]\nMax_Words = 100", "Max_Words: is not a setting; did you mean `max_words`"),
        ("[[site.limits]]\nlimt = 'oral'", "did you mean `limit`"),
        ("[[clients]]\nis = 'x'\njku = 'https://x'", "did you mean `iss`"),
        ("[site]\nmax_cards = true", "settings.toml, site.max_cards: must not be true or false"),
        ("workers = true", "settings.toml, workers: must not be true or false"),
        (
            "[[clients]]\niss = 'x'\njku = 'https://x'\n" * 2,
            "clients: two clients have the same iss",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(config, text, said):
    config(text)
    with pytest.raises(SettingsError, match=said):
        load_settings()


@pytest.mark.parametrize(
    ("setting", "most"),
    [
        ("workers", 256),
        ("threads", 1000),
        ("request_bytes", 1_000_000_000),
        ("token_lifetime_s", 86_400),
        ("token_bytes", 1_000_000),
        ("jwks_ttl_s", 604_800),
        ("audit_queue", 1_000_000),
    ],
)
def test_what_is_too_much_for_any_machine_is_refused(monkeypatch, setting, most):
    name = f"KETAMINE_CDS_{setting.upper()}"
    monkeypatch.setenv(name, str(most))
    assert getattr(load_settings(), setting) == most
    monkeypatch.setenv(name, str(most + 1))
    with pytest.raises(SettingsError, match=f"{name}, {setting}: must be at most {most}"):
        load_settings()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("base_url", "https://example.org/my-cds-services"),
        ("cors_origins", ["*"]),
        ("cors_origins", ["https://ehr.example.org:8443", "http://localhost"]),
        ("database_url", "sqlite:///store.sqlite"),
        ("database_url", "sqlite+pysqlite:////var/lib/store.sqlite"),
        ("database_url", "postgresql+psycopg://cds:p%40ss@db:5432/cds?connect_timeout=3"),
        ("database_url", "postgresql+psycopg:///cds?host=/var/run/postgresql"),
        ("redis_url", "redis://h"),
        ("redis_url", "redis://:p%2Fss@h:65535/15?socket_timeout=1"),
        ("redis_url", "unix:///run/redis.sock?db=1"),
        ("clients", [{"iss": "x", "jwks": {"keys": []}}]),
        ("fhir_servers", ["https://h:65535/fhir"]),
        ("fhir_networks", ["10.20.0.0/16", "fd00::/8"]),
        ("database_url", "postgresql+psycopg://cds@db/cds"),
        ("redis_url", "rediss://:secret@h:6379/0"),
        ("redis_url", None),
        ("site_map", __file__),
        ("reviews", "made-by-the-first-record.yaml"),
        ("site", {"indications_off": ""}),
        ("site", {"workup_orders": True}),
    ],
)
def test_what_is_right_is_taken(setting, value):
    Settings(**{setting: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql+psycopg://cds:hunter2"),
        ("DATABASE_URL", "postgresql+psycopg://cds:pw@127.0.0.1:hunter2/cds"),
        ("DATABASE_URL", "postgresql+psycopg://cds:hunter2@h:0/cds"),
        ("DATABASE_URL", "postgresql+psycopg://cds:hunter2@h:65536/cds"),
        ("DATABASE_URL", "postgresql+psycopg://cds:hunter2@[::1/cds"),
        ("DATABASE_URL", "postgresql+hunter2://h/cds"),
        ("DATABASE_URL", "postgresql://cds:hunter2@h/cds"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", "sqlite://hunter2/x"),
        ("DATABASE_URL", "sqlite:///x?timeout=hunter2"),
        ("DATABASE_URL", "sqlite:///:memory:?hunter2=1"),
        ("DATABASE_URL", "sqlite:///file:hunter2?mode=memory&uri=true"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("REDIS_URL", "redis://:hunter2/ss@h:6379/0"),
        ("REDIS_URL", "redis://:hunter2#ss@h:6379/0"),
        ("REDIS_URL", "redis://:hunter2?ss@h:6379/0"),
        ("REDIS_URL", "redis://:hunter2@h:nope/0"),
        ("REDIS_URL", "redis://:hunter2@h:0/0"),
        ("REDIS_URL", "redis://:hunter2@h:65536/0"),
        ("REDIS_URL", "redis://:pw@h/hunter2"),
        ("REDIS_URL", "redis://:pw@h/0?socket_timeout=hunter2"),
        ("REDIS_URL", "redis://:pw@h/0?hunter2=1"),
        ("REDIS_URL", "redis://[hunter2]/0"),
        ("BASE_URL", "https://h:hunter2"),
        ("BASE_URL", "https://u:hunter2@h"),
        ("FHIR_SERVERS", '["https://:hunter2@h/fhir"]'),
        ("FHIR_SERVERS", '["https://u:hunter2/ss@h/fhir"]'),
        ("FHIR_SERVERS", '["https://u:1/hunter2@h/fhir"]'),
        ("FHIR_SERVERS", '["https://[hunter2]/fhir"]'),
        ("FHIR_NETWORKS", '["hunter2"]'),
        ("CORS_ORIGINS", '["https://u:hunter2@h"]'),
        ("CLIENTS", '[{"iss": "a", "jku": "https://[hunter2]/k"}]'),
        ("CLIENTS", '[{"iss": "a", "jku": "https://u:hunter2@h/k"}]'),
        ("CLIENTS", '[{"iss": "a", "jku": "https://h:hunter2/k"}]'),
        ("CLIENTS", '[{"iss": "a", "jku": ""}]'),
        ("CLIENTS", '[{"iss": "a", "jwks": {"hunter2": 1}}]'),
        ("CLIENTS", '[{"iss": "a", "jwks": {"keys": {"hunter2": 1}}}]'),
        ("CLIENTS", '[{"iss": "a", "jku": "https://h", "fhir_servers": ["//hunter2"]}]'),
        ("CLIENTS", '[{"iss": "hunter2",]'),
    ],
)
def test_an_address_that_can_t_be_used_is_named_and_never_shown(monkeypatch, name, value):
    monkeypatch.setenv(f"KETAMINE_CDS_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    told = str(caught.value)
    assert told.startswith(f"KETAMINE_CDS_{name}, {name.lower()}")
    assert "\n" not in told
    assert "hunter2" not in told


def test_a_memory_of_one_process_is_not_for_several(monkeypatch):
    monkeypatch.setenv("KETAMINE_CDS_REPLAY", "process")
    assert load_settings().replay_store == "process"
    monkeypatch.setenv("KETAMINE_CDS_WORKERS", "2")
    with pytest.raises(SettingsError, match="Set replay to auto, or workers to 1"):
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
        ({}, "database"),
        ({"workers": 2}, "database"),
        ({"redis_url": "redis://h"}, "redis"),
        ({"workers": 1, "replay": "process"}, "process"),
    ],
)
def test_where_used_tokens_are_remembered(given, memory):
    assert Settings(**given).replay_store == memory


def test_the_page_of_settings_is_current():
    assert (DOCS / "settings.md").read_text() == page(), "run: make docs"


def test_each_setting_says_what_it_means():
    assert all(field.description for field in Settings.model_fields.values())
