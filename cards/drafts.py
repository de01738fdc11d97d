"""The drafts of a session as the EHR sent them, and the updates of them that a card suggests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cards.instruction import Instruction
from cards.model import Action
from cards.patch import with_instruction
from cds.orders.model import Order
from cds.wire import Json


@dataclass(frozen=True, slots=True, repr=False)
class Drafts:
    """What a suggestion may change, by `Type/id`. It has no repr: it is patient data."""

    sent: Mapping[str, Json] = field(default_factory=dict)
    read: Callable[[Json], Order] | None = None
    """reads a draft as this service reads the EHR's own; without it nothing is suggested"""

    def __contains__(self, order: str | None) -> bool:
        return order in self.sent

    def update(self, order: str, meant: Instruction, what: str, told: str = "") -> Action | None:
        """The update that makes a draft say what is meant; `told` is for the patient.

        None where the draft would still say something else: its name or a note can't be changed.
        """
        sent = self.sent[order]
        if sent.get("resourceType") != "MedicationRequest" or not meant.timed or self.read is None:
            return None
        changed = with_instruction(sent, meant, told)
        if not meant.is_read_in(self.read(changed)):
            return None
        return Action("update", f"{what}: {meant}", resource=changed)

    def says_otherwise(self, order: str, meant: Instruction) -> str:
        """What of a draft that can't be updated says something else, in words."""
        changed = with_instruction(self.sent[order], meant)
        changed.pop("note", None)
        if self.read is not None and meant.is_read_in(self.read(changed)):
            return "a note of the order"
        return "the name of what is ordered"
