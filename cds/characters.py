"""Characters that say nothing: byte order marks."""

from __future__ import annotations

import codecs

_CODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def as_utf8(data: bytes) -> bytes:
    """The bytes of a text file as UTF-8 without a byte order mark, as the mark says.

    Raises UnicodeDecodeError for what its own mark belies.
    """
    for mark, coding in _CODINGS:
        if data.startswith(mark):
            return data.decode(coding).encode()
    return data
