"""What single values of the settings have to be, each with what is wrong with it in words."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

_DATABASES = re.compile(r"(?:sqlite|postgresql)(?:\+\w+)?://")
_REDIS = ("redis", "rediss", "unix")
_SERVICES = "/cds-services"


def web_url(text: str) -> str:
    """An absolute address without user name, and without a slash at its end."""
    parts = _parts(text)
    if parts is None or parts.username:
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
    if text != "*" and (parts is None or text != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError("must be `*` or an origin such as https://ehr.example.org, without a path")
    return text


def keys_url(text: str) -> str:
    """An address of public keys: over TLS, but on this machine."""
    parts = urlsplit(text)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise ValueError("must be https (http on loopback only)")
    return text


def database_url(text: str) -> str:
    """One of the two databases that the store knows."""
    if not _DATABASES.match(text):
        raise ValueError("must be sqlite:///… or postgresql+psycopg://…")
    return text


def redis_url(secret: SecretStr | None) -> SecretStr | None:
    """An address of a Redis server; it may hold a password and is never shown."""
    if secret is not None:
        scheme, colon, rest = secret.get_secret_value().partition("://")
        if scheme not in _REDIS or not colon or not rest:
            raise ValueError("must be redis://…, rediss://… or unix://…")
    return secret


def existing_file(path: Path | None) -> Path | None:
    """A file that is there now: every worker would stumble over it later."""
    if path is not None and not path.is_file():
        raise ValueError(f"names a file that is not there: {path}")
    return path


def _parts(text: str) -> SplitResult | None:
    """An absolute web address in its parts."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return parts if parts.scheme in ("https", "http") and parts.hostname else None
