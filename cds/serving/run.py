"""Serving an application until it is stopped."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import socket
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from cds.faults import where
from cds.serving import counting
from cds.serving.front import Front, head_bytes
from cds.serving.sockets import BACKLOG, allow_connections
from cds.serving.stopping import stop_once
from cds.serving.workers import Life, Workers
from cds.settings import Settings, SettingsError

Build = Callable[[Settings], Any]
"""Makes the WSGI application of one worker."""
DRAIN_S = 15
"""what a worker has to end, beyond the time that a body may take"""


def serve(build: Build, settings: Settings, listener: socket.socket) -> str | None:
    """Serve until SIGTERM or SIGINT; requests that run are answered first.

    Returns the reason if no worker could begin, else None.
    """
    port = listener.getsockname()[1]
    server = Workers(
        listener,
        counting.forget,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        backlog=BACKLOG,
        backpressure=allow_connections(settings.connections),
        http=HTTPModes.http1,  # what looks for HTTP/2 first waits for a silent client for ever
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.idle_timeout_s * 1000,
            max_buffer_size=head_bytes(settings) + 8192,  # the front refuses before it does
        ),
        websockets=False,
        workers_kill_timeout=longest_stop_s(settings),
        respawn_interval=1.0,
        log_level=LogLevels.error,
    )
    _keep()  # what a collection in a worker looked at would no longer be shared with it
    server.serve(target_loader=partial(_begin, build, settings, port), wrap_loader=False)
    return server.never_up


def longest_stop_s(settings: Settings) -> int:
    """Seconds after which a worker that has not drained is killed."""
    return max(settings.idle_timeout_s, settings.transfer_timeout_s) + DRAIN_S


def _begin(
    build: Build, settings: Settings, port: int, number: int, pipe: Connection, parent: int
) -> Front:
    """In a worker: its application, or the reason why there is none."""
    _stoppable()
    stop_once()
    counting.worker = number + 1
    life = Life(pipe, parent)
    try:
        application = build(settings)
    except SettingsError as error:
        life.fail("; ".join(str(error).splitlines()))
        raise SystemExit(1) from None
    except Exception as error:
        life.fail(f"{type(error).__name__} at {where(error)[-1]}")
        raise SystemExit(1) from None
    _keep()
    return Front(application, settings, port, life.beat)


def _keep() -> None:
    """No collection looks again at what there is: the tables live as long as the process."""
    gc.collect()
    gc.freeze()


def _stoppable() -> None:
    """Let SIGTERM end a worker that is still starting.

    The server's handler comes after the application is built; until then a forked worker has that
    of its parent, which would swallow the signal, and the stop would wait to kill the worker.
    """
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
