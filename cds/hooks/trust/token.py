"""Reading a client's token: who signed it, for which endpoint, when, and whether it is new.

What a token claims is looked at before its signature: only a token that could be good makes us look
for a key, and perhaps fetch one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

import jwt
from msgspec import Struct

from cds.hooks.errors import NotTrusted, TrustUnavailable
from cds.hooks.trust.keys import FetchedKeys, FixedKeys, KeySource, Seats
from cds.hooks.trust.replay import Replay, ReplayUnavailable, Use
from cds.metrics import REFUSED
from cds.settings import Settings, TrustedClient

MOST_ID = 512
"""characters of a `jti`, and of a `kid`"""
MOST_TENANT = 200
FIRST_KEYS_S = 1.0
"""how long the start of a worker waits for keys: its first call then finds them"""
REQUIRED_CLAIMS = ["iss", "aud", "exp", "iat", "jti"]
_NOT_READ = frozenset({"crit", "b64", "zip", "enc"})
"""header members that change how the rest is to be read"""
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError)


class Caller(Struct, frozen=True):
    """A client that proved who it is."""

    client: TrustedClient
    tenant: str | None


class Gate:
    """Lets in the callers that the settings name."""

    def __init__(
        self,
        settings: Settings,
        replay: Replay,
        keys: Mapping[str, KeySource] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._replay = replay
        self._clients = {client.iss: client for client in settings.clients}
        self._keys = keys or key_sources(settings)
        self._clock = clock

    def fetch_keys(self, wait_s: float = FIRST_KEYS_S) -> None:
        """Begin to fetch what is not in the settings, and wait a moment for it."""
        until = time.monotonic() + wait_s
        fetched = [keys for keys in self._keys.values() if isinstance(keys, FetchedKeys)]
        for keys in fetched:
            keys.start()
        for keys in fetched:
            keys.ready(until - time.monotonic())

    def admit(self, authorization: str | None, audience: str) -> Caller:
        """Who sends this `Authorization` header to the endpoint `audience`.

        Raises NotTrusted, whose `reason` tells a log what was wrong and the caller nothing, and
        TrustUnavailable where it can't be told whether the token is new.
        """
        token = self._bearer(authorization)
        header, claims = _unverified(token)
        if header.get("alg") not in self._settings.algorithms:
            raise NotTrusted("algorithm")
        _check_header(header)
        client = self._client(claims)
        if "jku" in header and header["jku"] != client.jku:
            raise NotTrusted("jku")
        self._check_claims(claims, client, audience)
        self._check_signature(token, header, client, audience)
        self._check_new(claims, client)
        return Caller(client, claims.get("tenant") or client.tenant)

    def _bearer(self, authorization: str | None) -> str:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotTrusted("missing")
        if len(token) > self._settings.token_bytes:
            raise NotTrusted("too_long")
        return token.strip()

    def _client(self, claims: Mapping[str, Any]) -> TrustedClient:
        issuer = claims.get("iss")
        client = self._clients.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise NotTrusted("issuer")
        return client

    def _check_claims(
        self, claims: Mapping[str, Any], client: TrustedClient, audience: str
    ) -> None:
        aud = claims.get("aud")
        if audience not in (aud if isinstance(aud, list) else [aud]):
            raise NotTrusted("audience")
        self._check_times(claims)
        if not _is_text(claims.get("jti"), MOST_ID):
            raise NotTrusted("jti")
        tenant = claims.get("tenant")
        if tenant in (None, ""):
            return
        if not _is_text(tenant, MOST_TENANT) or not tenant.isprintable():
            raise NotTrusted("tenant")
        if client.tenant not in (None, tenant):
            raise NotTrusted("tenant")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """By our own clock: PyJWT reads the system's, which no test can set."""
        issued, expires = claims.get("iat"), claims.get("exp")
        not_before = claims.get("nbf", issued)
        if not (_is_time(issued) and _is_time(expires) and _is_time(not_before)):
            raise NotTrusted("times")
        now, skew = self._clock(), self._settings.clock_skew_s
        if expires <= now - skew:
            raise NotTrusted("expired")
        if max(issued, not_before) > now + skew:
            raise NotTrusted("future")
        if not 0 < expires - issued <= self._settings.token_lifetime_s:
            raise NotTrusted("lifetime")

    def _check_signature(
        self, token: str, header: Mapping[str, Any], client: TrustedClient, audience: str
    ) -> None:
        key = self._keys[client.iss].find(header["kid"], header["alg"])
        if key is None:
            raise NotTrusted("key")
        try:
            jwt.decode(
                token,
                key,
                algorithms=[header["alg"]],
                audience=audience,
                issuer=client.iss,
                options={
                    "require": REQUIRED_CLAIMS,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidSignatureError:
            raise NotTrusted("signature") from None
        except _UNREADABLE:
            raise NotTrusted("claims") from None

    def _check_new(self, claims: Mapping[str, Any], client: TrustedClient) -> None:
        """The last check: what is refused before does not use a token up."""
        expires = int(claims["exp"]) + self._settings.clock_skew_s
        use = Use(client.iss, claims["jti"], float(claims["iat"]), expires)
        try:
            new = self._replay.first_use(use)
        except ReplayUnavailable:
            REFUSED.labels("replay_unknown").inc()
            raise TrustUnavailable from None
        if not new:
            raise NotTrusted("replay")


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as the token has them: good for choosing a key, and for refusing."""
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except _UNREADABLE:
        raise NotTrusted("malformed") from None
    return parts["header"], parts["payload"]


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("typ") != "JWT" or not _NOT_READ.isdisjoint(header):
        raise NotTrusted("header")
    if not _is_text(header.get("kid"), MOST_ID):
        raise NotTrusted("header")


def _is_text(value: object, most: int) -> bool:
    """A text of Unicode characters: a lone surrogate is none, and no place could keep it."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _is_time(value: object) -> TypeGuard[float]:
    """Seconds since the epoch: a number, finite, and before the year 5138."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def key_sources(settings: Settings) -> Mapping[str, KeySource]:
    """The keys of each client, as its settings give them."""
    seats = Seats(settings.threads)

    def keys_of(client: TrustedClient) -> KeySource:
        if client.jwks is not None:
            return FixedKeys(client.jwks)
        assert client.jku is not None  # a client has one or the other
        return FetchedKeys(client.jku, settings.jwks_ttl_s, client.iss, seats)

    return {client.iss: keys_of(client) for client in settings.clients}
