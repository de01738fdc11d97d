"""What a SMART access token is good for, by its scopes in the syntax of version 1 or 2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_SCOPE = re.compile(
    r"(?:patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]{2,60})"
    r"\.(?P<rights>\*|read|write|c?r?u?d?s?)(?:\?(?P<part>\S*))?\Z"
)


class Access(Enum):
    """How much of a resource type may be had."""

    ALL = "all"
    PART = "part"
    """Only what meets a condition: what is not seen is unknown, not absent."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes granted; `text` is None where no token is used or it does not say."""

    text: str | None = None

    def reading(self, resource_type: str) -> Access:
        """To read one by its id."""
        return self._access(resource_type, "r")

    def searching(self, resource_type: str) -> Access:
        """To search.

        >>> Scopes("patient/Condition.rs?category=problem-list-item").searching("Condition")
        <Access.PART: 'part'>
        >>> Scopes("user/Observation.read").searching("Condition")
        <Access.NONE: 'none'>
        """
        return self._access(resource_type, "s")

    def _access(self, resource_type: str, right: str) -> Access:
        granted = (self.text or "").split()
        if not granted:
            return Access.ALL
        best = Access.NONE
        for text in granted:
            scope = _SCOPE.match(text)
            if scope is None or scope["type"] not in ("*", resource_type):
                continue
            if scope["rights"] in ("*", "read") or right in scope["rights"].replace("write", ""):
                if not scope["part"]:
                    return Access.ALL
                best = Access.PART
        return best
