"""What the tests of the protocol share: requests, an app, and a client that signs tokens."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask

import fhir_fixtures
from cds.fhir.queries import QUERIES, Query
from cds.hooks.app import create_app
from cds.hooks.request import HookRequest, HookResponse, Respond, ShownCard
from cds.hooks.services import OF_HOOK
from cds.hooks.services.context import Scene
from cds.settings import Settings
from cds.wire import encode

BASE = "https://cds.example.org"
ISSUER = "https://ehr.example.org"
JKU = "https://ehr.example.org/jwks.json"
SERVICES = {hook: f"/cds-services/{service.id}" for hook, service in OF_HOOK.items()}
FOLDER = TemporaryDirectory(prefix="ketamine-cds-tests-", ignore_cleanup_errors=True)
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01", "gender": "female"}


def empty() -> dict[str, Any]:
    """A searchset without results."""
    return {"resourceType": "Bundle", "type": "searchset", "total": 0}


def prefetch() -> dict[str, Any]:
    """A complete prefetch of a patient without any history."""
    keys = (
        "conditions medicationRequests medicationStatements medicationDispenses "
        "medicationAdministrations observations allergies procedures"
    )
    return {"patient": PATIENT} | {key: empty() for key in keys.split()}


def draft(ident: str | None = "rx1", patient: str = "p1") -> dict[str, Any]:
    """A ketamine order."""
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": ident,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": "ketamine 50 MG/ML Injectable Solution"},
        "subject": {"reference": f"Patient/{patient}"},
    }
    return {key: value for key, value in order.items() if value is not None}


def context_of(hook: str, patient: str, order: dict[str, Any]) -> dict[str, Any]:
    """The context of a hook, with what it must have; a hook that is not offered sends drafts."""
    service = OF_HOOK.get(hook, OF_HOOK["order-sign"])
    visit = "e1" if "encounterId" in service.required else None
    return service.context_in(Scene("Practitioner/u1", patient, visit, [order]))


def request(hook: str = "order-select", **changes: Any) -> dict[str, Any]:
    """A valid request; `changes` replace members of its context, None removes one."""
    context = context_of(hook, "p1", draft()) | changes
    return {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "context": {key: value for key, value in context.items() if value is not None},
        "prefetch": prefetch(),
    }


def resources(name: str) -> list[dict[str, Any]]:
    """The chart of a fixture patient, as of today."""
    bundle = fhir_fixtures.load(name, datetime.now(UTC).date())
    return [entry["resource"] for entry in bundle["entry"]]


def answer_to(query: Query, known: list[dict[str, Any]]) -> dict[str, Any]:
    """What a FHIR server that knows these resources answers to a prefetch template."""
    kind = query.resource_type
    found = [resource for resource in known if resource["resourceType"] == kind]
    if kind == "Patient":
        return found[0]
    entries = [{"resource": resource} for resource in found]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


def fixture_prefetch(name: str) -> dict[str, Any]:
    """The complete prefetch of a fixture patient."""
    known = resources(name)
    return {key: answer_to(q, known) for key, q in QUERIES.items() if key != "encounter"}


def fixture_request(name: str, hook: str = "order-select", **members: Any) -> dict[str, Any]:
    """A request for a fixture patient's draft; `...` leaves a member out."""
    draft = json.loads((files("fhir_fixtures") / "orders" / f"{name}.json").read_text())
    patient = next(r["id"] for r in resources(name) if r["resourceType"] == "Patient")
    body = {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "context": context_of(hook, patient, draft),
        "prefetch": fixture_prefetch(name),
    }
    return {key: value for key, value in (body | members).items() if value is not ...}


def plain(body: Any) -> bytes:
    """JSON bytes, Decimals as the numbers they are."""
    return encode(body)


def card() -> dict[str, Any]:
    """A card with everything that a card of ours may have, and fresh uuids."""
    update = {"type": "update", "description": "Set the dose", "resource": draft()}
    remove = {
        "type": "delete",
        "description": "Remove the order",
        "resourceId": "MedicationRequest/rx1",
    }
    return {
        "uuid": str(uuid4()),
        "summary": "Ketamine 35 mg IV over 40 min",
        "detail": "0.5 mg/kg x 70 kg",
        "indicator": "info",
        "source": {"label": "Ketamine CDS", "url": f"{BASE}/knowledge"},
        "suggestions": [
            {"label": "35 mg", "uuid": str(uuid4()), "isRecommended": True, "actions": [update]},
            {"label": "Remove", "uuid": str(uuid4()), "actions": [remove]},
        ],
        "selectionBehavior": "at-most-one",
        "overrideReasons": [{"code": "protocol", "system": "urn:x", "display": "Local protocol"}],
        "links": [{"label": "Knowledge", "url": f"{BASE}/knowledge", "type": "absolute"}],
    }


def one_card(request: HookRequest) -> HookResponse:
    """A stand-in for the service: it looks at what was sent along, and shows always the same."""
    request.prefetch.read()
    sent = card()
    return HookResponse((sent,), (ShownCard(sent["uuid"], "dose", "info", ("iv-std",)),), "v1")


def shown(client: Any, path: str = SERVICES["order-select"], **claimed: Any) -> dict[str, Any]:
    """A card that a client of an app is shown; with claims of a token where it needs one."""
    hook = next(hook for hook, service in SERVICES.items() if service == path)
    headers = bearer(token(path, **claimed)) if claimed else {}
    answer = client.post(path, json=request(hook), headers=headers)
    assert answer.status_code == 200, answer.get_json()
    card: dict[str, Any] = answer.get_json()["cards"][0]
    return card


def overridden(card: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A message that a card was overridden."""
    when = "2026-11-24T10:00:00Z"
    told = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": when}
    return {"feedback": [told | changes]}


def app(respond: Respond = one_card, **settings: Any) -> Flask:
    """An app that trusts anyone, unless `auth` or `clients` say otherwise."""
    store = f"sqlite:///{FOLDER.name}/{uuid4().hex}.sqlite"
    given = {"auth": "off", "database_url": store, "base_url": BASE} | settings
    return create_app(Settings(**given), respond)


def outcome(response: Any) -> dict[str, Any]:
    """The OperationOutcome of an error; fails on anything else."""
    body: dict[str, Any] = response.get_json()
    assert response.content_type == "application/json"
    assert body["resourceType"] == "OperationOutcome", body
    assert body["issue"]
    return body


def expressions(response: Any) -> list[str]:
    """The fields that an error names."""
    return [path for issue in outcome(response)["issue"] for path in issue.get("expression", ())]


@cache
def private_key(algorithm: str) -> Any:
    """A key of a test client; the same all through a run."""
    curves = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
    if algorithm in curves:
        return ec.generate_private_key(curves[algorithm]())
    return rsa.generate_private_key(65537, 2048)


def jwk(algorithm: str, kid: str | None = None) -> dict[str, Any]:
    """The public half, as a client publishes it."""
    implementation = jwt.get_algorithm_by_name(algorithm)
    key = json.loads(implementation.to_jwk(private_key(algorithm).public_key()))
    return key | {"kid": kid or algorithm, "use": "sig", "alg": algorithm}


def client(*algorithms: str, **more: Any) -> dict[str, Any]:
    """A trusted client with inline keys."""
    keys = [jwk(name) for name in algorithms or ("ES384", "RS384")]
    return {"iss": ISSUER, "jku": JKU, "jwks": {"keys": keys}} | more


def claims(path: str, **changes: Any) -> dict[str, Any]:
    """Claims as the sandbox sends them; None removes one."""
    now = int(time.time())
    standard = {
        "iss": ISSUER,
        "aud": BASE + path,
        "exp": now + 300,
        "iat": now,
        "jti": str(uuid4()),
    }
    return {key: value for key, value in (standard | changes).items() if value is not None}


def token(
    path: str,
    algorithm: str = "ES384",
    header: dict[str, Any] | None = None,
    key: Any = None,
    **changes: Any,
) -> str:
    """A signed token for an endpoint."""
    head = {"alg": algorithm, "kid": algorithm, "typ": "JWT", "jku": JKU} | (header or {})
    kept = {name: value for name, value in head.items() if value is not None}
    return signed(f"{segment(kept)}.{segment(claims(path, **changes))}", algorithm, key)


def signed(unsigned: str, algorithm: str = "ES384", key: Any = None) -> str:
    """A token of the two parts that are given."""
    signer = key or private_key(algorithm)
    signature = jwt.get_algorithm_by_name(algorithm).sign(unsigned.encode(), signer)
    return f"{unsigned}.{segment(signature)}"


def segment(part: Any) -> str:
    """One part of a token: bytes as they are, anything else as JSON."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bearer(text: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {text}"}
