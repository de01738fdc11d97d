"""The stop card: whatever must not happen, in one card, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence

from cards.drafts import Drafts
from cards.model import Action, Card, Suggestion
from cards.parts import summary_of, told
from cds.assessment.model import Finding


def stop_card(findings: Sequence[Finding], drafts: Drafts, order: str | None) -> Card | None:
    """One card for all critical findings; None when there is none."""
    critical = [finding for finding in findings if finding.severity == "critical"]
    if not critical:
        return None
    return Card(
        kind="stop",
        summary=summary_of(critical),
        indicator="critical",
        danger=True,
        lines=told(critical),
        rules=tuple(finding.id for finding in critical),
        suggestions=_suggestions(critical, drafts, order),
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
