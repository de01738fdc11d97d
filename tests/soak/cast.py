"""Who takes part: three clients with keys of their own, and their patients.

Each patient is a fixture patient under an id of its own, with marks in its chart that no log line,
no store and no answer about somebody else may hold. All follow from the seed and the day.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

import fhir_fixtures
from cds.fhir.queries import QUERIES, REQUIRED
from cds.hooks.services import OF_HOOK
from tests.hooks import hooktools

BASE = "https://cds.soak.example"
WAYS = ("prefetch", "server", "both")
"""how a call brings its data: all of it, none, or what is required with the rest at the server"""
SECRET = "soaksecret"
"""how each access token begins"""
FHIR_OF = {"inline": "north", "steady": "south", "shaky": "north"}
"""which FHIR server a client has; faults come to `south` alone"""
FIRST_TOKEN_S = 300


@dataclass(frozen=True, slots=True)
class Patient:
    """One chart. `mark` stands in every name and note of it."""

    ident: str
    fixture: str
    mark: str
    resources: Sequence[dict[str, Any]]
    order: dict[str, Any]


@dataclass(slots=True)
class Client:
    """An EHR: who it is, its newest key, and its patients."""

    name: str
    patients: Sequence[Patient]
    fhir: str = ""
    jku: str | None = None
    signs: tuple[str, Any] = ("", None)
    """the id of its newest key and the key, taken at once: many threads sign"""
    rotations: int = 0

    def __post_init__(self) -> None:
        self.rotate()

    @property
    def iss(self) -> str:
        return f"https://{self.name}.soak.example"

    def rotate(self) -> None:
        """Take a new key; the one before is good for nothing any more."""
        self.rotations += 1
        self.signs = (f"{self.name}-{self.rotations}", ec.generate_private_key(ec.SECP384R1()))

    def jwks(self) -> dict[str, Any]:
        """What it publishes."""
        kid, private = self.signs
        public = jwt.get_algorithm_by_name("ES384").to_jwk(private.public_key())
        key = (json.loads(public) if isinstance(public, str) else public) | {
            "kid": kid, "use": "sig", "alg": "ES384",
        }  # fmt: skip
        return {"keys": [key]}

    def token(self, path: str) -> Token:
        """A new token for an endpoint."""
        now, jti = int(time.time()), str(uuid4())
        claims = {
            "iss": self.iss, "aud": BASE + path, "exp": now + FIRST_TOKEN_S, "iat": now, "jti": jti,
        }  # fmt: skip
        kid, key = self.signs
        head = {"alg": "ES384", "kid": kid, "typ": "JWT"}
        if self.jku:
            head["jku"] = self.jku
        unsigned = f"{hooktools.segment(head)}.{hooktools.segment(claims)}"
        signature = jwt.get_algorithm_by_name("ES384").sign(unsigned.encode(), key)
        return Token(f"{unsigned}.{hooktools.segment(signature)}", jti, path)


@dataclass(frozen=True, slots=True)
class Token:
    """A signed token, and the endpoint that it is for."""

    text: str
    jti: str
    path: str


@dataclass(frozen=True, slots=True)
class Call:
    """One honest hook call, again and again the same but for its ids."""

    client: str
    patient: str
    hook: str
    way: str
    template: bytes = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        return hooktools.SERVICES[self.hook]

    @property
    def service(self) -> str:
        return OF_HOOK[self.hook].id

    def body(self) -> bytes:
        """As it is sent now, with an instance and an access token that were never used."""
        instance, access = str(uuid4()).encode(), SECRET.encode() + uuid4().hex.encode()
        return self.template.replace(b"@INSTANCE@", instance).replace(b"@ACCESS@", access)


def clients(seed: int, day: date, each: int) -> dict[str, Client]:
    """The clients by name, with so many patients each."""
    chance = random.Random(seed)
    found = {}
    for name in FHIR_OF:
        chosen = chance.sample(fhir_fixtures.names(), each)
        found[name] = Client(name, tuple(_patient(chance, fixture, day) for fixture in chosen))
    return found


def all_marks(everybody: Mapping[str, Client]) -> list[str]:
    """What may stand in no log and no store: marks, ids of patients, access tokens, any JWT."""
    people = [patient for client in everybody.values() for patient in client.patients]
    return [*(p.mark for p in people), *(p.ident for p in people), SECRET, "eyJ"]


def calls_of(client: Client) -> Iterator[Call]:
    """Every hook for every patient, by every way."""
    for patient in client.patients:
        for hook in OF_HOOK:
            for way in WAYS:
                body = hooktools.plain(_body(client, patient, hook, way))
                yield Call(client.name, patient.ident, hook, way, body)


def _patient(chance: random.Random, fixture: str, day: date) -> Patient:
    mark = f"Zq{chance.randrange(16**10):010x}"
    ident = f"{fixture}-{mark.lower()}"
    chart = fhir_fixtures.load(fixture, day)
    resources = [_renamed(entry["resource"], fixture, ident) for entry in chart["entry"]]
    for resource in resources:
        if resource["resourceType"] == "Patient":
            resource["name"] = [{"family": mark, "given": [mark]}]
            resource["telecom"] = [{"system": "email", "value": f"{mark}@mail.example"}]
            resource["address"] = [{"line": [mark], "city": mark}]
        else:
            resource.setdefault("identifier", []).append({"value": mark})
    order = json.loads((files("fhir_fixtures") / "orders" / f"{fixture}.json").read_text())
    return Patient(ident, fixture, mark, resources, _renamed(order, fixture, ident))


def _renamed(value: Any, old: str, new: str) -> Any:
    """A resource whose ids and references are another patient's."""
    if isinstance(value, dict):
        return {
            key: item.replace(old, new)
            if key in ("id", "reference") and isinstance(item, str)
            else _renamed(item, old, new)
            for key, item in value.items()
        }
    return [_renamed(item, old, new) for item in value] if isinstance(value, list) else value


def _body(client: Client, patient: Patient, hook: str, way: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "hook": hook,
        "hookInstance": "@INSTANCE@",
        "context": hooktools.context_of(hook, patient.ident, patient.order),
    }
    keys = {"prefetch": set(QUERIES) - {"encounter"}, "server": set(), "both": set(REQUIRED)}[way]
    if keys:
        known = list(patient.resources)
        body["prefetch"] = {
            key: hooktools.answer_to(query, known) for key, query in QUERIES.items() if key in keys
        }
    if way != "prefetch":
        body["fhirServer"] = client.fhir
        body["fhirAuthorization"] = {
            "access_token": "@ACCESS@", "token_type": "Bearer", "expires_in": 300,
            "scope": "patient/*.rs", "subject": client.name, "patient": patient.ident,
        }  # fmt: skip
    return body
