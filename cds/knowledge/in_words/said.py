"""What is said of a rule: a phrase, and the phrases that it is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """`any of these` with its parts; without parts it says all by itself."""

    text: str
    parts: tuple[Said, ...] = ()

    def __str__(self) -> str:
        """In one sentence, its parts in brackets where they have parts of their own."""
        if not self.parts:
            return self.text
        if len(self.parts) == 1:
            return f"{self.text}: {self.parts[0]}"
        return f"{self.text}: {'; '.join(part._inside() for part in self.parts)}"

    def _inside(self) -> str:
        return f"[{self}]" if self.parts else self.text
