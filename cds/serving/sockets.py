"""The address that is listened on, and how many connections the system allows."""

from __future__ import annotations

import resource
import socket

import structlog

BACKLOG = 4096
OWN_FILES = 256
"""descriptors kept for all else: the database, FHIR servers, logs"""

log = structlog.get_logger()


class NotBound(Exception):
    """The address can't be listened on. The text says which and why."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any free one. Raises NotBound.

    It is made once, before the workers, which share it: a second service at the same port is told,
    and a worker that stands still gets no connections.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).split(" (while")[0]
        raise NotBound(f"can't listen on {host} port {port}: {reason}") from None


def allow_connections(wanted: int) -> int:
    """Raise the limit of open files for `wanted` connections; how many there can be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OWN_FILES
    unlimited = hard == resource.RLIM_INFINITY
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if unlimited else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if unlimited or hard >= needed:
        return wanted
    allowed = max(hard - OWN_FILES, hard // 2)
    log.warning(
        "the system allows fewer open files than connections need",
        key="connections",
        count=allowed,
        reason=f"needs a limit of {needed} open files (LimitNOFILE, ulimit -Hn), has {hard}",
    )
    return allowed
