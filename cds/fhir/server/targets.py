"""Which URLs lie on a FHIR server: at its base or below it, however they are written.

An access token is good for the FHIR API. What else the same host serves, be it another tenant or
a page that anybody may write, must not see it.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
"""what one reader of a URL skips, or takes for a slash, and another does not"""
_HIDDEN = re.compile(
    r"%(?:25|2e|2f|5c|3b|[01][0-9a-f]|7f|[89a-f][0-9a-f]|(?![0-9a-f]{2}))|[^\x00-\x7f]",
    re.IGNORECASE,
)
"""dots, slashes, backslashes, semicolons, percent and control characters, where they are encoded;
and what is not ASCII, encoded or not: overlong UTF-8, `%u` and wide dots are dots to some servers,
and no path of FHIR needs any of it"""
MOST_URL = 8192
"""characters; longer ones are refused by the usual servers too"""
_PORTS = {"https": 443, "http": 80}


def target_below(base: str, url: str, page: str | None = None) -> str:
    """A URL that lies at the base or below, absolute; a relative one is resolved against `page`.

    Raises ValueError for any other.

    >>> target_below("https://h/fhir/r4/", "Patient/7")
    'https://h/fhir/r4/Patient/7'
    >>> target_below("https://h/fhir/r4/", "?page=2", "https://h/fhir/r4/Condition?patient=7")
    'https://h/fhir/r4/Condition?page=2'
    >>> target_below("https://h/fhir/r4/", "https://h/fhir/r4?_getpages=7")
    'https://h/fhir/r4?_getpages=7'
    >>> target_below("https://h/fhir/r4/", "https://h/fhir/other")
    Traceback (most recent call last):
    ValueError: not below the base

    A server behind a proxy may call itself http where it is reached by https: it is asked by https.
    """
    if len(url) > MOST_URL:
        raise ValueError("too long")
    given = urlsplit(url)
    if _UNSAFE.search(url) or (not given.netloc and _climbs(given.path)):
        raise ValueError("not a plain URL")
    here = urljoin(base, page or "")
    parts, home = urlsplit(urljoin(here, url)), urlsplit(base)
    if "@" in parts.netloc or parts.hostname != home.hostname:
        raise ValueError("another host")
    same = parts.scheme == home.scheme and _port(parts) == _port(home)
    behind_proxy = (parts.scheme, _port(parts)) == ("http", 80) and (
        (home.scheme, _port(home)) == ("https", 443)
    )
    if not (same or behind_proxy):
        raise ValueError("another origin")
    root = home.path.rstrip("/")
    below = parts.path.removeprefix(root)
    if not parts.path.startswith(root) or below[:1] not in ("", "/") or _climbs(below):
        raise ValueError("not below the base")
    return urlunsplit((home.scheme, home.netloc, parts.path, parts.query, ""))


def _climbs(path: str) -> bool:
    """Whether a part of a path means another place than it says, for some server."""
    plain = [part.partition(";")[0] for part in path.split("/")]
    return "//" in path or ".." in plain or "." in plain or _HIDDEN.search(path) is not None


def _port(parts: SplitResult) -> int | None:
    return parts.port if parts.port is not None else _PORTS.get(parts.scheme)
