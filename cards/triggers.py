"""Cards that nobody asked for: only when they are worth the interruption."""

from __future__ import annotations

from cards.candidacy import candidacy_text
from cards.model import Card
from cards.parts import bullets, citations, summary_of
from cards.safety import course_card
from cards.stop import stop_card
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol

TREATED_WITHIN_DAYS = "ketamine-treatment-current"
"""parameter: days since the last session within which a patient counts as under treatment"""


def met_and_new(
    assessment: Assessment, knowledge: Knowledge, site: SiteProtocol
) -> Candidacy | None:
    """A candidacy worth raising unasked: all criteria met, no stop, no ketamine treatment yet."""
    if any(finding.stops_dose for finding in assessment.findings):
        return None
    if under_treatment(assessment, knowledge):
        return None
    wanted = set(site.trigger_indications) - set(site.indications_off)
    return next(
        (c for c in assessment.candidacy if c.verdict == "met" and c.indication in wanted), None
    )


def under_treatment(assessment: Assessment, knowledge: Knowledge) -> bool:
    """Whether the patient has had ketamine lately, or has an order for it."""
    days = int(knowledge.parameters[TREATED_WITHIN_DAYS].value)
    history = assessment.history
    return any(
        session.active_order or session.when is None or (history.as_of - session.when).days <= days
        for session in history.ketamine_sessions
    )


def trigger_cards(
    assessment: Assessment, case: Case, *, candidacy_wanted: bool
) -> tuple[Card, ...]:
    """For an order that is not ketamine: the met candidacy, or an interaction with treatment."""
    cards: list[Card] = []
    knowledge, site = case.knowledge, case.site
    if under_treatment(assessment, knowledge):
        return interaction_cards(assessment, case)
    judged = met_and_new(assessment, knowledge, site) if candidacy_wanted else None
    if judged is not None:
        cards.append(raised(judged, case))
    return tuple(cards)


def interaction_cards(assessment: Assessment, case: Case) -> tuple[Card, ...]:
    """What the ordered drug means for a patient under ketamine treatment; nothing else."""
    refs = {order.ref for order in assessment.orders}
    found = [f for f in assessment.findings if f.kind == "interaction" and f.order in refs]
    stop = stop_card(found, {}, None)
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
            detail=bullets(warned) + "\n\n" + citations(c for f in warned for c in f.citations),
            rules=tuple(f.id for f in warned),
        ),
    )


def view_cards(assessment: Assessment, case: Case, *, candidacy_wanted: bool) -> tuple[Card, ...]:
    """When a chart opens: something is due in a treatment under way, or criteria newly met."""
    due = course_card(assessment)
    if due is not None and due.indicator != "info":
        return (due,)
    judged = met_and_new(assessment, case.knowledge, case.site) if candidacy_wanted else None
    return (raised(judged, case),) if judged is not None else ()


def raised(judged: Candidacy, case: Case) -> Card:
    """The info card of a candidacy that an order for ketamine did not ask for."""
    summary, detail = candidacy_text(judged, case)
    return Card(
        kind="candidacy",
        summary=summary,
        indicator="info",
        detail=detail,
        rules=(f"trigger:{judged.indication}",),
    )
