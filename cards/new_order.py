"""A draft order that is new to the session: a test or a measurement of the work-up."""

from __future__ import annotations

from cards.model import Action
from cds.knowledge.monitoring import MonitoringItem
from cds.wire import Json


def ordering(item: MonitoringItem, patient_id: str, description: str) -> Action:
    """The action that adds the draft order of an item."""
    return Action("create", description, resource=_service_request(item, patient_id))


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
