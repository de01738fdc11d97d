"""Codes and names to the sets they belong to: what conditions, observations, procedures share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cds.terminology.codes.concept import Coding
from cds.terminology.model import Certainty, SetMatch

NOTHING: frozenset[str] = frozenset()
NO_MATCH = SetMatch(NOTHING)
TAG = re.compile(
    r"\((?:disorder|finding|situation|event|morphologic abnormality|procedure|regime/therapy"
    r"|observable entity|context-dependent category|life style|person)\)\s*$"
)


def plain_name(text: str) -> str:
    """A display or text, reduced to its words: two that read the same compare equal."""
    lower = TAG.sub("", text.lower().strip()).replace("&", " and ").replace("w/", "with ")
    return " ".join(re.findall(r"[a-z0-9]+", lower))


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words in a plain name, also with a plural s."""
    listed = sorted({plain_name(p) for p in phrases}, key=lambda p: (-len(p), p))
    return re.compile(r"\b(?:" + "|".join(map(re.escape, listed)) + r")s?\b")


def forms_of(phrases: Iterable[str]) -> tuple[str, ...]:
    """Plain phrases as they stand among words, also with a plural s: see `any_stands`."""
    return tuple(form for phrase in phrases for form in (f" {phrase} ", f" {phrase}s "))


def any_stands(forms: Iterable[str], text: str) -> bool:
    """Whether one stands in a plain name that has a space before and behind it.

    It finds what the `phrase_pattern` of the phrases finds, of which hundreds take long to compile.
    """
    for form in forms:  # noqa: SIM110 -- a generator would take longer than most of the searches
        if form in text:
            return True
    return False


def combine_sets(readings: Iterable[tuple[Coding, frozenset[str]]]) -> SetMatch:
    """All sets of all codings. The coding with the most sets is named as the one that decided.

    Codings without a set in common with it are reported: a concept should mean one thing.
    """
    known = sorted(
        ((coding, sets) for coding, sets in readings if sets),
        key=lambda item: (-len(item[1]), item[0].system, item[0].code),
    )
    if not known:
        return NO_MATCH
    (first, decisive), rest = known[0], known[1:]
    return SetMatch(
        sets=frozenset().union(*(sets for _, sets in known)),
        certainty=Certainty.CODE,
        code=(first.system, first.code),
        disagreement=tuple(
            f"{coding.code} means {_list(sets)}, {first.code} means {_list(decisive)}"
            for coding, sets in rest
            if not sets & decisive
        ),
    )


class NameIndex:
    """Texts that repeat an official display, to its sets."""

    def __init__(self, names: Mapping[str, str], codes: Mapping[str, frozenset[str]]) -> None:
        self._names = names
        self._codes = codes

    def sets(self, text: str) -> frozenset[str]:
        return NOTHING.union(*(self._codes.get(code, NOTHING) for code in self.codes(text)))

    def codes(self, text: str) -> list[str]:
        """The codes of which it is the official display."""
        return self._names.get(plain_name(text), "").split()


def _list(sets: frozenset[str]) -> str:
    return ", ".join(sorted(sets))


def by_name(sets: Iterable[str]) -> SetMatch:
    """A match by text only; none without a set."""
    found = frozenset(sets)
    return SetMatch(found, Certainty.TEXT) if found else NO_MATCH
