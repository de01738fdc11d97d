"""What single values of the settings have to be, each with what is wrong with it in words.

An address may hold a password: what is said of one quotes nothing of it, and no error of a library
that could is passed on.
"""

from __future__ import annotations

from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
_REDIS = ("redis", "rediss", "unix")
_ENCODED = "; in a user name or password, write / ? # @ : and % percent-encoded"
_SERVICES = "/cds-services"


def web_url(text: str) -> str:
    """An absolute address without user name, and without a slash at its end."""
    if _parts(text) is None or "@" in text:
        raise ValueError("must be an absolute http(s) URL without user name")
    return text.rstrip("/")


def base_url(text: str) -> str:
    """The address before `/cds-services`: with it no token would be for the path that is called."""
    url = web_url(text)
    if url.endswith(_SERVICES):
        raise ValueError(f"must be given without {_SERVICES}")
    return url


def origin(text: str) -> str:
    """What a browser sends as Origin: a scheme, a host and perhaps a port; or `*` for any."""
    parts = _parts(text)
    if text != "*" and (parts is None or "@" in text or text != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError("must be `*` or an origin such as https://ehr.example.org, without a path")
    return text


def keys_url(text: str) -> str:
    """An address of public keys: over TLS, but on this machine."""
    parts = _parts(text)
    if parts is None or "@" in parts.netloc:
        raise ValueError("must be an absolute https URL without user name")
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("must be https (http on loopback only)")
    return text


def key_set(jwks: dict[str, Any] | None) -> dict[str, Any] | None:
    """A JWK Set as far as its outside goes: an odd key in it costs no other."""
    if jwks is not None and not isinstance(jwks.get("keys"), list):
        raise ValueError("must be a JWK Set: a table with an array `keys`")
    return jwks


def network(text: str) -> str:
    """A range of addresses."""
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("must be address ranges such as 10.20.0.0/16") from None
    return text


def database_url(text: str) -> str:
    """One of the two databases that the store knows; of SQLite a file, which workers can share."""
    try:
        url = _database(text)
    except Exception:  # whatever the driver makes of it, with whatever it quotes
        raise ValueError(f"is no database URL that can be read{_ENCODED}") from None
    if url is None:
        raise ValueError("must be sqlite:///… or postgresql+psycopg://…")
    if url.drivername.startswith("sqlite"):
        name, mode = url.database or "", url.query.get("mode")
        if not name or ":memory:" in name or "mode=memory" in name or mode == "memory":
            raise ValueError("must name a file, as sqlite:////var/lib/ketamine-cds.sqlite")
    return text


def _database(text: str) -> URL | None:
    """The parts of a URL, once its driver has read them too; None for another kind of database."""
    from sqlalchemy.engine import make_url

    if text.partition("://")[0] not in _DRIVERS:
        return None
    url = make_url(text)
    if url.port is not None and not 0 < url.port < 65536:
        raise ValueError
    url.get_dialect()().create_connect_args(url)
    return url


def redis_url(secret: SecretStr | None) -> SecretStr | None:
    """An address of a Redis server; it may hold a password and is never shown."""
    if secret is None:
        return None
    try:
        parts = urlsplit(secret.get_secret_value())
        known = parts.scheme in _REDIS and bool(parts.netloc or parts.path)
        sound = parts.port != 0 and (parts.scheme == "unix" or _is_number(parts.path[1:]))
        if known and sound:
            _open_redis(secret.get_secret_value())
    except Exception:  # as above
        known, sound = True, False
    if not known:
        raise ValueError("must be redis://…, rediss://… or unix://…")
    if not sound:
        raise ValueError(f"is no Redis URL that can be read: host, port, number{_ENCODED}")
    return secret


def _is_number(text: str) -> bool:
    """Of a database of Redis; the client takes another word for none."""
    return not text or (text.isascii() and text.isdigit())


def _open_redis(text: str) -> None:
    """Raise what the client would raise later, before it connects."""
    if find_spec("redis") is not None:
        from redis import ConnectionPool

        ConnectionPool.from_url(text).make_connection()


def existing_file(path: Path | None) -> Path | None:
    """A file that is there now: every worker would stumble over it later."""
    if path is not None and not path.is_file():
        raise ValueError(f"names a file that is not there: {path}")
    return path


def existing_folder(path: Path | None) -> Path | None:
    """A folder that is there now."""
    if path is not None and not path.is_dir():
        raise ValueError(f"names a folder that is not there: {path}")
    return path


def _parts(text: str) -> SplitResult | None:
    """An absolute web address in its parts."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if known else None
