"""A SQLite file under a running service: whether it is still the one that was opened, and whole.

SQLite itself does not look. An open file goes on taking what is written when its name is gone, and
everything with it; the same holds for the log beside it. A file that was emptied is taken for a new
one by whoever opens it next, and its log deleted. The file is never opened here: to close it would
undo the locks that SQLite holds on it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Fault = Literal["moved", "shrunk"]
FileId = tuple[int, int]
LEAST_BYTES = 512
"""the smallest page: a database has one at least"""


@dataclass(slots=True)
class Known:
    """A file as this process, or the one it was forked from, last saw it."""

    place: FileId
    bytes: int
    beside: tuple[FileId | None, ...] | None = None
    """its log and the log's index; they stay as long as a connection is open"""
    torn: bool = False
    """whether one of these was taken away: nothing is written before the next start"""


known: dict[Path, Known] = {}


class SQLiteFile:
    """The file at a path. The connections of a process to it share what is known of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def opened(self) -> None:
        """It was opened and has all its tables."""
        if status := _status(self._path):
            seen = known.setdefault(self._path, Known(_id(status), status.st_size))
            seen.bytes = max(seen.bytes, status.st_size)

    def used(self) -> None:
        """A connection to it is open and stays so."""
        if (seen := known.get(self._path)) and seen.beside is None:
            beside = self._beside()
            seen.beside = beside if all(beside) else None

    def closed(self) -> None:
        """Some connections to it were closed, and its log perhaps deleted with the last."""
        if seen := known.get(self._path):
            seen.beside = None

    def accept(self) -> None:
        """It was found whole at its present size."""
        if (seen := known.get(self._path)) and (status := _status(self._path)):
            seen.bytes = status.st_size

    def empty(self) -> bool:
        """Whether it is too small for a database."""
        status = _status(self._path)
        return status is not None and status.st_size < LEAST_BYTES

    def log_has_all(self) -> bool:
        """Whether each page of the database is in its log, as SQLite's file format has it.

        Frames of before the log was begun anew have another salt, and count no more.
        """
        try:
            log = Path(f"{self._path}-wal").read_bytes()
        except OSError:
            return False
        page_bytes, salt = int.from_bytes(log[8:12], "big"), log[16:24]
        pages, size = set(), 0
        for start in range(32, len(log) - page_bytes - 23, page_bytes + 24):
            frame = log[start : start + 16]
            if frame[8:16] != salt:
                break
            pages.add(int.from_bytes(frame[:4], "big"))
            size = int.from_bytes(frame[4:8], "big") or size  # of the whole, where a commit ends
        return size > 0 and pages.issuperset(range(1, size + 1))

    def fault(self) -> Fault | None:
        """What happened to it since it was opened."""
        status = _status(self._path)
        seen = known.get(self._path)
        if seen is None:
            log = _status(Path(f"{self._path}-wal"))
            emptied = status is not None and not status.st_size and log and log.st_size
            return "shrunk" if emptied else None
        if status is None or _id(status) != seen.place:
            return "moved"
        seen.torn = seen.torn or seen.beside not in (None, self._beside())
        if seen.torn:
            return "moved"
        if status.st_size < seen.bytes:
            return "shrunk"
        seen.bytes = status.st_size
        return None

    def _beside(self) -> tuple[FileId | None, ...]:
        found = (_status(Path(f"{self._path}{end}")) for end in ("-wal", "-shm"))
        return tuple(status and _id(status) for status in found)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _id(status: os.stat_result) -> FileId:
    return status.st_dev, status.st_ino
