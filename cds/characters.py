"""Characters that say nothing, or the same as others, and texts that programs take for more.

What is seen is what is read (`as_seen`): a zero-width space in a name hides it from a program and
from nobody else, and full-width letters are letters. No number is touched but for the width of its
digits: `½` and `10⁶` are read by the words of dosages, and NFKC would make `11⁄2` of `1½` and `106`
of `10⁶`. What can't be read away without guessing stays, or becomes `�`, and so is not understood.

What is shown (`as_shown`) is what was read, and nothing that a program would act upon: who shows a
text makes a link of an address whatever was escaped in it, for escapes are read before links are
looked for. So an address has a space in it, which a person reads over.
"""

from __future__ import annotations

import codecs
import re
import sys
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
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0\U00016fe4\U0001d159"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))))
)
"""fillers, joiners, selectors of a variant and what Unicode keeps for more of their kind: no format
characters by their class, or not yet"""
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
_TO_BE_LOOKED_AT = re.compile("[^\\x00-\u02ff\u2010-\u205e]")
"""the same of what is shown: anything else may be a mark, or have no glyph"""
_UNREADABLE = "\ufffd"
_TURNED_ROUND = re.compile("\u202e[^\u202c\n\r\x0b\x0c\x85\u2028\u2029]*")
"""from an override on, under which `05` is seen as 50, to its end or that of the line"""
_SOFT_HYPHEN = "\u00ad"
_HYPHEN_BETWEEN_NUMBERS = re.compile(r"(?<=\d)(\s*)\u00ad+(\s*)(?=\d)")
"""a soft hyphen is invisible, but `2\u00ad3` is no 23"""
_ACTED_UPON = re.compile(
    r"""
    (?P<www>www(?=\.|$))           # `www.`, a host without a scheme
    | /(?=/)                       # `http://`, `//`
    | \.(?<=\S\.)(?=[^\W\d_]{2})   # `example.com`
    | @(?=\S)                      # `a@b`, `@mention`
    | <(?=[a-z/!?])                # `<b>`, `</b>`, `<!--`, `<?`
    | &(?=\#\w|\w\w+;)             # `&#47;`, `&sol;`
    | \](?=[(\[:])                 # `[a](b)`, `[a][b]`, `[a]: b`
    | \\(?=[^\w\s])               # `http:\/\/`, read as `http://`
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""after which a space takes from a program what it would act upon, and from a person nothing

Each of them begins with a character of its own, so that the others are passed over: three times as
fast as one that begins with what stands before it."""


def as_seen(text: str) -> str:
    """The text with nothing in it that can't be seen, and with letters and digits of one width.

    >>> as_seen("keta\u200bmine １０ ㎎"), as_seen("1½ tab, 10⁶ cells, Ⅳ, 2º")
    ('ketamine 10 mg', '1½ tab, 10⁶ cells, Ⅳ, 2º')
    """
    return _as_seen(text) if _TO_BE_READ.search(text) else text


@kept(4096)
def _as_seen(text: str) -> str:
    text = _TURNED_ROUND.sub(_turned_round, text).translate(_TABLE)
    text = _HYPHEN_BETWEEN_NUMBERS.sub(r"\1-\2", text).replace(_SOFT_HYPHEN, "")
    if len(text) > _MOST_MARKS:
        text = _marks().sub(lambda found: found[0][:_MOST_MARKS], text)
    return unicodedata.normalize("NFC", text)


@cache
def _marks() -> re.Pattern[str]:
    """More marks on one letter than can be seen: to sort them takes the square of their number."""
    found = "".join(c for c in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(c))
    return re.compile(f"[{found}]{{{_MOST_MARKS + 1},}}+")


def _turned_round(found: re.Match[str]) -> str:
    """Without its digits it is read as it stands; of these nobody knows which were meant."""
    return f"{_UNREADABLE if any(map(str.isdigit, found[0])) else ''}{found[0][1:]}"


def as_shown(text: str) -> str:
    """A text from elsewhere as it may be shown: one line, as it is read, and nothing but text.

    What has no glyph is `�`, no letter bears more than two marks, and nothing in it is a link, a
    tag or an entity, however it is shown. To show what is shown already changes nothing.

    >>> as_shown("see www.example.com, a@b.org,\\n <b>https://x</b>")
    'see ww w. example. com, a@ b. org, < b>https:/ /x< /b>'
    """
    if not (text.isascii() and text.isprintable()):
        text = visible(text)
    return _ACTED_UPON.sub(_apart, " ".join(text.split()))


def visible(text: str) -> str:
    """A text as it is seen, lines and all: in it `�` is what has no glyph, and marks don't pile up.

    >>> visible("a\\u202eb\\ue000\\n" + "e" + 5 * "\\u0301")
    'ab�\\né\u0301\u0301'
    """
    text = as_seen(text)
    return _legible(text) if _TO_BE_LOOKED_AT.search(text) else text


def _legible(text: str) -> str:
    kept, marks = [], sys.maxsize
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks and marks > _most_marks(character):
            continue
        kept.append(_UNREADABLE if kind in ("Co", "Cn", "Cs") else character)
    return "".join(kept)


def _most_marks(mark: str) -> int:
    """How many stand on a letter where this is one of them: writing has more than accents."""
    return 2 if unicodedata.name(mark, "").startswith("COMBINING") else 4


def _apart(found: re.Match[str]) -> str:
    return "ww w" if found["www"] else f"{found[0]} "


class _Table(dict[int, str]):
    """Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _read(chr(code))
        return made


_TABLE = _Table()


def _read(character: str) -> str:
    kind = unicodedata.category(character)
    if character in ("\n", "\r", _SOFT_HYPHEN):
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
