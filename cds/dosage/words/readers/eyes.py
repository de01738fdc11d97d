"""Drops into the eyes and ears: `in both eyes` is one amount for each of them.

Facts: `each_nostril` (of two sides), `ignored`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, skip
from cds.dosage.words.scan import Item

_ORGANS = ("eye", "eyes", "ear", "ears")
_BOTH = ("both", "each", "every")
_ONE = ("left", "right", "affected", "operated", "operative", "surgical", "infected", "l", "r")


def eyes(items: Sequence[Item], at: int) -> Said | None:
    """`into both eyes`, `in the left eye`; `affected eyes` may be one or two."""
    place = skip(items, at, "in", "into", "to", "the", "your", "on")
    if items[place].key == "ou" and items[place].kind == "eye":
        return place + 1, "each_nostril", None
    if items[place].kind == "how" and items[place].key in _ONE and place > at:
        return place + 1, "ignored", "how"  # "right ear" is one phrase
    organ = items[place + 1]
    if organ.kind != "eye" or organ.key not in _ORGANS:
        return None
    if items[place].key in _BOTH:
        return place + 2, "each_nostril", None
    one = items[place].key in _ONE and not organ.key.endswith("s")
    return (place + 2, "ignored", "how") if one else None
