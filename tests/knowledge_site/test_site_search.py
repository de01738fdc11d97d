"""Search and facets: what is found, how it is narrowed, and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.knowledge_site.html_page import read_page
from tests.knowledge_site.made_site import BROWSER


def found(client: FlaskClient, asked: str) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/knowledge/search.json?{asked}").get_json()
    return told


def paths(client: FlaskClient, asked: str) -> list[str]:
    return [each["path"] for each in found(client, asked)["results"]]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("aneurysm", "contraindications/aneurysm"),
        ("ANEURYSM repair", "contraindications/aneurysm-repair"),
        ("standard iv course", "regimens/iv-std-acute"),
        ("iv-std-acute", "regimens/iv-std-acute"),
        ("stroke I63", "contraindications/recent-stroke"),  # by a code of its rule
        ("0.35 mg/kg push for pain", "limits/iv_bolus_analgesic"),  # by a value with its unit
        ("iv bolus analgesic", "limits/iv_bolus_analgesic"),  # by an id as words
        ("iv_std_acute", "regimens/iv-std-acute"),  # whatever parts them
        ("iv std acute", "regimens/iv-std-acute"),
        ("KARMA-Dep failed", "evidence/psy:iv-std-acute"),  # by what speaks against a row
    ],
)
def test_words_that_all_stand_there(client: FlaskClient, query: str, first: str) -> None:
    assert first in paths(client, f"q={quote(query)}")[:3]


def test_behind_the_last_page_is_the_way_back(client: FlaskClient) -> None:
    html = client.get("/knowledge/search?q=dose&page=99", headers=BROWSER).get_data(as_text=True)
    page = read_page(html)
    assert "The results end before this page." in page.text
    assert "Nothing has all of these words" not in page.text
    assert 'href="/knowledge/search?q=dose"' in html


def test_every_value_of_a_facet_can_be_chosen(client: FlaskClient) -> None:
    html = client.get("/knowledge/search", headers=BROWSER).get_data(as_text=True)
    for facet, values in found(client, "")["facets"].items():
        for value in values:
            assert f'?{facet}={quote(value["value"], safe="").replace("%20", "+")}"' in html


def test_a_word_more_finds_no_more(client: FlaskClient) -> None:
    one, two = found(client, "q=stroke")["total"], found(client, "q=stroke+hyperthyroid")["total"]
    assert one > two
    assert found(client, "q=stroke+zzz")["total"] == 0
    assert found(client, f"q={'stroke+' * 20}")["total"] == one
    assert found(client, f"q={'stroke+' * 20}zzz")["total"] == 0


def test_facets_count_what_they_lead_to(client: FlaskClient) -> None:
    everything = found(client, "")
    assert {facet["value"]: facet["count"] for facet in everything["facets"]["review"]}[
        "reviewed"
    ] == 1
    for facet, values in everything["facets"].items():
        for value in values[:3]:
            narrowed = found(client, f"{facet}={quote(value['value'])}")
            assert narrowed["total"] == value["count"], (facet, value)


def test_facets_narrow_together(client: FlaskClient) -> None:
    told = found(client, "subject=regimens&indication=trd-unipolar&status=seen")
    assert "regimens/iv-std-acute" in [each["path"] for each in told["results"]]
    assert {each["status"] for each in told["results"]} == {"seen"}
    assert [each["name"] for each in told["chosen"]] == ["Regimens", "read in its source", "TRD"]
    fewer = found(client, "subject=regimens&indication=trd-unipolar&status=seen&q=nasal")
    assert 0 < fewer["total"] < told["total"]


def test_results_stand_on_pages(client: FlaskClient) -> None:
    told = found(client, "")
    assert told["pages"] == -(-told["total"] // 50)
    last = found(client, f"page={told['pages']}")
    assert len(told["results"]) == 50
    assert 0 < len(last["results"]) <= 50
    assert paths(client, "page=1")[-1] not in paths(client, "page=2")
    assert found(client, f"page={told['pages'] + 1}")["results"] == []
    html = client.get("/knowledge/search?page=2&status=seen", headers=BROWSER).get_data(
        as_text=True
    )
    assert "/knowledge/search?page=3&status=seen" in read_page(html).links


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"q={'a' * 199}", 200), (f"q={'a' * 200}", 200), (f"q={'a' * 201}", 400),
        (f"q={'a+' * 100}", 200), (f"q={'a+' * 101}", 400), ("q=", 200), ("q=%20%20", 200),
        ("page=0", 400), ("page=1", 200), ("page=9999", 200), ("page=10000", 400),
        ("page=-1", 400), ("page=%D9%A1", 400), ("page=x", 400), ("status=nonsense", 200),
        (f"source={'a' * 5_000}", 200), ("q=%00%FF", 200), ("other=1", 200),
    ],
)  # fmt: skip
def test_bounds_of_a_search(client: FlaskClient, asked: str, status: int) -> None:
    page = client.get(f"/knowledge/search?{asked}", headers=BROWSER)
    told = client.get(f"/knowledge/search.json?{asked}")
    assert (page.status_code, told.status_code) == (status, status)
    assert read_page(page.get_data(as_text=True)).unclosed == []
    if status == 400:
        assert told.get_json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><b>', "{{ 7 * 7 }}", "&lt;"])
def test_what_was_typed_is_shown_as_text(client: FlaskClient, hostile: str) -> None:
    asked = quote(hostile)
    for path in (f"search?q={asked}", f"search?source={asked}&q=aneurysm"):
        html = client.get(f"/knowledge/{path}", headers=BROWSER).get_data(as_text=True)
        assert hostile not in html or hostile == "{{ 7 * 7 }}"
        assert hostile in read_page(html).text
        assert "49" not in read_page(html).headings[0][1]
