"""Memories of used tokens that several workers or machines share."""

from __future__ import annotations

import itertools
import time

from cds.hooks.trust.replay import ReplayUnavailable, token_id
from cds.store.database import Database, StoreError
from cds.store.tokens import forget_expired, remember

SWEEP_EVERY = 1000


class DatabaseReplay:
    """In the store: a unique key says whether a token is new."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls = itertools.count(1)

    def first_use(self, iss: str, jti: str, expires: int) -> bool:
        try:
            if next(self._calls) % SWEEP_EVERY == 0:
                forget_expired(self._database)
            return remember(self._database, token_id(iss, jti), expires)
        except StoreError:
            raise ReplayUnavailable from None


class RedisReplay:
    """In Redis, where each token expires by itself."""

    def __init__(self, url: str) -> None:
        try:
            import redis
        except ImportError:
            raise RuntimeError("redis_url is set: install ketamine-cds[redis]") from None
        self._errors = (redis.RedisError, OSError)
        self._redis = redis.Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)

    def first_use(self, iss: str, jti: str, expires: int) -> bool:
        seconds = max(1, expires - int(time.time()))
        try:
            kept = self._redis.set(f"ketamine-cds:jti:{token_id(iss, jti)}", 1, nx=True, ex=seconds)
        except self._errors:
            raise ReplayUnavailable from None
        return bool(kept)
