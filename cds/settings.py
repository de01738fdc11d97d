"""Settings: `KETAMINE_CDS_*` variables, or one TOML file named by `KETAMINE_CDS_CONFIG`.

A variable wins over the file. A name that is not a setting, in either, stops the start, and so does
a site protocol that the knowledge can't keep: a mistyped limit must not pass for a default. All
mistakes are told at once. `docs/settings.md` is made from this module.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cds import settings_values as values
from cds.dates import zone_named
from cds.knowledge.model.base import Record, no_switch
from cds.knowledge.site import SiteProtocol
from cds.settings_faults import (
    CONFIG_VARIABLE,
    PREFIX,
    checked_site,
    repeated_keys,
    told,
    unknown_variables,
)

Algorithm = Literal["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
"""Asymmetric ones only: `none` and HMAC can't be configured."""


class SettingsError(ValueError):
    """Settings are unknown, impossible or missing: each is named, one in a line, with the reason.

    No value is shown, but for names of the site protocol that are unknown.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))


class TrustedClient(Record):
    """One EHR that may call."""

    iss: str = Field(min_length=1, description="`iss` of its tokens, exactly as it sends it")
    jku: str | None = Field(
        default=None,
        description="where its public keys are; a token that names another place is refused",
    )
    jwks: dict[str, Any] | None = Field(
        default=None,
        description="its public keys themselves (a JWK Set): `jku` is then compared, never fetched",
    )
    fhir_servers: tuple[str, ...] = Field(
        default=(), description="base URLs that its requests may name as `fhirServer`"
    )
    tenant: str | None = Field(
        default=None, description="organisation; a token that names another one is refused"
    )

    _urls = field_validator("fhir_servers")(lambda urls: tuple(values.web_url(url) for url in urls))

    _keys = field_validator("jku")(lambda jku: None if jku is None else values.keys_url(jku))

    _key_set = field_validator("jwks")(values.key_set)

    @model_validator(mode="after")
    def _has_keys(self) -> TrustedClient:
        if self.jku is None and self.jwks is None:
            raise ValueError("needs jku or jwks")
        return self


class Settings(BaseSettings):
    """Everything that a site can set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="URL under which clients reach the service, without `/cds-services`; "
        "the `aud` of their tokens is this plus the path called",
    )
    auth: Literal["required", "off"] = Field(
        default="required", description="`off` serves anyone who can reach the port"
    )
    open_discovery: bool = Field(
        default=False, description="answer `GET /cds-services` without a token"
    )
    clients: tuple[TrustedClient, ...] = Field(
        default=(),
        description="the EHRs that may call: `[[clients]]` tables, or JSON in a variable",
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("ES384", "RS384"), description="signature algorithms accepted", min_length=1
    )
    clock_skew_s: int = Field(default=60, ge=0, le=300, description="tolerance for exp and iat")
    token_lifetime_s: int = Field(
        default=900, ge=60, le=86_400, description="longest time between iat and exp of a token"
    )
    token_bytes: int = Field(
        default=16_384, ge=1024, le=1_000_000, description="longest token read"
    )
    jwks_ttl_s: int = Field(
        default=3600, ge=60, le=604_800, description="how long fetched keys are used"
    )
    cors_origins: tuple[str, ...] = Field(
        default=(), description="browser origins that may call; `*` for any"
    )
    fhir_servers: tuple[str, ...] = Field(
        default=(), description="base URLs allowed as `fhirServer` where `auth` is off"
    )
    fhir_networks: tuple[str, ...] = Field(
        default=(),
        description="address ranges, such as `10.20.0.0/16`, in which allowed FHIR servers may "
        "lie though they are not public; a server that is listed by its address needs none",
    )
    request_bytes: int = Field(
        default=10_000_000,
        ge=1000,
        le=1_000_000_000,
        description="longest request body, after decompression",
    )
    buffer_bytes: int = Field(
        default=200_000_000,
        ge=1000,
        le=100_000_000_000,
        description="bytes of request bodies, and of long answers that clients have not taken, "
        "held at once in each process, at least of one request; beyond it 503",
    )
    transfer_timeout_s: int = Field(
        default=20,
        ge=1,
        le=600,
        description="time for the body of a request to arrive; so long a client may take hardly "
        "anything of an answer",
    )
    idle_timeout_s: int = Field(
        default=20,
        ge=1,
        le=600,
        description="time for the head of a request, from the end of the last one on",
    )
    wait_ms: int = Field(
        default=2000,
        ge=50,
        le=60_000,
        description="time that a request may wait for a thread; beyond it 503",
    )
    deadline_ms: int = Field(
        default=2000,
        ge=100,
        le=10_000,
        description="time by the clock until which FHIR servers are waited for",
    )
    computing_ms: int = Field(
        default=1300,
        ge=500,
        le=60_000,
        description="processor time for one answer once its request is read; of a chart that takes "
        "longer what comes first is judged, and the card says so",
    )
    kept_charts_s: int = Field(
        default=300,
        ge=0,
        le=3600,
        description="seconds for which a chart that came with a request is kept in memory, for the "
        "next request with the same chart of the same client and patient; 0 keeps none",
    )
    kept_charts_bytes: int = Field(
        default=50_000_000,
        ge=1_000_000,
        le=10_000_000_000,
        description="memory that these charts may take in each process",
    )
    workers: int = Field(default=1, ge=1, le=256, description="server processes")
    threads: int = Field(
        default=32, ge=1, le=1000, description="requests handled at once in each process"
    )
    connections: int = Field(
        default=16_000, ge=16, le=1_000_000, description="open connections in each process"
    )
    database_url: str = Field(
        default="sqlite:///ketamine-cds.sqlite",
        validate_default=False,  # it is sound, and the check loads SQLAlchemy
        description="feedback and audit: a SQLite file, or `postgresql+psycopg://…`",
    )
    redis_url: SecretStr | None = Field(
        default=None, description="memory of used tokens, shared between machines"
    )
    replay: Literal["auto", "process", "database", "redis"] = Field(
        default="auto",
        description="where used tokens are remembered; auto: redis if set, else the database, "
        "which for SQLite is a file beside it; process, for one worker alone, forgets at a restart",
    )
    replay_when_unavailable: Literal["accept", "refuse"] = Field(
        default="accept",
        description="what becomes of a valid token while nobody can tell whether it was used: it "
        "is accepted and counted, or refused with 503 and Retry-After; with `refuse`, `/readyz` "
        "answers 503 meanwhile",
    )
    audit_key: SecretStr | None = Field(
        default=None,
        description="secret of the keyed hash that stands for a patient in the audit, and of the "
        "one by which cards are known again; the same on all machines; without one, a random key "
        "per start, so that hashes of two runs don't match",
    )
    audit_queue: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="audit rows waiting at most; more are dropped and counted",
    )
    store_days: int = Field(
        default=730,
        ge=0,
        le=36_500,
        description="days after which shown cards and feedback are deleted; two years compare one "
        "year with the next, and 0 keeps them for ever",
    )
    feedback_per_minute: int = Field(
        default=2_000,
        ge=1,
        le=1_000_000,
        description="entries of feedback stored of one client within a minute; more get 429",
    )
    feedback_per_day: int = Field(
        default=100_000,
        ge=1,
        le=100_000_000,
        description="entries of feedback stored of one client within 24 hours; more get 429",
    )
    feedback_comments: bool = Field(
        default=False, description="keep the free text of feedback, which may name a patient"
    )
    readiness_needs_store: bool = Field(
        default=True, description="`/readyz` answers 503 while the store can't be written"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="lowest level written"
    )
    time_zone: str | None = Field(
        default=None,
        description="where the site is, such as `America/New_York`: whose days are the patients'; "
        "without it an instant has the day of the offset it is written with, and today is the day "
        "at the newest offset of the patient's chart (UTC if it tells none)",
    )
    site_map: Path | None = Field(
        default=None,
        description="a CSV or YAML file with the site's own drug, diagnosis and test codes; "
        "its format is in terminology.md",
    )
    knowledge: Path | None = Field(
        default=None,
        description="a folder with the site's own copy of the clinical facts, as `ketamine-cds "
        "knowledge export` writes it, in the place of ours; knowledge.md tells how it is changed",
    )
    reviews: Path | None = Field(
        default=None,
        description="a YAML or CSV file with the signatures of the site's own reviewers, which "
        "survives upgrades; its format is in review.md",
    )
    site: SiteProtocol = Field(
        default=SiteProtocol(), description="the site protocol, table `[site]`; see below"
    )

    _base = field_validator("base_url")(values.base_url)
    _origins = field_validator("cors_origins")(lambda all: tuple(map(values.origin, all)))
    _database = field_validator("database_url")(values.database_url)
    _redis = field_validator("redis_url")(values.redis_url)
    _networks = field_validator("fhir_networks")(lambda all: tuple(map(values.network, all)))
    _map = field_validator("site_map")(values.existing_file)
    _knowledge = field_validator("knowledge")(values.existing_folder)
    _servers = field_validator("fhir_servers")(lambda urls: tuple(values.web_url(u) for u in urls))

    @field_validator("*", mode="before")
    @classmethod
    def _numbers(cls, value: Any, info: ValidationInfo) -> Any:
        return no_switch(cls, value, info)

    @field_validator("site", mode="wrap")
    @classmethod
    def _kept_by_the_knowledge(
        cls, given: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> SiteProtocol:
        return checked_site(given, read, info.data.get("knowledge"))

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name

    @field_validator("clients")
    @classmethod
    def _one_each(cls, clients: tuple[TrustedClient, ...]) -> tuple[TrustedClient, ...]:
        if len(clients) != len({client.iss for client in clients}):
            raise ValueError("two clients have the same iss")
        return clients

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.replay == "redis" and self.redis_url is None:
            raise ValueError("replay is redis, and redis_url is not set")
        if self.replay == "process" and self.workers > 1:
            raise ValueError(
                "replay is process, and workers is more than 1: each would accept a token once. "
                "Set replay to auto, or workers to 1"
            )
        if self.site.review_required and self.reviews is None:
            raise ValueError(
                "review_required of the site is set, and reviews is not: nothing could be "
                "recorded as reviewed, and no dose would ever be given"
            )
        if 0 < self.store_days < self.site.trigger_quiet_days:
            raise ValueError(
                "store_days is less than trigger_quiet_days of the site: what was shown "
                "has to be known as long"
            )
        return self

    @property
    def zone(self) -> ZoneInfo | None:
        """`time_zone`, loaded."""
        return None if self.time_zone is None else zone_named(self.time_zone)

    @property
    def replay_store(self) -> Literal["process", "database", "redis"]:
        """`replay`, with `auto` resolved."""
        if self.replay != "auto":
            return self.replay
        if self.redis_url is not None:
            return "redis"
        return "database"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get(CONFIG_VARIABLE)
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=Path(file)),) if file else ()
        return (init_settings, _Variables(settings_cls), *toml)


class _Variables(EnvSettingsSource):
    """Lists and tables are JSON; what is none goes on as text, so that its fault has its name."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and the file; `overrides` win. Raises SettingsError."""
    faults = [*unknown_variables(Settings.model_fields), *repeated_keys()]
    file = os.environ.get(CONFIG_VARIABLE)
    if file and not Path(file).is_file():
        raise SettingsError(*faults, f"{CONFIG_VARIABLE} names a file that is not there: {file}")
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(*faults, *told(error, Settings)) from None
    except (OSError, ValueError) as error:  # TOML syntax: the parser names the place, not the text
        raise SettingsError(*faults, f"{file}: settings can't be read: {error}") from None
    if faults:
        raise SettingsError(*faults)
    return settings
