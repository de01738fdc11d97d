"""A chart that is kept changes no answer, and is nobody else's."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest

import fhir_fixtures
from cards.model import Sender
from cds import service as service_module
from cds.api import load, read_chart
from cds.chart.entries import Chart, Condition, Person
from cds.hooks.envelope import read_envelope
from cds.hooks.errors import MissingPrefetch
from cds.hooks.prefetch_text import PrefetchText
from cds.hooks.read import read_request
from cds.hooks.request import HookRequest
from cds.hooks.services import OF_HOOK
from cds.hooks.services.context import Scene
from cds.kept_charts import GROWTH, KeptCharts, Key, Seen
from cds.runtime import open_service, parse_body
from cds.service import Service
from cds.settings import Settings, TrustedClient
from cds.web.page import prefetched
from cds.wire import Json, decode, encode
from tests.replaced import replace
from tests.work import looked_at

DAY = date(2026, 11, 22)
NAMES = fhir_fixtures.names()
HOOKS = ("order-select", "order-sign", "patient-view")
FAR = 10**9


def drafts(name: str) -> list[Json]:
    """The order that goes with a patient; another one of the same; and a benzodiazepine."""
    order: Json = decode((fhir_fixtures.orders() / f"{name}.json").read_bytes())
    other = order | {"id": "another"}
    midazolam = {
        "resourceType": "MedicationRequest", "id": "midazolam", "status": "draft",
        "intent": "order", "subject": {"reference": f"Patient/{name}"},
        "medicationCodeableConcept": {"text": "midazolam 2 mg IV"},
    }  # fmt: skip
    return [order, other, midazolam]


def chart(name: str) -> Json:
    sent: Json = decode(encode(prefetched(fhir_fixtures.load(name, DAY))))
    return sent


def request(
    name: str, hook: str = "order-select", orders: list[Json] | None = None,
    sent: Json | None = None, **changed: Any,
) -> HookRequest:  # fmt: skip
    service = OF_HOOK[hook]
    visit = f"{name}-2" if "encounterId" in service.required else None
    given = drafts(name)[:1] if orders is None else orders
    body = {
        "hook": hook, "hookInstance": "00000000-0000-4000-8000-000000000000",
        "context": service.context_in(Scene("Practitioner/p", name, visit, given)),
        "prefetch": chart(name) if sent is None else sent,
    }  # fmt: skip
    return replace(parse_body(decode(encode(body))), **changed)


def served(charts: KeptCharts | None, **changed: Any) -> Service:
    fields: dict[str, Any] = {
        "engine": load(), "sender": Sender(url=""), "connect": lambda request: None,
        "today": lambda zone: DAY, "charts": charts,
    }  # fmt: skip
    return Service(**(fields | changed))


def kept(**limits: Any) -> KeptCharts:
    fields: dict[str, Any] = {"most_bytes": FAR, "seconds": 300, "later": lambda s, do: None}
    return KeptCharts(**(fields | limits))


def cards(service: Service, asked: HookRequest) -> bytes:
    """The answer without what differs between any two."""
    return encode(_lasting(decode(encode(service.respond(asked).json()))))


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(item) for key, item in value.items() if key != "uuid"}
    return [_lasting(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The patients whose charts were read, in turn."""
    read: list[str] = []

    def counted(*given: Any, **named: Any) -> Chart:
        chart = read_chart(*given, **named)
        read.append(chart.person.id)
        return chart

    monkeypatch.setattr(service_module, "read_chart", counted)
    return read


# ---- the same answers --------------------------------------------------------------------------


def every_call() -> Iterator[HookRequest]:
    for name in NAMES:
        order, other, midazolam = drafts(name)
        for hook in HOOKS:
            yield request(name, hook)
        for several in ([midazolam, order], [order, midazolam], [other, order], [midazolam], []):
            yield request(name, "order-sign", several)


def test_answers_are_those_of_charts_that_are_read_again(reads: list[str]) -> None:
    """In whatever order the calls come, and from many threads at once."""
    calls = list(every_call())
    plain = [cards(served(None), call) for call in calls]
    reads.clear()
    service = served(kept())
    order = [place for _ in range(2) for place in range(len(calls))]
    Random(7).shuffle(order)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda place: cards(service, calls[place]), order))
    assert [
        place for place, answer in zip(order, answers, strict=True) if answer != plain[place]
    ] == []
    assert len(reads) < len(order) / 2


def test_the_same_chart_is_read_once_whatever_is_ordered(reads: list[str]) -> None:
    service, (order, other, midazolam) = served(kept()), drafts("ash")
    for call in (
        request("ash"), request("ash", "order-sign"), request("ash", orders=[other, order]),
        request("ash", orders=[midazolam, order]),
    ):  # fmt: skip
        service.respond(call)
    assert reads == ["ash"]


def test_a_changed_byte_is_another_chart(reads: list[str]) -> None:
    service, changed = served(kept()), chart("ash")
    changed["patient"]["birthDate"] = "1951-02-03"
    service.respond(request("ash"))
    assert cards(service, request("ash", sent=changed)) != cards(service, request("ash"))
    assert len(reads) == 2


def test_the_text_of_the_prefetch_is_what_counts_and_not_the_room_for_it() -> None:
    small, dense = b'{"patient": {}}', b'{"patient": [' + b"{}," * 99 + b"{}]}"
    assert PrefetchText(memoryview(small), 10**6).as_sent() == (small,)
    assert PrefetchText(memoryview(dense), 10**6).as_sent() == (dense,)
    told = [PrefetchText(memoryview(dense), room).as_sent() for room in (9_000, 9_001)]
    assert told[0] != told[1], "as much is read as there is room for"


def test_a_call_as_it_is_sent_finds_the_chart_of_another(reads: list[str]) -> None:
    service = served(kept())
    body = {
        "hook": "order-select", "hookInstance": "00000000-0000-4000-8000-000000000000",
        "prefetch": chart("ash"),
    }  # fmt: skip
    asked = OF_HOOK["order-select"]
    for order in drafts("ash")[:2]:
        context = asked.context_in(Scene("Practitioner/p", "ash", None, [order]))
        service.respond(read_request(asked, read_envelope(encode(body | {"context": context}))))
    assert reads == ["ash"]


def test_each_day_has_its_own_history(reads: list[str]) -> None:
    today = [DAY]
    service = served(kept(), today=lambda zone: today[0])
    service.respond(request("ash"))
    for later in (0, 1, 60, 0):
        today[0] = DAY + timedelta(days=later)
        assert cards(service, request("ash")) == cards(
            served(None, today=lambda zone: today[0]), request("ash")
        )
    assert reads.count("ash") == 1 + 4, "kept in one service, read again in the others"


# ---- whose it is -------------------------------------------------------------------------------

EHR = TrustedClient(iss="https://ehr.example.org", jku="https://ehr.example.org/keys")
ANOTHER = TrustedClient(iss="https://other.example.org", jku="https://other.example.org/keys")


@pytest.mark.parametrize(
    "another",
    [
        {"client": ANOTHER}, {"client": None}, {"tenant": "north"}, {"tenant": None},
{"encounter_id": "another"}, {"encounter_id": None},
    ],
)  # fmt: skip
def test_nobody_else_is_answered_from_it(another: dict[str, Any], reads: list[str]) -> None:
    service = served(kept())
    mine = request("ash", client=EHR, tenant="south", encounter_id="e")
    service.respond(mine)
    service.respond(replace(mine, **another))
    assert len(reads) == 2
    service.respond(mine)
    assert len(reads) == 2


def test_another_patient_has_no_chart_of_it() -> None:
    service, mine = served(kept()), request("ash")
    service.respond(mine)
    with pytest.raises(MissingPrefetch):
        service.respond(replace(mine, patient_id="ash-2"))


def test_no_text_of_one_patient_is_in_the_answer_of_another() -> None:
    """Not even where two have the same id and encounter, with two clients."""
    service = served(kept())
    named: dict[str, TrustedClient] = {"Qqfirstq": EHR, "Qqsecondq": ANOTHER}
    for _ in range(2):
        for word, client in named.items():
            told = chart("ash")
            for entry in told["conditions"]["entry"]:
                entry["resource"]["code"]["text"] = (
                    f"{word} {entry['resource']['code'].get('text')}"
                )
                entry["resource"]["code"].pop("coding", None)
            said = cards(service, request("ash", sent=told, client=client)).decode()
            assert [one for one in named if one in said and one != word] == []


def test_nothing_of_an_order_is_kept() -> None:
    charts, order = kept(), drafts("ash")[0]
    order["note"] = [{"text": "Qqnoteq"}]
    order["dosageInstruction"] = [{"text": "35 mg IV over 40 minutes, Qqsigq"}]
    order["reasonCode"] = [{"text": "Qqreasonq"}]
    order["id"] = "Qqidq"
    call = request("ash", orders=[order])
    assert b"Qqreasonq" in cards(served(charts), call)
    (found,) = [entry[2] for entry in charts._kept.values()]
    assert b"Qq" not in pickle.dumps((found.chart, found.history))


def test_what_a_server_may_add_to_is_neither_kept_nor_looked_for(reads: list[str]) -> None:
    asked: list[HookRequest] = []
    charts = kept()
    service = served(charts)
    connected = served(charts, connect=lambda request: asked.append(request) or _Silent())
    connected.respond(request("ash"))
    assert not charts._kept
    service.respond(request("ash"))
    connected.respond(request("ash"))
    assert (len(reads), len(asked)) == (3, 2)


class _Silent:
    """A client of a server that is asked for nothing, since all was prefetched."""

    record: Any = None


def test_what_was_cut_is_not_kept() -> None:
    charts = kept()
    service = served(charts, allowance=lambda: looked_at(30, count().__next__))
    assert b"too large to be judged in time" in cards(service, request("ash"))
    assert not charts._kept


@pytest.mark.usefixtures("faults_are_kept")
def test_a_chart_that_broke_a_rule_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from cds.assessment import assess as rules

    def breaks(case: Any) -> Any:
        raise KeyError

    charts = kept()
    monkeypatch.setattr(rules, "workup", breaks)
    served(charts).respond(request("ash"))
    assert not charts._kept


# ---- how many, and for how long ----------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        self.waiting.append((self.now + seconds, do))

    def pass_to(self, moment: float) -> None:
        while due := [one for one in self.waiting if one[0] <= moment]:
            first = min(due, key=lambda one: one[0])
            self.waiting.remove(first)
            self.now = first[0]
            first[1]()
        self.now = moment


def seen(name: str) -> Seen:
    return Seen(Chart(Person(name)))


def room(charts: KeptCharts, name: str, size: int = 20_000) -> Key:
    return charts.key((name,), (b" " * size,))


def names(charts: KeptCharts, *asked: Key) -> list[str]:
    return [found.chart.person.id for key in asked if (found := charts.get(key)) is not None]


def test_the_bytes_bound_it_and_the_longest_unasked_goes_first() -> None:
    charts = kept(most_bytes=60_000 * GROWTH)
    a, b, c, d = (room(charts, name) for name in "abcd")
    for key, name in ((a, "a"), (b, "b"), (c, "c")):
        charts.keep(key, seen(name))
    assert names(charts, a, b, c) == ["a", "b", "c"]
    charts.get(a)
    charts.keep(d, seen("d"))
    assert names(charts, a, b, c, d) == ["a", "c", "d"]
    charts.keep(room(charts, "large", 60_001), seen("large"))
    assert names(charts, a, c, d) == ["a", "c", "d"], "one that has no room pushes out nothing"


def test_many_small_entries_take_more_than_their_bytes() -> None:
    charts = kept(most_bytes=10_000_000)
    condition = Condition(frozenset(), "x", "active", "confirmed", "other", ("Condition/1",))
    many = Seen(Chart(Person("many"), conditions=(condition,) * 3_000))
    key = room(charts, "many")
    charts.keep(key, many)
    assert names(charts, key) == []
    charts.keep(key, Seen(replace(many.chart, conditions=(condition,) * 2_000)))
    assert names(charts, key) == ["many"]


def test_one_that_is_kept_again_takes_its_room_once() -> None:
    charts = kept(most_bytes=40_000 * GROWTH)
    a, b = room(charts, "a"), room(charts, "b")
    charts.keep(b, seen("b"))
    for name in ("a", "newer"):
        charts.keep(a, seen(name))
    assert names(charts, a, b) == ["newer", "b"]


def test_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds.kept_charts.MOST", 2)
    charts = kept()
    keys = [room(charts, name, 1) for name in "abc"]
    for key, name in zip(keys, "abc", strict=True):
        charts.keep(key, seen(name))
    assert names(charts, *keys) == ["b", "c"]


def test_each_is_dropped_when_its_time_is_over_though_nobody_calls() -> None:
    clock = Clock()
    charts = KeptCharts(FAR, 300, clock, clock.later)
    a, b = room(charts, "a"), room(charts, "b")
    charts.keep(a, seen("a"))
    clock.pass_to(200)
    charts.keep(b, seen("b"))
    charts.get(a)  # which does not make it stay longer
    clock.pass_to(299)
    assert names(charts, a, b) == ["a", "b"]
    clock.pass_to(300)
    assert names(charts, a, b) == ["b"]
    assert len(charts._kept) == 1
    clock.pass_to(500)
    assert (dict(charts._kept), charts._bytes, clock.waiting) == ({}, 0, [])
    charts.keep(a, seen("a"))
    clock.pass_to(800)
    assert not charts._kept


def test_parts_can_not_be_moved_from_one_to_the_next() -> None:
    charts = kept()
    keys = [
        charts.key(whose, parts)
        for whose, parts in [
            (("ab", "c"), (b"de",)), (("a", "bc"), (b"de",)), (("ab", "c"), (b"d", b"e")),
            (("ab", None), (b"cde",)), (("ab", ""), (b"cde",)), ((None, "ab"), (b"cde",)),
        ]
    ]  # fmt: skip
    assert len({key.digest for key in keys}) == len(keys)
    assert charts.key(("ab",), (memoryview(b"cd"),)) == charts.key(("ab",), (b"cd",))


def test_a_digest_means_nothing_in_another_process() -> None:
    assert room(kept(), "a").digest != room(kept(), "a").digest


def test_it_can_be_switched_off() -> None:
    on, off = (open_service(Settings(auth="off", kept_charts_s=s)) for s in (300, 0))
    assert on.charts is not None
    assert off.charts is None


def test_what_is_kept_has_no_repr() -> None:
    assert "ash" not in repr(Seen(Chart(Person("ash"))))
