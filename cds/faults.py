"""What broke while an answer was made. It costs its own line, and nothing else of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
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
    where: tuple[str, ...] = field(default=(), compare=False)
    """`module:line` of each frame, for the log"""

    def told(self) -> dict[str, str]:
        """For whoever reads the answer; the places in the code are for the log."""
        return {"kind": self.kind, "what": self.what, "error": self.error}


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
        # the one place: a fault of ours must not cost a patient the rest
        except Exception as error:
            fault = Fault(kind, what, type(error).__name__, where(error))
            if fault not in self.found:
                self.found.append(fault)
            return otherwise

    def first_of(
        self, kind: Kind, what: str, makers: Iterable[Callable[[], Made]], otherwise: Else
    ) -> Made | Else:
        """What the first of these returns that does not raise, in falling order of what they say.

        None of them is called before those before it broke.
        """
        for make in makers:
            made = self.attempt(kind, what, partial(_kept, make), None)
            if made is not None:
                return made[0]
        return otherwise

    def of(self, kind: Kind) -> list[str]:
        """What broke, each once."""
        return list(dict.fromkeys(fault.what for fault in self.found if fault.kind == kind))


def _kept(make: Callable[[], Made]) -> tuple[Made]:
    """What is made, told apart from nothing that was made."""
    return (make(),)


def where(error: BaseException) -> tuple[str, ...]:
    """The frames of an error as `module:line`. Its message may quote patient data; this can't."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        frames.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return tuple(frames[-12:])
