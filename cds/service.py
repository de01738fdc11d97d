"""From a hook request to cards: the one path that every endpoint and command takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from cards.build import Hook, Occasion, build
from cards.model import Card, Sender
from cards.triggers import trigger_cards, view_cards
from cds.assessment.assess import assess
from cds.assessment.case import Case
from cds.assessment.relevance import is_relevant
from cds.chart.drafts import name_draft, read_draft, read_draft_dosages
from cds.chart.identity import ORDERS, by_own_name
from cds.fhir.access import MissingData, Wanted, record_for
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.fhir.record.references import medications_of, reference_key
from cds.fhir.server.client import FhirClient
from cds.history.build import build_history
from cds.hooks.errors import MissingPrefetch
from cds.hooks.request import HookRequest, HookResponse, ShownCard
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.identified import identified
from cds.orders.model import Order
from cds.orders.read import read_order
from cds.terminology.lookup import Terminology
from cds.wire import Json

HOOKS: dict[str, Hook] = {
    "order-select": "order-select",
    "order-sign": "order-sign",
    "patient-view": "patient-view",
}
Connect = Callable[[HookRequest], FhirClient | None]
"""A client for the request's FHIR server, or None when there is none that may be asked."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that answering needs; `today` is the only clock."""

    terminology: Terminology
    knowledge: Knowledge
    site: SiteProtocol
    sender: Sender
    connect: Connect
    today: Callable[[], date]
    shown_lately: Callable[[HookRequest, str, int], bool] = lambda request, rule, days: False
    """whether a rule's card was shown for this patient within so many days"""

    def respond(self, request: HookRequest) -> HookResponse:
        """The cards for one hook call.

        An order that has nothing to do with ketamine is answered before any data are looked at.
        Raises MissingPrefetch for data that are required and can't be had.
        """
        client = self.connect(request)
        session = gather(request.draft_entries)
        orders = self._identified(request, session, client)
        if request.hook != "patient-view" and not any(map(self._ours, orders)):
            return HookResponse(knowledge_version=self.knowledge.version)
        try:
            record = self._record(request, client)
        except MissingPrefetch:
            if request.hook == "patient-view" or any(order.drug for order in orders):
                raise
            # nobody asked about ketamine: without the chart there is nothing to say
            return HookResponse(knowledge_version=self.knowledge.version)
        history = build_history(record, self.terminology, self.knowledge, self.today())
        record.session = session.index
        read = [
            (draft, self._read_order(draft, record, entry.get("fullUrl")))
            for entry in request.draft_entries
            if (draft := entry["resource"]).get("resourceType") in ORDERS
        ]
        drafts = [order for _, order in read]
        selected = [o for draft, o in read if any(draft is s for s in request.selected_orders)]
        assessment = assess(history, selected, drafts, self.knowledge, self.site)
        cards: Sequence[Card]
        if request.hook == "patient-view":
            case = Case(history, None, (), self.knowledge, self.site)
            cards = view_cards(assessment, case, candidacy_wanted=self._not_shown(request))
        elif any(order.drug for order in selected):
            occasion = Occasion(HOOKS[request.hook], by_own_name(request.draft_orders))
            cards = build(assessment, occasion, self.knowledge, self.site)
        else:
            wanted = request.hook == "order-select" and self._not_shown(request)
            cases = tuple(
                Case(history, order, tuple(drafts), self.knowledge, self.site) for order in selected
            )
            cards = trigger_cards(assessment, cases, candidacy_wanted=wanted)
        return self._send(cards)

    def _identified(
        self, request: HookRequest, record: PatientRecord, client: FhirClient | None
    ) -> list[Order]:
        """What the selected drafts are for; Medications that they name are read if need be."""
        if client is not None:
            for draft in request.selected_orders:
                for medication in self._read(draft, record, client):
                    self._read(medication, record, client)  # what it is mixed from
        return [
            self._identify(draft, record)
            for draft in request.selected_orders
            if draft.get("resourceType") in ORDERS
        ]

    def _identify(self, draft: Json, record: PatientRecord) -> Order:
        """The dosage is read only where the route decides whether the drug matters."""
        named = name_draft(draft, self.terminology, record)
        order = identified(named, self.terminology)
        if not self._ours(order):
            return order
        return identified(named, self.terminology, read_draft_dosages(draft))

    def _read_order(self, draft: Json, record: PatientRecord, full_url: object) -> Order:
        return read_order(read_draft(draft, self.terminology, record, full_url), self.terminology)

    def _read(self, resource: Json, record: PatientRecord, client: FhirClient) -> list[Json]:
        """The Medications that a resource names and that are not here, once they are."""
        read = []
        for holder in medications_of(resource):
            reference = holder.get("reference")
            if not isinstance(reference, str):
                continue
            medication = record.resolve(holder, resource, ("Medication",))
            if medication is None and (medication := client.read(reference)) is not None:
                record.index[reference_key(reference)] = medication
            if medication is not None:
                read.append(medication)
        return read

    def _ours(self, order: Order) -> bool:
        return is_relevant(order, self.knowledge, self.site)

    def _record(self, request: HookRequest, client: FhirClient | None) -> PatientRecord:
        wanted = Wanted(request.patient_id, request.encounter_id, request.prefetch)
        try:
            return record_for(wanted, client)
        except MissingData as missing:
            raise MissingPrefetch(missing.key, (missing.tried,)) from None

    def _not_shown(self, request: HookRequest) -> bool:
        return not any(
            self.shown_lately(request, f"trigger:{indication}", self.site.trigger_quiet_days)
            for indication in self.site.trigger_indications
        )

    def _send(self, cards: Sequence[Card]) -> HookResponse:
        sent = [(card, self.sender.json(card)) for card in cards]
        return HookResponse(
            cards=tuple(out for _, out in sent),
            shown=tuple(
                ShownCard(str(out["uuid"]), card.kind, card.indicator, card.rules)
                for card, out in sent
            ),
            knowledge_version=self.knowledge.version,
        )
