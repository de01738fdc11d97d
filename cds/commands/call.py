"""`ketamine-cds call`: be the EHR, fire a hook for a patient of any FHIR server, print the cards."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import requests
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text

from cds.fhir.access import FHIR_ID
from cds.wire import InvalidJson, Json, decode, encode

COLOURS = {"critical": "red", "warning": "yellow", "info": "cyan"}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SHORT_ORDERS = {
    "ketamine": ("238084", "ketamine 50 MG/ML Injectable Solution"),
    "esketamine": ("2119381", "esketamine 140 MG/ML Nasal Spray"),
}


@click.command()
@click.option("--fhir-server", required=True, help="Base URL of a FHIR R4 server.")
@click.option("--patient", required=True, help="Patient id on that server.")
@click.option(
    "--order",
    default="ketamine",
    show_default=True,
    help="`ketamine`, `esketamine`, or a file with a draft MedicationRequest or ServiceRequest.",
)
@click.option(
    "--hook",
    type=click.Choice(["order-select", "order-sign", "patient-view"]),
    default="order-select",
    show_default=True,
)
@click.option("--service", help="Base URL of a running service; without it, in this process.")
@click.option(
    "--token",
    envvar="KETAMINE_CDS_CALL_TOKEN",
    help="Bearer token for the FHIR server; better given as KETAMINE_CDS_CALL_TOKEN.",
)
@click.option("--timeout", default=20.0, show_default=True, help="Seconds for all FHIR queries.")
@click.option("--json", "as_json", is_flag=True, help="Print the response as JSON.")
def call(
    fhir_server: str,
    patient: str,
    order: str,
    hook: str,
    service: str | None,
    token: str | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Fire a hook as an EHR would, and print the cards.

    The FHIR server may be a public sandbox with open access, or one that takes a bearer token.
    """
    patient = patient.removeprefix("Patient/")
    if not FHIR_ID.match(patient):
        raise click.ClickException("--patient: not a FHIR id (letters, digits, '-' and '.')")
    body = hook_request(hook, fhir_server, patient, [draft_for(order, patient)], token)
    answer = over_http(service, body, timeout) if service else in_process(body, timeout)
    if as_json:
        click.echo(encode(answer).decode())
    else:
        show_cards(answer.get("cards", []))


def hook_request(
    hook: str, fhir_server: str, patient: str, drafts: Sequence[Json], token: str | None
) -> Json:
    """A CDS Hooks request without prefetch: the service fetches for itself."""
    context: Json = {"userId": "Practitioner/ketamine-cds-call", "patientId": patient}
    if hook != "patient-view":
        context["draftOrders"] = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": draft} for draft in drafts],
        }
    if hook == "order-select":
        context["selections"] = [f"{d['resourceType']}/{d['id']}" for d in drafts]
    body: Json = {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "fhirServer": fhir_server,
        "context": context,
    }
    if token:
        body["fhirAuthorization"] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read user/*.read",
            "subject": "ketamine-cds-call",
        }
    return body


def draft_for(order: str, patient: str) -> Json:
    """The draft that a clinician would just have picked. Raises ClickException."""
    if order in SHORT_ORDERS:
        code, display = SHORT_ORDERS[order]
        coding = {"system": RXNORM, "code": code, "display": display}
        return {
            "resourceType": "MedicationRequest",
            "id": "draft-1",
            "status": "draft",
            "intent": "order",
            "medicationCodeableConcept": {"coding": [coding], "text": display},
            "subject": {"reference": f"Patient/{patient}"},
        }
    path = Path(order)
    if not path.is_file():
        raise click.ClickException(
            f"--order: {order} is no file; give a file, or one of {', '.join(SHORT_ORDERS)}"
        )
    try:
        draft: Any = decode(path.read_bytes())
    except InvalidJson as error:
        raise click.ClickException(f"{path}: {error}") from None
    if not isinstance(draft, dict) or draft.get("resourceType") not in (
        "MedicationRequest",
        "ServiceRequest",
    ):
        raise click.ClickException(f"{path}: expected a MedicationRequest or a ServiceRequest")
    return {"id": "draft-1", **draft}


def over_http(service: str, body: Json, timeout: float) -> Json:
    """Post to a running service. Raises ClickException with its OperationOutcome in words."""
    url = f"{service.rstrip('/')}/cds-services/ketamine-{body['hook']}"
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
    return dict(found)


def in_process(body: Json, timeout: float) -> Json:
    """Answer in this process, by the same path as the running service."""
    from cds.hooks.errors import HookError
    from cds.runtime import any_server, open_service, parse_body
    from cds.settings import Settings

    service = open_service(Settings(), connect=any_server(int(timeout * 1000)))
    try:
        return service.respond(parse_body(body)).json()
    except HookError as error:
        told = "; ".join(f"{issue.text} {issue.diagnostics or ''}" for issue in error.issues)
        raise click.ClickException(told) from None


def _outcome(found: object) -> str:
    issues = found.get("issue") if isinstance(found, dict) else None
    texts = [
        " ".join(filter(None, (i.get("details", {}).get("text"), i.get("diagnostics"))))
        for i in issues or ()
    ]
    return "; ".join(texts) or "no OperationOutcome"


def show_cards(cards: Sequence[Json]) -> None:
    """Cards in the terminal."""
    console = Console(width=min(100, int(os.environ.get("COLUMNS", "100"))))
    if not cards:
        console.print("No cards: nothing to say.")
    for card in cards:
        parts = [card.get("detail", "")]
        for suggestion in card.get("suggestions", ()):
            mark = " (recommended)" if suggestion.get("isRecommended") else ""
            parts.append(f"→ {suggestion['label']}{mark}")
        console.print(
            Panel(
                Markdown("\n\n".join(part for part in parts if part)),
                title=Text(f"[{card['indicator']}] {card['summary']}"),
                title_align="left",
                border_style=COLOURS[card["indicator"]],
            )
        )
