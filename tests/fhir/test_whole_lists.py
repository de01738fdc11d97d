"""Whether a list is whole: the same answers prefetched, fetched, in a batch and in a file."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cds.fhir.access import MissingData
from cds.fhir.fetch import MAX_PAGES
from cds.fhir.record.pages import joined, read_page
from cds.fhir.record.patient_record import PatientRecord, gather, records_from_bundle
from cds.fhir.server.connection import Server
from cds.wire import decode
from tests.fhir.faulty_server import PATIENT, FaultyServer, Handler, about, searchset, serving
from tests.fhir.fhirtools import access_to, fetched, learned, server_of
from tests.fhir.lying_lists import (
    BASE,
    DRUG,
    HOLED,
    HOLED_WHERE_ASKED,
    QUERY,
    SICK,
    WHOLE,
    allergies,
    entries,
    listed,
    match,
    outcome,
    people,
)
from tests.fhir.test_faults import CAPABILITY, only, optional, pauses
from tests.rows import check_each

__all__ = ["pauses"]

Json = dict[str, Any]
EMPTY = {"resourceType": "Bundle", "type": "searchset"}
PERSON = {"resourceType": "Patient", "id": PATIENT}
ASKED = HOLED | HOLED_WHERE_ASKED
REQUIRED = {"patient": PERSON, "conditions": EMPTY, "medicationRequests": EMPTY}


def on_the_wire(value: object) -> Any:
    return decode(json.dumps(value))


def prefetched(allergy: object) -> PatientRecord:
    return fetched(None, on_the_wire(REQUIRED | {"allergies": allergy}))


@pytest.fixture(scope="module")
def ehr() -> Iterator[FaultyServer]:
    """A server that answers every search for allergies as `fault` says."""
    with serving(FaultyServer(when=optional)) as server:
        yield server


@pytest.fixture(scope="module")
def batching() -> Iterator[tuple[FaultyServer, Server]]:
    with serving(FaultyServer(capability=CAPABILITY, when=lambda p: "BATCH" in p)) as ehr:
        server = server_of(ehr.base)
        fetched(access_to(server))
        learned(server)
        yield ehr, server


def by_search(ehr: FaultyServer, answer: object) -> PatientRecord:
    ehr.fault = lambda handler: handler.answer(200, answer)
    return fetched(access_to(server_of(ehr.base)))


def by_batch(ehr: FaultyServer, server: Server, answer: object) -> PatientRecord:
    def batch(handler: Handler) -> None:
        found = [handler.found(path)[1] for path in
                 ("/fhir/Patient/pat-1", "/fhir/Condition", "/fhir/MedicationRequest")]  # fmt: skip
        held = [{"response": {"status": "200"}, "resource": one} for one in (*found, answer)]
        handler.answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": held})

    ehr.fault = batch
    ehr.asked.clear()
    record = fetched(access_to(server))
    assert ehr.asked[0] == "POST /fhir/"
    return record


def check_hole(record: PatientRecord, said: str) -> None:
    assert record.unavailable["allergies"] == said
    assert "allergies" in record.partial
    assert "allergies" not in record.answered


def check_whole(record: PatientRecord) -> None:
    assert "allergies" not in record.unavailable
    assert "allergies" not in record.partial
    assert "allergies" in record.answered


def test_a_prefetched_list_with_a_hole() -> None:
    check_each(ASKED.items(), lambda row: check_hole(prefetched(row[1][0]), row[1][1]))


def test_a_prefetched_list_that_is_whole() -> None:
    check_each(WHOLE.items(), lambda row: check_whole(prefetched(row[1])))


def test_a_fetched_list_with_a_hole(ehr: FaultyServer) -> None:
    check_each(ASKED.items(), lambda row: check_hole(by_search(ehr, row[1][0]), row[1][1]))


def test_a_fetched_list_that_is_whole(ehr: FaultyServer) -> None:
    check_each(WHOLE.items(), lambda row: check_whole(by_search(ehr, row[1])))


def test_a_list_with_a_hole_in_a_batch(batching: tuple[FaultyServer, Server]) -> None:
    check_each(ASKED.items(), lambda row: check_hole(by_batch(*batching, row[1][0]), row[1][1]))


def test_a_whole_list_in_a_batch(batching: tuple[FaultyServer, Server]) -> None:
    check_each(WHOLE.items(), lambda row: check_whole(by_batch(*batching, row[1])))


OF_THE_QUERY = {name for name in HOLED if name.startswith("self says") or "filter" in name}
"""what a key asks for is no matter in a file, which nobody asked for anything"""
NOT_TOO_DEEP = {"entries nested too deeply"}


def in_file(*documents: object) -> PatientRecord:
    [record] = records_from_bundle(on_the_wire([PERSON, *documents]))
    return record


def test_a_list_with_a_hole_in_a_file() -> None:
    rows = {name: row for name, row in HOLED.items() if name not in OF_THE_QUERY | NOT_TOO_DEEP}
    check_each(rows.items(), lambda row: check_hole(in_file(row[1][0]), row[1][1]))


def test_a_whole_list_in_a_file() -> None:
    def check(row: tuple[str, Json]) -> None:
        record = in_file(row[1])
        assert not record.unavailable
        assert not record.partial

    check_each(WHOLE.items(), check)


def test_a_list_with_a_hole_for_the_library() -> None:
    record = gather([PERSON, listed(1, total=3)])
    check_hole(record, "1 of 3 entries came")


def page(number: int, of: int, *which: int, total: object = None, more: str = "") -> Json:
    links = {"self": f"{BASE}?page={number}"}
    if number < of:
        links["next"] = f"{BASE}?page={number + 1}"
    return listed(*which, total=total, **links)


PAGES: dict[str, tuple[list[Json], str | None]] = {
    "all, counted": ([page(1, 2, 1, 2, total=3), page(2, 2, 3, total=3)], None),
    "all, not counted": ([page(1, 2, 1, 2), page(2, 2, 3)], None),
    "in another order": ([page(2, 2, 3, total=3), page(1, 2, 1, 2, total=3)], None),
    "the last does not come": ([page(1, 3, 1), page(2, 3, 2)], "a further page did not come"),
    "the last does not come, counted": (
        [page(1, 3, 1, total=3), page(2, 3, 2, total=3)], "2 of 3 entries came",
    ),
    "one amid does not come": ([page(1, 3, 1), page(3, 3, 3)], "a further page did not come"),
    "the same entries twice": (
        [page(1, 2, 1, 2, total=4), page(2, 2, 1, 2, total=4)], "2 of 4 entries came",
    ),
    "one entry on both": (
        [page(1, 2, 1, 2, total=4), page(2, 2, 2, 3, total=4)], "3 of 4 entries came",
    ),
    "only the first counts": ([page(1, 2, 1, total=3), page(2, 2, 2)], "2 of 3 entries came"),
    "all under one URL": (
        [listed(1, 2, total=3, self=QUERY), listed(3, total=3, self=QUERY)], None,
    ),
    "the same page twice": ([page(1, 2, 1, total=2)] * 2 + [page(2, 2, 2, total=2)], None),
    "each counts itself": ([page(1, 2, 1, 2, total=2), page(2, 2, 3, total=1)], None),
    "two lists, one of them whole": (
        [listed(1, 2, total=2, self=QUERY), listed(3, total=2)], "1 of 2 entries came",
    ),
}  # fmt: skip


def test_pages_of_a_list_in_a_file() -> None:
    def check(row: tuple[str, tuple[list[Json], str | None]]) -> None:
        pages, said = row[1]
        record = in_file(*pages)
        if said is None:
            assert not record.unavailable
            assert "allergies" in record.answered
        else:
            check_hole(record, said)

    check_each(PAGES.items(), check)


def test_pages_of_a_list_from_a_server(ehr: FaultyServer) -> None:
    """Relative links lead from the page that they stand on."""

    def check(row: tuple[str, tuple[list[Json], str | None]]) -> None:
        pages, said = row[1]

        def answer(handler: Handler) -> None:
            at = int(handler.path.partition("at=")[2] or 0)
            links = {"next": f"?at={at + 1}"} if at + 1 < len(pages) else {}
            linked = [{"relation": name, "url": url} for name, url in links.items()]
            handler.answer(200, pages[at] | {"link": linked})

        ehr.fault = answer
        record = fetched(access_to(server_of(ehr.base)))
        held = record.resources["AllergyIntolerance"]
        assert len(held) == len({e["resource"]["id"] for page in pages for e in page["entry"]})
        assert record.unavailable.get("allergies") == (said if said and "of" in said else None)

    served = {name: row for name, row in PAGES.items() if not row[1] or " of " in row[1]}
    for name in ("two lists, one of them whole", "the same page twice"):
        del served[name]  # here they are one list, or more than were told
    check_each(served.items(), check)


NO_PAGE = "a page of it held no AllergyIntolerance"
NONE_AT_ALL = "it held no AllergyIntolerance"
FURTHER: dict[str, tuple[list[Json], str | None]] = {
    "of diagnoses": ([listed(1), entries(SICK)], NO_PAGE),
    "of diagnoses without a mode": ([listed(1), entries(match(SICK["resource"], None))], NO_PAGE),
    "of diagnoses, and one more": ([listed(1), entries(SICK), listed(2)], NO_PAGE),
    "of people": ([listed(1), entries(*(match(one, "include") for one in people(1)))], NO_PAGE),
    "the first of diagnoses": ([entries(SICK), listed(1)], NO_PAGE),
    "empty": ([listed(1), EMPTY], None),
    "empty amid": ([listed(1), EMPTY, listed(2)], None),
    "the first empty": ([EMPTY, listed(1)], None),
    "of an outcome": ([listed(1), entries(match(outcome(), "outcome"))], None),
    "one each": ([listed(number, total=5) for number in range(5)], None),
    "one each with its author": (
        [entries(*map(match, (*allergies(n), *people(n))), total=3) for n in range(3)], None,
    ),
    "an outcome on each, counted": (
        [entries(match(*allergies(n)), match(outcome()), total=6) for n in range(3)], None,
    ),
    "authors fill up the total": (
        [entries(*map(match, (*allergies(n), *people(n))), total=6) for n in range(3)],
        "3 of 6 entries came",
    ),
}  # fmt: skip


def linked(handler: Handler, pages: list[Json]) -> None:
    """Answer with one of the pages, each of which leads to the next."""
    at = int(handler.path.partition("at=")[2] or 0)
    links = [{"relation": "next", "url": f"?at={at + 1}"}] if at + 1 < len(pages) else []
    handler.answer(200, pages[at] | {"link": links})


def test_a_page_of_something_else_is_no_page_of_the_list(ehr: FaultyServer) -> None:
    def check(row: tuple[str, tuple[list[Json], str | None]]) -> None:
        pages, said = row[1]
        ehr.fault = lambda handler: linked(handler, pages)
        record = fetched(access_to(server_of(ehr.base)))
        check_whole(record) if said is None else check_hole(record, said)
        first = pages[0] | {"link": [{"relation": "next", "url": "AllergyIntolerance?at=1"}]}
        if pages[0] is not EMPTY and "Condition" not in json.dumps(pages[0]):
            given = on_the_wire(REQUIRED | {"allergies": first})
            record = fetched(access_to(server_of(ehr.base)), given)
            # where all that was fetched is something else, it is said of all of it
            said = said and (said if "AllergyInt" in json.dumps(pages[1:]) else NONE_AT_ALL)
            check_whole(record) if said is None else check_hole(record, said)

    check_each(FURTHER.items(), check)


@pytest.mark.parametrize(("total", "whole"), [(1, True), (2, True), (3, False)])
@pytest.mark.parametrize("mode", ["include", None])
@pytest.mark.parametrize("including", [True, False])
def test_a_server_may_count_what_it_was_asked_to_include(
    total: int, whole: bool, mode: str | None, including: bool
) -> None:
    """It was asked for Medications, and says nothing of the query that it answers."""
    order = about("MedicationRequest", "mr-1", medicationReference={"reference": "Medication/m-1"})
    answer = entries(match(order), match(DRUG, mode), total=total)
    kinds = ("Patient", "Condition", "MedicationRequest", "Medication")
    offered = [
        {"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}]} for kind in kinds
    ]
    if including:
        offered[2]["searchInclude"] = ["MedicationRequest:medication"]
    rest = [{"mode": "server", "resource": offered}]
    capability = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}
    with serving(FaultyServer(capability=capability, when=only("MedicationRequest"))) as ehr:
        ehr.fault = lambda handler: handler.answer(200, answer)
        server = server_of(ehr.base)
        fetched(access_to(server))
        learned(server)
        record = fetched(access_to(server))
        assert (
            "_include" in [path for path in ehr.asked if "MedicationReq" in path][-1]
        ) is including
    whole = whole and (including or total == 1)
    assert ("medicationRequests" in record.answered) is whole
    assert record.unavailable.get("medicationRequests") == (
        None if whole else f"1 of {total} entries came"
    )


def test_prefetched_and_fetched_pages_are_counted_together(ehr: FaultyServer) -> None:
    for total, said in ((3, None), (4, "3 of 4 entries came")):
        ehr.fault = lambda handler: handler.answer(200, listed(2, 3))
        first = listed(1, total=total, next="AllergyIntolerance?page=2")
        given = on_the_wire(REQUIRED | {"allergies": first})
        record = fetched(access_to(server_of(ehr.base)), given)
        assert len(record.resources["AllergyIntolerance"]) == 3
        assert record.unavailable.get("allergies") == said


def test_of_a_prefetched_page_without_a_server_the_count_is_told() -> None:
    check_hole(prefetched(listed(1, 2, total=57, next=f"{BASE}?p=2")), "2 of 57 entries came")
    with_authors = entries(*map(match, (*allergies(1), *people(1, 2))), total=3)
    with_authors["link"] = [{"relation": "next", "url": f"{BASE}?p=2"}]
    check_hole(prefetched(with_authors), "1 of 3 entries came")
    check_hole(prefetched(listed(1, 2, total=2, next=f"{BASE}?p=2")), "a further page did not come")


def test_a_page_that_fails_leaves_what_came_before(ehr: FaultyServer) -> None:
    def second_fails(handler: Handler) -> None:
        if "page=2" in handler.path:
            handler.answer(500, b"")
        else:
            handler.answer(200, listed(1, next="?page=2"))

    ehr.fault = second_fails
    record = fetched(access_to(server_of(ehr.base)))
    check_hole(record, "HTTP 500")
    assert len(record.resources["AllergyIntolerance"]) == 1


def test_a_page_that_hangs_leaves_what_came_before() -> None:
    """What was read when the time is over is not thrown away with what was not."""
    for key, kind in (("allergies", "AllergyIntolerance"), ("conditions", "Condition")):

        def answer(handler: Handler, kind: str = kind) -> None:
            if "page=2" in handler.path:
                handler.be_silent()
                return
            found = handler.found(handler.path)[1]["entry"] or [match(one) for one in allergies(1)]
            handler.answer(200, entries(*found, link=[{"relation": "next", "url": "?page=2"}]))

        ehr = FaultyServer(fault=answer, when=lambda path, kind=kind: f"/{kind}" in path)
        with serving(ehr):
            record = fetched(access_to(server_of(ehr.base), budget=0.6))
        assert record.unavailable[key] == "no answer in time"
        assert key in record.partial
        assert record.resources[kind]


def test_a_server_that_ignores_pages_is_asked_once_more_at_most(ehr: FaultyServer) -> None:
    for next_url in ("AllergyIntolerance?patient=pat-1&_count=500", "?_page=1"):
        ehr.asked.clear()
        ehr.fault = lambda handler, url=next_url: handler.answer(200, listed(1, next=url))
        record = fetched(access_to(server_of(ehr.base)))
        check_hole(record, "its pages go round in a circle")
        assert ehr.count("AllergyIntolerance") <= 2


@pytest.mark.parametrize(("pages", "whole"), [(MAX_PAGES, True), (MAX_PAGES + 1, False)])
def test_pages_up_to_the_most_that_are_read(ehr: FaultyServer, pages: int, whole: bool) -> None:
    def one_of_many(handler: Handler) -> None:
        number = int(handler.path.partition("page=")[2] or 1)
        links = {"next": f"?page={number + 1}"} if number < pages else {}
        handler.answer(200, listed(number, **links))

    ehr.fault = one_of_many
    record = fetched(access_to(server_of(ehr.base), budget=10))
    assert ("allergies" in record.answered) is whole
    assert len(record.resources["AllergyIntolerance"]) == MAX_PAGES


def test_of_several_patients_a_hole_is_that_of_the_one_it_is_about() -> None:
    other = {**PERSON, "id": "pat-2"}
    theirs = {**allergies(9)[0], "patient": {"reference": "Patient/pat-2"}}
    documents = [PERSON, other, listed(1, total=3), searchset([theirs])]
    first, second = records_from_bundle(on_the_wire(documents))
    check_hole(first, "1 of 3 entries came")
    assert not second.unavailable
    documents[2] = {**EMPTY, "total": 3}  # of whom, and of what, nobody says
    for record in records_from_bundle(on_the_wire(documents)):
        assert {"allergies", "conditions", "observations"} <= record.partial
        assert "patient" not in record.partial


def test_a_hole_in_a_list_of_everything_may_be_of_any_kind() -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/pat-1"}}
    record = in_file(entries(match(condition), *map(match, allergies(1)), total=3))
    assert {"allergies", "conditions", "procedures", "observations"} <= record.partial
    assert record.unavailable["procedures"] == "2 of 3 entries came"


def test_many_pages_take_time_as_they_are_many_and_no_more() -> None:
    """Pages are joined in one pass: none is compared with all others."""
    pages = [page(1, 2, n) for n in range(5_000)] + [page(n, n + 1, n) for n in range(2, 5_000)]
    before = time.thread_time()
    assert len(joined(map(read_page, pages))) == 1
    assert time.thread_time() - before < 5


@pytest.mark.parametrize(
    ("status", "failed"),
    [(400, False), (403, False), (404, False), (407, False), (408, True), (409, False),
     (428, False), (429, True), (430, False), (499, False), (500, True), (501, False),
     (502, True), (503, True), (504, True)],
)  # fmt: skip
def test_a_list_that_is_not_offered_and_one_that_can_t_be_had_now(
    ehr: FaultyServer, pauses: list[float], status: int, failed: bool
) -> None:
    ehr.fault = lambda handler: handler.answer(status, b"")
    record = fetched(access_to(server_of(ehr.base)))
    assert record.failed == ({"allergies"} if failed else set())
    assert record.partial == set()


def test_nothing_at_all_of_a_required_list_is_missing_data() -> None:
    with pytest.raises(MissingData, match="conditions: 0 of 3 entries came"):
        fetched(None, REQUIRED | {"conditions": {**EMPTY, "total": 3}})


@pytest.mark.parametrize("fault", [{"expires_at": 0.0}, {"patient": "somebody"}, {"scope": "none"}])
def test_a_further_page_is_not_asked_for_with_a_token_that_is_no_good(
    fault: dict[str, Any],
) -> None:
    with serving(FaultyServer()) as ehr:
        first = listed(1, next=f"{ehr.base}AllergyIntolerance?page=2")
        whole = dict.fromkeys(("medicationStatements", "medicationDispenses", "observations",
                               "medicationAdministrations", "procedures"), EMPTY)  # fmt: skip
        given = REQUIRED | whole | {"allergies": first}
        fault = {"scope": "user/Patient.read"} if "scope" in fault else fault
        record = fetched(access_to(server_of(ehr.base), **fault), given)
    assert ehr.asked == []
    assert "allergies" in record.partial


def test_an_empty_search_for_less_says_nothing_of_the_rest() -> None:
    asked = {"all": QUERY, "some": f"{QUERY}&clinical-status=active"}
    for name, url in asked.items():
        record = in_file(listed(self=url))
        assert ("allergies" in record.answered) is (name == "all")
