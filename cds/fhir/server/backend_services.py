"""A token by SMART backend services: a client proves with a signed assertion who it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.sockets import until
from cds.fhir.server.transport import open_session
from cds.wire import InvalidJson, decode

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "system/*.rs"
SCOPE_V1 = "system/*.read"
LIFETIME_S = 240
"""of an assertion; five minutes are the most that servers take"""


class TokenError(Exception):
    """No token: the text says which step failed, and quotes neither key nor token."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and what the server says of it."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: str


def backend_token(
    base: str,
    client_id: str,
    private_key: bytes,
    *,
    token_url: str | None = None,
    key_id: str | None = None,
    scope: str | None = None,
    seconds: float = 20.0,
) -> Token:
    """A token for a FHIR server, by the private key (PEM) of a registered client.

    Without `token_url` it is discovered at the server. Raises TokenError.
    """
    session = open_session(Guard(ANYWHERE), 2)
    moment = time.monotonic() + seconds
    scopes = scope
    if token_url is None:
        found = _discovered(session, base, moment)
        token_url = found.get("token_endpoint")
        if not isinstance(token_url, str):
            raise TokenError("the server's SMART configuration names no token endpoint")
        capabilities = found.get("capabilities")
        if scopes is None and isinstance(capabilities, list):
            scopes = SCOPE if "permission-v2" in capabilities else SCOPE_V1
    form = {
        "grant_type": "client_credentials",
        "scope": scopes or SCOPE,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": _assertion(client_id, private_key, _secure(token_url), key_id),
    }
    answer = _asked(session, "POST", token_url, moment, form)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise TokenError("the token endpoint gave no access token")
    lifetime = answer.get("expires_in")
    granted = answer.get("scope")
    return Token(
        token,
        lifetime if isinstance(lifetime, int) else 300,
        granted if isinstance(granted, str) else form["scope"],
    )


def _discovered(session: requests.Session, base: str, moment: float) -> dict[str, Any]:
    url = urljoin(base.rstrip("/") + "/", ".well-known/smart-configuration")
    return _asked(session, "GET", url, moment)


def _secure(url: str) -> str:
    """An assertion is as good as a password: it goes over TLS, or stays on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise TokenError("the token endpoint is not https")
    return url


def _assertion(client_id: str, private_key: bytes, audience: str, key_id: str | None) -> str:
    try:
        key = load_pem_private_key(private_key, None)
    except (ValueError, TypeError):
        raise TokenError("the private key is no PEM key without a password") from None
    algorithm = "ES384" if isinstance(key, EllipticCurvePrivateKey) else "RS384"
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "exp": now + LIFETIME_S,
        "iat": now,
        "jti": str(uuid4()),
    }
    try:
        return jwt.encode(claims, private_key, algorithm, {"kid": key_id} if key_id else None)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise TokenError(f"the private key can't sign {algorithm}") from None


def _asked(
    session: requests.Session,
    method: str,
    url: str,
    moment: float,
    form: dict[str, str] | None = None,
) -> dict[str, Any]:
    step = "token endpoint" if form else "SMART configuration"
    left = max(0.01, moment - time.monotonic())
    try:
        with until(moment):
            answer = session.request(
                method,
                url,
                data=form,
                headers={"Accept": "application/json"},
                timeout=left,
                allow_redirects=False,
            )
    except (requests.RequestException, OSError) as error:
        raise TokenError(f"{step}: {type(error).__name__}") from None
    if answer.status_code != 200:
        raise TokenError(f"{step}: HTTP {answer.status_code}{_oauth_error(answer.content)}")
    try:
        found = decode(answer.content)
    except InvalidJson:
        raise TokenError(f"{step}: the answer is not JSON") from None
    if not isinstance(found, dict):
        raise TokenError(f"{step}: the answer is no JSON object")
    return found


def _oauth_error(body: bytes) -> str:
    try:
        found = decode(body)
    except InvalidJson:
        return ""
    code = found.get("error") if isinstance(found, dict) else None
    return f" ({code})" if isinstance(code, str) and code.replace("_", "").isalpha() else ""
