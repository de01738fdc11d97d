"""A use of ketamine outside elective treatment: what is judged there, and what is silent."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Fact, Texts
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import Contraindications, Indications

UseId = Literal[
    "anaesthesia", "intubation", "procedural_sedation", "acute_pain", "agitation", "icu_sedation",
    "status_epilepticus", "status_asthmaticus", "burns", "obstetric", "palliative", "unclear",
]  # fmt: skip
ReasonsToWait = Literal["hold", "ask", "warn", "inform"]


class Use(Fact):
    """What holds in one use. Elective treatment has no entry: there everything holds."""

    id: UseId
    name: str
    """as a card names it, after "taken for" """
    indications: Indications = ()
    """those whose criteria and regimens are judged; none: no candidacy and no dose"""
    tells_candidacy: bool = False
    """a card says how they were judged, and which regimen fits"""
    labelled_as: Annotated[str | None, NameOf("indication")] = None
    """the indication by which it is labelled use"""
    reasons_to_wait: ReasonsToWait
    """what a contraindication that speaks against elective use counts for. hold: as it stands;
    ask: critical ones warn; warn: each a step milder; inform: a fact to know"""
    still_warns: Contraindications = ()
    """contraindications that warn here all the same"""
    silent: Contraindications = ()
    """contraindications that are known to everybody here, or are what the order is for"""
    workup: Annotated[Texts, NameOf("work-up item")] = ()
    """work-up items that are asked for"""

    @property
    def treats(self) -> bool:
        """Whether it is treatment with a regimen, and its orders are checked as such."""
        return bool(self.indications)
