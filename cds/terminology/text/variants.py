"""Names that are another product with a word behind them: `Tylenol Cold` is more than Tylenol."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from cds.terminology.text.untold import beside_words

_FORMS = "tab|cap|sach|eff|oral|liq|soft"
_PLUS = rf"plus(?!\s+(?!{_FORMS})[a-z])"
"""no join: "Alka-Seltzer Plus", not "aspirin plus clopidogrel\""""


def variant_in(text: str, is_name: Callable[[str], bool]) -> str | None:
    """The first such name in the text that is not known as a whole (`is_name`), as written.

    >>> [variant_in(t, lambda name: name == "tylenol pm") for t in ("Tylenol Cold", "Tylenol PM")]
    ['Tylenol Cold', None]
    """
    lowered = text.lower()
    if not any(base in lowered for base in _bases()):
        return None  # most texts, and told apart fast
    for found in _pattern().finditer(text):
        if not is_name(found[0].lower()):
            return found[0]
    return None


@lru_cache(maxsize=1)
def _bases() -> frozenset[str]:
    table = beside_words()
    return frozenset(table["numbered"]).union(*(kind["of"] for kind in table["variants"]))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    table = beside_words()
    kinds = []
    for kind in table["variants"]:
        suffix = rf"(?:plus\s+)?(?:{_any_of(kind['with'] - {'plus'})}|{_PLUS})"
        kinds.append(rf"(?:{_any_of(kind['of'])})[\s-]+{suffix}\b")
    # a bare number in front of more words is how many are taken
    number = r"\s*(?:(?:#|no\.?|nr\.?|number)\s*[1-4]\b|[1-4](?=\s*(?:$|[,;(])))"
    kinds.append(rf"(?:{_any_of(table['numbered'])}){number}")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(kinds)})(?![\w-])", re.I)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))
