"""Which facts are in force on a day: at each edge the day before it, the day and the day after."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from folders import Entry, add, change, entry

import fhir_fixtures
from cds.api import Chart, assess, load, read_chart
from cds.knowledge.in_force import boundaries, editions_of, in_force
from cds.knowledge.load import Knowledge, KnowledgeError, load_knowledge, subjects
from cds.knowledge.model.base import Fact
from cds.knowledge.model.parameters import Parameter
from cds.runtime import open_service, parse_body
from cds.settings import load_settings
from cds.wire import Json, decode
from tests.replaced import replace
from tests.rows import check_each

LAST = "9999-12-31"


def fact(ident: str, value: int, **days: object) -> Parameter:
    return Parameter.model_validate(
        {"id": ident, "value": value, "unit": "d", "meaning": "x", "status": "proposal", **days}
    )


ALWAYS = [fact("a", 1)]
BEGINS = [fact("a", 1, effective="2027-01-01")]
ENDS = [fact("a", 1, until="2027-06-30")]
EDITIONS = [
    fact("a", 2, effective="2027-01-01"),
    fact("a", 1),
    fact("a", 3, effective="2028-01-01", until="2028-06-30"),
]
REPLACED = [fact("a", 1), fact("b", 2, effective="2027-01-01", supersedes=["a"])]
REPLACED_FOR_A_TIME = [
    fact("a", 1),
    fact("b", 2, effective="2027-01-01", until="2027-06-30", supersedes="a"),
]
REPLACED_TWICE = [
    fact("a", 1),
    fact("b", 2, effective="2027-01-01", supersedes="a"),
    fact("c", 3, effective="2028-01-01", supersedes="b"),
]
REPLACED_FOR_EVER = [fact("a", 1), fact("b", 2, supersedes="a")]
EDITION_REPLACES = [
    fact("a", 1),
    fact("b", 2),
    fact("b", 3, effective="2027-01-01", supersedes="a"),
]

IN_FORCE: list[tuple[str, list[Parameter], Mapping[str, Mapping[str, int]]]] = [
    ("no day is always", ALWAYS, {"0001-01-01": {"a": 1}, LAST: {"a": 1}}),
    ("from its first day on", BEGINS,
     {"2026-12-31": {}, "2027-01-01": {"a": 1}, "2027-01-02": {"a": 1}, LAST: {"a": 1}}),
    ("up to its last day", ENDS,
     {"0001-01-01": {"a": 1}, "2027-06-29": {"a": 1}, "2027-06-30": {"a": 1}, "2027-07-01": {}}),
    ("the latest edition, whatever stands first", EDITIONS,
     {"2026-12-31": {"a": 1}, "2027-01-01": {"a": 2}, "2027-01-02": {"a": 2},
      "2027-12-31": {"a": 2}, "2028-01-01": {"a": 3}, "2028-06-30": {"a": 3}}),
    ("an older edition does not come back", EDITIONS, {"2028-07-01": {}, LAST: {}}),
    ("another one in its place", REPLACED,
     {"2026-12-31": {"a": 1}, "2027-01-01": {"b": 2}, LAST: {"b": 2}}),
    ("for a time", REPLACED_FOR_A_TIME,
     {"2026-12-31": {"a": 1}, "2027-01-01": {"b": 2}, "2027-06-30": {"b": 2},
      "2027-07-01": {"a": 1}}),
    ("what was replaced stays away", REPLACED_TWICE,
     {"2027-12-31": {"b": 2}, "2028-01-01": {"c": 3}, LAST: {"c": 3}}),
    ("in its place without a day", REPLACED_FOR_EVER, {"0001-01-01": {"b": 2}}),
    ("an edition that replaces", EDITION_REPLACES,
     {"2026-12-31": {"a": 1, "b": 2}, "2027-01-01": {"b": 3}}),
]  # fmt: skip


def test_what_is_in_force_on_a_day() -> None:
    def check(row: tuple[list[Parameter], str, Mapping[str, int]]) -> None:
        facts, day, wanted = row
        found = in_force(editions_of(facts), date.fromisoformat(day))
        assert {ident: int(each.value) for ident, each in found.items()} == wanted

    rows = [
        ((facts, day, wanted), f"{name}, {day}")
        for name, facts, days in IN_FORCE
        for day, wanted in days.items()
    ]
    check_each(rows, lambda row: check(row[0]), name=lambda row: row[1])


def test_nothing_changes_but_on_a_boundary() -> None:
    assert boundaries(ALWAYS) == ()
    assert boundaries(BEGINS) == (date(2027, 1, 1),)
    assert boundaries(ENDS) == (date(2027, 7, 1),), "the day after its last one"
    assert boundaries([fact("a", 1, until=LAST)]) == ()
    assert boundaries(EDITIONS) == (date(2027, 1, 1), date(2028, 1, 1), date(2028, 7, 1))


# ---- as it is loaded ---------------------------------------------------------------------------


@pytest.fixture
def dated(dayless: Path) -> Knowledge:
    """Ours, with a parameter that changes in 2027 and a second one that ends in 2028."""
    add(dayless, "parameters", written("example", 1))
    add(dayless, "parameters", written("example", 2, effective="2027-01-01"))
    add(dayless, "parameters", written("ending", 3, until="2028-06-30"))
    return load_knowledge(dayless)


def written(ident: str, value: int, **days: str) -> Entry:
    """As a file has it."""
    more = {"id": ident, "value": str(value), "unit": "d", "meaning": "x", "status": "proposal"}
    return more | days


def test_what_is_loaded_has_the_newest_edition_of_every_fact(dated: Knowledge) -> None:
    assert (dated.parameters["example"].value, dated.parameters["ending"].value) == (2, 3)
    assert [edition.effective for edition in dated.editions("parameters", "example")] == [
        None, date(2027, 1, 1),
    ]  # fmt: skip


def test_the_same_knowledge_comes_for_all_days_between_two_changes(dated: Knowledge) -> None:
    first, second, third = date(1990, 1, 1), date(2027, 1, 1), date(2028, 7, 1)
    assert dated.on(first) is dated.on(date(2026, 12, 31))
    assert dated.on(second) is dated.on(date(2028, 6, 30)) is not dated.on(first)
    assert dated.on(third) is dated.on(date.max) is not dated.on(second)
    assert dated.on(first).parameters["example"].value == 1
    assert dated.on(second).parameters["example"].value == 2
    assert "ending" not in dated.on(third).parameters
    assert [dated.on(day).since for day in (first, second, third)] == [date.min, second, third]


def test_of_those_in_force_another_day_can_be_asked(dated: Knowledge) -> None:
    later = dated.on(date(2027, 1, 1))
    assert later.on(date(2026, 12, 31)) is dated.on(date(2026, 12, 31))
    assert later.on(date(2027, 1, 1)) is later


def test_what_does_not_change_is_shared(dated: Knowledge) -> None:
    first, second = dated.on(date(2026, 1, 1)), dated.on(date(2027, 1, 1))
    assert first.regimens is second.regimens is dated.regimens
    assert first.asked is second.asked, "what rules ask of a chart is gathered once"
    assert (first.version, first.place) == (dated.version, dated.place)


def test_without_days_nothing_is_copied(knowledge: Knowledge) -> None:
    undated: dict[str, Any] = {
        subject: {
            ident: fact for ident, fact in getattr(knowledge, subject).items() if always(fact)
        }
        for subject in subjects()
        if subject != "sources"
    }
    known = replace(knowledge, days=(), earlier={}, **undated)
    assert known.on(date.min) is known.on(date.max) is known


def always(fact: Fact) -> bool:
    return not (fact.effective or fact.until or fact.supersedes)


def test_the_order_of_the_facts_is_that_of_the_file(theirs: Path) -> None:
    again = entry(theirs, "limits", "iv_bolus_analgesic") | {"effective": "2027-01-01"}
    add(theirs, "limits", again)
    known = load_knowledge(theirs)
    assert list(known.on(date(2027, 1, 1)).limits) == list(known.on(date(2026, 1, 1)).limits)


def test_threads_get_the_same_one(dated: Knowledge) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(dated.on, [date(2027, 3, day % 28 + 1) for day in range(200)]))
    assert all(each is found[0] for each in found)


def test_it_comes_back_from_another_process_as_the_one_that_is_there(dated: Knowledge) -> None:
    for known in (dated, dated.on(date(2026, 1, 1)), dated.on(date(2027, 1, 1))):
        sent = pickle.dumps(known)
        assert len(sent) < 500
        assert pickle.loads(sent) is known
    changed = replace(dated.on(date(2027, 1, 1)), version="changed")
    assert pickle.loads(pickle.dumps(changed)).version == "changed"


def test_a_folder_that_was_changed_is_not_taken_for_the_old_one(dated: Knowledge) -> None:
    restore, (place, _) = dated.__reduce_ex__(4)[:2]  # type: ignore[misc]
    with pytest.raises(KnowledgeError, match="was changed after it had been loaded"):
        restore(place, "another")


def test_an_edition_can_not_stand_twice(theirs: Path) -> None:
    for _ in range(2):
        add(theirs, "parameters", written("example", 2, effective="2027-01-01"))
    with pytest.raises(KnowledgeError, match="example stands twice"):
        load_knowledge(theirs)


# ---- an order of a day -------------------------------------------------------------------------

TODAY = date(2026, 11, 22)


def an_order() -> tuple[Json, Chart]:
    order: Json = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    return order, read_chart(load(), fhir_fixtures.load("ash", TODAY))


def test_an_order_is_judged_by_the_facts_of_its_day(dayless: Path) -> None:
    newer = {"dose": "0.4", "effective": "2026-11-20"}
    add(dayless, "regimens", entry(dayless, "regimens", "iv-std-acute") | newer)
    order, chart = an_order()
    engine = load(knowledge=dayless)
    doses = {
        day: [
            (str(dose.dose_mg), report["knowledge"]["since"])
            for answer in [assess(engine, chart, date(2026, 11, day), [order])]
            for dose, report in [(answer.assessment.doses[0], answer.report())]
        ]
        for day in (19, 20, 21)
    }
    assert doses == {
        19: [("35.10", None)], 20: [("28.08", "2026-11-20")], 21: [("28.08", "2026-11-20")],
    }  # fmt: skip


def test_a_regimen_that_ended_is_offered_no_more(theirs: Path) -> None:
    change(theirs, "indications", "trd-unipolar", until="2026-11-20")
    order, chart = an_order()
    engine = load(knowledge=theirs)
    found = {
        day: [judged.indication for judged in
              assess(engine, chart, date(2026, 11, day), [order]).assessment.candidacy]
        for day in (20, 21)
    }  # fmt: skip
    assert "trd-unipolar" in found[20]
    assert "trd-unipolar" not in found[21]


# ---- the service -------------------------------------------------------------------------------


def test_the_service_asks_the_facts_of_any_day_that_it_may_be(
    dayless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether an order is our business is told before the chart says where the patient is."""
    change(dayless, "limits", "oral", effective="2026-11-22")
    asked: list[date] = []

    def seen(order: object, knowledge: Knowledge, site: object) -> bool:
        asked.append(knowledge.since)
        return False

    monkeypatch.setattr("cds.service.is_relevant", seen)
    rows: list[tuple[str, str | None, set[date]]] = [
        ("2026-11-20T23:59Z", None, {date.min}),
        ("2026-11-21T10:00Z", None, {date.min, TODAY}),  # it is the 22nd in Kiritimati
        ("2026-11-22T11:59Z", None, {date.min, TODAY}),  # and the 21st on Howland Island
        ("2026-11-23T00:00Z", None, {TODAY}),
        ("2026-11-21T12:00Z", "UTC", {date.min}),
        ("2026-11-21T12:00Z", "Pacific/Kiritimati", {TODAY}),
    ]

    def check(row: tuple[str, str | None, set[date]]) -> None:
        instant, zone, wanted = row
        now = datetime.fromisoformat(instant)
        settings = load_settings(auth="off", knowledge=dayless, time_zone=zone)
        service = open_service(settings, today=lambda there: now.astimezone(there).date())
        asked.clear()
        service.respond(parse_body(request_for_metformin()))
        assert set(asked) == wanted

    check_each(rows, check)


def request_for_metformin() -> Json:
    draft = {
        "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/ash"}, "medicationCodeableConcept": {"text": "metformin"},
    }  # fmt: skip
    drafts = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
    context = {
        "userId": "Practitioner/x", "patientId": "ash", "draftOrders": drafts,
        "selections": ["MedicationRequest/d"],
    }  # fmt: skip
    ident = "00000000-0000-4000-8000-000000000000"
    return {"hook": "order-select", "hookInstance": ident, "context": context, "prefetch": {}}
