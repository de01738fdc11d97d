"""Pooled connections to one FHIR server: no redirects, cookies or proxies, and checked peers."""

from __future__ import annotations

import os
import socket
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util import create_urllib3_context

from cds.fhir.server.addresses import Guard
from cds.fhir.server.sockets import TlsSocket


def open_session(guard: Guard, connections: int) -> requests.Session:
    """A session that several threads may share: it keeps nothing but connections."""
    session = requests.Session()
    session.trust_env = False  # neither a proxy nor a .netrc may see or add a token
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(guard, connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, guard: Guard, connections: int) -> None:
        self._guard = guard
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **kwargs: Any
    ) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = TlsSocket
        super().init_poolmanager(connections, maxsize, block, ssl_context=context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guard)


def _pools(guard: Guard) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose connections go only where the guard permits."""

    def connected(connection: HTTPConnection) -> socket.socket:
        host = connection.host
        try:
            return guard.connect(host, connection.port)
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(connection, type(error).__name__) from error

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self)

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def cause_of(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether an error of this kind lies beneath another."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, kind):
            return True
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return False


def is_tls_failure(error: BaseException) -> bool:
    """Whether the server could not prove who it is."""
    return isinstance(error, requests.exceptions.SSLError) or cause_of(error, ssl.SSLError)
