"""Counts that several workers share, by files that each of them reads.

A file belongs to the number of a worker, not to its process: the worker that replaces another goes
on with its counts, and files do not pile up. Nothing here imports the metrics themselves: the
client library must be told before they are made.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

worker = 0
"""the number of this process; 0 is their parent"""


def share() -> Path | None:
    """Share the counts; the folder, if one was made for it."""
    made = None
    if FOLDER not in os.environ:
        made = Path(tempfile.mkdtemp(prefix="ketamine-cds-metrics-"))
        os.environ[FOLDER] = str(made)
    from prometheus_client import values

    parent = os.getpid()
    shared = values.MultiProcessValue(lambda: f"{parent}-{worker}")  # type: ignore[no-untyped-call]
    values.ValueClass = shared
    return made


def forget(number: int) -> None:
    """Drop what a worker that ended said of its present state."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(f"{os.getpid()}-{number}")  # type: ignore[no-untyped-call]


def drop(folder: Path | None) -> None:
    """Remove the folder that was made."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
