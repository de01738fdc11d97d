"""The pages of the knowledge in a real browser: from a card to its source, and for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rows import check_each

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
AUDIT = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")
PAGES = (
    "", "/regimens", "/regimens/iv-std-acute", "/contraindications/aneurysm",
    "/indications/trd-unipolar", "/decisions/number-of-trials", "/evidence", "/sources",
    "/sources/ANAND-2023", "/search?q=aneurysm", "/search?status=seen&page=2", "/search?q=zzz",
    "/search?page=x", "/regimens/no-such",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page whose complaints, such as of its policy, fail the test."""
    opened = browser.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert [each for each in complaints if "status of 40" not in each] == []


def test_from_a_card_to_its_source_in_three_clicks(page: Any, demo: str) -> None:
    page.goto(demo)
    page.click("[data-patient=ash]")
    card = page.locator("article", has_text="35.1 mg")
    card.get_by_role("link", name="Standard IV course").click()
    expect(page.locator("h1")).to_have_text("Standard IV course")
    expect(page.locator("main")).to_contain_text("0.5 mg/kg x 70.2 kg = 35.1 mg")
    row = page.locator("section a[href*='/knowledge/evidence/']").first
    if row.count():  # not in an edition that has no rows inside
        row.click()
        expect(page.locator("h1")).to_contain_text("Evidence row")
    page.locator("section[aria-labelledby=sources] a[href*='/knowledge/sources/']").first.click()
    expect(page.locator("main")).to_contain_text("Facts that cite it")


def test_a_link_of_an_older_card_leads_to_its_fact(page: Any, demo: str) -> None:
    page.goto(f"{demo}/knowledge#regimens-iv-std-acute")
    link = page.locator(":target a")
    expect(link).to_be_visible()
    link.click()
    expect(page.locator("h1")).to_have_text("Standard IV course")


def test_search_without_a_script(page: Any, demo: str) -> None:
    page.goto(f"{demo}/knowledge")
    page.get_by_label("Search facts and evidence").fill("aneurysm repair")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("found")
    page.get_by_role("link", name="Aneurysm repair").first.click()
    expect(page.locator("h1")).to_have_text("Aneurysm repair")


def test_the_pages_are_for_everybody(page: Any, demo: str) -> None:
    def check(path: str) -> None:
        page.goto(f"{demo}/knowledge{path}")
        assert page.evaluate(AUDIT) == []

    check_each(PAGES, check)


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(browser: Any, demo: str, width: int) -> None:
    narrow = browser.new_page(viewport={"width": width, "height": 844})

    def check(path: str) -> None:
        narrow.goto(f"{demo}/knowledge{path}")
        assert narrow.evaluate("document.documentElement.scrollWidth") <= width

    check_each(PAGES, check)
    narrow.close()


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Any, demo: str) -> None:
    page.goto(f"{demo}/knowledge/regimens/iv-std-acute")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        focus = "getComputedStyle(document.activeElement)"
        assert page.evaluate(f"{focus}.outlineStyle") == "solid"
        assert page.evaluate(f"parseFloat({focus}.outlineWidth)") >= 2


def test_a_scenario_opens_from_the_keyboard(page: Any, demo: str) -> None:
    page.goto(f"{demo}/knowledge/contraindications/aneurysm")
    summary = page.locator("details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details[open] dt", has_text="It says").first).to_be_visible()


def test_on_paper_there_is_the_fact_and_no_search(page: Any, demo: str) -> None:
    page.goto(f"{demo}/knowledge/regimens/iv-std-acute")
    page.emulate_media(media="print")
    expect(page.locator("form")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#dose")).to_be_visible()
