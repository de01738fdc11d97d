"""Brands that RxNorm does not hold, with what the name alone tells of the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from msgspec import Struct

_HEAD = re.compile(r"(?P<ingredients>[^(:]+?)\s*(?:\((?P<notes>[^)]*)\))?:\s*(?P<brands>.+)", re.S)


class Brand(Struct, frozen=True):
    """What all products of a brand are; "" and () where they differ."""

    names: tuple[str, ...]
    ingredients: tuple[str, ...]
    route: str = ""
    flags: str = ""
    classes: str | None = None
    strengths: tuple[str, ...] = ()
    """of a combination, in the order of its ingredients: `30/500`"""


def read_brands() -> Iterator[Brand]:
    """The brands of `drug_brands.txt`, line by line."""
    text = files("cds.terminology").joinpath("text/drug_brands.txt").read_text("utf-8")
    whole = text.replace("\n  ", " ")
    for line in whole.splitlines():
        if line and not line.startswith("#"):
            yield _brand(line)


def _brand(line: str) -> Brand:
    """
    >>> _brand("codeine / aspirin (route oral; strengths 8/400): co-codaprin").strengths
    ('8/400',)
    """
    head = _HEAD.fullmatch(line)
    if head is None:
        raise ValueError(f"drug_brands.txt: not `ingredients (notes): brands`: {line}")
    told = (note.strip().partition(" ") for note in (head["notes"] or "").split(";"))
    notes = {key: value for key, _, value in told if key}
    return Brand(
        names=tuple(head["brands"].split(", ")),
        ingredients=tuple(head["ingredients"].split(" / ")),
        route=notes.pop("route", ""),
        flags=notes.pop("flags", ""),
        classes=notes.pop("classes", None),
        strengths=tuple(notes.pop("strengths", "").split()),
    )
