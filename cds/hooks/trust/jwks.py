"""A JWK Set: the public keys in it that a signature may be checked with.

A set is what somebody else publishes. It is split into its keys by brackets and quotes alone, and
each key is read by itself, only the members that are needed: so an odd one (a lone surrogate,
another charset, a thousand brackets) costs itself and no other. A key that could make a check
expensive is none.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal, TypeAlias

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

MOST_KEYS = 100
RSA_BITS = range(2048, 8192 + 1)
MOST_EXPONENT = 2**32
"""public exponents are small, 65537 nearly always: a long one makes every check slow"""
_MOST_DIGITS = 1368
"""characters of a number of 8192 bits"""

Key: TypeAlias = EllipticCurvePublicKey | RSAPublicKey

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


_MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[][{},:"]', re.DOTALL)
"""a string, or what gives JSON its shape; a quote alone begins a string that never ends"""
_OPENS = {b"]": b"[", b"}": b"{"}


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


class _Published(Struct, frozen=True):
    curve: str | None
    algorithm: str | None
    key: Key


class KeySet:
    """Signature keys by their ids."""

    def __init__(self, document: bytes = b'{"keys": []}') -> None:
        """Read a JWK Set. Raises ValueError when it is none."""
        self._keys: dict[str, list[_Published]] = {}
        for text in _split(document.removeprefix(codecs.BOM_UTF8).strip()):
            self._add(text)

    def _add(self, text: bytes) -> None:
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


def _split(document: bytes) -> list[bytes]:
    """The texts of the first keys, however deep and odd they are. Raises ValueError."""
    keys: list[bytes] | None = None
    inside: list[bytes] = []
    last = member = b""
    begin = end = 0
    for found in _MARK.finditer(document):
        mark, end = found[0], found.end()
        if mark == b'"' or (not inside and found.start() > 0):
            raise _no_set()
        in_keys = keys is not None and member == b'"keys"' and inside == [b"{", b"["]
        if keys is not None and in_keys and mark in b",]":
            if len(keys) < MOST_KEYS:
                keys.append(document[begin : found.start()])
            begin = end
        if mark == b":" and len(inside) == 1:
            member = last
        elif mark == b"[" and (inside, last, member) == ([b"{"], b":", b'"keys"'):
            keys, begin = [], end
        if mark in b"[{":
            inside.append(mark)
        elif mark in b"]}" and (not inside or inside.pop() != _OPENS[mark]):
            raise _no_set()
        last = mark
    if keys is None or inside or end != len(document):
        raise _no_set()
    return keys


def _no_set() -> ValueError:
    return ValueError("not a JWK Set: an object with an array `keys`")


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
