"""How much of opioids is taken, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules.answer import Answer, Found, Match, met, said
from cds.assessment.rules.evaluate import answers_of_patient
from cds.history.model.unread import UnreadDrug
from cds.knowledge.model.predicates.treatment import OpioidLoad


class LoadFound(Struct, Found, frozen=True):
    """The opioid load, or why it is not known."""

    how: Literal["load", "low", "none", "unseen", "not_computed"]
    mme: Decimal | None = None
    """a day, where it is that which is high; else it is the tolerance of one drug"""
    at_least: bool = False
    """there is more, of which nobody knows how much"""
    tolerance: str = ""
    """by what drug and dose, or what leaves it open"""
    begun: date | None = None
    """since when it has not been lower"""
    days: int = 0
    """for how long it has to last"""
    lasted: int = 0
    unread: tuple[UnreadDrug, ...] = ()
    only_unread: bool = False
    """unknown for nothing but a drug that was not understood: that opens no indication"""


@answers_of_patient(OpioidLoad)
def _opioid_load(test: OpioidLoad, case: Case) -> Answer:
    intake = case.history.opioids
    mme, known = intake.mme_per_day, intake.known_mme
    high = test.mme is not None and known is not None and known >= test.mme
    if intake.tolerant or high:
        return _high_load(test, case, high)
    seen = "medicationRequests" in case.history.answered
    if not seen:
        found, missing = LoadFound("unseen"), frozenset({"medicationRequests"})
        return Answer("unknown", missing=missing, found=found, looked_at=intake.source)
    if mme == 0 and not intake.items:
        return Answer("not_met", found=LoadFound("none"), looked_at=intake.source)
    if intake.tolerant is None or (test.mme is not None and mme is None):
        unread = tuple(drug for drug in case.history.unread_drugs if drug.current is not False)
        alone = bool(unread) and {*intake.source} <= {r for drug in unread for r in drug.source}
        computed = test.mme is None or mme is not None
        open_by = intake.tolerance_why if computed and not alone else ""
        found = LoadFound("not_computed", tolerance=open_by, unread=unread, only_unread=alone)
        return Answer("unknown", found=found, looked_at=() if alone else intake.source)
    return Answer("not_met", found=LoadFound("low", mme or None), looked_at=intake.source)


def _high_load(test: OpioidLoad, case: Case, high: bool) -> Answer:
    """Whether a high load, or a tolerant one, has stood for the days asked for.

    A load that began less long ago is too short only if the record reaches back further, and
    each total since could be computed: else it may have begun earlier.
    """
    intake = case.history.opioids
    mme, days = intake.known_mme, test.days
    least = intake.mme_per_day is None
    line = intake.timeline_at_least if least else intake.timeline
    begun = _begun(test.mme if high else mme, line) if days else None
    lasted = 0 if begun is None else (case.as_of - begun).days
    found = LoadFound(
        "load", mme if high and mme else None, least, intake.tolerance_why, begun, days, lasted
    )
    if not days or (begun is not None and lasted >= days):
        return met((Match(said(intake.tolerance_why or f"{mme} MME"), intake.source),), found=found)
    first = case.history.first_medication_record
    window = [total for day, total in intake.timeline if (case.as_of - day).days < days]
    recorded = first is not None and (case.as_of - first).days >= days and None not in window
    state: State = "not_met" if begun is not None and recorded else "unknown"
    return Answer(state, found=found, looked_at=intake.source)


def _begun(level: Decimal | None, timeline: Iterable[tuple[date, Decimal | None]]) -> date | None:
    """The day since when the total has not been under the level."""
    begun = None
    for day, mme in sorted(timeline, key=lambda point: point[0]):
        high = mme is not None and level is not None and mme >= level
        begun = (begun or day) if high else None
    return begun
