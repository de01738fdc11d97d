"""Lists of words by which texts are told, named in the knowledge and kept in `words.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from cds.knowledge.guesses import unknown
from cds.reviewed import read_reviewed

_MARKS = {"-": "[ -]", "*": r"\w*", "…": ".*", " (a word) ": r" (?:\w+ )?", " … ": r"\b.*\b"}
_MARK = re.compile("|".join(re.escape(mark) for mark in sorted(_MARKS, key=len, reverse=True)))
_FIELDS = {"words", "alone", "examples", "not"}


@lru_cache(maxsize=1)
def lists() -> Mapping[str, Any]:
    """Every list by its name, as it is written."""
    return read_reviewed("cds.knowledge", "words.yaml")


def pattern_of(name: object) -> object:
    """The regular expression that finds what a list has. Raises ValueError."""
    if isinstance(name, str) and name in _names():  # read already
        return name
    if not isinstance(name, str) or name not in lists():
        raise ValueError(f"{unknown('list of words', str(name), dict.fromkeys(lists()))}{_WHERE}")
    return _pattern(name)


_WHERE = " (lists of words stand in cds/knowledge/words.yaml)"


def name_of(pattern: str) -> str:
    """What a list is called, by its regular expression."""
    return _names().get(pattern, pattern)


def faults() -> Iterator[tuple[str, str]]:
    """What is wrong with the lists: the name of each, and what."""
    for name, entry in lists().items():
        yield from ((name, said) for said in _faults(name, entry))


def _faults(name: str, entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict) or not entry.keys() <= _FIELDS:
        yield f"it has {', '.join(sorted(_FIELDS))}, and nothing else"
        return
    for field in _FIELDS:
        if not isinstance(entry.get(field, []), list):
            yield f"`{field}` is a list: write `[{entry[field]}]`"
            return
    found = re.compile(_pattern(name), re.IGNORECASE)
    for field, wanted in (("examples", True), ("not", False)):
        if not entry.get(field):
            yield f"`{field}` is missing: texts that must{'' if wanted else ' not'} be found"
        for text in entry.get(field, ()):
            if bool(found.search(text)) is not wanted:
                yield f"`{text}` is {'not ' if wanted else ''}found"


@lru_cache(maxsize=64)
def _pattern(name: str) -> str:
    entry = lists()[name]
    whole = rf"\b(?:{_any(entry['words'])})\b" if entry.get("words") else ""
    alone = rf"^(?:{_any(entry['alone'])})$" if entry.get("alone") else ""
    return "|".join(filter(None, (whole, alone)))


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    return {_pattern(name): name for name in lists()}


def _any(phrases: Iterable[str]) -> str:
    """The longest first: of `prolapse of cord` and `cord`, the whole is found."""
    return "|".join(map(_phrase, sorted(phrases, key=lambda each: (-len(each), each))))


def _phrase(phrase: str) -> str:
    parts = _MARK.split(phrase)
    marks = (_MARKS[mark] for mark in _MARK.findall(phrase))
    return "".join(re.escape(part).replace(r"\ ", " ") + next(marks, "") for part in parts)
