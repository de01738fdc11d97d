"""A JWK Set: the public keys in it that a signature may be checked with.

A set is what somebody else publishes. Only the members that are needed are read, one key at a time,
so that an odd key costs itself and no other; a key that could make a check expensive is none.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Literal, TypeAlias

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MOST_KEYS = 100
RSA_BITS = range(2048, 8192 + 1)
MOST_EXPONENT = 2**32
"""public exponents are small, 65537 nearly always: a long one makes every check slow"""
_MOST_DIGITS = 1368
"""characters of a number of 8192 bits"""

Key: TypeAlias = EllipticCurvePublicKey | RSAPublicKey

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class _Set(msgspec.Struct):
    keys: list[msgspec.Raw]


class _Jwk(msgspec.Struct):
    """The members that matter: private ones, which some test clients publish, are not read."""

    kid: str
    kty: Literal["EC", "RSA"]
    use: Literal["sig"] = "sig"
    alg: str | None = None
    crv: str | None = None
    x: str = ""
    y: str = ""
    n: str = ""
    e: str = ""


@dataclass(frozen=True, slots=True)
class _Published:
    curve: str | None
    algorithm: str | None
    key: Key


class KeySet:
    """Signature keys by their ids."""

    def __init__(self, document: bytes = b'{"keys": []}') -> None:
        """Read a JWK Set. Raises ValueError when it is none."""
        self._keys: dict[str, list[_Published]] = {}
        try:
            found = msgspec.json.decode(document.removeprefix(codecs.BOM_UTF8), type=_Set)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise ValueError("not a JWK Set: an object with an array `keys`") from None
        for text in found.keys[:MOST_KEYS]:
            self._add(text)

    def _add(self, text: msgspec.Raw) -> None:
        try:
            jwk = msgspec.json.decode(text, type=_Jwk)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        key = _built(jwk)
        if key is not None:
            curve = jwk.crv if jwk.kty == "EC" else None
            self._keys.setdefault(jwk.kid, []).append(_Published(curve, jwk.alg, key))

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def find(self, kid: str, algorithm: str) -> Key | None:
        """The first key of that id that is of the kind which the algorithm needs."""
        curve = _CURVES.get(algorithm)
        for known in self._keys.get(kid, ()):
            if known.curve == curve and known.algorithm in (None, algorithm):
                return known.key
        return None


def _built(jwk: _Jwk) -> Key | None:
    if max(map(len, (jwk.x, jwk.y, jwk.n, jwk.e))) > _MOST_DIGITS:
        return None
    try:
        if jwk.kty == "EC":
            point = {"kty": "EC", "crv": jwk.crv, "x": jwk.x, "y": jwk.y}
            if jwk.crv not in _CURVES.values():
                return None
            curve_key = jwt.get_algorithm_by_name("ES256").from_jwk(point)
            return curve_key if isinstance(curve_key, EllipticCurvePublicKey) else None
        numbers = {"kty": "RSA", "n": jwk.n, "e": jwk.e}
        key = jwt.get_algorithm_by_name("RS256").from_jwk(numbers)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    sound = (
        isinstance(key, RSAPublicKey)
        and key.key_size in RSA_BITS
        and key.public_numbers().e < MOST_EXPONENT
    )
    return key if sound else None
