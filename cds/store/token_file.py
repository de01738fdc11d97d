"""Used tokens of one machine, in a SQLite file beside the database.

Nothing here is worth a wait for the disk: a token matters for minutes. So the file is apart from
what must be durable, and is never synchronised. What was written survives the death of any process;
a loss of power may cost all of it. Therefore the file knows during which run of the machine it was
written: in another one it is checked, and vouches for nothing that is older. It knows as well when
it was last written, and as which file. One that was touched later, or is another one, was put back
from a copy and may lack what was used since: it vouches for nothing that is older either.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from cds.store.database import StoreError
from cds.store.tokens import MOST_AHEAD_S, SWEPT_AT_ONCE, Claim

LOOK_S = 1.0
"""how often it is looked whether the file is still in its place"""
TOUCHED_S = 2.0
"""from a write, as the file knows it, to its end, as the file system does: no more than that"""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_NOW = "(julianday('now') - 2440587.5) * 86400.0"
"""seconds since the epoch, to a millisecond"""
_WRITTEN = f"UPDATE last_write SET at = {_NOW}"  # noqa: S608
_TABLES = (
    "CREATE TABLE IF NOT EXISTS used_token"
    " (token TEXT PRIMARY KEY, expires INTEGER NOT NULL, owner TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS used_token_by_expiry ON used_token (expires)",
    "CREATE TABLE IF NOT EXISTS memory (boot TEXT NOT NULL, began REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS last_write (inode TEXT NOT NULL, at REAL NOT NULL)",
    f"CREATE TRIGGER IF NOT EXISTS claimed AFTER INSERT ON used_token BEGIN {_WRITTEN}; END",
    f"CREATE TRIGGER IF NOT EXISTS forgotten AFTER DELETE ON used_token BEGIN {_WRITTEN}; END",
)
# each is one step however many tokens it is about: between steps another thread may take over
_CLAIM = """
    INSERT INTO used_token
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(?) WHERE true ON CONFLICT DO NOTHING"""
_OWNERS = """
    SELECT json_group_object(token, owner) FROM used_token
    WHERE token IN (SELECT json_extract(value, '$[0]') FROM json_each(?))"""
_FORGET = f"""
    DELETE FROM used_token WHERE token IN
    (SELECT token FROM used_token WHERE expires < ? LIMIT {SWEPT_AT_ONCE})"""  # noqa: S608

log = structlog.get_logger()


class TokenFile:
    """Claims in a file; opened when it is first used, and again when it was moved or is broken."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self.began = 0.0
        self._path = path
        self._timeout_s = timeout_s
        self._connection: sqlite3.Connection | None = None
        self._place: tuple[int, int] | None = None
        self._look_at = 0.0

    def claim(self, claims: Sequence[Claim]) -> set[str]:
        rows = json.dumps([(claim.token, claim.expires, claim.owner) for claim in claims])
        try:
            connection = self._opened()
            if connection.execute(_CLAIM, (rows,)).rowcount == len(claims):
                return {claim.owner for claim in claims}
            owners = json.loads(connection.execute(_OWNERS, (rows,)).fetchone()[0])
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from None
        return {claim.owner for claim in claims if owners.get(claim.token) == claim.owner}

    def forget(self, before: int) -> bool:
        try:
            gone = self._opened().execute(_FORGET, (before,)).rowcount
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from None
        return gone >= SWEPT_AT_ONCE

    def close(self) -> None:
        if self._connection is not None:
            if _place(self._path) == self._place:
                with suppress(sqlite3.Error):  # the last one to close writes the file
                    self._connection.execute(_WRITTEN)
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        now = time.monotonic()
        if self._connection is not None and now >= self._look_at:
            self._look_at = now + LOOK_S
            if _place(self._path) != self._place:
                log.warning("the file of used tokens is not in its place any more")
                self.close()
        if self._connection is None:
            self._connection = self._open()
            self._place = _place(self._path)
        return self._connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=self._timeout_s, isolation_level=None)
        try:
            self._place = _place(self._path)
            found = os.stat(self._path)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                connection.execute(statement)
            self.began = _began(connection, found)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _failed(self, error: Exception) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in _BROKEN:
            return StoreError("busy" if code in _BUSY else "unreachable")
        log.warning("the file of used tokens is broken: a new one is begun")
        self.close()
        self._discard()
        return StoreError("corrupt")

    def _discard(self) -> None:
        """Delete the broken file, unless another worker has put a new one in its place."""
        if _place(self._path) == self._place:
            for end in ("", "-wal", "-shm"):
                Path(f"{self._path}{end}").unlink(missing_ok=True)


def _began(connection: sqlite3.Connection, found: os.stat_result) -> float:
    """Since when the file remembers everything; from now on where nobody can know that it does.

    `found`: the file as it was before this connection wrote to it.
    """
    boot, now = _boot(), time.time()
    known = connection.execute("SELECT boot, began FROM memory").fetchone()
    left = known is not None and known[0] == boot and _as_it_was_left(connection, found)
    connection.execute("DELETE FROM last_write")
    connection.execute("INSERT INTO last_write VALUES (?, ?)", (str(found.st_ino), now))
    if left and known[1] <= now + MOST_AHEAD_S:
        return float(known[1])
    if known is not None and connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
        error = sqlite3.DatabaseError("broken by a loss of power")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error
    connection.execute("DELETE FROM memory")
    connection.execute("INSERT INTO memory VALUES (?, ?)", (boot, now))
    return now


def _as_it_was_left(connection: sqlite3.Connection, found: os.stat_result) -> bool:
    """Whether nobody touched the file since it was last written: no copy can have that."""
    last = connection.execute("SELECT inode, at FROM last_write").fetchone()
    return (
        last is not None and last[0] == str(found.st_ino) and found.st_ctime <= last[1] + TOUCHED_S
    )


def _boot() -> str:
    """Names this run of the machine; empty where the system does not tell."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def _place(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
