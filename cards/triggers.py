"""Cards that nobody asked for: only when they are worth the interruption."""

from __future__ import annotations

from cards.candidacy import candidacy_text
from cards.course import course_card
from cards.drafts import Drafts
from cards.model import Card
from cards.parts import summary_of, told
from cards.stop import stop_card
from cds.assessment.candidacy import (
    is_worth_raising,
    treatment_is_current,
    trigger_indication,
)
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy


def trigger_cards(assessment: Assessment, *, candidacy_wanted: bool) -> tuple[Card, ...]:
    """For orders that are not ketamine.

    Under ketamine treatment: what the ordered drug means for it. Else the candidacy whose criteria
    are all met, if nothing speaks against it.
    """
    interacting = _interaction_cards(assessment)
    if interacting or not candidacy_wanted or _stopped(assessment):
        return interacting
    for case in assessment.cases:
        judged = trigger_indication(case)
        if judged is not None:
            return (_raised(judged, case),)
    return ()


def view_cards(assessment: Assessment, *, candidacy_wanted: bool) -> tuple[Card, ...]:
    """When a chart opens: something is due in a treatment under way, or criteria are newly met."""
    case = assessment.cases[0]
    due = course_card(assessment)
    if due is not None and due.indicator != "info":
        return (due,)
    if not candidacy_wanted or _stopped(assessment) or treatment_is_current(case):
        return ()
    wanted = frozenset(case.site.trigger_indications) - frozenset(case.site.indications_off)
    judged = next(
        (c for c in assessment.candidacy if c.indication in wanted and is_worth_raising(c, case)),
        None,
    )
    return (_raised(judged, case),) if judged is not None else ()


def _stopped(assessment: Assessment) -> bool:
    return any(finding.stops_dose for finding in assessment.findings)


def _interaction_cards(assessment: Assessment) -> tuple[Card, ...]:
    refs = {order.ref for order in assessment.orders}
    found = [f for f in assessment.findings if f.kind == "interaction" and f.order in refs]
    stop = stop_card(found, Drafts(), ())
    if stop is not None:
        return (stop,)
    warned = [f for f in found if f.severity == "warning"]
    if not warned:
        return ()
    return (
        Card(
            kind="safety",
            summary=summary_of(warned),
            indicator="warning",
            lines=told(warned),
            rules=tuple(f.id for f in warned),
        ),
    )


def _raised(judged: Candidacy, case: Case) -> Card:
    """The info card of a candidacy that an order for ketamine did not ask for."""
    summary, lines = candidacy_text(judged, case)
    return Card(
        kind="candidacy",
        summary=summary,
        indicator="info",
        lines=lines,
        rules=(f"trigger:{judged.indication}",),
    )
