"""`ketamine-cds serve`: the service for an EHR."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path

import click
import structlog

from cds import logs
from cds.commands.settings import CONFIG, Refused, settings_of
from cds.settings import Settings, SettingsError, load_settings
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
    logs.configure(settings.log_level)
    check_site_map(settings)
    prepare(settings)
    log.info(
        "starting",
        host=host,
        port=port,
        workers=settings.workers,
        auth=settings.auth,
        replay=settings.replay_store,
    )
    run(settings, host, port)


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
        raise Refused(f"cds/knowledge/data/{error}") from None
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


def prepare(settings: Settings) -> None:
    """What is done once, before the workers start: shared secrets and directories, the tables of
    codes, which forked workers share, and those of the store. What can't be loaded stops the start
    here, not in each worker.
    """
    if settings.audit_key is None:
        os.environ[f"{PREFIX}AUDIT_KEY"] = secrets.token_hex(32)
        log.warning("audit_key is not set: a random one is used until the next start")
    if settings.workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        # the client library looks for it when it is imported, so before everything else is
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="ketamine-cds-metrics-")

    from cds.runtime import open_service
    from cds.store.database import Database, StoreError

    open_service(settings)
    try:
        database = Database(settings.database_url)
    except ValueError as error:
        raise Refused(str(error)) from None
    try:
        database.migrate()
    except StoreError as error:
        log.error("database unreachable: no feedback is kept until it is back", reason=str(error))
    database.close()


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests that run are answered first."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "cds.commands.serve:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backpressure=settings.threads * 4,
        websockets=False,
        workers_kill_timeout=30,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    )
    server.serve()
    sys.exit(0)


def application() -> object:
    """The WSGI application of one worker, from the settings in the environment."""
    import gc

    _stoppable_from_the_start()
    from cds.hooks.app import create_app
    from cds.hooks.store import Store
    from cds.runtime import open_service

    settings = load_settings()
    logs.configure(settings.log_level)
    store = Store(settings)
    service = open_service(settings, shown_lately=store.shown_lately)
    app = create_app(settings, service.respond, store)
    store.retention.start()
    gc.collect()
    gc.freeze()  # the tables live as long as the process: no collection need look at them again
    return app


def _stoppable_from_the_start() -> None:
    """Let SIGTERM end a worker that is still starting.

    The server's handler comes after the application is built; until then a forked worker has that
    of its parent, which would swallow the signal, and the stop would wait to kill the worker.
    """
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
