"""Draft orders that are new to the session: what the work-up lacks, and the steps of a session."""

from __future__ import annotations

from collections.abc import Sequence

from cards.model import Action, Suggestion
from cards.words import shorten
from cds.assessment.case import Case
from cds.assessment.model import Finding
from cds.knowledge.model.monitoring import MonitoringItem
from cds.wire import Json


def workup_orders(missing: Sequence[Finding], case: Case) -> tuple[Suggestion, ...]:
    """A choice for each missing test or measurement that can be ordered."""
    suggestions: dict[str, Suggestion] = {}
    for finding in missing:
        item = case.knowledge.monitoring.get(finding.workup or "")
        if item is None or item.order_code is None:
            continue
        label = shorten(f"Order: {item.order_display}", 80)
        action = _ordering(item, case, f"Adds a draft order for {item.order_display}")
        suggestions.setdefault(item.order_code, Suggestion(label=label, actions=(action,)))
    return tuple(suggestions.values())


def session_orders(steps: Sequence[Finding], case: Case) -> tuple[Suggestion, ...]:
    """The steps of a session as one choice, each step once."""
    idents = dict.fromkeys(
        ident
        for finding in steps
        for ident in finding.params.get("order_set", ())  # type: ignore[attr-defined]
    )
    items = [case.knowledge.monitoring[ident] for ident in idents]
    if not items:
        return ()
    actions = tuple(_ordering(item, case, f"Adds: {item.name}") for item in items)
    return (Suggestion(label="Add the orders of a session", actions=actions),)


def _ordering(item: MonitoringItem, case: Case, description: str) -> Action:
    resource = _service_request(item, case.history.person.id)
    return Action("create", description, resource=resource)


def _service_request(item: MonitoringItem, patient_id: str) -> Json:
    code: Json = {"text": item.order_display or item.name}
    if item.order_code is not None:
        coding = {
            "system": item.order_system,
            "code": item.order_code,
            "display": item.order_display,
        }
        code["coding"] = [coding]
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": code,
        "subject": {"reference": f"Patient/{patient_id}"},
    }
