"""What the endpoints keep, in terms of hook calls: the bridge to `cds.store`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

from cds.hooks.errors import InvalidRequest, Issue, StoreUnavailable, TooMuchFeedback
from cds.hooks.issued import Issuer, addressee, belongs
from cds.hooks.request import HookRequest, HookResponse
from cds.hooks.trust.token import Caller
from cds.settings import Settings
from cds.store import audit, feedback
from cds.store.bulkhead import Bulkhead
from cds.store.database import TIMEOUT_S, Database, StoreError
from cds.store.feedback import Addressee, Feedback, Limits
from cds.store.probe import FRESH_S, Probe
from cds.store.retention import Retention

LOOK_S = 0.25
"""for what a card would like to know"""
KEEP_S = 2.0
"""for feedback, which is told 503 then"""
LOOK_THREADS = 2
KEEP_THREADS = 4
MOST_ISSUES = 20

Answer = TypeVar("Answer")


class Store:
    """What the endpoints keep, and what is asked of it: one per process.

    `timeout_s`: what a transaction may take; `fresh_s`: how long its readiness is taken as known.
    """

    def __init__(
        self, settings: Settings, timeout_s: float = TIMEOUT_S, fresh_s: float = FRESH_S
    ) -> None:
        self.database = Database(settings.database_url, timeout_s)
        self._durable = Database(settings.database_url, timeout_s, durable=True)
        self._audit = audit.Audit(self.database, settings.audit_queue)
        key = settings.audit_key
        self._key = key.get_secret_value().encode() if key else secrets.token_bytes(32)
        self._issuer = Issuer(self._key)
        self._limits = Limits(settings.feedback_per_minute, settings.feedback_per_day)
        # SQLite lets one write at a time: in a queue of ours all have their turn, at its lock some
        # wait for ever
        writers = 1 if self._durable.dialect == "sqlite" else KEEP_THREADS
        # a quarter of the threads that answer calls is never held by feedback
        inside = max(1, settings.threads * 3 // 4)
        self._looks = Bulkhead(LOOK_THREADS, inside, self.database.try_writing)
        self._keeps = Bulkhead(writers, inside, self._durable.try_writing)
        self._probe = Probe(self._durable.try_writing, fresh_s)
        self.retention = Retention(self.database, settings.store_days)

    def issued(self, request: HookRequest, answer: HookResponse) -> HookResponse:
        """The answer under uuids that say to whom it was given."""
        return self._issuer.issued(answer, _addressee_of(request))

    def shown(self, request: HookRequest, answer: HookResponse, milliseconds: int) -> None:
        """Remember the cards of an answer, soon and without waiting."""
        patient = audit.patient_hash(self._key, request.tenant, request.patient_id)
        to = _addressee_of(request)
        for card in answer.shown:
            self._audit.put(
                audit.Shown(
                    uuid=card.uuid,
                    service=to.service,
                    tenant=to.tenant,
                    patient_hash=patient,
                    kind=card.kind,
                    indicator=card.indicator,
                    rules=card.rules,
                    knowledge_version=answer.knowledge_version,
                    latency_ms=milliseconds,
                    client=to.client,
                )
            )

    def shown_lately(self, request: HookRequest, rule: str, days: int) -> bool:
        """Whether a rule's card was shown for this patient within so many days.

        False also when the store can't say it at once: a card twice is better than none.
        """
        patient = audit.patient_hash(self._key, request.tenant, request.patient_id)
        try:
            return self._looks.run(
                lambda: audit.recently_shown(self.database, patient, rule, days), LOOK_S
            )
        except StoreError:
            return False

    def keep(self, service: str, caller: Caller | None, given: Sequence[Feedback]) -> int:
        """Store feedback; how many entries were new.

        Raises InvalidRequest for what is not about a card that was shown to the caller,
        TooMuchFeedback, and StoreUnavailable, after which some of it may be stored all the same.
        """
        client, tenant = (caller.client.iss, caller.tenant) if caller else (None, None)
        whose = addressee(service, client, tenant)
        unproven = [n for n, one in enumerate(given) if not self._issuer.proves(one.card, whose)]
        strange = [
            f"feedback[{n}].acceptedSuggestions[{m}].id"
            for n, one in enumerate(given)
            for m, suggestion in enumerate(one.suggestions)
            if not belongs(suggestion, one.card)
        ]
        if strange:
            self._ask(lambda: feedback.check_shown(self._durable, whose, given, unproven))
            raise _invalid(strange, "is none of the card's suggestions")
        return self._ask(lambda: feedback.keep(self._durable, whose, given, unproven, self._limits))

    def state(self) -> str:
        """`reachable`, or what is wrong with the store; at most some two seconds later."""
        return self._probe.state()

    def drain(self) -> bool:
        """Write what waits; whether all of it could be written in time."""
        return self._audit.drain()

    def _ask(self, work: Callable[[], Answer]) -> Answer:
        try:
            return self._keeps.run(work, KEEP_S)
        except feedback.TooManyOfCard as full:
            text = f"has {feedback.MOST_PER_CARD} entries already, and no more are kept of a card"
            raise _invalid(_cards(full), text) from None
        except feedback.NotShown as strange:
            raise _invalid(_cards(strange), "is no card that was shown to this client") from None
        except feedback.TooMuch as much:
            raise TooMuchFeedback(much.seconds) from None
        except StoreError as error:
            raise StoreUnavailable(error.kind) from None


def _addressee_of(request: HookRequest) -> Addressee:
    client = request.client.iss if request.client else None
    return addressee(request.service_id, client, request.tenant)


def _cards(refused: feedback.NotShown) -> list[str]:
    return [f"feedback[{number}].card" for number in refused.numbers]


def _invalid(fields: Sequence[str], text: str) -> InvalidRequest:
    return InvalidRequest(*(Issue(f"{field} {text}.", field) for field in fields[:MOST_ISSUES]))
