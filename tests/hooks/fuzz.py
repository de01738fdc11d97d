"""Thousands of requests that no client should send: none may fail, none may be let in by mistake.

    python tests/hooks/fuzz.py [--count 24000] [--seed 1]

Six kinds, in equal parts: real requests cut, flipped and spliced byte by byte; real requests with a
value replaced by another; bodies made by Hypothesis; feedback with a value replaced; odd headers,
encodings and methods; and tokens that are forged, expired, replayed, for another endpoint, of
another algorithm, of an unknown key, or too long. Real requests are those of the research folder
beside a development checkout, where there is one, and those of the tests.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import io
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hooktools
from cryptography.hazmat.primitives.asymmetric import ec
from fuzz_charts import CHART, JSON
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import fhir_fixtures
from cds import logs
from cds.fhir.queries import KEY_OF_TYPE
from cds.hooks.request import Respond

SERVICES = list(hooktools.SERVICES.values())
REQUESTS = Path(__file__).resolve().parents[3] / "shared" / "fhir-data" / "cds-requests"
ODD_VALUES: list[Any] = [
    None, True, 0, -1, 1e400, 10**40, "", " ", "\x00", "é" * 500, "x" * 70_000, [], {}, [None],
    [[]], {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": [None]}, "Patient/p1",
    "../..", {"reference": "Patient/p1"}, {"coding": [{}]}, {"value": "12", "unit": "mg"},
    "2026-13-45", {"start": "never"}, [1, "a", None, {"a": []}], "<script>", "{{7*7}}", "%s%n",
    "'; DROP TABLE feedback;--",
]  # fmt: skip
ODD_BYTES = [b"[", b"}", b'"', b",", b"\x00", b"NaN", b"\xff"]


@dataclass(slots=True)
class Tally:
    """What was sent and what came back."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, kind: str, response: Any, wanted: set[int] | None = None) -> None:
        self.statuses.setdefault(kind, Counter())[response.status_code] += 1
        wrong = response.status_code >= 500 or (wanted and response.status_code not in wanted)
        body = response.get_data()
        if response.status_code >= 400 and b'"OperationOutcome"' not in body:
            wrong = True
        if wrong:
            self.failures.append(f"{kind}: {response.status_code} {body[:200]!r}")

    @property
    def total(self) -> int:
        return sum(sum(counts.values()) for counts in self.statuses.values())


def real_requests() -> list[tuple[str, bytes]]:
    """(path, body) of requests as clients send them."""
    found = [
        (path, json.dumps(hooktools.request(hook)).encode())
        for hook, path in hooktools.SERVICES.items()
    ]
    found += [
        (path, hooktools.plain(hooktools.fixture_request(name, hook)))
        for name in fhir_fixtures.names()
        for hook, path in hooktools.SERVICES.items()
    ]
    for file in sorted(REQUESTS.glob("*.json")) if REQUESTS.is_dir() else ():
        raw = file.read_bytes()
        found.append((hooktools.SERVICES[json.loads(raw)["hook"]], raw))
    return found


def damaged(chance: random.Random, raw: bytes) -> bytes:
    """A body cut short, with flipped bits, or with a piece moved, doubled or lost."""
    text = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        length = chance.randint(1, 40)
        match chance.randrange(5):
            case 0:
                del text[place:]
            case 1 if place < len(text):
                text[place] ^= 1 << chance.randrange(8)
            case 2:
                del text[place : place + length]
            case 3:
                text[place:place] = text[place : place + length]
            case _:
                text[place:place] = chance.choice(
                    [b"[", b"}", b'"', b",", b"\x00", b"NaN", b"\xff"]
                )
    return bytes(text)


def place_in(chance: random.Random, message: Any) -> Any:
    """Where to look for a value to replace: mostly in the clinical data, sometimes anywhere."""
    places = [message]
    if isinstance(message.get("prefetch"), dict):
        places += [message["prefetch"]] * 5
    context = message.get("context")
    if isinstance(context, dict) and isinstance(context.get("draftOrders"), dict):
        places += [context["draftOrders"]] * 3
    return chance.choice(places)


def replaced(chance: random.Random, message: Any) -> Any:
    """The message, with one value at any depth replaced by an odd one, or removed."""
    holder, key = message, None
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return message
        key = chance.choice(keys)
        if isinstance(holder[key], dict | list) and chance.random() < 0.85:
            holder = holder[key]
            continue
        break
    if chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(chance.choice(ODD_VALUES))
    return message


def bytes_kind(client: Any, chance: random.Random, count: int, tally: Tally) -> None:
    requests = real_requests()
    for _ in range(count):
        path, raw = chance.choice(requests)
        response = client.post(path, data=damaged(chance, raw), content_type="application/json")
        tally.add("damaged bytes", response)


def values_kind(client: Any, chance: random.Random, count: int, tally: Tally) -> None:
    requests = real_requests()
    for _ in range(count):
        path, raw = chance.choice(requests)
        message = json.loads(raw)
        for _ in range(chance.randint(1, 3)):
            replaced(chance, place_in(chance, message))
        response = client.post(path, data=json.dumps(message), content_type="application/json")
        tally.add("replaced values", response)


def feedback_kind(client: Any, chance: random.Random, count: int, tally: Tally) -> None:
    plain = real_requests()[: len(SERVICES)]
    for _ in range(count):
        path, raw = chance.choice(plain)
        answer = client.post(path, data=raw, content_type="application/json").get_json()
        card = next(iter(answer.get("cards", ())), hooktools.card())
        message = {
            "feedback": [
                {
                    "card": card["uuid"],
                    "outcome": chance.choice(["accepted", "overridden"]),
                    "acceptedSuggestions": [
                        {"id": each["uuid"]} for each in card.get("suggestions", ())
                    ],
                    "overrideReason": {
                        "reason": {"code": "c", "system": "s"},
                        "userComment": "text",
                    },
                    "outcomeTimestamp": "2026-11-24T10:00:00Z",
                }
            ]
        }
        left_out = "overrideReason"
        if message["feedback"][0]["outcome"] == "overridden":
            left_out = "acceptedSuggestions"
        del message["feedback"][0][left_out]
        body = json.dumps(replaced(chance, message))
        tally.add(
            "feedback", client.post(f"{path}/feedback", data=body, content_type="application/json")
        )


FIXED = ("resourceType", "id", "medicationCodeableConcept", "subject")


def hypothesis_kind(client: Any, chance: random.Random, count: int, tally: Tally) -> None:
    @seed(chance.randrange(1_000_000))
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(JSON, st.sampled_from(SERVICES), CHART, st.integers(0, 3))
    def send(body: Any, path: str, resource: Any, depth: int) -> None:
        """Made up as a whole, in its context, in its prefetch, or in its draft."""
        hook = next(hook for hook, served in hooktools.SERVICES.items() if served == path)
        if depth == 1:
            body = hooktools.request(hook) | {"context": body}
        elif depth == 2:
            body = hooktools.request(hook)
            key = KEY_OF_TYPE[resource["resourceType"]]
            body["prefetch"][key] = {"resourceType": "Bundle", "entry": [{"resource": resource}]}
        elif depth == 3:
            body = hooktools.request(hook)
            if "draftOrders" in body["context"]:
                draft = body["context"]["draftOrders"]["entry"][0]["resource"]
                fixed = {key: draft[key] for key in FIXED}
                draft.update({**resource, **fixed})
        response = client.post(path, data=json.dumps(body), content_type="application/json")
        tally.add("made by Hypothesis", response)

    send()


def headers_kind(client: Any, chance: random.Random, count: int, tally: Tally) -> None:
    raw = json.dumps(hooktools.request()).encode()
    packed = gzip.compress(raw)
    for _ in range(count):
        body = chance.choice([raw, packed, damaged(chance, packed), damaged(chance, raw), b""])
        headers = {
            "Content-Encoding": chance.choice(["gzip", "br", "", "identity", "gzip, br", "x\x7f"]),
            "Content-Type": chance.choice(
                ["application/json", "application/fhir+json", "text/html", "", ";;", "a/b/c", "é"]
            ),
            "X-Request-Id": chance.choice(["a", "x" * 500, "<b>", "é", ""]),
            "Origin": chance.choice(["", "null", "https://evil.example.org", "é"]),
            "Accept": chance.choice(["", "text/html", "*/*;q=x", "\x7f"]),
            "Authorization": chance.choice(["", "Bearer", "é", "Basic x", "Bearer a.b.c"]),
        }
        path = chance.choice(
            [*SERVICES, "/cds-services", "/nope", "//", "/cds-services/%00", "/%ff"]
        )
        method = chance.choice(["POST", "POST", "GET", "PUT", "DELETE", "HEAD", "PATCH", "TRACE"])
        response = client.open(path, method=method, data=body, headers=headers)
        if method == "HEAD":
            assert response.status_code < 500
            tally.statuses.setdefault("headers and methods", Counter())[response.status_code] += 1
        else:
            tally.add("headers and methods", response)


STRANGER = ec.generate_private_key(ec.SECP384R1())


def bad_token(chance: random.Random, path: str, used: str) -> str:
    """A token that must not be accepted for a path."""
    now = int(time.time())
    good = hooktools.token(path)
    wrong_changes: list[dict[str, Any]] = [
        {"exp": now - 61, "iat": now - 300},
        {"iat": now + 3600, "exp": now + 3900},
        {"exp": now + 86_400},
        {"aud": chance.choice(["https://evil.example.org", hooktools.BASE, [], 7, path])},
        {"aud": hooktools.BASE + chance.choice([p for p in SERVICES if p != path])},
        {"iss": chance.choice(["https://evil.example.org", "", 7])},
        {"jti": chance.choice([None, "", 7, "x" * 600])},
        {chance.choice(["exp", "iat"]): chance.choice([None, "now", -1, True, 1e300, [], {}])},
    ]
    header: list[dict[str, Any]] = [
        {"kid": "unknown"}, {"kid": None}, {"kid": 7}, {"kid": "RS384"}, {"typ": None},
        {"typ": "at+jwt"}, {"crit": ["x"]}, {"jku": "https://evil.example.org/keys"},
        {"alg": chance.choice(["none", "HS256", "HS384", "RS256", "ES256", "", None, 7])},
    ]  # fmt: skip
    match chance.randrange(6):
        case 0:
            return hooktools.token(path, **chance.choice(wrong_changes))
        case 1:
            return hooktools.token(path, header=chance.choice(header))
        case 2:
            return hooktools.token(path, key=STRANGER)
        case 3:
            return used
        case 4:
            return chance.choice(
                [good + "A" * 20_000, "A" * 30_000, "." * 50, good[:-1], "", "a.b.c"]
            )
        case _:
            place = chance.randrange(len(good))
            other = chance.choice([c for c in "ABCxyz019-_." if c != good[place]])
            return good[:place] + other + good[place + 1 :]


def tokens_kind(client: Any, chance: random.Random, count: int, tally: Tally) -> None:
    for _ in range(count // 2):
        path = chance.choice(SERVICES)
        body = hooktools.request(path.rpartition("ketamine-")[2])
        used = hooktools.token(path)
        let_in = client.post(path, json=body, headers=hooktools.bearer(used))
        tally.add("good tokens", let_in, {200})
        bad = bad_token(chance, path, used)
        response = client.post(path, json=body, headers={"Authorization": f"Bearer {bad}"})
        tally.add("bad tokens", response, {401})


Kind = Callable[[Any, random.Random, int, Tally], None]
KINDS: list[Kind] = [bytes_kind, values_kind, feedback_kind, hypothesis_kind, headers_kind]


def fuzz(count: int, start: int, respond: Respond) -> Tally:
    """Send about `count` requests to an app around `respond`."""
    tally = Tally()
    share = count // (len(KINDS) + 1)
    opened = hooktools.app(respond).test_client()
    for number, kind in enumerate(KINDS):
        kind(opened, random.Random(start + number), share, tally)
    trusted = hooktools.app(respond, auth="required", clients=[hooktools.client()]).test_client()
    tokens_kind(trusted, random.Random(start), share, tally)
    return tally


def lines(tally: Tally) -> Iterator[str]:
    """The outcome, for people."""
    for kind, counts in tally.statuses.items():
        told = ", ".join(f"{status}: {number}" for status, number in sorted(counts.items()))
        yield f"{kind:22} {sum(counts.values()):6}   {told}"
    yield f"{'all':22} {tally.total:6}   failures: {len(tally.failures)}"
    yield from sorted(set(tally.failures))[:20]


def main() -> None:
    """Fuzz the real service, and say what came back."""
    from cds.runtime import open_service
    from cds.settings import Settings

    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--count", type=int, default=24_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    log = io.StringIO()
    logs.configure("error", log)
    tally = fuzz(chosen.count, chosen.seed, open_service(Settings(auth="off")).respond)
    print("\n".join(lines(tally)))
    faults = Counter(
        f"{event.get('error')} {' '.join(event.get('where', [])[-3:])}"
        for event in map(json.loads, log.getvalue().splitlines())
    )
    for fault, number in faults.most_common(20):
        print(f"{number:6} {fault}")
    sys.exit(1 if tally.failures else 0)


if __name__ == "__main__":
    main()
