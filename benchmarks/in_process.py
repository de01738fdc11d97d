"""An answer without a server: the application is called as a server would call it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any


def answer(application: Any, path: str, body: bytes) -> bytes:
    """What the application answers. Raises RuntimeError where that is not 200."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.input": io.BytesIO(body),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    told: list[str] = []
    parts: Iterable[bytes] = application(environ, lambda status, *_: told.append(status))
    text = b"".join(parts)
    if told != ["200 OK"]:
        raise RuntimeError(f"{told}: {text[:300]!r}")
    return text
