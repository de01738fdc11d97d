"""From a hook request to cards: the one path that every endpoint and command takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, date, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from cards.build import without_chart
from cards.cut_short import with_unjudged
from cards.model import LACKING, Card, Sender
from cards.unworded import unjudged_cards
from cds.allowance import Allowance, OutOfTime
from cds.api import Answer, Chart, Engine, assess, read_chart
from cds.assessment.relevance import is_relevant
from cds.chart.drafts import name_draft, read_draft_dosages
from cds.chart.identity import ORDERS
from cds.faults import Faults
from cds.fhir.access import MissingData, Wanted, prefetched_medications, record_for
from cds.fhir.ordered_medications import OrderedMedications
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.fhir.record.references import medications_of
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import reference_of
from cds.fhir.server.client import FhirClient
from cds.hooks.errors import MissingPrefetch
from cds.hooks.request import HookRequest, HookResponse, ShownCard
from cds.hooks.services import SERVICES
from cds.hooks.services.service_info import ServiceInfo
from cds.hooks.told_faults import tell_cut, tell_faults
from cds.kept_charts import KeptCharts, Key, Seen
from cds.knowledge.load import Knowledge
from cds.limits import MOST_OURS
from cds.orders.identified import identified
from cds.orders.model import Order
from cds.wire import Json

Connect = Callable[[HookRequest], FhirClient | None]
"""A client for the request's FHIR server, or None when there is none that may be asked."""


_DAY = timedelta(days=1)
_NAMING = 0.4
"""the share of the time for an answer in which it is found out what each order is for"""


class Service(Struct, frozen=True):
    """Everything that answering needs; `today` and `allowance` are the only clocks."""

    engine: Engine
    sender: Sender
    connect: Connect
    today: Callable[[tzinfo], date]
    """the day it is now in a zone"""
    shown_lately: Callable[[HookRequest, str, int], bool] = lambda request, rule, days: False
    """whether a rule's card was shown for this patient within so many days"""
    allowance: Callable[[], Allowance | None] = lambda: None
    """the processor time for one answer, from the moment that it is asked for; None: without end"""
    charts: KeptCharts | None = None
    """those that were read lately; None: each is read again"""

    def respond(self, request: HookRequest) -> HookResponse:
        """The cards for one hook call.

        An order that has nothing to do with ketamine is answered before any data are looked at.
        Raises MissingPrefetch for data that are required and can't be had.
        """
        asked, allowance = SERVICES[request.service_id], self.allowance()
        client = self.connect(request)
        session = _session(request)
        fetched = OrderedMedications(session, client, lambda: _medications(request)).fetch(
            request.selected_orders
        )
        with nullcontext() if allowance is None else allowance.share(_NAMING):
            named = self._identified(request, session)
        orders, beyond = [order for _, order in named], self._beyond(named)
        if asked.about_orders and not any(map(self._ours, orders)):
            if any(order.drug_unread for order in orders):
                request.prefetch.read()  # the drug may stand in what is wrong with it: then a 400
            return self._unread(orders)
        ours = any(order.drug or order.topical for order in orders)
        key = self._key(request, client)
        try:
            seen = self._seen(key) or self._read(request, client, allowance)
        except MissingPrefetch:
            if ours or not asked.about_orders:
                raise
            # nobody asked about ketamine: without the chart there is nothing to say of the rest
            return self._unread(orders)
        unasked = asked.candidacy_unasked and not ours
        selected, others = _by_selection(request, beyond)
        chart = seen.chart
        faults = Faults()
        answer = faults.attempt(
            "part",
            "all",
            lambda: assess(
                self._engine_of(asked),
                chart,
                self.today(chart.zone),
                selected,
                asked.cards_as,
                others=(*others, *fetched),
                candidacy_wanted=unasked and self._not_shown(request),
                allowance=allowance,
                history=seen.history,
            ),
            None,
        )
        if answer is None:
            return self._send(unjudged_cards(orders if asked.about_orders else ()), faults)
        self._keep(key, chart, answer)
        faults.found += answer.faults
        if answer.cut:
            tell_cut(asked.id, answer.cut)
        return self._send(with_unjudged(answer.cards, len(beyond)), faults)

    def _engine_of(self, asked: ServiceInfo) -> Engine:
        """With the cards switched off that the service does not show."""
        if not asked.cards_off:
            return self.engine
        site = self.engine.site
        off = tuple(sorted({*site.cards_off, *asked.cards_off}))
        return replace(self.engine, site=site.model_copy(update={"cards_off": off}))

    def _beyond(self, named: Sequence[tuple[Json, Order]]) -> frozenset[int]:
        """Those of the selected drafts (by identity) that are too many to be judged with the
        others: of what may not be given with ketamine before ketamine itself."""
        ours = [(draft, order) for draft, order in named if self._ours(order)]
        ours.sort(key=lambda one: one[1].drug is None)
        return frozenset(id(draft) for draft, _ in ours[MOST_OURS:])

    def _identified(self, request: HookRequest, session: PatientRecord) -> list[tuple[Json, Order]]:
        """The selected drafts, and what they are for by their names alone."""
        return [
            (draft, self._identify(draft, session))
            for draft in request.selected_orders
            if draft.get("resourceType") in ORDERS
        ]

    def _identify(self, draft: Json, session: PatientRecord) -> Order:
        """The dosage is read only where its route or words decide whether the drug matters.

        Of an order that there was no time to look at, nobody knows which drug it is for.
        """
        terminology = self.engine.terminology
        order: Order | None = None
        with suppress(OutOfTime):
            named = name_draft(draft, terminology, session.referred)
            order = identified(named, terminology)
            if self._ours(order) or order.drug_unread:
                return identified(named, terminology, read_draft_dosages(draft))
        return order or Order(
            ref=reference_of(draft), resource_type=draft["resourceType"], drug_unread=True
        )

    def _ours(self, order: Order) -> bool:
        """By the facts of today; where no zone is set, of the days beside it too: the chart, which
        tells where the patient is, was not read yet."""
        zone = self.engine.zone
        for known in _in_force(self.engine.knowledge, self.today(zone or UTC), zone is not None):
            if is_relevant(order, known, self.engine.site):
                return True
        return False

    def _key(self, request: HookRequest, client: FhirClient | None) -> Key | None:
        """What the chart is kept by; None where nothing is, or a FHIR server may add to it."""
        if self.charts is None or client is not None:
            return None
        caller = None if request.client is None else request.client.iss
        return self.charts.key(
            (caller, request.tenant, request.patient_id, request.encounter_id,
             self.engine.knowledge.version),
            request.prefetch.as_sent(),
        )  # fmt: skip

    def _seen(self, key: Key | None) -> Seen | None:
        return None if self.charts is None or key is None else self.charts.get(key)

    def _keep(self, key: Key | None, chart: Chart, answer: Answer) -> None:
        if self.charts is not None and key is not None and not (answer.cut or answer.faults):
            self.charts.keep(key, Seen(chart, answer.assessment.history))

    def _read(
        self, request: HookRequest, client: FhirClient | None, allowance: Allowance | None
    ) -> Seen:
        record = self._record(request, client)
        return Seen(read_chart(self.engine, record, allowance=allowance))

    def _record(self, request: HookRequest, client: FhirClient | None) -> PatientRecord:
        wanted = Wanted(request.patient_id, request.encounter_id, request.prefetch.read())
        try:
            return record_for(wanted, client)
        except MissingData as missing:
            raise MissingPrefetch(missing.key, (missing.tried,)) from None

    def _not_shown(self, request: HookRequest) -> bool:
        site = self.engine.site
        return not any(
            self.shown_lately(request, f"trigger:{indication}", site.trigger_quiet_days)
            for indication in site.trigger_indications
        )

    def _unread(self, orders: Sequence[Order]) -> HookResponse:
        """What is said without the chart: of which orders not even the drug is known."""
        faults = Faults()
        return self._send(without_chart(orders, self.engine.site, faults), faults)

    def _send(self, cards: Sequence[Card], faults: Faults) -> HookResponse:
        """Each card as far as it can be written, and what broke to the log."""
        sent = [(card, self._sent(card, faults)) for card in cards]
        tell_faults(faults.found)
        return HookResponse(
            cards=tuple(out for _, out in sent),
            shown=tuple(
                ShownCard(str(out["uuid"]), card.kind, card.indicator, card.rules)
                for card, out in sent
            ),
            knowledge_version=self.engine.knowledge.version,
        )

    def _sent(self, card: Card, faults: Faults) -> Json:
        whole = faults.attempt("card", "sent", lambda: self.sender.json(card, faults), None)
        return self.sender.least(card) | {"detail": LACKING} if whole is None else whole


@lru_cache(maxsize=4)  # each order of each call asks it
def _in_force(known: Knowledge, day: date, sure: bool) -> tuple[Knowledge, ...]:
    """The facts of a day, and where it may be another one, those of the days beside it."""
    days = (day,) if sure else (day, day - _DAY, day + _DAY)
    return tuple(dict.fromkeys(map(known.on, days)))


def _session(request: HookRequest) -> PatientRecord:
    """What the selected drafts may refer to; most name their drug themselves and need nothing."""
    refer = any(any(medications_of(draft)) for draft in request.selected_orders)
    return gather(request.draft_entries) if refer else PatientRecord()


def _medications(request: HookRequest) -> Referred:
    """Those that came along, the only part of the prefetch that may tell whose drug an order is."""
    return prefetched_medications(request.prefetch.holding("Medication"), request.patient_id)


def _by_selection(request: HookRequest, beyond: frozenset[int]) -> tuple[list[Json], list[Json]]:
    """The entries of the drafts that the call is about, and those of the others.

    Those that are `beyond` what is judged are others too: a duplicate of them is still seen.
    """
    groups: tuple[list[Json], list[Json]] = [], []
    selected = {id(draft) for draft in request.selected_orders} - beyond
    for entry in request.draft_entries:
        groups[0 if id(entry["resource"]) in selected else 1].append(entry)
    return groups
