"""One request, from its head to its answer, on the event loop of a worker.

A body is read here, within its time and length, so that a thread gets whole requests only: an idle
or stalled connection costs some memory and nothing else. The application answers in a thread. What
an operator asks has threads of its own, one for each path, and so have the pages of the knowledge:
they are answered whatever the others do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from cds.faults import where
from cds.hooks.cors import origin_headers
from cds.hooks.errors import BodyTooLarge, HookError
from cds.serving.bodies import Bodies, Body
from cds.serving.environ import Headers, Scope, answer_of, environ_of
from cds.serving.lanes import Lane
from cds.serving.memory import Memory
from cds.serving.readers import Readers
from cds.serving.refusals import Busy, Gone, HeadTooLarge, refuse
from cds.settings import Settings

SWEEP_S = 0.5
PLACES = 16
"""requests that may wait for each thread of the service"""
OPERATOR_PATHS = ("/healthz", "/readyz", "/metrics")
OPERATOR_PLACES = 64
PAGES = "/knowledge"
"""and what is below it: whoever reads pages, a program that reads all of them too, takes no thread
of the calls"""

log = structlog.get_logger()


class Front:
    """An RSGI application around a WSGI application. `beat` is called while the loop runs."""

    def __init__(
        self, application: Any, settings: Settings, port: int, beat: Callable[[], None]
    ) -> None:
        self._application = application
        self._head_bytes = head_bytes(settings)
        self._marks = origin_headers(settings.cors_origins)
        self._beat = beat
        self._memory = Memory()
        room, timeout_s = _room(settings), settings.transfer_timeout_s
        self._bodies = Bodies(settings.request_bytes, room, timeout_s)
        self._readers = Readers(port, room, timeout_s)
        wait_s = settings.wait_ms / 1000
        self._lane = Lane("call", settings.threads, settings.threads * PLACES, wait_s)
        self._operator = {path: Lane(path, 1, OPERATOR_PLACES, wait_s) for path in OPERATOR_PATHS}
        self._pages = Lane("pages", 1, OPERATOR_PLACES, wait_s)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sweep()

    def _sweep(self) -> None:
        self._loop.call_later(SWEEP_S, self._sweep)  # first: whatever goes wrong below
        self._beat()
        self._bodies.sweep()
        self._readers.sweep()
        self._memory.sweep()
        for lane in (self._lane, self._pages, *self._operator.values()):
            lane.sweep()

    def _lane_of(self, path: str) -> Lane:
        return self._operator.get(path) or (self._pages if path.startswith(PAGES) else self._lane)

    async def __rsgi__(self, scope: Scope, proto: Any) -> None:
        fields = scope.headers
        body: Body | None = None
        content = b""
        try:
            headers = self._head(scope)
            if scope.method == "POST":
                self._memory.used()
                body, content = await self._bodies.read(proto, fields.get("content-length"))
            await self._answer(scope, headers, content, proto)
        except HookError as refusal:
            refuse(proto, fields, refusal, self._marks)
            if isinstance(refusal, BodyTooLarge):
                await self._bodies.discard(proto)
        finally:
            if body is not None:
                self._bodies.release(body)

    def _head(self, scope: Scope) -> Headers:
        headers = scope.headers.items()
        length = len(scope.path) + len(scope.query_string)
        for name, value in headers:
            length += len(name) + len(value)
        if length > self._head_bytes:
            raise HeadTooLarge(self._head_bytes)
        return headers

    async def _answer(self, scope: Scope, headers: Headers, content: bytes, proto: Any) -> None:
        """Have it answered in a thread. Raises Busy."""
        done: asyncio.Future[str | None] = self._loop.create_future()  # why it was not answered
        environ = environ_of(scope, headers, content)

        def finish(refused: str | None) -> None:
            self._loop.call_soon_threadsafe(_settle, done, refused)

        def work() -> None:
            finish(self._respond(environ, proto))

        lane = self._lane_of(scope.path)
        job = lane.put(work, lambda: finish("wait"))
        if job is None:
            raise Busy("queue")
        if lane.waits(job):
            gone = asyncio.ensure_future(proto.client_disconnect())
            await asyncio.wait((done, gone), return_when=asyncio.FIRST_COMPLETED)
            if not done.done() and lane.withdraw(job):
                raise Gone
            gone.cancel()
        refused = await done
        if refused is not None:
            raise Busy(refused)

    def _respond(self, environ: dict[str, Any], proto: Any) -> str | None:
        """In a thread: answer, or say why that can't be."""
        try:
            answer = answer_of(self._application, environ)
        except Exception as error:  # the application answers its own faults; this is the last net
            log.error("failed", error=type(error).__name__, where=where(error))
            proto.response_bytes(500, [], b"")
            return None
        if not self._readers.room(len(answer.body)):
            return "unread"
        proto.response_bytes(answer.status, answer.headers, answer.body)
        return None


def head_bytes(settings: Settings) -> int:
    """The longest head that is read: room for a token, and for all else."""
    return settings.token_bytes + 16_384


def _room(settings: Settings) -> int:
    """Bytes of bodies that are held at once: one of them always fits."""
    return max(settings.buffer_bytes, settings.request_bytes)


def _settle(done: asyncio.Future[str | None], refused: str | None) -> None:
    if not done.done():
        done.set_result(refused)
