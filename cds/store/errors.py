"""What can be wrong with the store, in words of an operator. Never SQL, never a value.

StoreError
├── unreachable  it can't be opened or connected to, or does not answer in time
├── unwritable   it is full or read-only, or its disk fails
├── corrupt      it is damaged, or its tables are not those that this version made
├── moved        the SQLite file was there and is not any more
├── newer        a later version of the service migrated it
├── foreign      it belongs to another application
├── busy         somebody else holds it
└── crowded      more is asked of it at once than it takes: the store itself may be well
"""

from __future__ import annotations

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

Kind = Literal[
    "unreachable", "unwritable", "corrupt", "moved", "newer", "foreign", "busy", "crowded"
]

_SQLITE: dict[str, Kind] = {
    "SQLITE_READONLY_DBMOVED": "moved",
    "SQLITE_FULL": "unwritable",
    "SQLITE_READONLY": "unwritable",
    "SQLITE_IOERR": "unwritable",
    "SQLITE_PERM": "unwritable",
    "SQLITE_CORRUPT": "corrupt",
    "SQLITE_NOTADB": "corrupt",
    "SQLITE_ERROR": "corrupt",  # no such table or column
    "SQLITE_SCHEMA": "corrupt",
    "SQLITE_BUSY": "busy",
    "SQLITE_LOCKED": "busy",
    "SQLITE_CANTOPEN": "unreachable",
}
"""by the beginning of the error's name; the first that fits"""

_POSTGRESQL: dict[str, Kind] = {
    "08": "unreachable",
    "25006": "unwritable",  # read-only transaction
    "28": "unreachable",  # not allowed in
    "3D": "unreachable",  # no such database
    "40": "busy",  # serialisation, deadlock
    "42501": "unwritable",  # privilege
    "42": "corrupt",  # no such table or column
    "53100": "unwritable",  # disk full
    "53": "busy",  # too many connections, out of memory
    "55": "busy",
    "57014": "busy",  # statement time-out
    "57": "unreachable",  # shutting down
    "58": "unwritable",  # input or output error
    "XX": "corrupt",
}
"""by the beginning of the SQLSTATE; the first that fits"""


class StoreError(Exception):
    """The store can't be read or written now; `kind` says why."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind: Kind = kind


def kind_of(error: BaseException) -> Kind:
    """What an error of SQLAlchemy or of a driver means for an operator."""
    if isinstance(error, NoneFree):  # no connection of the pool became free
        return "busy"
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _first(_SQLITE, getattr(cause, "sqlite_errorname", ""), "unwritable")
    state = getattr(cause, "sqlstate", None)
    return _first(_POSTGRESQL, state, "unwritable") if state else "unreachable"


def _first(kinds: dict[str, Kind], name: str, otherwise: Kind) -> Kind:
    return next((kind for start, kind in kinds.items() if name.startswith(start)), otherwise)
