"""The lists of drugs that no rule asks about, of supplies, and of words that name no drug."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib.resources import files

from msgspec import Struct

from cds.terminology.text.spelling import without_last_e
from cds.terminology.text.untold import short_neutral

WORD = re.compile(r"[a-z][a-z0-9'-]*|[/+]")
JOINS = frozenset("/+-")
_OF_A_STRENGTH = frozenset({
    "ml", "mg", "mcg", "ug", "g", "gm", "h", "hr", "hour", "hours", "day", "actuat", "actuation",
    "dose", "spray", "puff", "unit", "units", "unt", "iu", "tablet", "tab", "capsule", "vial", "kg",
    "er", "xr", "sr", "hct", "hctz", "act", "min", "mm", "cm", "cc", "mmhg",
})  # fmt: skip
"""words behind a slash that name no further drug: `50 mg/mL`, `100 mcg/actuation`"""


class OtherDrugLists(Struct, frozen=True):
    """The lists, less what the drug tables know. Read when first asked for."""

    names: frozenset[tuple[str, ...]]
    things: frozenset[str]
    understood: frozenset[str]
    """words that are no further drug"""
    begins: frozenset[str]
    hyphened: frozenset[str]


def read_other_drugs(is_known: Callable[[tuple[str, ...]], bool]) -> OtherDrugLists:
    neutral = {word for line in _lines("neutral_words") for word in line.split()}
    neutral |= _OF_A_STRENGTH.union(short_neutral())
    written = {
        (name,) if name.isalpha() else tuple(WORD.findall(name)) for name in _written_names()
    }
    written.discard(())
    names = {name for name in written if not is_known(name)}
    # "calcium" is a drug and the salt of any other
    supplies = {word for line in _lines("supplies") for word in line.split()}
    salts = {(word,) for word in supplies | neutral} & names
    names -= salts
    things = supplies.union(*salts)
    return OtherDrugLists(
        names=frozenset(names),
        things=frozenset(things),
        understood=frozenset(neutral | things | JOINS),
        begins=frozenset(name[0] for name in names),
        hyphened=frozenset(word for name in names for word in name if "-" in word),
    )


def _written_names() -> Iterable[str]:
    """Those of other_drugs one a line, also as substances are called in German, and those of
    other_products in groups by comma."""
    substances = list(_lines("other_drugs"))
    yield from substances
    yield from filter(None, map(without_last_e, substances))
    for group in "\n".join(_lines("other_products")).split("\n\n"):
        yield from group.replace("\n", " ").split(", ")


def _lines(name: str) -> Iterable[str]:
    text = files("cds.terminology").joinpath(f"text/{name}.txt").read_text("utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))
