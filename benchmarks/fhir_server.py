"""A FHIR server for the benchmark: one patient, each answer after a delay.

`python -m benchmarks.fhir_server PORT MILLISECONDS`. A delay of more than a minute is a server that
hangs.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks import payloads


def answers() -> dict[str, bytes]:
    """The answer for each resource type, made once."""
    prefetch = json.loads(payloads.ketamine(payloads.today(), "medium"))["prefetch"]
    found = {"Patient": prefetch["patient"]}
    for bundle in prefetch.values():
        for entry in bundle.get("entry", ()):
            kind = entry["resource"]["resourceType"]
            held = found.setdefault(kind, {"resourceType": "Bundle", "type": "searchset"})
            held.setdefault("entry", []).append(entry)
    return {kind: json.dumps(body).encode() for kind, body in found.items()}


def serve(port: int, delay: float) -> None:
    """Serve until stopped."""
    bodies = answers()
    empty = json.dumps({"resourceType": "Bundle", "type": "searchset"}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            time.sleep(delay)
            kind = self.path.removeprefix("/fhir/").partition("?")[0].partition("/")[0]
            body = bodies.get(kind, empty)
            self.send_response(404 if kind == "metadata" else 200)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 512

        def handle_error(self, *args: object) -> None:
            pass  # the service gave up waiting, as it should

    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]) / 1000)
