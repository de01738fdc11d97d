"""That a name is unknown, and which one was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_MOST_GUESSES = 3
_MOST_LISTED = 40
_SOME_LIKENESS = 0.4
_SHORTEST_GUESSED = 3
"""characters: what is shorter is as like one as another"""


def unknown(
    kind: str, given: str, known: Mapping[str, str | None], where: str = "listed on /knowledge"
) -> str:
    """That a name is unknown, with what was probably meant.

    `known` maps each name to None, and each other name of it to the name; `where` says where they
    stand, if they are too many to be listed; empty: nowhere, and the likest are named.
    """
    names = [name for name, other in known.items() if other is None]
    guesses = _guesses(given, names, {name: other for name, other in known.items() if other})
    if not guesses:
        listed = ", ".join(names) if len(names) <= _MOST_LISTED else where or _likest(given, names)
        return f"unknown {kind} `{given}`: the known ones are {listed}"
    return f"unknown {kind} `{given}`: did you mean {_either(guesses)}?"


def _likest(given: str, names: list[str]) -> str:
    likest = get_close_matches(given, names, n=_MOST_GUESSES, cutoff=_SOME_LIKENESS)
    named = f"of which {', '.join(likest)} are most like it" if likest else "and none is like it"
    return f"many, {named}"


def _guesses(given: str, names: Iterable[str], other: Mapping[str, str]) -> list[str]:
    if given in other:
        return [other[given]]
    plain = {_plain(name): name for name in names}
    wanted = _plain(given)
    if wanted in plain:
        return [plain[wanted]]
    begun = [name for key, name in plain.items() if wanted and key.startswith(wanted)]
    if len(wanted) < _SHORTEST_GUESSED:
        return begun[:_MOST_GUESSES]
    begun = begun or [name for key, name in plain.items() if f"-{wanted}" in key]
    close = get_close_matches(wanted, plain, n=1, cutoff=0.6)
    return begun[:_MOST_GUESSES] or [plain[key] for key in close]


def _plain(name: str) -> str:
    return name.replace("_", "-").replace(" ", "-")


def _either(names: Iterable[str]) -> str:
    *most, last = [f"`{name}`" for name in names]
    return f"{', '.join(most)} or {last}" if most else last
