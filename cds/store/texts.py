"""Texts of others, made fit to be stored, and to be shown where they could do something."""

from __future__ import annotations

from unicodedata import category

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
        f"\\u{{{ord(letter):x}}}"
        if category(letter)[0] == "C" or letter in "\u2028\u2029"
        else letter
        for letter in text
    )
