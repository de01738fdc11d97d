"""JSON on the wire: a number that is not an integer becomes a Decimal, and goes out as it came.

`decode` gives plain dictionaries; a dose of `0.50` is `Decimal("0.50")`, never a float, and
`encode` writes it back as `0.50`. So a draft order can be patched and returned untouched.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any]
"""A JSON object. FHIR that is read stays in this form: real data fails strict models daily."""

LARGEST_EXPONENT = 50
"""Powers of ten beyond which a number means nothing here, and costs time to compute with."""


def _exact(text: str) -> Decimal | None:
    """The number; None for an absurd one, which is no value and must not cost the rest its use."""
    number = Decimal(text)
    return number if abs(number.adjusted()) <= LARGEST_EXPONENT else None


_decoder = msgspec.json.Decoder(float_hook=_exact)
_encoder = msgspec.json.Encoder(decimal_format="number")


class InvalidJson(ValueError):
    """The text is not JSON, not UTF-8, or nested too deeply. Never carries the text itself."""


def decode(data: bytes | str) -> Any:
    """Parse JSON with exact numbers.

    Raises InvalidJson, whose message names the position and never quotes the content.
    """
    try:
        return _decoder.decode(data)
    except RecursionError:
        raise InvalidJson("JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidJson(str(error)) from None


def encode(value: Any) -> bytes:
    """Serialise to UTF-8 JSON; a Decimal is written as the number it is."""
    return _encoder.encode(value)
