"""`ketamine-cds demo`: everything on one page, over fixture patients, nothing else needed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from cds.commands.listening import listening, serve_until_stopped
from cds.commands.own_knowledge import check_own_knowledge
from cds.commands.settings import KNOWLEDGE, settings_of
from cds.settings import Settings


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--once", is_flag=True, help="Print what would be shown for one patient, and stop.")
@KNOWLEDGE
def demo(port: int, once: bool, knowledge: Path | None) -> None:
    """Serve the demo page, the fixture patients and an embedded FHIR endpoint, on loopback only.

    No token is asked for, and feedback goes to a temporary file.
    """
    base = f"http://127.0.0.1:{port}"
    if once:
        show_once(knowledge)
        return
    with tempfile.TemporaryDirectory(prefix="ketamine-cds-demo-") as folder:
        profile = settings(base, folder, knowledge)
        check_own_knowledge(profile)
        with listening("127.0.0.1", port, shared=False) as listener:
            click.echo(greeting(base))
            serve_until_stopped(application, profile, listener)


def greeting(base: str) -> str:
    """Where to look, and a line to try."""
    service = f"{base}/cds-services/ketamine-order-select"
    return "\n".join(
        (
            "Ketamine CDS demo: synthetic patients, no authentication, this machine only.",
            f"  page       {base}/",
            f"  services   {base}/cds-services",
            f"  FHIR       {base}/fhir/Patient",
            f"  knowledge  {base}/knowledge",
            "",
            "Cards for the clear candidate:",
            f"  curl -s {base}/demo/request/ash \\",
            "    | curl -s -H 'Content-Type: application/json' -d @- \\",
            f"      {service}",
            "",
            "Stop with Ctrl-C.",
        )
    )


def settings(base: str, folder: str, knowledge: Path | None = None) -> Settings:
    """The demo profile: no authentication, and only its own FHIR endpoint may be asked."""
    return settings_of(
        auth="off",
        base_url=base,
        fhir_servers=(f"{base}/fhir",),
        database_url=f"sqlite:///{Path(folder) / 'demo.sqlite'}",
        cors_origins=(base,),
        log_level="warning",
        knowledge=knowledge,
        threads=16,  # a hook call waits for its own FHIR queries to this same process
    )


def application(profile: Settings) -> object:
    """The WSGI application of the demo."""
    from cds import logs
    from cds.hooks.app import create_app
    from cds.hooks.store import Store
    from cds.runtime import open_service
    from cds.web.fhir_endpoint import fhir
    from cds.web.page import page

    logs.configure(profile.log_level)
    store = Store(profile)
    store.database.migrate()
    service = open_service(profile, shown_lately=store.shown_lately)
    app = create_app(profile, service.respond, store)
    app.register_blueprint(page)
    app.register_blueprint(fhir)
    return app


def show_once(knowledge: Path | None = None) -> None:
    """The clear candidate's cards, in this process."""
    from datetime import UTC

    import fhir_fixtures
    from cds.clock import today_in
    from cds.commands.call import show_cards
    from cds.runtime import open_service, parse_body
    from cds.web.page import prefetched, request_for

    body = request_for("ash", "") | {
        "prefetch": prefetched(fhir_fixtures.load("ash", today_in(UTC)))
    }
    del body["fhirServer"]
    settings = settings_of(auth="off", knowledge=knowledge)
    check_own_knowledge(settings)
    service = open_service(settings)
    show_cards(service.respond(parse_body(body)).cards)
