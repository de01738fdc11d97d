"""What the words beside a code change of what it means.

For a reason against treatment the more specific of the two counts; for a reason for treatment the
words must not name something else, or it is unconfirmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from cds.terminology.codes.body_systems import BodyParts
from cds.terminology.text import certainty
from cds.terminology.text.condition_names import HISTORY_OF, SUSPECTED, condition_words

_ACTIVE, _REMISSION = "_use_disorder_active", "_use_disorder_remission"
_COARSE = f"other_psychoactive{_ACTIVE}"
_OLD = frozenset({"myocardial_infarction_old"})
_SEVERAL = re.compile(r"[,;+&/]|\band\b|\bwith\b", re.IGNORECASE)
_PSEUDO = frozenset({HISTORY_OF, SUSPECTED})


def narrowed(coded: frozenset[str], said: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """A use disorder whose words say that it is in remission, where the code leaves it open.

    `said`: the sets of each name. A name that may tell of several substances ends no code that
    stands for any of them.
    """
    for text, words in said.items():
        over = {name for name in words if name.endswith(_REMISSION)}
        if not over or words & _PSEUDO or any(name.endswith(_ACTIVE) for name in words):
            continue
        ended = {name.replace(_REMISSION, _ACTIVE) for name in over}
        ended |= set() if _SEVERAL.search(text) else {_COARSE}
        left = coded - ended
        if left != coded:
            drug = "opioid_dependence" if f"opioid{_REMISSION}" in over else ""
            coded = (left - {drug}) | over
    return coded


def differ(coded: frozenset[str], said: Collection[frozenset[str]]) -> bool:
    """Whether the words name another disease than the code, or say that the episode is over.

    Words that are coarser, shorter or of no set say nothing against the code.
    """
    own = _families(coded)
    named = [words for words in said if words - _PSEUDO]
    if not named:
        return False
    if own and all((found := _said_families(w)) and own.isdisjoint(found) for w in named):
        return True
    if "myocardial_infarction_acute" in coded and all(words & _OLD for words in named):
        return True
    over = frozenset({"mdd_remission", "bipolar_remission"})
    return not coded & over and all(words & over for words in named)


def is_elsewhere(
    text: str, said: frozenset[str], coded: frozenset[str], parts: frozenset[str], body: BodyParts
) -> bool:
    """Whether a name is of another part of the body than the code beside it.

    `said`: the sets of the name; `coded`, `parts`: those of the code. Coarser, shortened, foreign
    and doubtful words are of none.
    """
    if said & coded:
        return False
    of_sets = body.of_sets(said - _PSEUDO)
    if of_sets:
        return of_sets.isdisjoint(parts)
    plain = not any(clause.said for clause in certainty.read(text, certainty.CONDITIONS))
    return plain and bool(body.parts_elsewhere(text, parts))


def added(
    coded: frozenset[str], said: Collection[frozenset[str]], against: Callable[[str], bool]
) -> frozenset[str]:
    """What the words name beyond the code, of what speaks against treatment."""
    found: set[str] = set()
    marks: list[frozenset[str]] = []
    for words in said:
        more = {name for name in words - coded - _PSEUDO if against(name)}
        more -= {name for name in more if name.removesuffix("_history") in coded}
        if more:
            found |= more
            marks.append(words & _PSEUDO)
    if "postpartum" in coded:
        found.discard("pregnancy_current")
    # one that is plain among several is plain
    return frozenset(found).union(frozenset.intersection(*marks)) if found else frozenset()


def _families(sets: frozenset[str]) -> frozenset[str]:
    table = _table("families").items()
    return frozenset(family for family, names in table if not sets.isdisjoint(names))


def _said_families(sets: frozenset[str]) -> frozenset[str]:
    """Of words, also those that they are too coarse to tell apart."""
    return _families(sets).union(*(_table("coarse").get(name, ()) for name in sets))


@lru_cache(maxsize=2)
def _table(part: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(listed) for name, listed in condition_words()[part].items()}
