"""Runs one of the two servers that are compared: `python -m benchmarks.serve floor|service PORT`."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces

TARGETS = {"floor": "benchmarks.floor:app", "service": "benchmarks.service:app"}

if __name__ == "__main__":
    Granian(
        TARGETS[sys.argv[1]],
        address="127.0.0.1",
        port=int(sys.argv[2]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        log_enabled=False,
    ).serve()
