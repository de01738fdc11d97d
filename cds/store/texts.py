"""Texts of others, made fit to be stored, and to be shown where they could do something."""

from __future__ import annotations

from unicodedata import category

from cds.characters import as_seen

REPLACED = "\ufffd"


def storable(text: str, most: int) -> str:
    """Without what a database refuses or a terminal obeys, and at most so many characters.

    Line ends and tabs stay; other control characters and lone surrogates become U+FFFD.
    """
    return "".join(
        REPLACED if letter not in "\n\t" and category(letter) in ("Cc", "Cs") else letter
        for letter in text.replace("\r\n", "\n")[:most]
    )


def printable(text: str) -> str:
    """On one line and harmless in a terminal: what is not visible is written as its number."""
    return "".join(
        letter if letter == " " or _is_seen(letter) else f"\\u{{{ord(letter):x}}}"
        for letter in text
    )


def blank(text: str) -> bool:
    """Whether there is nothing in it that can be seen."""
    return not any(map(_is_seen, text))


def _is_seen(letter: str) -> bool:
    return category(letter)[0] != "C" and bool(as_seen(letter).strip())
