"""Runs one server of a comparison: `python -m benchmarks.serve floor|service PORT [THREADS]`."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from typing import Any

import benchmarks.unbounded  # noqa: F401 - before the limits are read
from cds.serving.run import serve
from cds.serving.sockets import listen
from cds.settings import Settings


def application(target: str, _settings: Settings) -> Any:
    """The application of `benchmarks.floor` or `benchmarks.service`."""
    return importlib.import_module(f"benchmarks.{target}").app


if __name__ == "__main__":
    target, port = sys.argv[1], int(sys.argv[2])
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with listen("127.0.0.1", port) as listener:
        serve(partial(application, target), Settings(threads=threads), listener)
