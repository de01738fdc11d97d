"""Which memory of used tokens the settings choose."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from cds.hooks.trust.claims import PATIENCE_S, SharedClaims
from cds.hooks.trust.replay import MARGIN_S, OwnMemory, Replay
from cds.settings import Settings
from cds.store.database import Database
from cds.store.redis_tokens import RedisTokens
from cds.store.token_file import TokenFile
from cds.store.tokens import DatabaseTokens, UsedTokens


def replay_of(settings: Settings) -> Replay:
    """The memory of one process, and the one that it shares with others."""
    refuse = settings.replay_when_unavailable == "refuse"
    longest_good = settings.token_lifetime_s + 2 * settings.clock_skew_s
    own = OwnMemory(longest_good + MARGIN_S)
    tokens = _tokens(settings)
    shared = SharedClaims(tokens, accepts=not refuse) if tokens else None
    if shared is not None:
        shared.start()
    return Replay(own, shared, settings.clock_skew_s, refuse)


def _tokens(settings: Settings) -> UsedTokens | None:
    if settings.replay_store == "process":
        return None
    if settings.replay_store == "redis":
        assert settings.redis_url is not None  # the settings were checked for it
        return RedisTokens(settings.redis_url.get_secret_value(), PATIENCE_S / 2)
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return DatabaseTokens(Database(settings.database_url, PATIENCE_S))
    assert url.database is not None  # the settings were checked for it
    return TokenFile(file_beside(url.database), PATIENCE_S)


def file_beside(database: str) -> Path:
    """The file of used tokens that belongs to a SQLite file.

    >>> file_beside("/var/lib/cds/store.sqlite").name
    'store-tokens.sqlite'
    """
    path = Path(database.removeprefix("file:").partition("?")[0])
    return path.with_name(f"{path.stem}-tokens{path.suffix}")
