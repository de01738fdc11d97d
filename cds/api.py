"""The library interface: one patient, one day, any orders; without a server, a clock or a network.

    engine = load()                                 the tables, the knowledge, a site's protocol
    chart = read_chart(engine, bundle)              one patient's record, read once
    answer = assess(engine, chart, day, drafts)     immutable: assessment, cards, report

The service, `ketamine-cds assess` and the golden run take this path. Each function gives the same
answer for the same arguments and changes none of them. Engine, Chart and Answer can be pickled, so
that charts may be assessed in other processes; docs/library.md shows how.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import get_args

from msgspec import Struct

from cards.build import Hook, Occasion, build
from cards.drafts import Drafts
from cards.model import Card
from cards.unworded import in_words, unjudged_cards
from cds.allowance import Allowance
from cds.assessment.assess import assess as assess_orders
from cds.assessment.assess import unjudged
from cds.assessment.model import Assessment
from cds.chart.drafts import DraftReader, drafted
from cds.chart.entries import Chart
from cds.chart.foremost import in_time
from cds.chart.identity import ORDERS, by_own_name
from cds.chart.in_reach import in_reach
from cds.chart.read import read_chart as read_entries
from cds.dates import LocalTime, local_days
from cds.dosage.words.vocabulary import phrases
from cds.faults import Fault, Faults
from cds.fhir.record.local import own_time
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.history.build import build_history
from cds.history.model.history import History
from cds.knowledge.load import Knowledge, KnowledgeError, load_knowledge
from cds.knowledge.review.ledger import NOTHING_SIGNED, Ledger
from cds.knowledge.review.ledger_file import LedgerError, signed_here
from cds.knowledge.site import SiteProtocol
from cds.lasting import lasting
from cds.orders.model import Order
from cds.orders.read import read_order
from cds.report import report as as_report
from cds.terminology.codes.tables import TableError
from cds.terminology.lookup import Terminology, load_terminology
from cds.terminology.site_map import SiteMapError
from cds.terminology.text.cues import lexicon
from cds.wire import Json

__all__ = [
    "Allowance",
    "Answer",
    "Chart",
    "Engine",
    "Hook",
    "KnowledgeError",
    "LedgerError",
    "SiteMapError",
    "SiteProtocol",
    "TableError",
    "assess",
    "load",
    "read_chart",
]


class Engine(Struct, frozen=True):
    """What every answer rests on besides the chart. One instance serves all threads.

    Pickled, it is the recipe and not the tables: a process that receives it loads them once.
    """

    terminology: Terminology
    knowledge: Knowledge
    """of every day; an order is judged by the facts in force on its own"""
    site: SiteProtocol
    zone: tzinfo | None = None
    """whose days are the patients'; None: those that their instants are written with"""
    reviews: Ledger = NOTHING_SIGNED
    """what the site's reviewers signed"""


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What is said of one patient on one day. It has no repr: it is patient data."""

    assessment: Assessment
    """candidacy, findings and doses with what they rest on, and the history behind them"""
    cards: tuple[Card, ...]
    """most urgent first"""
    faults: tuple[Fault, ...] = ()
    """what could not be judged, put into words or shown: a fault of the service. The answer says so
    where a clinician needs to know"""

    @property
    def cut(self) -> tuple[str, ...]:
        """Types of resource of which not all could be judged in the time allowed: what speaks
        against the order was found in the rest, and the cards say so. Empty without an allowance"""
        return self.assessment.history.cut

    def cards_json(self) -> list[Json]:
        """The cards as plain JSON, without the uuids that they get when they are sent."""
        return self._cards_json(Faults())

    def report(self) -> Json:
        """What `ketamine-cds assess --json` prints. Numbers are Decimal: see `cds.wire.encode`."""
        faults = Faults(list(self.faults))
        return as_report(self.assessment, self._cards_json(faults), faults)

    def _cards_json(self, faults: Faults) -> list[Json]:
        told = (faults.first_of("card", "sent", (c.json, c.least), {}) for c in self.cards)
        return copy.deepcopy(list(told))


def load(
    site_map: Path | None = None,
    site: SiteProtocol | None = None,
    zone: tzinfo | None = None,
    knowledge: Path | None = None,
    reviews: Path | None = None,
) -> Engine:
    """The bundled tables and knowledge, with a site's own codes and protocol if it has some.

    `zone`: where the site is, such as `ZoneInfo("Australia/Sydney")`; without it, instants have the
    day that they are written with. `knowledge`: a folder or a wheel whose facts stand in the place
    of the bundled ones. `reviews`: the file of what the site's reviewers signed.

    Takes 0.2 s the first time in a process. Raises TableError, KnowledgeError, and
    SiteMapError and LedgerError, which name the lines of the site's files.
    """
    with lasting():
        tables, facts = load_terminology(site_map), load_knowledge(knowledge)
        engine = Engine(tables, facts, site or SiteProtocol(), zone, signed_here(reviews))
        phrases()
        lexicon()
    return engine


def read_chart(
    engine: Engine,
    source: PatientRecord | Json | Iterable[Json],
    *,
    patient_id: str | None = None,
    allowance: Allowance | None = None,
) -> Chart:
    """One patient's chart, from a Bundle of any type, a list of resources, or a PatientRecord.

    The JSON is `cds.wire.decode`'s: numbers are exact. A kind of resource of which the source has
    nothing was not seen, and its facts are unknown; a searchset without entries says that there are
    none, one that tells of more than it holds leaves its kind open, and
    `gather(resources, answered=…)` makes a PatientRecord that says so of others. With several
    patients in the source the chart is that of `patient_id`, else of the one that most resources
    name. What can't be used is counted in `History.skipped`; odd content never raises.
    The chart keeps copies, and nothing else, of the source; the JSON of a PatientRecord is shared.
    With an `allowance` what comes first of a large chart is read, and `Chart.cut` says of what not
    all was. Raises TypeError for a source of another type, such as text that was not decoded.
    """
    given = isinstance(source, PatientRecord)
    record = source if isinstance(source, PatientRecord) else _gathered(source, patient_id)
    local = LocalTime(engine.zone) if engine.zone is not None else own_time(record)
    with local_days(local):
        chart = read_entries(record, engine.terminology, engine.knowledge.measurements, allowance)
    referred = chart.referred if given else chart.referred.apart()
    return replace(chart, local=local, referred=referred)


def _gathered(source: Json | Iterable[Json], patient_id: str | None) -> PatientRecord:
    resources = [source] if isinstance(source, dict) else _iterable(source)
    return gather(resources, patient_id=patient_id)


def _iterable(source: object) -> Iterable[Json]:
    if isinstance(source, Iterable) and not isinstance(source, str | bytes):
        return source
    raise TypeError(
        f"source: a Bundle, a list of resources or a PatientRecord is wanted, not"
        f" {type(source).__name__}; cds.wire.decode reads JSON text"
    )


def assess(
    engine: Engine,
    chart: Chart,
    day: date,
    drafts: Sequence[Json] = (),
    hook: Hook = "order-select",
    *,
    others: Sequence[Json] = (),
    candidacy_wanted: bool = True,
    allowance: Allowance | None = None,
    history: History | None = None,
) -> Answer:
    """What the service says of the patient on a day, and of the orders that are drafted.

    `drafts` are the orders asked about (MedicationRequest, ServiceRequest), `others` what else the
    session holds: further drafts, and the Medications that drafts refer to. Each is a resource, or
    a Bundle entry with its `fullUrl`. Nothing dated after `day` exists for the answer. `hook` only
    chooses the cards: order-select, order-sign, or patient-view, which shows what is due when a
    chart is opened. Without drafts the first two have no cards. `candidacy_wanted` False leaves out
    the cards that nobody asked for. With an `allowance`, the one that the chart was read with
    and in the same thread, the answer may be cut: see `Answer.cut`. `history`: the one that an
    earlier answer from this chart rests on, which is not made again if it is of the same day.
    Raises TypeError for a `day` that is no date (or has a time), and for drafts that are no list of
    JSON objects; ValueError for another hook.
    """
    if isinstance(day, datetime) or not isinstance(day, date):
        raise TypeError(f"day: a datetime.date is wanted, not {type(day).__name__}")
    if hook not in get_args(Hook):
        raise ValueError(f"hook: {hook!r} is none of {', '.join(get_args(Hook))}")
    drafts, others = _listed(drafts, "drafts"), _listed(others, "others")

    whole, known = chart, history if history is not None and history.as_of == day else None

    def judged(chart: Chart) -> Answer:
        found = known if chart is whole else None
        return _judged(engine, chart, found, day, drafts, hook, others, candidacy_wanted)

    if allowance is None:
        return judged(chart)
    return in_time(judged, chart, allowance)


def _judged(
    engine: Engine,
    chart: Chart,
    history: History | None,
    day: date,
    drafts: Sequence[Json],
    hook: Hook,
    others: Sequence[Json],
    candidacy_wanted: bool,
) -> Answer:
    session = in_reach([*drafts, *others])
    drafts, others = session[: len(drafts)], session[len(drafts) :]
    knowledge = engine.knowledge.on(day)
    history = build_history(chart, knowledge, day) if history is None else history
    read = DraftReader(chart, engine.terminology, gather(session).index)
    selected = _orders(drafts)
    with local_days(chart.local):
        orders = [
            read_order(draft, engine.terminology, day)
            for draft in read.read_all([*selected, *_orders(others)])
        ]

    def again(draft: Json) -> Order:
        """A draft as it would be read if it came back changed."""
        with local_days(chart.local):
            return read_order(read.read(draft), engine.terminology, day)

    def occasion() -> Occasion:
        return Occasion(hook, Drafts(by_own_name(map(drafted, session)), again), candidacy_wanted)

    known = (knowledge, engine.site, engine.reviews)
    answer = _answer(known, history, orders[: len(selected)], orders, occasion)
    lacking = not answer.cards and any(f.what in ("all", "faults") for f in answer.faults)
    if lacking and hook != "patient-view":  # nobody waits for an answer there
        return replace(answer, cards=unjudged_cards(answer.assessment.orders))
    return answer


def _answer(
    known: tuple[Knowledge, SiteProtocol, Ledger],
    history: History,
    asked: Sequence[Order],
    orders: Sequence[Order],
    occasion: Callable[[], Occasion],
) -> Answer:
    """The answer about the orders asked for among all; as much of it as does not break."""
    faults, (knowledge, site, reviews) = Faults(), known
    judged = faults.attempt(
        "part",
        "all",
        lambda: assess_orders(history, asked, orders, knowledge, site, faults, reviews),
        None,
    )
    if judged is None:
        return Answer(unjudged(history, asked, knowledge, site), (), tuple(faults.found))
    worded = faults.attempt("finding", "all", lambda: in_words(judged, faults), judged)
    cards = faults.attempt("card", "all", lambda: build(worded, occasion(), faults), ())
    return Answer(worded, cards, tuple(faults.found))


def _listed(given: object, name: str) -> list[Json]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise TypeError(
            f"{name}: a list of resources or Bundle entries is wanted, not {type(given).__name__}"
        )
    listed = list(given)
    for number, entry in enumerate(listed):
        if not isinstance(entry, dict):
            raise TypeError(
                f"{name}[{number}]: a resource or a Bundle entry is wanted, not"
                f" {type(entry).__name__}; cds.wire.decode reads JSON text"
            )
    return listed


def _orders(entries: Sequence[Json]) -> list[Json]:
    return [entry for entry in entries if drafted(entry).get("resourceType") in ORDERS]
