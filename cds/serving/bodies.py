"""Bodies that are on their way: each has a length and a time, all together have a memory.

Where the memory is full, the body that has been under way the longest is given up for the newest:
an honest one takes milliseconds, a stalled one gets old.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from math import inf
from time import monotonic
from typing import Protocol

from granian.rsgi import ProtocolClosed, ProtocolError

from cds.hooks.errors import BodyTooLarge, HookError
from cds.serving.refusals import BodyInPieces, BodyTooSlow, Busy, Gone

LINGER_S = 1.0
"""how long the rest of a body that was refused is taken, for a client that sends before it reads"""
SILENT_S = 5.0
"""longest pause within a long body"""
AT_ONCE = 262_144
"""bytes of a body that is not read chunk by chunk: it counts with all its length from the start"""


FREE_PIECES = 1_000
PIECE = 512
"""bytes that the chunks of a body have on average, but for the first ones: each takes as long to
take in as some ten thousand bytes, and who writes a stream unbuffered sends one for each write"""


class Streaming(Protocol):
    """The part of the server's protocol object that gives the body, whole or in chunks."""

    def __call__(self) -> Awaitable[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def __anext__(self) -> Awaitable[bytes]: ...


class Body:
    """One body, and the bytes that it holds until its request is answered."""

    __slots__ = ("due", "given_up", "size", "started", "task")

    def __init__(self, task: asyncio.Task[object]) -> None:
        self.task = task
        self.started = monotonic()
        self.due = inf
        self.size = 0
        self.given_up: Callable[[], HookError] | None = None


class Bodies:
    """All bodies of one process. Of the event loop's thread alone."""

    def __init__(self, longest: int, room: int, timeout_s: float) -> None:
        self._longest = longest
        self._room = room
        self._timeout_s = timeout_s
        self._under_way: dict[Body, None] = {}  # the oldest first
        self.held = 0

    async def read(self, stream: Streaming, declared: str | None) -> tuple[Body, bytes]:
        """The whole body; `release` must follow.

        Raises Gone, BodyTooLarge, BodyInPieces, BodyTooSlow, Busy.
        """
        length = None if declared is None else int(declared)
        if length is not None and length > self._longest:
            raise BodyTooLarge(self._longest)
        task = asyncio.current_task()
        assert task is not None
        body = Body(task)
        self._under_way[body] = None
        try:
            if length is None or length > AT_ONCE:
                return body, await self._chunks(stream, body, length)
            return body, await self._whole(stream, body, length)
        except asyncio.CancelledError:
            self.release(body)
            if body.given_up is None:
                raise
            task.uncancel()
            # made here: an error that is kept keeps its frames, and so the connection open
            raise body.given_up() from None
        except BaseException:
            self.release(body)
            raise
        finally:
            self._under_way.pop(body, None)

    async def discard(self, stream: Streaming) -> None:
        """Take the rest of a body that is too long, for a while: or the answer would be lost."""
        task = asyncio.current_task()
        assert task is not None
        rest = Body(task)
        rest.due = rest.started + LINGER_S
        self._under_way[rest] = None
        with suppress(ProtocolError):  # it was begun
            aiter(stream)
        total = pieces = 0
        try:
            while (
                total < 2 * self._longest
                and pieces <= FREE_PIECES + total // PIECE
                and (chunk := await anext(stream, b""))
            ):
                total, pieces = total + len(chunk), pieces + 1
        except asyncio.CancelledError:
            if rest.given_up is None:
                raise
            task.uncancel()
        finally:
            self._under_way.pop(rest, None)

    def release(self, body: Body) -> None:
        """Its bytes are not needed any more."""
        self.held -= body.size
        body.size = 0

    def sweep(self) -> None:
        """Give up what takes too long; to be called every now and then."""
        now = monotonic()
        for body in list(self._under_way):
            if now - body.started > self._timeout_s or now > body.due:
                self._give_up(body, BodyTooSlow)

    async def _whole(self, stream: Streaming, body: Body, length: int) -> bytes:
        self._hold(body, length)
        try:
            return await stream()
        except (ProtocolError, ProtocolClosed):
            raise Gone from None

    async def _chunks(self, stream: Streaming, body: Body, length: int | None) -> bytes:
        body.due = body.started + SILENT_S
        read = bytearray()
        ends = total = pieces = 0
        async for chunk in stream:
            if not chunk:
                ends += 1  # the server's mark of the end; a body that was cut off has two
                continue
            total, pieces = total + len(chunk), pieces + 1
            if total > self._longest:
                raise BodyTooLarge(self._longest)
            if pieces > FREE_PIECES + total // PIECE:
                raise BodyInPieces(PIECE)
            read += chunk
            body.due = monotonic() + SILENT_S
            self._hold(body, len(chunk))
            if total == length:
                break
        if ends > 1 or (length is not None and total < length):
            raise Gone
        return bytes(read)

    def _hold(self, body: Body, count: int) -> None:
        body.size += count
        self.held += count
        while self.held > self._room:
            oldest = next(iter(self._under_way))
            if oldest is body:
                raise Busy("memory")
            self._give_up(oldest, partial(Busy, "memory"))

    def _give_up(self, body: Body, refusal: Callable[[], HookError]) -> None:
        self._under_way.pop(body)
        self.release(body)
        body.given_up = refusal
        body.task.cancel()
