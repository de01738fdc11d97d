"""An address to serve at, for the commands that serve."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from cds.commands.settings import Refused
from cds.serving import counting
from cds.serving.sockets import NotBound, listen
from cds.settings import Settings


@contextmanager
def listening(host: str, port: int, *, shared: bool) -> Iterator[socket.socket]:
    """A socket that listens; `shared` by several workers, so are their counts. Raises Refused."""
    try:
        listener = listen(host, port)
    except NotBound as error:
        raise Refused(str(error)) from None
    folder = counting.share() if shared or counting.FOLDER in os.environ else None
    try:
        with listener:
            yield listener
    finally:
        counting.drop(folder)


def serve_until_stopped(
    build: Callable[[Settings], Any], settings: Settings, listener: socket.socket
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ClickException when no worker could begin."""
    from cds.serving.run import serve

    reason = serve(build, settings, listener)
    if reason is not None:
        raise click.ClickException(f"no worker could begin to serve: {reason}")
