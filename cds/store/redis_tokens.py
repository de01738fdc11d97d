"""Used tokens in Redis, where each expires by itself.

Redis may lose what it holds when it is started anew or another server takes over. A mark in it says
which run of Redis it was written in: where that is another one or gone, what is older counts as
perhaps forgotten.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from cds.store.database import StoreError
from cds.store.tokens import MOST_AHEAD_S, Claim

KEY = "ketamine-cds:jti:"
MARK = "ketamine-cds:replay"
_RUN = re.compile(r"run_id:(\w+)")


class RedisTokens:
    """Claims as keys that are set once."""

    def __init__(self, url: str, timeout_s: float) -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            raise RuntimeError("redis_url is set: install ketamine-cds[redis]") from None
        self.began = 0.0
        self._run = ""
        self._errors = (redis.RedisError, OSError)
        self._refused = redis.ResponseError
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._connected,
        )

    def claim(self, claims: Sequence[Claim]) -> set[str]:
        now = time.time()
        try:
            pipe = self._redis.pipeline(transaction=False)
            for claim in claims:
                seconds = max(1, claim.expires - int(now))
                pipe.set(KEY + claim.token, claim.owner, nx=True, ex=seconds)
            pipe.get(MARK)
            *kept, mark = pipe.execute(raise_on_error=False)
            for answer in kept:
                if isinstance(answer, Exception):
                    raise answer
            self._look_at(mark, now)
            first = {claim.owner for claim, new in zip(claims, kept, strict=True) if new}
            others = [claim for claim in claims if claim.owner not in first]
            owners = self._redis.mget([KEY + claim.token for claim in others]) if others else []
        except self._errors:
            raise StoreError("unreachable") from None
        own = zip(others, owners, strict=True)
        return first | {claim.owner for claim, owner in own if _text(owner) == claim.owner}

    def forget(self, before: int) -> bool:
        """Redis does that; see whether it answers, and since when it remembers."""
        try:
            pipe = self._redis.pipeline(transaction=False)
            pipe.get(MARK)
            self._look_at(pipe.execute(raise_on_error=False)[0], time.time())
        except self._errors:
            raise StoreError("unreachable") from None
        return False

    def close(self) -> None:
        self._redis.close()

    def _connected(self, connection: Any) -> None:
        connection.on_connect()
        connection.send_command("INFO", "server")
        try:
            found = _RUN.search(_text(connection.read_response()))
        except self._refused:  # a server that does not let us ask
            found = None
        self._run = found[1] if found else ""

    def _look_at(self, mark: bytes | str | Exception | None, now: float) -> None:
        """Since when Redis remembers; a mark that can't be read, or can't be true, is none."""
        if isinstance(mark, Exception) and not str(mark).startswith("WRONGTYPE"):
            raise mark
        began = None if isinstance(mark, Exception) else _began(mark, self._run, now)
        if began is None:
            began = now
            self._redis.set(MARK, f"{self._run} {began}")
        self.began = began


def _began(mark: bytes | str | None, run: str, now: float) -> float | None:
    """When the memory of this run of Redis began; None where the mark does not say it."""
    try:
        of_run, _, text = _text(mark).partition(" ")
        began = float(text)
    except ValueError:
        return None
    return began if of_run == run and 0 < began <= now + MOST_AHEAD_S else None


def _text(value: bytes | str | None) -> str:
    """What Redis holds, as the URL lets its client give it."""
    return value.decode() if isinstance(value, bytes) else value or ""
