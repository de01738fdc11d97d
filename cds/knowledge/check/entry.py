"""A fact and where it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cds.knowledge.check.written import Document, Path, Slip
from cds.knowledge.model.base import Fact, Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact and where it is written."""

    subject: str
    document: Document
    path: tuple[str | int, ...]
    raw: Any
    fact: Fact | Source | None
    """None: it does not fit its model"""

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def where(self) -> str:
        fault = self.fault(("id",), "")
        return f"in {fault.file}:{fault.line}"

    def written_in(self, path: Path) -> Callable[[Path], Any]:
        """What the file has of the record at a path."""
        return lambda below: self.document.written((*self.path, *path, *below))

    def fault(self, path: Path, text: str) -> Slip:
        return self.document.fault((*self.path, *path), text)
