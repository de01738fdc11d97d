"""`ketamine-cds serve`: the service for an EHR."""

from __future__ import annotations

import os
import secrets
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import structlog
from pydantic import SecretStr

from cds import logs
from cds.commands.listening import listening, serve_until_stopped
from cds.commands.own_knowledge import check_own_knowledge
from cds.commands.settings import CONFIG, Refused, settings_of
from cds.settings import Settings, SettingsError
from cds.settings_faults import PREFIX

log = structlog.get_logger()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", type=click.IntRange(min=1), help="Server processes.")
@CONFIG
def serve(host: str, port: int, workers: int | None, config: Path | None) -> None:
    """Serve CDS Hooks to the trusted clients of the settings.

    Settings come from KETAMINE_CDS_* variables and the TOML file. Without a trusted client the
    service does not start, unless `auth = "off"` says that anyone may call.
    """
    check_own_files()
    if workers:
        os.environ[f"{PREFIX}WORKERS"] = str(workers)
    settings = settings_of(config)
    try:
        check_trust(settings)
    except SettingsError as error:
        raise Refused(str(error)) from None
    check_own_knowledge(settings)
    logs.configure(settings.log_level)
    with listening(host, port, shared=settings.workers > 1) as listener:
        check_site_map(settings)
        settings = prepare(settings)
        log.info(
            "starting",
            host=host,
            port=listener.getsockname()[1],
            workers=settings.workers,
            auth=settings.auth,
            replay=settings.replay_store,
        )
        serve_until_stopped(application, settings, listener)


def check_trust(settings: Settings) -> None:
    """Raise SettingsError when nobody could call. Warn, at each start, when anybody could."""
    if settings.auth == "off":
        text = "AUTH is off: anyone who can reach this port gets answers. Never with real patients."
        click.echo(click.style(f"WARNING: {text}", fg="red", bold=True), err=True)
    elif not settings.clients:
        raise SettingsError(
            "no trusted client is set, so nobody could call. Add a [[clients]] table with iss and "
            f"jku or jwks to the settings file, or set {PREFIX}AUTH=off to serve anyone."
        )


def check_own_files() -> None:
    """Stop the start on knowledge or words that can't be read, instead of half an answer."""
    from cards.declared import WordingError
    from cards.words import load_wordings
    from cds.knowledge.load import KnowledgeError, load_knowledge

    try:
        load_knowledge()
    except KnowledgeError as error:
        raise Refused(str(error)) from None
    try:
        load_wordings()
    except WordingError as error:
        raise Refused(f"cards/wording/{error}") from None


def check_site_map(settings: Settings) -> None:
    """Stop the start on a map of local codes that can't be used, instead of in every worker."""
    from cds.terminology.lookup import load_terminology
    from cds.terminology.site_map import SiteMapError

    if settings.site_map is None:
        return
    try:
        load_terminology(settings.site_map)
    except (OSError, SiteMapError) as error:
        raise Refused(f"site_map, {settings.site_map}: {error}") from None


def check_drivers(settings: Settings) -> None:
    """Stop the start where the package is missing that a database of the settings needs."""
    if settings.database_url.startswith("postgresql") and find_spec("psycopg") is None:
        raise Refused("database_url: PostgreSQL needs: pip install ketamine-cds[postgres]")
    if settings.redis_url is not None and find_spec("redis") is None:
        raise Refused("redis_url: Redis needs: pip install ketamine-cds[redis]")


def prepare(settings: Settings) -> Settings:
    """What is done once, before the workers start: a shared secret, the code, the tables of codes
    and a first answer, whose memory forked workers share, and those of the store. What can't be
    loaded stops the start here, not in each worker. Returns the settings of the workers.
    """
    if settings.audit_key is None:
        log.warning("audit_key is not set: a random one is used until the next start")
        secret = SecretStr(secrets.token_hex(32))
        settings = settings.model_copy(update={"audit_key": secret})
    import_module("cds.hooks.app")
    from cds.runtime import open_service
    from cds.store.database import Database, StoreError
    from cds.warm_up import warm_up

    check_drivers(settings)
    warm_up(open_service(settings))
    database = Database(settings.database_url)
    try:
        database.migrate()
    except StoreError as error:
        log.error("database unreachable: no feedback is kept until it is back", reason=str(error))
    database.close()
    return settings


def application(settings: Settings) -> object:
    """The WSGI application of one worker."""
    from cds.hooks.app import create_app
    from cds.hooks.store import Store
    from cds.runtime import open_service

    logs.configure(settings.log_level)
    store = Store(settings)
    service = open_service(settings, shown_lately=store.shown_lately)
    app = create_app(settings, service.respond, store)
    store.retention.start()
    return app
