"""What the dearest request costs: processor time and memory of shapes made to be dear.

    python tests/hooks/hostile.py [--count 100000] [--seed 1] [--jobs 2] [--only drafts]

Each request goes through the whole application, in a process that does nothing else meanwhile: the
processor time is that of the process, the memory its highest resident set over that of the idle
service, the body itself included. Most shapes are small, as most of what can go wrong is; of each
hundred one is of a megabyte and two of a thousand are as large as the settings allow.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import multiprocessing
import os
import pickle
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hooktools
import requests
from hostile_chart import whole_request
from hostile_shapes import KINDS
from hostile_values import Shape, anywhere
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from cds import logs
from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.client import client_of
from cds.fhir.server.connection import Server
from cds.hooks.app import create_app
from cds.hooks.request import HookRequest
from cds.hooks.trust.jwks import KeySet
from cds.runtime import open_service
from cds.settings import Settings

MOST_CPU_S = 2.5
MOST_BYTES = 60_000_000
SIZES = [(2_000, 0.9), (64_000, 0.09), (1_000_000, 0.008), (9_900_000, 0.002)]
"""of a shape, at most, and how many of them"""
LARGE = 200_000
"""bytes from which a request is measured in a process of its own"""
GIVEN_UP_S = 40.0
SHOWN = 25
TOLD_EVERY = 2_500


class TooLong(BaseException):
    """A request takes so long that it is given up."""


def _give_up(_signal: int, _frame: Any) -> None:
    raise TooLong


@dataclass(slots=True)
class Cost:
    """What one request cost, and what was wrong with its answer."""

    name: str
    size: int
    status: int
    cpu_s: float
    memory: int
    fault: str = ""

    @property
    def excessive(self) -> bool:
        return bool(self.fault) or self.cpu_s > MOST_CPU_S or self.memory > MOST_BYTES

    def __str__(self) -> str:
        told = f"{self.cpu_s:7.2f} s {self.memory / 1e6:7.1f} MB  {self.status}  {self.size:>9}"
        return f"{told}  {self.name[:110]}  {self.fault}"


class Peak:
    """The highest resident set of this process; 0 where the system does not tell."""

    def __init__(self) -> None:
        self._clear = Path("/proc/self/clear_refs")
        self._status = Path("/proc/self/status")

    def begin(self) -> None:
        gc.collect(0)
        if self._clear.exists():
            self._clear.write_text("5")

    def bytes(self) -> int:
        if not self._status.exists():
            return 0
        return self._field("VmHWM")

    def now(self) -> int:
        return self._field("VmRSS") if self._status.exists() else 0

    def _field(self, name: str) -> int:
        text = self._status.read_text()
        return int(text.partition(f"{name}:")[2].split()[0]) * 1024


class Copying:
    """A body as it comes off a socket: what is read is new memory."""

    def __init__(self, body: bytes) -> None:
        self._body, self._place = memoryview(body), 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._body) if size < 0 else self._place + size
        part = bytes(self._body[self._place : end])
        self._place += len(part)
        return part


class Canned(BaseAdapter):
    """A server that answers everything alike."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = body

    def send(self, request: Any, **_how: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer.raw = HTTPResponse(io.BytesIO(self._body), status=200, preload_content=False)
        answer.headers["Content-Type"] = "application/fhir+json"
        return answer

    def close(self) -> None:
        pass


class Bench:
    """The application, as it is and as it is for clients that must show a token."""

    def __init__(self) -> None:
        self._answer = b""
        self.log = io.StringIO()
        logs.configure("error", self.log)
        signal.signal(signal.SIGPROF, _give_up)
        store = f"sqlite:///{hooktools.FOLDER.name}/hostile.sqlite"
        given: dict[str, Any] = {"base_url": hooktools.BASE, "database_url": store}
        self._service = open_service(Settings(auth="off", **given), connect=self._connect)
        self._open = create_app(Settings(auth="off", **given), self._service.respond)
        self._given = given
        self._closed = self._app_for(hooktools.client())
        self.peak = Peak()
        for hook, path in hooktools.SERVICES.items():
            for message in (hooktools.request(hook), whole_request(hook)):
                self._call(Shape("warm", json.dumps(message).encode(), path))

    def _app_for(self, client: dict[str, Any]) -> Any:
        return create_app(
            Settings(auth="required", clients=[client], **self._given), self._service.respond
        )

    def _connect(self, request: HookRequest) -> Any:
        if not self._answer or request.fhir_server is None:
            return None
        server = Server(request.fhir_server, Guard(ANYWHERE))
        server.session.mount("https://", Canned(self._answer))
        return client_of(server, None, 60_000)

    def cost(self, shape: Shape) -> Cost:
        """Send it, and measure. A large one in a process of its own, whose memory is still tidy."""
        if shape.size < LARGE or not hasattr(os, "fork"):
            return self._measured(shape)
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            try:
                with os.fdopen(theirs, "wb") as pipe:
                    pickle.dump(self._measured(shape), pipe)
            finally:
                os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        if not told:
            return Cost(shape.name, shape.size, 500, 0, 0, "the process broke off")
        cost: Cost = pickle.loads(told)
        return cost

    def _measured(self, shape: Shape) -> Cost:
        self._answer = shape.answer
        self.log.seek(0)
        self.log.truncate()
        self.peak.begin()
        before, begun = self.peak.now(), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, GIVEN_UP_S)
        try:
            status, answer = self._call(shape)
        except TooLong:
            status, answer = 599, b"given up"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        spent = time.process_time() - begun
        memory = self.peak.bytes() - before
        fault = ""
        if status >= 500:
            fault = self.log.getvalue()[:600] or answer[:200].decode(errors="replace")
        elif status >= 400 and b'"OperationOutcome"' not in answer:
            fault = "no OperationOutcome"
        return Cost(shape.name, shape.size, status, spent, memory, fault)

    def _call(self, shape: Shape) -> tuple[int, bytes]:
        if shape.keys:
            return self._find_key(shape.keys), b'"OperationOutcome"'
        app = self._open
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST", "PATH_INFO": shape.path, "SCRIPT_NAME": "",
            "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL":
            "HTTP/1.1", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(shape.body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
            "wsgi.input": Copying(shape.body), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        if shape.gzip:
            environ["HTTP_CONTENT_ENCODING"] = "gzip"
        if shape.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {shape.token}"
            app = self._closed
        told: list[str] = []
        parts = app(environ, lambda status, headers, exc=None: told.append(status))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        return int(told[0].split()[0]), body

    @staticmethod
    def _find_key(answer: bytes) -> int:
        """As for a token whose keys were fetched; ValueError says that they are none."""
        try:
            KeySet(answer).find("ES384", "ES384")
        except ValueError:
            return 200
        except Exception:
            return 500
        return 200


@dataclass(slots=True)
class Outcome:
    """Of a run: how many, what came back, and the dearest."""

    total: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    dearest: list[Cost] = field(default_factory=list)
    excessive: list[Cost] = field(default_factory=list)
    cpu_s: float = 0.0

    def add(self, cost: Cost) -> None:
        self.total += 1
        self.statuses[cost.status] += 1
        self.cpu_s += cost.cpu_s
        self._keep([cost])
        if cost.excessive:
            self.excessive.append(cost)

    def merge(self, other: Outcome) -> None:
        self.total += other.total
        self.statuses += other.statuses
        self.cpu_s += other.cpu_s
        self.excessive += other.excessive
        self._keep(other.dearest)

    def _keep(self, costs: list[Cost]) -> None:
        both = self.dearest + costs
        by_time = sorted(both, key=lambda cost: -cost.cpu_s)[:SHOWN]
        by_size = sorted(both, key=lambda cost: -cost.memory)[:SHOWN]
        self.dearest = list({id(cost): cost for cost in by_time + by_size}.values())


def shapes(count: int, seed: int, largest: int, only: str = "") -> Iterator[Shape]:
    """So many of them; half are single values at any place, half of several."""
    chance = random.Random(seed)
    kinds = [kind for kind in KINDS if only in ("", kind.__name__)]
    for _ in range(count):
        most = chance.choices([size for size, _ in SIZES], [share for _, share in SIZES])[0]
        size = min(largest, int(most ** chance.uniform(0.5, 1) if most < 9e6 else most))
        single = only == "anywhere" or (not only and chance.random() < 0.5)
        yield anywhere(chance, size) if single else chance.choice(kinds)(chance, size)


def run(
    count: int, seed: int, largest: int = 9_900_000, only: str = "", loud: bool = False
) -> Outcome:
    """Send them, one after the other."""
    bench, outcome = Bench(), Outcome()
    for shape in shapes(count, seed, largest, only):
        cost = bench.cost(shape)
        outcome.add(cost)
        if loud and cost.excessive:
            print(cost, flush=True)
        if loud and outcome.total % TOLD_EVERY == 0:
            print(f"{outcome.total} of {count}, {outcome.cpu_s:.0f} s", flush=True)
    return outcome


def lines(outcome: Outcome) -> Iterator[str]:
    """The outcome, for people."""
    statuses = ", ".join(f"{status}: {n}" for status, n in sorted(outcome.statuses.items()))
    yield f"{outcome.total} requests, {outcome.cpu_s:.0f} s of processor time; {statuses}"
    yield from (str(cost) for cost in sorted(outcome.dearest, key=lambda c: -c.cpu_s)[:SHOWN])
    yield "by memory"
    yield from (str(cost) for cost in sorted(outcome.dearest, key=lambda c: -c.memory)[:SHOWN])
    yield f"over the bounds: {len(outcome.excessive)}"
    yield from sorted({str(cost) for cost in outcome.excessive})[:100]


def main() -> None:
    """Send them all, and say what they cost."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--count", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--largest", type=int, default=9_900_000)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    shares = [
        (chosen.count // chosen.jobs, chosen.seed + n, chosen.largest, chosen.only, True)
        for n in range(chosen.jobs)
    ]
    outcome = Outcome()
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for part in pool.starmap(run, shares):
            outcome.merge(part)
    print("\n".join(lines(outcome)))
    sys.exit(1 if outcome.excessive else 0)


if __name__ == "__main__":
    main()
