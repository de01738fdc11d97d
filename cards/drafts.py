"""The drafts of a session as the EHR sent them, and the updates of them that a card suggests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cards.correction import Correction, corrected
from cards.dose_words import in_words
from cards.model import Action
from cards.patch import with_dose
from cds.assessment.model import DoseProposal
from cds.wire import Json


@dataclass(frozen=True, slots=True, repr=False)
class Drafts:
    """What a suggestion may change, by `Type/id`. It has no repr: it is patient data."""

    sent: Mapping[str, Json] = field(default_factory=dict)

    def __contains__(self, order: str | None) -> bool:
        return order in self.sent

    def dosed(self, order: str, dose: DoseProposal, told: str) -> Action:
        """The update that fills in a proposed dose; `told` is for the patient."""
        changed = with_dose(self.sent[order], dose, told)
        return Action("update", f"Fills in the draft order: {in_words(dose)}", resource=changed)

    def corrected(self, order: str, correction: Correction) -> tuple[str, Action]:
        """The update that corrects a mistake, and what it changes in words."""
        text, changed = corrected(self.sent[order], correction)
        return text, Action("update", f"Changes the draft order to {text}", resource=changed)
