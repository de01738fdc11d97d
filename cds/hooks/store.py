"""What the endpoints keep, in terms of hook calls: the bridge to `cds.store`."""

from __future__ import annotations

import secrets

from cds.hooks.request import HookRequest, HookResponse
from cds.settings import Settings
from cds.store import audit
from cds.store.database import Database
from cds.store.feedback import Feedback, keep


class Store:
    """What the endpoints keep, and what is asked of it: one per process."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.database_url)
        self._audit = audit.Audit(self.database, settings.audit_queue)
        key = settings.audit_key
        self._key = key.get_secret_value().encode() if key else secrets.token_bytes(32)

    def shown(self, request: HookRequest, answer: HookResponse, milliseconds: int) -> None:
        """Remember the cards of an answer, soon and without waiting."""
        patient = audit.patient_hash(self._key, request.tenant, request.patient_id)
        for card in answer.shown:
            self._audit.put(
                audit.Shown(
                    uuid=card.uuid,
                    service=request.service_id,
                    tenant=request.tenant,
                    patient_hash=patient,
                    kind=card.kind,
                    indicator=card.indicator,
                    rules=card.rules,
                    knowledge_version=answer.knowledge_version,
                    latency_ms=milliseconds,
                )
            )

    def shown_lately(self, request: HookRequest, rule: str, days: int) -> bool:
        """Whether a rule's card was shown for this patient within so many days."""
        patient = audit.patient_hash(self._key, request.tenant, request.patient_id)
        return audit.recently_shown(self.database, patient, rule, days)

    def keep(self, service: str, client: str | None, given: list[Feedback]) -> int:
        """Store feedback; how many were new. Raises StoreError."""
        return keep(self.database, service, client, given)

    def drain(self) -> bool:
        """Write what waits; whether all of it could be written in time."""
        return self._audit.drain()
