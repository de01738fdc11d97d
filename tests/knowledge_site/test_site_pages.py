"""The pages: each fact, row and source has one, says what is known of it, and leads on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import islice, pairwise
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient

from cds.hooks.knowledge_site.library import Library
from cds.hooks.knowledge_site.pages import Page, page_at
from tests.knowledge_site.html_page import read_page
from tests.knowledge_site.made_site import BROWSER, TODAY
from tests.rows import check_each

PageOf = Callable[[str], str]


def addresses(stocked: Library) -> list[str]:
    """Of all that has a page."""
    lists = ["", "search", "evidence", "sources", *stocked.facts]
    rows = [f"evidence/{ident}" for ident in stocked.rows]
    return [*lists, *rows, *(f"sources/{s}" for s in stocked.sources), *facts(stocked)]


def facts(stocked: Library) -> list[str]:
    return [held.path for held in stocked.held()]


def some(stocked: Library) -> list[str]:
    """The lists, and the first of each subject."""
    lists = ["", "search?q=aneurysm", "evidence", "sources", "sources/ANAND-2023", *stocked.facts]
    rows = [f"evidence/{ident}" for ident in stocked.rows]
    first = [h.path for held in stocked.facts.values() for h in islice(held.values(), 3)]
    chosen = ["regimens/iv-std-acute", "contraindications/aneurysm", "products/ketamine-10-new"]
    return [*lists, *rows, *first, *chosen]


def test_everything_has_a_page(stocked: Library) -> None:
    def check(path: str) -> None:
        page = page_at(path, {}, stocked, TODAY)
        assert isinstance(page, Page)
        assert page.told.get("title") or page.template in ("start", "search")

    check_each(addresses(stocked), check)


def test_a_fact_leads_to_what_it_names_and_to_what_names_it(stocked: Library) -> None:
    def told(path: str, side: str) -> list[str]:
        page = page_at(path, {}, stocked, TODAY)
        assert isinstance(page, Page)
        return [fact["path"] for fact in page.told["related"][side]]

    assert told("regimens/iv-std-acute", "names") == ["indications/trd-unipolar"]
    assert "regimens/iv-std-acute" in told("indications/trd-unipolar", "named_by")
    assert "claims/forty-to-sixty-minutes" in told("regimens/iv-std-acute", "named_by")
    assert "regimens/iv-std-acute" in told("claims/forty-to-sixty-minutes", "names")


def test_a_page_is_well_formed_and_its_headings_are_in_order(
    stocked: Library, page: PageOf
) -> None:
    def check(path: str) -> None:
        read = read_page(page(f"/knowledge/{path}" if path else "/knowledge"))
        assert read.unclosed == []
        levels = [level for level, _ in read.headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(below - above <= 1 for above, below in pairwise(levels))
        assert all(text.strip() for _, text in read.headings)
        assert [read.tags.count(tag) for tag in ("header", "main", "footer")] == [1, 1, 1]
        assert set(read.labelled_by) <= set(read.ids)
        assert len(read.ids) == len(set(read.ids))
        assert read.links[0] == "#content"
        assert "content" in read.ids

    check_each(some(stocked), check)


def test_no_page_shows_what_is_python(stocked: Library, page: PageOf) -> None:
    def check(path: str) -> None:
        text = read_page(page(f"/knowledge/{path}" if path else "/knowledge")).text
        for mark in ("{'", "['", "None", "Decimal(", "datetime.", "True", "False"):
            assert mark not in text.replace("None.", "").replace("None cites", ""), mark

    check_each(some(stocked), check)


def test_every_link_leads_somewhere(stocked: Library, page: PageOf) -> None:
    known = {f"/knowledge/{path}" if path else "/knowledge" for path in addresses(stocked)}
    seen: dict[str, str] = {}
    for path in some(stocked):
        for link in read_page(page(f"/knowledge/{path}" if path else "/knowledge")).links:
            seen.setdefault(link, path)

    def check(link: str) -> None:
        place = unquote(urlsplit(link).path).removesuffix(".json")
        assert link.startswith(("https://", "http://", "#")) or place in known, seen[link]

    check_each(seen, check)


def test_the_start_page_says_that_nobody_vouches_for_the_facts(
    page: PageOf, stocked: Library
) -> None:
    read = read_page(page("/knowledge"))
    count = len(facts(stocked))
    assert f"{count - 1} of {count} facts are not signed as they are" in read.text
    for subject in stocked.facts:
        assert subject in read.ids


def test_a_link_of_an_older_card_finds_its_fact(page: PageOf, stocked: Library) -> None:
    read = read_page(page("/knowledge"))
    assert {held.path.replace("/", "-", 1) for held in stocked.held()} <= set(read.ids)
    assert {f"source-{source}" for source in stocked.sources} <= set(read.ids)
    assert "/knowledge/regimens/iv-std-acute" in read.links


def test_why_35_mg_stands_on_a_card_in_three_clicks(page: PageOf) -> None:
    fact = read_page(page("/knowledge/regimens/iv-std-acute"))
    for said in (
        "usual dose 0.5 mg/kg",
        "Dose: 0.5 mg for each kg of that weight.",
        "Rounding: down to a multiple of 0.1 mg",
        "Example, at 70.2 kg: 0.5 mg/kg x 70.2 kg = 35.1 mg, which is 52.65 mg/h.",
        "0.5 mg/kg over 40 min, twice a week",
        "Grade: randomised trials (A).",
        "what speaks against it".capitalize(),
    ):
        assert said in fact.text, said
    assert "/knowledge/evidence/psy:iv-std-acute" in fact.links
    row = read_page(page("/knowledge/evidence/psy:iv-std-acute"))
    assert "adults with TRD" in row.text
    assert "/knowledge/sources/ANAND-2023" in row.links
    assert "/knowledge/regimens/iv-std-acute" in row.links
    source = read_page(page("/knowledge/sources/ANAND-2023"))
    assert "Ketamine versus ECT" in source.text
    assert "/knowledge/evidence/psy:iv-std-acute" in source.links
    assert "/knowledge/regimens/iv-std-acute" in source.links


def test_a_fact_tells_its_rule_its_cards_and_its_scenarios(page: PageOf) -> None:
    text = read_page(page("/knowledge/contraindications/aneurysm")).text
    assert "ICD-10-CM I71 Aortic aneurysm and dissection, I72 Other aneurysm" in text
    assert "stop card , where it is critical: nothing may be given. Do not give: ‹found›" in (
        text.replace("stop card,", "stop card ,")
    )
    assert "of the test cases name it" in text


def test_an_indication_tells_what_speaks_for_and_against_it(page: PageOf) -> None:
    text = read_page(page("/knowledge/indications/trd-unipolar")).text
    rests, against = text.split("What speaks against it", 1)
    assert "ELEKT-D: self-rated response 55.4 %" in rests
    assert "KARMA-Dep 2, inpatients" in against
    assert "US, esketamine: nasal esketamine is approved" in against


def test_rows_that_are_not_inside_are_named(page: PageOf) -> None:
    text = read_page(page("/knowledge/products/ketamine-10-new")).text
    assert "Rows that are named and not inside: local:nowhere." in text


def test_who_reviewed_a_fact(page: PageOf) -> None:
    assert "Recorded as reviewed by <i>pharmacy</i>, 2026-11-03." in (
        read_page(page("/knowledge/regimens/iv-std-acute")).text
    )
    assert "Changed since it was signed by pharmacy, 2026-11-03." in (
        read_page(page("/knowledge/contraindications/aneurysm")).text
    )
    assert "Not reviewed." in read_page(page("/knowledge/limits/oral")).text


def test_the_editions_of_a_fact(client: FlaskClient, site: Callable[..., FlaskClient]) -> None:
    def text(path: str, on: FlaskClient) -> str:
        return read_page(on.get(path, headers=BROWSER).get_data(as_text=True)).text

    older, newer = "/knowledge/products/ketamine-10", "/knowledge/products/ketamine-10-new"
    assert "In force until 2026-11-30." in text(older, client)
    assert "Replaced by: ketamine-10-new from 2026-12-01." in text(older, client)
    assert "Not in force today; its days: from 2026-12-01." in text(newer, client)
    assert "In place of: ketamine-10, long-gone." in text(newer, client)
    next_day = site(day=date(2026, 12, 1))
    assert "Not in force today; its days: until 2026-11-30." in text(older, next_day)
    assert "In force from 2026-12-01." in text(newer, next_day)


@pytest.mark.parametrize(
    ("day", "strength", "other"),
    [
        (date(2026, 11, 30), "strength 49 mg/mL", "Other editions From 2026-12-01"),
        (date(2026, 12, 1), "strength 50 mg/mL", "Other editions Before"),
    ],
)
def test_a_page_shows_the_edition_of_its_day_and_the_others_below(
    site: Callable[..., FlaskClient], day: date, strength: str, other: str
) -> None:
    html = site(day=day).get("/knowledge/products/ketamine-50", headers=BROWSER)
    values, history = read_page(html.get_data(as_text=True)).text.split("Evidence", 1)
    assert strength in values
    assert other in history


def test_a_fact_past_its_review_date_says_so_from_that_day(
    site: Callable[..., FlaskClient],
) -> None:
    path = "/knowledge/products/ketamine-10-new"
    for day, said in (
        (date(2026, 11, 29), "To be looked at again from 2026-11-30."),
        (
            date(2026, 11, 30),
            "Past its review date: it should have been looked at since 2026-11-30.",
        ),
        (
            date(2026, 12, 1),
            "Past its review date: it should have been looked at since 2026-11-30.",
        ),
    ):
        html = site(day=day).get(path, headers=BROWSER).get_data(as_text=True)
        assert said in read_page(html).text


def test_what_a_source_or_a_signature_says_is_no_markup(page: PageOf) -> None:
    html = page("/knowledge/regimens/iv-std-acute")
    assert "<b>KARMA" not in html
    assert "&lt;b&gt;KARMA-Dep 2&lt;/b&gt;" in html
    assert "<i>pharmacy" not in html
