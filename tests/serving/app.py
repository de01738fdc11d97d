"""A small application behind the front: `python -m tests.serving.app PORT SETTINGS`.

`/sleep/S` answers after S seconds, `/long/N` with N bytes, `/die/SIGNAL` ends the worker, `/pid`
says which worker it is, `/kept` how many of the objects that it began with no collection looks at,
and any POST what came. SETTINGS is a JSON object. In the
environment, `FAIL` is the number of beginnings that fail, counted in the file `FAILS`, and `SILENT`
the seconds after which a worker that stands still is killed, `LOOK` those between two looks at
clients that are slow to read.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click import ClickException

from cds import logs
from cds.commands.listening import listening, serve_until_stopped
from cds.settings import Settings

kept = 0


def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    kind, _, value = environ["PATH_INFO"].strip("/").partition("/")
    headers: list[tuple[str, str]] = []
    body = b"ok"
    if kind == "sleep":
        with Path(os.environ["BEGUN"]).open("a") as begun:
            begun.write(f"{environ['QUERY_STRING']}\n")
        time.sleep(float(value))
    elif kind == "long":
        body = b"x" * int(value)
    elif kind == "pid":
        body = str(os.getpid()).encode()
    elif kind == "kept":
        body = str(kept).encode()
    elif kind == "die":
        os.kill(os.getpid(), int(value))
    elif kind == "metrics":
        from prometheus_client import generate_latest

        from cds.hooks.status import metrics_registry

        body = generate_latest(metrics_registry())
    elif environ["REQUEST_METHOD"] == "POST":
        sent = environ["wsgi.input"].read()
        told = {name: value for name, value in environ.items() if isinstance(value, str)}
        body = json.dumps({"length": len(sent), "sum": sum(sent), "environ": told}).encode()
    start("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]


def build(settings: Settings) -> Any:
    """The application, after as many failures as there should be."""
    failures = Path(os.environ.get("FAILS", "/dev/null"))
    with failures.open("a+") as text:
        fcntl.flock(text, fcntl.LOCK_EX)  # workers begin side by side: each failure is counted once
        text.seek(0)
        if len(text.read()) < int(os.environ.get("FAIL", "0")):
            text.write(".")
            raise ZeroDivisionError
    global kept  # noqa: PLW0603 -- of this process
    kept = gc.get_freeze_count()
    return application


if __name__ == "__main__":
    settings = Settings(**json.loads(sys.argv[2]))
    logs.configure("info")
    with listening("127.0.0.1", int(sys.argv[1]), shared=settings.workers > 1) as listener:
        from cds.serving import readers, workers  # counts in the shared files from here on

        workers.SILENT_S = float(os.environ.get("SILENT", workers.SILENT_S))
        readers.LOOK_S = float(os.environ.get("LOOK", readers.LOOK_S))
        try:
            serve_until_stopped(build, settings, listener)
        except ClickException as error:
            error.show()
            sys.exit(error.exit_code)
