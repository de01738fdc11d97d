"""The safety and work-up card, with the missing tests one click away; and the course card."""

from __future__ import annotations

from collections.abc import Sequence

from cards.model import Action, Card, Suggestion
from cards.parts import bullets, citations, summary_of
from cards.words import say, shorten
from cds.assessment.model import Assessment, Finding
from cds.knowledge.load import Knowledge
from cds.knowledge.monitoring import MonitoringItem
from cds.wire import Json

SAFETY_KINDS = ("contraindication", "interaction", "caution")


def safety_card(
    assessment: Assessment, knowledge: Knowledge, patient_id: str, *, offer_orders: bool
) -> Card | None:
    """Cautions, interactions and what the work-up lacks."""
    cautions = [
        f for f in assessment.findings if f.kind in SAFETY_KINDS and f.severity != "critical"
    ]
    missing = [f for f in assessment.findings if f.kind == "missing" and f.severity != "critical"]
    if not cautions and not missing:
        return None
    warned = [f for f in (*cautions, *missing) if f.severity == "warning"]
    tests = [f for f in missing if f.workup in knowledge.monitoring]
    detail = [bullets(cautions), _missing(missing), _unseen(assessment)]
    detail.append(citations(c for f in (*cautions, *missing) for c in f.citations))
    return Card(
        kind="safety",
        summary=_summary(cautions, missing),
        indicator="warning" if warned else "info",
        detail="\n\n".join(part for part in detail if part),
        rules=tuple(f.id for f in (*cautions, *missing)),
        suggestions=_orders(tests, knowledge, patient_id) if offer_orders else (),
        selection="any",
    )


def course_card(assessment: Assessment) -> Card | None:
    """Earlier ketamine treatment: how far, how well, what is due."""
    course = [f for f in assessment.findings if f.kind == "course" and f.severity != "critical"]
    if not course:
        return None
    return Card(
        kind="course",
        summary=summary_of(course),
        indicator="warning" if any(f.severity == "warning" for f in course) else "info",
        detail="\n\n".join(
            part for part in (bullets(course), citations(c for f in course for c in f.citations))
            if part
        ),
        rules=tuple(f.id for f in course),
    )  # fmt: skip


def _summary(cautions: Sequence[Finding], missing: Sequence[Finding]) -> str:
    serious = [f for f in cautions if f.severity == "warning"]
    if serious:
        return summary_of([*serious, *(f for f in cautions if f not in serious)])
    urgent = [f for f in missing if f.severity == "warning"]
    if urgent:
        return summary_of([*urgent, *(f for f in missing if f not in urgent)])
    return summary_of([*cautions, *missing])


def _missing(missing: Sequence[Finding]) -> str:
    """What is missing is a list of short lines: there is nothing to explain."""
    if not missing:
        return ""
    lines = [f"- {say(f.id, f.params).detail or say(f.id, f.params).summary}" for f in missing]
    return "Missing or out of date:\n" + "\n".join(line.replace("\n", "\n  ") for line in lines)


def _unseen(assessment: Assessment) -> str:
    """Parts of the record that could not be seen: what they would say is unknown."""
    history = assessment.history
    lines = [f"- {key} could not be read" for key in sorted(history.unavailable)]
    if history.skipped:
        lines.append(f"- {len(history.skipped)} entries of the record could not be used")
    return "Not seen:\n" + "\n".join(lines) if lines else ""


def _orders(
    tests: Sequence[Finding], knowledge: Knowledge, patient_id: str
) -> tuple[Suggestion, ...]:
    suggestions: dict[str, Suggestion] = {}
    for finding in tests:
        item = knowledge.monitoring[finding.workup or ""]
        if item.order_code is None:
            continue
        label = shorten(f"Order: {item.order_display}", 80)
        action = Action(
            "create",
            f"Adds a draft order for {item.order_display}",
            resource=service_request(item, patient_id),
        )
        suggestions.setdefault(item.order_code, Suggestion(label=label, actions=(action,)))
    return tuple(suggestions.values())


def service_request(item: MonitoringItem, patient_id: str) -> Json:
    """A draft ServiceRequest for a test or measurement of the work-up."""
    coding = {
        "system": item.order_system,
        "code": item.order_code,
        "display": item.order_display,
    }
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [coding], "text": item.order_display},
        "subject": {"reference": f"Patient/{patient_id}"},
    }
