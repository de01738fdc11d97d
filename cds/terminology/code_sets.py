"""Condition, observation and procedure codes to the sets they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cds.terminology.concept import Coding
from cds.terminology.model import Certainty, SetMatch
from cds.terminology.tables import CodeSets, PrefixRule

NOTHING: frozenset[str] = frozenset()
_ICD_SHAPE = re.compile(r"[A-Z]\d[0-9A-Z]{1,5}")


class IcdIndex:
    """ICD-10-CM by code and by category; ICD-10 of the WHO where the code means the same."""

    def __init__(self, table: CodeSets, rules: Mapping[str, PrefixRule]) -> None:
        self._codes = table.index()
        self._prefixes: dict[str, list[str]] = {}
        self._rules = rules
        for name, rule in rules.items():
            for prefix in rule.prefixes:
                self._prefixes.setdefault(prefix, []).append(name)

    def sets(self, code: str) -> frozenset[str]:
        """The sets of an ICD-10-CM code, with or without its dot."""
        plain = code.strip().upper().replace(".", "")
        found = self._codes.get(plain)
        return found if found is not None else self._by_category(plain)

    def _by_category(self, code: str) -> frozenset[str]:
        """Sets whose listed prefix covers a code that no edition of the table has.

        A category that also holds codes which the set leaves out is not in the set: F32 alone may
        be unspecified depression, and is not `mdd_any`.
        """
        if not _ICD_SHAPE.fullmatch(code):
            return NOTHING
        found = set()
        for length in range(3, len(code) + 1):
            for name in self._prefixes.get(code[:length], ()):
                excluded = self._rules[name].excluded
                if not any(code.startswith(e) or e.startswith(code) for e in excluded):
                    found.add(name)
        return frozenset(found)


def combine_sets(readings: Iterable[tuple[Coding, frozenset[str]]]) -> SetMatch:
    """All sets of all codings together; the first coding of the most sets is named."""
    known = [(coding, sets) for coding, sets in readings if sets]
    if not known:
        return SetMatch(NOTHING)
    coding, _ = min(known, key=lambda item: (-len(item[1]), item[0].system, item[0].code))
    return SetMatch(
        frozenset().union(*(sets for _, sets in known)),
        Certainty.CODE,
        (coding.system, coding.code),
    )
