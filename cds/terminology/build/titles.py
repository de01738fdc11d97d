"""The official titles of ICD-10-CM that mislead: `icd10cm_titles.json`.

The words of such a title name a set that its code is not in: "Amniotic fluid embolism in the
puerperium" is no code of `postpartum`. Written beside that code, they are not read as words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from cds.terminology.build.writer import words
from cds.terminology.codes.code_sets import plain_name

TRUE_BY_WORDS = frozenset({"R440"})
"""Codes in no set whose title says what the rules ask about: auditory hallucinations."""


def misleading_titles(
    titles: Iterable[tuple[str, str]],
    named: Callable[[str], frozenset[str]],
    sets_of: Callable[[str], frozenset[str]],
) -> dict[str, str]:
    """Plain title → its codes. `named`: the sets of a text; `sets_of`: those of a code."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, title in titles:
        if code not in TRUE_BY_WORDS and named(title) - sets_of(code):
            found[plain_name(title)].add(code)
    return {title: words(codes) for title, codes in found.items()}
