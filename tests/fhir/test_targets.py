"""The token goes to the base of the FHIR server and below it, however a URL is written."""

from __future__ import annotations

import pytest

from cds.fhir.server.targets import MOST_URL, target_below
from tests.fhir.faulty_server import FaultyServer, Handler, about, searchset, serving
from tests.fhir.fhirtools import TOKEN, access_to, fetched, server_of
from tests.fhir.test_faults import optional
from tests.rows import check_each

BASE = "https://h.example/fhir/r4/"
PAGE = f"{BASE}Condition?patient=7"
BELOW = {
    "Patient/7": f"{BASE}Patient/7",
    "?page=2": f"{BASE}Condition?page=2",
    "Condition?page=2": f"{BASE}Condition?page=2",
    "/fhir/r4/Condition?page=2": f"{BASE}Condition?page=2",
    "/fhir/r4?page=2": "https://h.example/fhir/r4?page=2",
    "//h.example/fhir/r4/Condition": f"{BASE}Condition",
    "https://h.example/fhir/r4": "https://h.example/fhir/r4",
    "https://h.example/fhir/r4?_getpages=7&x=/../y": (
        "https://h.example/fhir/r4?_getpages=7&x=/../y"
    ),
    "https://h.example/fhir/r4/": BASE,
    "https://h.example/fhir/r4/Patient/$everything": f"{BASE}Patient/$everything",
    "https://H.Example:443/fhir/r4/Patient/7": f"{BASE}Patient/7",
    "HTTPS://h.example/fhir/r4/Patient/7": f"{BASE}Patient/7",
    "http://h.example/fhir/r4/Patient/7": f"{BASE}Patient/7",
    "http://h.example:80/fhir/r4/Patient/7": f"{BASE}Patient/7",
    "https://h.example/fhir/r4/Patient/7#part": f"{BASE}Patient/7",
    "https://h.example/fhir/r4/Patient/a.b": f"{BASE}Patient/a.b",
    "https://h.example/fhir/r4/Patient/%41": f"{BASE}Patient/%41",
    "https://h.example/fhir/r4/Patient?name=%C3%A9%2F..": f"{BASE}Patient?name=%C3%A9%2F..",
}  # fmt: skip
ELSEWHERE = (
    "https://h.example/", "https://h.example", "https://h.example/fhir", "https://h.example/other",
    "https://h.example/fhir/r4x", "https://h.example/fhir/r4x/Patient/7",
    "https://h.example/fhir/r", "https://h.example/FHIR/R4/Patient/7",
    "https://h.example/fhir/r4.evil/x", "https://h.example/fhir/r4;x/Patient/7",
    "https://h.example/fhir//r4/Patient/7", "https://h.example//fhir/r4/Patient/7",
    "https://h.example/fhir/r4//other", "https://h.example/fhir/r4/../other",
    "https://h.example/fhir/r4/Patient/../../../other", "https://h.example/fhir/r4/./../other",
    "https://h.example/fhir/r4/..;/other", "https://h.example/fhir/r4/..;a=b/other",
    "https://h.example/fhir/r4/%2e%2e/other", "https://h.example/fhir/r4/%2E./other",
    "https://h.example/fhir/r4/.%2e/other", "https://h.example/fhir/r4/%252e%252e/other",
    "https://h.example/fhir/r4/..%2fother", "https://h.example/fhir/r4/..%5cother",
    "https://h.example/fhir/r4\\..\\other", "https://h.example\\@evil.example/fhir/r4/",
    "https://h.example/fhir/r4/%00", "https://h.example/fhir/r4/a\nb",
    "https://h.example/fhir/r4/ ",
    "https://h.example/fhir/r4/%c0%ae%c0%ae/other", "https://h.example/fhir/r4/%E0%80%AE/other",
    "https://h.example/fhir/r4/%c0%af..%c0%afother", "https://h.example/fhir/r4/%uff0e%uff0e/other",
    "https://h.example/fhir/r4/\uff0e\uff0e/other", "https://h.example/fhir/r4/\u2025/other",
    "https://h.example/fhir/r4/%EF%BC%8E%EF%BC%8E/other", "https://h.example/fhir/r4/.\u200b./other",
    "https://h.example/fhir/r4/..\u00ad/other", "https://h.example/fhir/r4/.%E2%80%8B./other",
    "https://h.example/fhir/r4/..\uff0fother", "https://h.example/fhir/r4/%u002e%u002e/other",
    "https://h.example/fhir/r4/%ff/other", "https://h.example/fhir/r4/%/other",
    "https://h.example/fhir/r4/%2", "https://h.example/fhir/r4/%g0", "%c0%ae%c0%ae/other",
    "https://h.example/fhir/r4/\udcc0\udcae/other", "\uff0e\uff0e/other",
    "../other", "../../other", "..", ".", "./../other", "/other", "/fhir/other", "/",
    "//evil.example/fhir/r4/", "///evil.example/fhir/r4/", "\\\\evil.example\\fhir\\r4",
    "https://evil.example/fhir/r4/", "https://h.example.evil.example/fhir/r4/",
    "https://evil.example/https://h.example/fhir/r4/", "https://h.example./fhir/r4/",
    "https://h.example@evil.example/fhir/r4/", "https://u@h.example/fhir/r4/",
    "https://u:p@h.example/fhir/r4/", "https://h.example:444/fhir/r4/",
    "https://h.example:80/fhir/r4/", "http://h.example:443/fhir/r4/",
    "http://h.example:8080/fhir/r4/", "https://h.example:x/fhir/r4/",
    "https://h.example:99999/fhir/r4/", "ftp://h.example/fhir/r4/", "file:///fhir/r4/",
    "javascript:alert(1)", "data:,x", "https://[::1/fhir/r4/",
)  # fmt: skip


def test_what_lies_below_the_base() -> None:
    def check(row: tuple[str, str]) -> None:
        url, target = row
        assert target_below(BASE, url, PAGE if url.startswith("?") else None) == target

    check_each(BELOW.items(), check)


def test_what_lies_elsewhere() -> None:
    def check(url: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            target_below(BASE, url, PAGE)

    check_each(ELSEWHERE, check)


def test_a_url_is_as_long_as_servers_take() -> None:
    for length, read in ((MOST_URL - 1, True), (MOST_URL, True), (MOST_URL + 1, False)):
        url = f"{BASE}Patient?page=".ljust(length, "x")
        if read:
            assert target_below(BASE, url) == url
        else:
            with pytest.raises(ValueError, match="too long"):
                target_below(BASE, url)


def test_a_page_may_be_known_by_a_relative_url() -> None:
    assert target_below(BASE, "?page=2", "Condition?patient=7") == f"{BASE}Condition?page=2"
    with pytest.raises(ValueError, match="host"):
        target_below(BASE, "?page=2", "https://evil.example/fhir/r4/Condition")


def test_a_server_that_is_listed_with_http_is_asked_by_http() -> None:
    base = "http://h.example:8080/fhir/"
    assert target_below(base, "http://h.example:8080/fhir/x") == f"{base}x"
    for url in ("https://h.example:8080/fhir/x", "http://h.example/fhir/x"):
        with pytest.raises(ValueError, match="origin"):
            target_below(base, url)


def test_a_base_without_a_path_is_the_whole_host() -> None:
    assert target_below("https://h.example/", "https://h.example?_getpages=7")
    assert target_below("https://h.example/", "https://h.example/Patient/7")


LURES = {
    # where `link.next` leads, from a server at /fhir/: whether it is asked
    "/fhir?_getpages=7": True,
    "{base}AllergyIntolerance?page=2": True,
    "?page=2": True,
    "/other/AllergyIntolerance?page=2": False,
    "/fhirx?page=2": False,
    "{base}../other": False,
    "{base}%2e%2e/other": False,
    "{base}%c0%ae%c0%ae/other": False,
    "//127.0.0.1:1/fhir/AllergyIntolerance": False,
}


def test_a_further_page_is_asked_for_below_the_base_only() -> None:
    for lure, followed in LURES.items():

        def answer(handler: Handler, lure: str = lure) -> None:
            first = "patient=" in handler.path
            links = {"next": lure.format(base=handler.owner.base)} if first else {}
            number = "a-1" if first else "a-2"
            handler.answer(200, searchset([about("AllergyIntolerance", number)], **links))

        ehr = FaultyServer(
            fault=answer, when=lambda path: optional(path) or "page" in path or "other" in path
        )
        with serving(ehr):
            record = fetched(access_to(server_of(ehr.base)))
        assert ("allergies" in record.answered) is followed, lure
        assert len(record.resources["AllergyIntolerance"]) == 1 + followed
        beyond = [path for path in ehr.asked if not path.startswith(("GET /fhir/", "GET /fhir?"))]
        assert beyond == []
        assert set(ehr.tokens) == {f"Bearer {TOKEN}"}
