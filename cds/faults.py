"""What broke while an answer was made. It costs its own line, and nothing else of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Made = TypeVar("Made")
Else = TypeVar("Else")
Kind = Literal["part", "finding", "card"]


@dataclass(frozen=True, slots=True)
class Fault:
    """It holds ids of ours and the kind of an error, never its message: that may quote a chart."""

    kind: Kind
    """part: not judged; finding: judged, and not put into words; card: not shown"""
    what: str
    """the part, the finding or the card"""
    error: str


@dataclass(slots=True)
class Faults:
    """The faults of one answer."""

    found: list[Fault] = field(default_factory=list)

    def attempt(
        self, kind: Kind, what: str, make: Callable[[], Made], otherwise: Else
    ) -> Made | Else:
        """What `make` returns; `otherwise`, with the fault noted, if it raises anything."""
        try:
            return make()
        except (
            Exception
        ) as error:  # the one place: a fault of ours must not cost a patient the rest
            self.found.append(Fault(kind, what, type(error).__name__))
            return otherwise

    def of(self, kind: Kind) -> list[str]:
        """What broke, each once."""
        return list(dict.fromkeys(fault.what for fault in self.found if fault.kind == kind))
