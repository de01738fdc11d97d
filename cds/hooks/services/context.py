"""The fields of a hook's context: what each must look like, and what a client puts into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cds.limits import MOST_SELECTIONS
from cds.wire import Json


class Scene(Struct, frozen=True):
    """What a client has before it when it calls: `call`, the demo, the tests."""

    user: str
    patient: str
    encounter: str | None = None
    drafts: Sequence[Json] = ()


class ContextField(Struct, frozen=True):
    """One field of a context."""

    name: str
    schema: Json
    """may refer to `$defs` of the files in `schemas`"""
    sent: Callable[[Scene], object]
    """what a client sends in it; None where it has nothing to send"""
    required: bool = True

    def optional(self) -> ContextField:
        """The same field where a hook does not ask for it."""
        return replace(self, required=False)


def _draft_orders(scene: Scene) -> Json:
    entries = [{"resource": draft} for draft in scene.drafts]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _selections(scene: Scene) -> list[str]:
    return [f"{draft['resourceType']}/{draft['id']}" for draft in scene.drafts]


USER = ContextField(
    "userId", {"$ref": "common.json#/$defs/userId"}, lambda scene: scene.user
)  # fmt: skip
PATIENT = ContextField(
    "patientId", {"$ref": "common.json#/$defs/patientId"}, lambda scene: scene.patient
)
ENCOUNTER = ContextField(
    "encounterId", {"$ref": "common.json#/$defs/encounterId"}, lambda scene: scene.encounter
)
SELECTIONS = ContextField(
    "selections",
    {
        "description": "Ids of the drafts newly selected: MedicationRequest/103",
        "type": "array",
        "maxItems": MOST_SELECTIONS,
        "items": {"$ref": "common.json#/$defs/text"},
    },
    _selections,
)
DRAFT_ORDERS = ContextField(
    "draftOrders", {"$ref": "envelope.json#/$defs/draftOrders"}, _draft_orders
)
