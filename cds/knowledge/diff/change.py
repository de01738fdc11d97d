"""One change of the knowledge, and what it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Literal


class Weight(IntEnum):
    """What a change may do to a patient, the gravest first."""

    DOSE = 1
    STOP = 2
    WARNING = 3
    ASK = 4
    TEXT = 5
    SOURCE = 6
    REVIEW = 7

    @property
    def heading(self) -> str:
        return _HEADINGS[self]


_HEADINGS = {
    Weight.DOSE: "Doses and limits",
    Weight.STOP: "What stops a dose",
    Weight.WARNING: "Warnings",
    Weight.ASK: "Criteria and questions",
    Weight.TEXT: "Texts",
    Weight.SOURCE: "Sources and grades",
    Weight.REVIEW: "Reviews",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value, one list or one part of a fact; or a whole fact that came or went."""

    weight: Weight
    subject: str
    id: str
    kind: Literal["added", "removed", "changed"]
    field: str
    """path in the fact: `rules.0.when.icd10cm`; empty: the whole fact"""
    said: str
    """in words: `stop above 0.5 → 0.4 mg/kg`"""
    old: tuple[str, ...] = ()
    """the value, or what is taken out of a list"""
    new: tuple[str, ...] = ()
    """the value, or what is added to a list"""
    old_sources: tuple[str, ...] = ()
    new_sources: tuple[str, ...] = ()
    since: date | None = None
    """the day of the edition that it is about, where there are several"""

    def __str__(self) -> str:
        """In one line, with the sources that it rests on."""
        day = f"from {self.since} on: " if self.since else ""
        sources = self._sources()
        return f"{self.subject}/{self.id}: {day}{self.said}{f' ({sources})' if sources else ''}"

    def _sources(self) -> str:
        old, new = ", ".join(self.old_sources), ", ".join(self.new_sources)
        return f"{old} → {new}" if old and new and old != new else new or old

    def json(self) -> dict[str, object]:
        """As plain JSON; the weight by its name."""
        return {
            "weight": self.weight.name.lower(), "subject": self.subject, "id": self.id,
            "since": self.since and self.since.isoformat(), "kind": self.kind,
            "field": self.field, "old": list(self.old), "new": list(self.new),
            "old_sources": list(self.old_sources), "new_sources": list(self.new_sources),
            "said": self.said,
        }  # fmt: skip
