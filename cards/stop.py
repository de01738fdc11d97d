"""The stop card: whatever must not happen, in one card, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence

from cards.drafts import Drafts
from cards.model import Action, Card, Suggestion
from cards.parts import bullets, cited, summary_of
from cds.assessment.contraindications import CONTRADICTED
from cds.assessment.model import Finding
from cds.knowledge.load import Knowledge


def stop_card(
    findings: Sequence[Finding], drafts: Drafts, order: str | None, knowledge: Knowledge
) -> Card | None:
    """One card for all critical findings, or for what has to be clarified before it is one."""
    critical = [finding for finding in findings if finding.severity == "critical"]
    if not critical:
        return _clarifying(findings, order, knowledge)
    sources = cited(critical, knowledge)
    return Card(
        kind="stop",
        summary=summary_of(critical),
        indicator="critical",
        detail="\n\n".join(part for part in (bullets(critical), sources) if part),
        rules=tuple(finding.id for finding in critical),
        suggestions=_suggestions(critical, drafts, order),
        order=order,
    )


def _clarifying(
    findings: Sequence[Finding], order: str | None, knowledge: Knowledge
) -> Card | None:
    """A warning that asks, before all others: nothing is sure enough to take the order away."""
    asked = [finding for finding in findings if finding.id == CONTRADICTED]
    if not asked:
        return None
    return Card(
        kind="stop",
        summary=summary_of(asked),
        indicator="warning",
        detail=f"{bullets(asked)}\n\n{cited(asked, knowledge)}".rstrip(),
        rules=tuple(finding.id for finding in asked),
        order=order,
    )


def _suggestions(
    critical: Sequence[Finding], drafts: Drafts, order: str | None
) -> tuple[Suggestion, ...]:
    """The one sensible correction, if the order is all that is wrong; or take the order away."""
    stopping = [finding for finding in critical if finding.stops_dose]
    if order is None or order not in drafts or not stopping:
        return ()
    found: list[Suggestion] = []
    corrections = [f.correction for f in stopping if f.correction and f.order == order]
    mistakes_only = all(finding.kind == "order_error" for finding in stopping)
    if mistakes_only and corrections and all(c == corrections[0] for c in corrections):
        text, update = drafts.corrected(order, corrections[0])
        found.append(Suggestion(f"Correct the order: {text}", (update,), recommended=True))
    found.append(
        Suggestion(
            label="Remove the order",
            actions=(
                Action("delete", "Removes the draft order from the session", resource_id=order),
            ),
            recommended=not found,
        )
    )
    return tuple(found)
