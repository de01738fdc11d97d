"""Reading a client's token: who signed it, for which endpoint, when, and whether it is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from cds.hooks.errors import NotTrusted
from cds.hooks.trust.keys import FetchedKeys, FixedKeys, KeySource
from cds.hooks.trust.replay import Replay
from cds.settings import Settings, TrustedClient

MOST_ID = 512
REQUIRED_CLAIMS = ["iss", "aud", "exp", "iat", "jti"]


@dataclass(frozen=True, slots=True)
class Caller:
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
        self._keys = keys or {
            client.iss: key_source(client, settings.jwks_ttl_s) for client in settings.clients
        }
        self._clock = clock

    def admit(self, authorization: str | None, audience: str) -> Caller:
        """Who sends this `Authorization` header to the endpoint `audience`.

        Raises NotTrusted, whose `reason` tells a log what was wrong and the caller nothing.
        """
        token = self._bearer(authorization)
        header, claimed = self._unverified(token)
        client = self._clients.get(claimed)
        if client is None:
            raise NotTrusted("issuer")
        if "jku" in header and header["jku"] != client.jku:
            raise NotTrusted("jku")
        claims = self._verified(token, header, client, audience)
        if client.tenant is not None and claims.get("tenant", client.tenant) != client.tenant:
            raise NotTrusted("tenant")
        expires = int(claims["exp"]) + self._settings.clock_skew_s
        if not self._replay.first_use(client.iss, claims["jti"], expires):
            raise NotTrusted("replay")
        tenant = claims.get("tenant", client.tenant)
        return Caller(client, tenant if isinstance(tenant, str) else client.tenant)

    def _bearer(self, authorization: str | None) -> str:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotTrusted("missing")
        if len(token) > self._settings.token_bytes:
            raise NotTrusted("too_long")
        return token.strip()

    def _unverified(self, token: str) -> tuple[Mapping[str, Any], str]:
        """Header and issuer as the token claims them: good for choosing a key, nothing else."""
        try:
            parts = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError):
            raise NotTrusted("malformed") from None
        header, issuer = parts["header"], parts["payload"].get("iss")
        if header.get("alg") not in self._settings.algorithms:
            raise NotTrusted("algorithm")
        if header.get("typ") != "JWT" or "crit" in header:
            raise NotTrusted("header")
        if not isinstance(header.get("kid"), str) or not isinstance(issuer, str):
            raise NotTrusted("header")
        return header, issuer

    def _verified(
        self, token: str, header: Mapping[str, Any], client: TrustedClient, audience: str
    ) -> Mapping[str, Any]:
        key = self._keys[client.iss].find(header["kid"], header["alg"])
        if key is None:
            raise NotTrusted("key")
        try:
            claims = jwt.decode(
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
        except jwt.InvalidAudienceError:
            raise NotTrusted("audience") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
            raise NotTrusted("signature") from None
        self._check_times(claims)
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """Times and id, by our own clock: PyJWT reads the system's, which no test can set."""
        issued, expires, jti = claims["iat"], claims["exp"], claims["jti"]
        not_before = claims.get("nbf", issued)
        if not all(_is_time(moment) for moment in (issued, expires, not_before)):
            raise NotTrusted("times")
        if not isinstance(jti, str) or not 0 < len(jti) <= MOST_ID:
            raise NotTrusted("jti")
        now, skew = self._clock(), self._settings.clock_skew_s
        if expires <= now - skew:
            raise NotTrusted("expired")
        if max(issued, not_before) > now + skew:
            raise NotTrusted("future")
        if not 0 < expires - issued <= self._settings.token_lifetime_s:
            raise NotTrusted("lifetime")


def _is_time(value: object) -> bool:
    """Seconds since the epoch: a number, finite, and before the year 5138."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def key_source(client: TrustedClient, ttl: float) -> KeySource:
    """The keys of a client, as its settings give them."""
    if client.jwks is not None:
        return FixedKeys(client.jwks)
    assert client.jku is not None  # a client has one or the other
    return FetchedKeys(client.jku, ttl)
