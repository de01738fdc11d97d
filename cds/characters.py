"""Characters that say nothing, or the same as others: read away before any text is matched.

What is seen is what is read: a zero-width space in a name hides it from a program and from nobody
else, and full-width letters are letters. No number is touched but for the width of its digits: `½`
and `10⁶` are read by the words of dosages, and NFKC would make `11⁄2` of `1½` and `106` of `10⁶`.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache

from cds.kept import kept

_CODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""fillers, joiners and selectors of a variant that are no format characters by their class"""
_LINE_ENDS = frozenset("\x0b\x0c\x85\u2028\u2029")
_SPACES = frozenset("\t\x1c\x1d\x1e\x1f\u2800")
"""beside those of their class; the last is the empty Braille cell"""
_FOLDED = frozenset({"<wide>", "<narrow>", "<small>", "<font>", "<square>"})
"""how a character may differ from those that it stands for: `ｋ`, `﹪`, `𝐤`, `㎎`"""
_LIGATURES = "<compat>"
"""of letters: `ﬂ`; most others of this class are signs"""
_TO_BE_READ = re.compile("[^\n\r\\x20-\\x7e\\xa1-\\xac\\xae-\u024f]")
"""all but what Western texts consist of, which is as it should be"""
_MOST_MARKS = 30
"""on one letter, as Unicode's stream-safe format has it"""
_HYPHEN_BETWEEN_NUMBERS = re.compile(r"(?<=\d)(\s*)\u00ad(\s*)(?=\d)")
"""a soft hyphen is invisible, but `2\u00ad3` is no 23"""


def as_seen(text: str) -> str:
    """The text with nothing in it that can't be seen, and with letters and digits of one width.

    >>> as_seen("keta\u200bmine １０ ㎎"), as_seen("1½ tab, 10⁶ cells, Ⅳ, 2º")
    ('ketamine 10 mg', '1½ tab, 10⁶ cells, Ⅳ, 2º')
    """
    return _as_seen(text) if _TO_BE_READ.search(text) else text


@kept(4096)
def _as_seen(text: str) -> str:
    text = _HYPHEN_BETWEEN_NUMBERS.sub(r"\1-\2", text).translate(_TABLE)
    if len(text) > _MOST_MARKS:
        text = _marks().sub(lambda found: found[0][:_MOST_MARKS], text)
    return unicodedata.normalize("NFC", text)


@cache
def _marks() -> re.Pattern[str]:
    """More marks on one letter than can be seen: to sort them takes the square of their number."""
    found = "".join(c for c in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(c))
    return re.compile(f"[{found}]{{{_MOST_MARKS + 1},}}+")


class _Table(dict[int, str]):
    """Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _read(chr(code))
        return made


_TABLE = _Table()


def _read(character: str) -> str:
    kind = unicodedata.category(character)
    if character in "\n\r":
        return character
    if character in _LINE_ENDS:
        return "\n"
    if kind == "Zs" or character in _SPACES:
        return " "
    if kind in ("Cf", "Cc") or character in _INVISIBLE:
        return ""
    meant = unicodedata.normalize("NFKC", character)
    how = unicodedata.decomposition(character).split(" ", 1)[0]
    if how == _LIGATURES:
        return meant if kind.startswith("L") and meant.isascii() else character
    if how not in _FOLDED or not meant.replace("μ", "u").isascii():
        return character
    one_digit = unicodedata.decimal(character, None) is not None
    return meant if one_digit or not any(map(str.isnumeric, meant)) else character


def unaccented(text: str) -> str:
    """The text with plain letters for accented ones: "kétamine" is ketamine to whoever reads it.

    >>> unaccented("kétamine ½"), unaccented("Schöner")
    ('ketamine ½', 'Schoner')
    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def as_utf8(data: bytes) -> bytes:
    """The bytes of a text file as UTF-8 without a byte order mark, as the mark says.

    Raises UnicodeDecodeError for what its own mark belies.
    """
    for mark, coding in _CODINGS:
        if data.startswith(mark):
            return data.decode(coding).encode()
    return data
