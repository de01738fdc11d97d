"""Words that tell of a drug without naming it, and words too short to be known for a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import Any

from cds.reviewed import read_reviewed

_OF_THE_SKIN = frozenset({"topical", "ophthalmic", "rectal"})
_MOST = 4
"""words: more are a remark"""


def tells_of_drug(
    words: Sequence[str], joins: Set[str], understood: Set[str], *, weak: bool = True
) -> bool:
    """Whether the words between two joins stand for a drug that they do not name.

    `weak`: also behind a comma, where they may describe the drug in front of it.

    >>> tells_of_drug(["sleeping", "pill"], {";"}, set())
    True
    """
    kinds, uses, things, another = (_words(key) for key in ("kinds", "uses", "things", "another"))
    said = set(words)
    if len(words) > _MOST or not said <= kinds | uses | things | another | understood:
        return False
    of_use = any(use in uses and thing in things for use, thing in pairwise(words))
    vague = bool(said & another) and bool(said & things)
    if joins <= {","} and not weak:
        return bool(said & another) and bool(said & (kinds | things))
    return bool(said & kinds) or of_use or (vague and "with" not in joins)


def is_short_for_drug(word: str) -> bool:
    """
    >>> is_short_for_drug("oxy"), is_short_for_drug("tab")
    (True, False)
    """
    return word in beside_words()["short"]


def is_for_skin(word: str, route: str) -> bool:
    """Whether it is short for another drug in what is given by this route.

    >>> is_for_skin("hc", "ophthalmic"), is_for_skin("hc", "oral")
    (True, False)
    """
    return route in _OF_THE_SKIN and word in beside_words()["of_the_skin"]


def is_added_to_ketamine(word: str) -> bool:
    """Whether it is a thing of its own beside ketamine, of which it is no salt.

    >>> is_added_to_ketamine("Magnesium"), is_added_to_ketamine("hydrochloride")
    (True, False)
    """
    return word.lower() in beside_words()["added_to_ketamine"]


def short_neutral() -> Iterable[str]:
    """Short words that name no drug."""
    return frozenset(beside_words()["short_neutral"])


def _words(key: str) -> frozenset[str]:
    return frozenset(beside_words()["untold"][key])


@lru_cache(maxsize=1)
def beside_words() -> dict[str, Any]:
    """The lists of beside_words.yaml."""
    table: dict[str, Any] = _split(read_reviewed("cds.terminology", "text/beside_words.yaml"))
    return table


def _split(block: Any) -> Any:
    if isinstance(block, str):
        return frozenset(block.split())
    if isinstance(block, dict):
        return {key: _split(inner) for key, inner in block.items()}
    return [_split(inner) for inner in block]
