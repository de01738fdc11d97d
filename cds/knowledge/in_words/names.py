"""How codes, ids and lists are told to a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from cds.knowledge.words import lists
from cds.knowledge.words import name_of as name_of_list

NameOfCode: TypeAlias = Callable[[str, str], str | None]
"""(system, code) → its name, where one is known. Systems: `ICD-10-CM`, `SNOMED CT`, `LOINC`."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)+\Z")


def unnamed(system: str, code: str) -> str | None:
    """Where no names of codes are at hand."""
    return None


def plainly(name: str) -> str:
    """An id as words: `status_epilepticus`. What is no id stays as it is."""
    return name.replace("_", " ") if _IDENTIFIER.match(name) else name


def coded(system: str, codes: Iterable[str], name_of: NameOfCode) -> list[str]:
    """Each with its name, the first with its system: `ICD-10-CM I71 aortic aneurysm`, `I72`."""
    named = [f"{code} {name_of(system, code) or ''}".rstrip() for code in codes]
    return [f"{system} {named[0]}", *named[1:]] if named else []


def either(names: Iterable[str]) -> str:
    """`a, b or c`."""
    return _listed(list(map(plainly, names)), "or")


def both(names: Iterable[str]) -> str:
    """`a, b and c`."""
    return _listed(list(map(plainly, names)), "and")


def _listed(names: list[str], joint: str) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"


def listed_words(pattern: str) -> str:
    """A list of words by its name and all that it has: `operation (surgery, laparotomy)`."""
    name = name_of_list(pattern)
    written = lists().get(name, {})
    words = ", ".join(written.get("words", ()))
    alone = ", ".join(written.get("alone", ()))
    said = [words, f"where nothing else is written: {alone}" if alone else ""]
    return f"{name} ({'; '.join(filter(None, said))})"


def counted(number: int, thing: str) -> str:
    """`1 day`, `14 days`; a class of two words is one in its last."""
    if number == 1:
        return f"1 {thing}"
    return f"{number} {thing}es" if thing.endswith("s") else f"{number} {thing}s"
