"""The request that an EHR would send: the draft that was picked, in the context of a hook."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from cds.commands.records import documents_in
from cds.fhir.server.backend_services import Token
from cds.hooks.services import OF_HOOK
from cds.hooks.services.context import Scene
from cds.wire import Json

CALLER = "Practitioner/ketamine-cds-call"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SHORT_ORDERS = {
    "ketamine": ("238084", "ketamine 50 MG/ML Injectable Solution"),
    "esketamine": ("2119381", "esketamine 140 MG/ML Nasal Spray"),
}


def hook_request(hook: str, fhir_server: str, scene: Scene, access: Token | None) -> Json:
    """A CDS Hooks request without prefetch: the service fetches for itself.

    Raises ClickException where the hook asks for what the scene does not tell.
    """
    context = OF_HOOK[hook].context_in(scene)
    missing = [name for name in OF_HOOK[hook].required if name not in context]
    if missing:
        text = "--encounter is missing" if "encounterId" in missing else "can't be called from here"
        raise click.ClickException(f"{hook} needs {', '.join(missing)}: {text}")
    body: Json = {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "fhirServer": fhir_server,
        "context": context,
    }
    if access:
        body["fhirAuthorization"] = {
            "access_token": access.access_token,
            "token_type": "Bearer",
            "expires_in": access.expires_in,
            "scope": access.scope,
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
    draft: Any = next(iter(documents_in(path)), None)
    if not isinstance(draft, dict) or draft.get("resourceType") not in (
        "MedicationRequest",
        "ServiceRequest",
    ):
        raise click.ClickException(f"{path}: expected a MedicationRequest or a ServiceRequest")
    return {"id": "draft-1", **draft}
