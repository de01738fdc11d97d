"""`ketamine-cds call`: be the EHR, fire a hook for a patient of any FHIR server, show the cards."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import requests
from rich.markdown import Markdown
from rich.panel import Panel

from cds.characters import visible
from cds.commands.ehr_request import CALLER, draft_for, hook_request
from cds.commands.own_knowledge import check_own_knowledge
from cds.commands.settings import settings_of
from cds.commands.terminal import console, flat, told
from cds.commands.transcript import Transcript, show_found, show_timing
from cds.fhir.access import FHIR_ID
from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.backend_services import Token, TokenError, backend_token
from cds.fhir.server.client import Authorization, FhirClient, FhirError, client_of
from cds.fhir.server.connection import server_at
from cds.fhir.server.patient_search import patients
from cds.fhir.server.scopes import Scopes
from cds.hooks.services import OF_HOOK
from cds.hooks.services.context import Scene
from cds.wire import InvalidJson, Json, decode, encode

COLOURS = {"critical": "red", "warning": "yellow", "info": "cyan"}
ANY_SCOPE = "patient/*.read user/*.read"
"""of a token that was typed: what it may not read, the server says"""
MOST_PATIENTS = 20


@click.command()
@click.option("--fhir-server", required=True, help="Base URL of a FHIR R4 server.")
@click.option("--patient", help="Patient id on that server.")
@click.option("--list-patients", is_flag=True, help="List patients of the server, and stop.")
@click.option("--has", help="With --list-patients: those with a condition of this name.")
@click.option(
    "--order",
    default="ketamine",
    show_default=True,
    help="`ketamine`, `esketamine`, or a file with a draft MedicationRequest or ServiceRequest.",
)
@click.option(
    "--hook",
    type=click.Choice(list(OF_HOOK)),
    default="order-select",
    show_default=True,
)
@click.option("--encounter", help="Encounter id on that server; some hooks need one.")
@click.option("--service", help="Base URL of a running service; without it, in this process.")
@click.option(
    "--token",
    envvar="KETAMINE_CDS_CALL_TOKEN",
    help="Bearer token for the FHIR server; better given as KETAMINE_CDS_CALL_TOKEN.",
)
@click.option("--client-id", help="Get a token as this SMART backend-services client.")
@click.option(
    "--private-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The client's private key, a PEM file.",
)
@click.option("--key-id", help="`kid` of that key, where the server wants one.")
@click.option("--token-url", help="Token endpoint; without it, the server is asked for it.")
@click.option("--scope", help="Scopes to ask for, or those of the token.")
@click.option("--timeout", default=20.0, show_default=True, help="Seconds for all FHIR queries.")
@click.option("--timing", is_flag=True, help="Show each query with its time.")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a transcript without tokens and names.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the response as JSON.")
def call(
    fhir_server: str,
    patient: str | None,
    list_patients: bool,
    has: str | None,
    order: str,
    hook: str,
    encounter: str | None,
    service: str | None,
    token: str | None,
    client_id: str | None,
    private_key: Path | None,
    key_id: str | None,
    token_url: str | None,
    scope: str | None,
    timeout: float,
    timing: bool,
    save: Path | None,
    as_json: bool,
) -> None:
    """Fire a hook as an EHR would, and print the cards.

    The FHIR server may be a public sandbox with open access, one that takes a bearer token, or one
    at which you are registered as a SMART backend-services client.
    """
    notes = console(stderr=True)
    access: Token | None = None
    if client_id or private_key:
        if not (client_id and private_key):
            raise click.ClickException("--client-id and --private-key go together")
        with notes.status("asking for a token"):
            access = _backend(fhir_server, client_id, private_key, token_url, key_id, scope)
    elif token:
        access = Token(token, 300, scope or ANY_SCOPE)
    if list_patients:
        with notes.status("looking for patients"):
            _list(fhir_server, access, has, timeout)
        return
    if not patient:
        raise click.ClickException("--patient is missing; --list-patients shows some")
    patient = _fhir_id("--patient", patient.removeprefix("Patient/"))
    if encounter:
        encounter = _fhir_id("--encounter", encounter.removeprefix("Encounter/"))
    scene = Scene(CALLER, patient, encounter, [draft_for(order, patient)])
    body = hook_request(hook, fhir_server, scene, access)
    with notes.status("calling the service"):
        transcript = over_http(service, body, timeout) if service else in_process(body, timeout)
    if save:
        save.write_bytes(encode(transcript.redacted()))
    if as_json:
        click.echo(encode(transcript.response).decode())
    else:
        show_cards(transcript.response.get("cards", []))
        if transcript.record is not None:
            show_found(notes, transcript.record)
    if timing:
        show_timing(notes, transcript)


def _fhir_id(option: str, ident: str) -> str:
    if not FHIR_ID.match(ident):
        raise click.ClickException(f"{option}: not a FHIR id (letters, digits, '-' and '.')")
    return ident


def _backend(
    base: str, client_id: str, key: Path, token_url: str | None, kid: str | None, scope: str | None
) -> Token:
    try:
        return backend_token(
            base, client_id, key.read_bytes(), token_url=token_url, key_id=kid, scope=scope
        )
    except TokenError as error:
        raise click.ClickException(str(error)) from None


def _list(base: str, access: Token | None, has: str | None, timeout: float) -> None:
    token = access and Authorization(access.access_token, Scopes(access.scope))
    client = client_of(server_at(base, Guard(ANYWHERE)), token or None, int(timeout * 1000))
    try:
        found = patients(client, has, MOST_PATIENTS)
    except FhirError as error:
        raise click.ClickException(f"{base}: {error}") from None
    for one in found:
        click.echo(f"{flat(one.patient_id)}\t{flat(one.why)}")
    if not found:
        raise click.ClickException("no such patient was found")


def over_http(service: str, body: Json, timeout: float) -> Transcript:
    """Post to a running service. Raises ClickException with its OperationOutcome in words."""
    url = f"{service.rstrip('/')}/cds-services/{OF_HOOK[body['hook']].id}"
    begin = time.monotonic()
    try:
        answer = requests.post(
            url, encode(body), headers={"Content-Type": "application/json"}, timeout=timeout
        )
    except requests.RequestException as error:
        raise click.ClickException(f"{url}: {type(error).__name__}") from None
    try:
        found: Any = decode(answer.content)
    except InvalidJson:
        raise click.ClickException(f"{url}: HTTP {answer.status_code}, not JSON") from None
    if answer.status_code != 200:
        raise click.ClickException(f"{url}: HTTP {answer.status_code}: {_outcome(found)}")
    return Transcript(body, dict(found), (time.monotonic() - begin) * 1000)


def in_process(body: Json, timeout: float) -> Transcript:
    """Answer in this process, by the same path as the running service."""
    from cds.hooks.errors import HookError
    from cds.hooks.request import HookRequest
    from cds.runtime import any_server, open_service, parse_body

    clients: list[FhirClient] = []
    connect_any = any_server(int(timeout * 1000))

    def connect(request: HookRequest) -> FhirClient | None:
        client = connect_any(request)
        if client is not None:
            clients.append(client)
        return client

    settings = settings_of()
    check_own_knowledge(settings)
    service = open_service(settings, connect=connect)
    begin = time.monotonic()
    try:
        response = service.respond(parse_body(body)).json()
    except HookError as error:
        told = "; ".join(f"{issue.text} {issue.diagnostics or ''}" for issue in error.issues)
        raise click.ClickException(told) from None
    spent = (time.monotonic() - begin) * 1000
    asked = [one for client in clients for one in client.asked]
    record = next((client.record for client in clients if client.record is not None), None)
    return Transcript(body, response, spent, asked, record)


def _outcome(found: object) -> str:
    issues = found.get("issue") if isinstance(found, dict) else None
    texts = [
        " ".join(filter(None, (i.get("details", {}).get("text"), i.get("diagnostics"))))
        for i in issues or ()
    ]
    return "; ".join(texts) or "no OperationOutcome"


def show_cards(cards: Sequence[Json]) -> None:
    """Cards in the terminal."""
    screen = console(width=min(100, int(os.environ.get("COLUMNS", "100"))))
    if not cards:
        screen.print("No cards: nothing to say.")
    for card in cards:
        parts = [card.get("detail", "")]
        for suggestion in card.get("suggestions", ()):
            mark = " (recommended)" if suggestion.get("isRecommended") else ""
            parts.append(f"→ {suggestion['label']}{mark}")
        screen.print(
            Panel(
                Markdown(visible("\n\n".join(filter(None, parts))), hyperlinks=False),
                title=told(f"[{card['indicator']}] {card['summary']}"),
                title_align="left",
                border_style=COLOURS[card["indicator"]],
            )
        )
