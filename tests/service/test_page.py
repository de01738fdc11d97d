"""The demo page in a real browser: pick a patient, apply a suggestion, sign, dismiss."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect


@pytest.fixture
def page(demo: str) -> Iterator[object]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(demo)
        yield opened
        browser.close()
        assert complaints == []


def pick(page, patient: str) -> None:  # type: ignore[no-untyped-def]
    page.click(f"[data-patient={patient}]")
    status = page.locator("#status")
    expect(status).to_contain_text(" ms")
    count = status.inner_text().removeprefix("order-select: ").split()[0]
    expect(page.locator("article")).to_have_count(0 if count == "no" else int(count))


def test_a_suggestion_is_applied_to_the_draft_and_signing_is_quiet(page) -> None:  # type: ignore[no-untyped-def]
    pick(page, "ash")
    expect(page.locator("article")).to_have_count(3)
    page.click("button.recommended")
    expect(page.locator("#order")).to_contain_text('"value": 35.1')
    page.click("[data-hook=order-sign]")
    expect(page.locator("#status")).to_contain_text("order-sign")
    expect(page.locator("#status")).to_contain_text(" ms")
    assert not page.locator("article h3", has_text="mg IV").count()


def test_a_stop_removes_the_order(page) -> None:  # type: ignore[no-untyped-def]
    pick(page, "cedar")
    assert page.locator("article.critical h3").inner_text().startswith("Do not give")
    page.click("text=Remove the order")
    expect(page.locator("#order")).to_have_text("(the order was removed)")


def test_a_card_can_be_dismissed_with_a_reason(page) -> None:  # type: ignore[no-untyped-def]
    pick(page, "birch")
    before = page.locator("article").count()
    page.locator("article").first.get_by_role("button", name="Dismiss").click()
    expect(page.locator("article")).to_have_count(before - 1)


def test_silence_is_shown_as_silence(page) -> None:  # type: ignore[no-untyped-def]
    pick(page, "hazel")
    assert "no cards" in page.inner_text("#status")


def test_the_page_works_from_the_keyboard(page) -> None:  # type: ignore[no-untyped-def]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.patient") == "ash"
    page.keyboard.press("Enter")
    page.wait_for_selector("article")
