"""How each kind of database is opened, and how long one call of it may take.

SQLite waits for other writers as long as it is told. A PostgreSQL server that was stopped holds its
connections, and neither its own time limits nor those of TCP help: each wait for it ends at a
deadline of ours, and its connection with it.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

CONNECT_S = 2
"""the least that PostgreSQL's client library allows"""
LOOK_EVERY_S = 0.05

_until: ContextVar[float | None] = ContextVar("until", default=None)
Answer = TypeVar("Answer")


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Calls of PostgreSQL in here end after so many seconds in all; with None, whenever."""
    before = _until.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(before)


def open_engine(url: str, timeout_s: float, durable: bool) -> Engine:
    """An engine without connections yet. Raises ValueError for what is no database of ours."""
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError:
        raise ValueError("database_url is not a database URL") from None
    if kind == "sqlite":
        return _sqlite(url, timeout_s, durable)
    if kind == "postgresql":
        return _postgresql(url, timeout_s)
    raise ValueError("database_url must be sqlite:///… or postgresql+psycopg://…")


def _sqlite(url: str, timeout_s: float, durable: bool) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, pool_timeout=timeout_s, connect_args={"timeout": timeout_s}
    )
    # FULL waits for the disk at each commit; with NORMAL the last commits are lost with the power
    synchronous = "FULL" if durable else "NORMAL"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (f"synchronous={synchronous}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _postgresql(url: str, timeout_s: float) -> Engine:
    asked = make_url(url).query
    milliseconds = int(timeout_s * 800)  # the server can say what it waits for: it ends first
    limits = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
    defaults = {
        "connect_timeout": CONNECT_S,
        "tcp_user_timeout": max(milliseconds, 1000),
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_timeout=timeout_s,
        pool_pre_ping=True,
        connect_args={
            # what the site's URL says goes before
            **{name: value for name, value in defaults.items() if name not in asked},
            "options": f"{limits} {asked.get('options', '')}".strip(),
        },
    )
    bounded: list[Any] = []

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, given: Any, named: Any) -> Any:
        if not bounded:
            bounded.append(_bounded_connection())
        return bounded[0].connect(*given, **named)

    return engine


def _bounded_connection() -> Any:
    """The driver's connection, with a deadline for everything that it waits for."""
    import psycopg

    class BoundedConnection(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = LOOK_EVERY_S, *given: Any, **named: Any) -> Any:
            until = _until.get()
            if until is None:
                return super().wait(gen, interval, *given, **named)
            try:
                return super().wait(_ending(gen, until), interval, *given, **named)
            except TimeoutError:
                self.pgconn.finish()  # an answer may still be on its way: nobody may read it
                raise psycopg.OperationalError("no answer in time") from None

    return BoundedConnection


def _ending(steps: Generator[Any, Any, Answer], until: float) -> Generator[Any, Any, Answer]:
    """Steps of the driver; it looks at the clock whenever it is woken."""
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if time.monotonic() > until:
                raise TimeoutError
            wanted = steps.send(ready)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
