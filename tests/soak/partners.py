"""The service's partners, in a process of their own: two FHIR servers and two hosts of keys.

`south` and `shaky` fail as they are told, `north` and `steady` never. A line of JSON on standard
input is an order, answered by a line: `{"server": "south", "fault": "hangs"}`. The process ends
when its input does.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fhir.faulty_server import FaultyServer, Handler
from tests.fhir.test_faults import FAULTS
from tests.soak.cast import FHIR_OF, Patient, clients

Fault = Callable[["ChartHandler"], None]
SLOW_S = 0.3
HUGE = 12_000_000


class ChartHandler(Handler):
    """Answers for one patient at a time."""

    def _note(self) -> None:
        """Nothing is kept of what was asked: a soak is long."""

    def found(self, path: str) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(path)
        names = parts.path.removeprefix("/fhir/").strip("/").split("/")
        held = self.owner.resources
        if len(names) == 2:
            same = [r for chart in held.values() for r in chart if r.get("id") == names[1]]
            return (200, same[0]) if same else (404, {"resourceType": "OperationOutcome"})
        if names == ["metadata"]:
            return 404, {"resourceType": "OperationOutcome"}
        wanted = dict(parse_qsl(parts.query)).get("patient", "")
        chart = held.get(wanted.removeprefix("Patient/"), [])
        return 200, searchset([one for one in chart if one["resourceType"] == names[0]])

    def searched(self) -> tuple[dict[str, Any], bool]:
        """The right answer, and whether it is a searchset."""
        _, answer = self.found(self.path)
        return answer, answer["resourceType"] == "Bundle"


def searchset(resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    return {
        "resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries,
    }  # fmt: skip


def slow(handler: ChartHandler) -> None:
    """Late, and right."""
    time.sleep(SLOW_S)
    handler.answer(*handler.found(handler.path))


def lying_total(handler: ChartHandler) -> None:
    """One entry fewer than its own total says, and no next page."""
    answer, is_set = handler.searched()
    if is_set:
        del answer["entry"][-1:]
    handler.answer(200, answer)


def somebody_else(handler: ChartHandler) -> None:
    """The chart asked for, and that of every other patient with it."""
    answer, is_set = handler.searched()
    if is_set:
        kind = urlsplit(handler.path).path.rpartition("/")[2]
        everyone = [r for chart in handler.owner.resources.values() for r in chart]
        answer = searchset([one for one in everyone if one["resourceType"] == kind])
    handler.answer(200, answer)


def huge(handler: ChartHandler) -> None:
    """Longer than anybody should read."""
    handler.answer(200, b'{"resourceType": "Bundle", "entry": [' + b" " * HUGE + b"]}")


def deep(handler: ChartHandler) -> None:
    """Nested until a reader falls over, and a number that nobody should compute with."""
    handler.answer(200, b'{"total": 1e999999999, "entry": ' + b"[" * 100_000)


def half_a_body(handler: ChartHandler) -> None:
    """An honest head, half of the body, and the connection is reset."""
    text = json.dumps(handler.found(handler.path)[1]).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    handler.wfile.write(head.encode() + text[: len(text) // 2])
    handler.reset()


FHIR: Mapping[str, Fault] = {
    "is slow": slow,
    "hangs": FAULTS["silent"][0],
    "drips its body": FAULTS["dripping body"][0],
    "drips its headers": FAULTS["dripping headers"][0],
    "resets amid a body": half_a_body,
    "answers 500": FAULTS["500"][0],
    "answers 429": FAULTS["429, a long wait"][0],
    "answers HTML": FAULTS["HTML"][0],
    "nests without end": deep,
    "answers hugely": huge,
    "pages in a circle": FAULTS["a circle of pages"][0],
    "lies about totals": lying_total,
    "adds other patients": somebody_else,
}
JWKS: Mapping[str, Fault] = {
    "is away": lambda handler: handler.reset(),
    "hangs": FAULTS["silent"][0],
    "drips": FAULTS["dripping body"][0],
    "answers 500": FAULTS["500"][0],
    "answers HTML": FAULTS["HTML"][0],
    "nests without end": deep,
}


class KeysHandler(ChartHandler):
    """One JWK Set."""

    def found(self, path: str) -> tuple[int, dict[str, Any]]:
        return 200, dict(self.owner.resources)


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *args: object) -> None:
        """The client gave up, as it should."""


def serve(server: FaultyServer, handler: type[Handler]) -> int:
    """Start a server on a free port of loopback, which it gives."""
    bound = type("Bound", (handler,), {"owner": server})
    http = Quiet(("127.0.0.1", 0), bound)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    server.base = f"http://127.0.0.1:{http.server_port}/fhir/"
    return http.server_port


def charts(seed: int, day: date, each: int, name: str) -> dict[str, list[dict[str, Any]]]:
    """What one FHIR server holds, by patient."""
    people: list[Patient] = []
    for client in clients(seed, day, each).values():
        if FHIR_OF[client.name] == name:
            people += client.patients
    return {person.ident: list(person.resources) for person in people}


def obey(server: FaultyServer, order: dict[str, Any], faults: Mapping[str, Fault]) -> None:
    """Begin a fault, or end it: what is silent is let go."""
    if "keys" in order:
        server.resources = order["keys"]
        return
    fault = order.get("fault")
    server.over.set()
    server.over = threading.Event()
    server.fault = faults[fault] if fault else None  # type: ignore[assignment]


def main() -> None:
    """Serve until the input ends, or a signal comes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    seed, day, each = int(sys.argv[1]), date.fromisoformat(sys.argv[2]), int(sys.argv[3])
    fhir = {name: FaultyServer(charts(seed, day, each, name)) for name in ("north", "south")}
    keys = {name: FaultyServer({}) for name in ("steady", "shaky")}
    ports = {name: serve(server, ChartHandler) for name, server in fhir.items()}
    ports |= {name: serve(server, KeysHandler) for name, server in keys.items()}
    print(json.dumps(ports), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        name = order["server"]
        obey((fhir | keys)[name], order, FHIR if name in fhir else JWKS)
        print("done", flush=True)


if __name__ == "__main__":
    main()
