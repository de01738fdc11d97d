"""Runs one server of a comparison: `python -m benchmarks.serve floor|service PORT [THREADS]`."""

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
        blocking_threads=int(sys.argv[3]) if len(sys.argv) > 3 else 1,
        log_enabled=False,
    ).serve()
