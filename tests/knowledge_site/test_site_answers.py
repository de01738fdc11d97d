"""What the site answers with: JSON or a page, what a cache keeps, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds.hooks.knowledge_site import pages
from cds.hooks.knowledge_site.library import Library
from cds.hooks.knowledge_site.pages import page_at
from cds.hooks.knowledge_site.routes import knowledge_routes
from cds.knowledge.load import Knowledge
from cds.knowledge.review.ledger_file import write_ledger
from cds.settings import Settings
from tests.knowledge_site.html_page import read_page
from tests.knowledge_site.made_site import BROWSER, signed

FACT = "/knowledge/regimens/iv-std-acute"
JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/knowledge", None, "application/json"),
        ("/knowledge", "*/*", "application/json"),
        ("/knowledge", "application/json", "application/json"),
        ("/knowledge", BROWSER["Accept"], "text/html; charset=utf-8"),
        ("/knowledge.json", BROWSER["Accept"], "application/json"),
        (FACT, None, "text/html; charset=utf-8"),
        (FACT, "*/*", "text/html; charset=utf-8"),
        (FACT, BROWSER["Accept"], "text/html; charset=utf-8"),
        (FACT, "application/json", "application/json"),
        (f"{FACT}.json", BROWSER["Accept"], "application/json"),
        ("/knowledge/regimens.json", None, "application/json"),
        ("/knowledge/", BROWSER["Accept"], "text/html; charset=utf-8"),
        ("/knowledge/regimens/", None, "text/html; charset=utf-8"),
        (f"{FACT}/", None, "text/html; charset=utf-8"),
        ("/knowledge/search.json?q=x", None, "application/json"),
        ("/knowledge/evidence/pain:signature_ratios/16.67", None, "text/html; charset=utf-8"),
        ("/knowledge/evidence/pain:signature_ratios/16.67.json", None, "application/json"),
    ],
)
def test_json_or_a_page(client: FlaskClient, path: str, accept: str | None, kind: str) -> None:
    answer = client.get(path, headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, kind)


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/knowledge/", "/knowledge"),
        ("/knowledge/regimens/", "/knowledge/regimens"),
        ("/knowledge/search/?q=dose", "/knowledge/search?q=dose"),
        (f"{FACT}/", FACT),
    ],
)
def test_a_stroke_at_the_end_leads_to_the_same_page(
    client: FlaskClient, path: str, same: str
) -> None:
    answer, wanted = (client.get(each, headers=BROWSER) for each in (path, same))
    assert (answer.status_code, answer.data) == (200, wanted.data)


def test_the_whole_knowledge_is_told_as_before(client: FlaskClient, knowledge: Knowledge) -> None:
    told = client.get("/knowledge").get_json()
    assert told.keys() == {"version", "review", "subjects", "sources"}
    assert told["version"] == knowledge.version
    assert sum(told["review"]["limits"].values()) == len(knowledge.limits)
    assert set(told["subjects"]) == {subject for subject, _ in knowledge.facts()}
    assert len(told["sources"]) == len(knowledge.sources)
    aneurysm = next(f for f in told["subjects"]["contraindications"] if f["id"] == "aneurysm")
    assert aneurysm["verified"] is True
    assert aneurysm["background"].startswith("A contraindication")


def test_a_fact_as_json_says_what_its_page_says(client: FlaskClient) -> None:
    told = client.get(f"{FACT}.json").get_json()
    assert {"field": "dose", "label": "usual dose", "text": "0.5 mg/kg"} in told["values"]
    assert told["rows"][0]["path"] == "evidence/psy:iv-std-acute"
    assert told["evidence_against"][0]["row"] == "psy:iv-std-acute"
    assert told["review"]["state"] == "reviewed"
    assert told["record"]["duration_min"] == "40"
    assert [each["card"] for each in told["cards"]] == ["dose"]
    assert told["scenarios"]
    html = read_page(client.get(FACT, headers=BROWSER).get_data(as_text=True)).text
    for value in told["values"]:
        assert f"{value['label']} {value['text']}" in html
    for step in told["dose_steps"]:
        assert step["text"] in html


def test_a_page_is_kept_until_something_changes(
    client: FlaskClient, site: Callable[..., FlaskClient]
) -> None:
    first = client.get(FACT, headers=BROWSER)
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert first.headers["Vary"] == "Accept"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(FACT, headers=BROWSER | tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(FACT, headers=JSON | tag).status_code == 200
    assert client.get(f"{FACT}.json", headers=tag).status_code == 200
    next_day = site(day=date(2026, 12, 1))
    assert next_day.get(FACT, headers=BROWSER | tag).status_code == 200


def test_what_is_not_there_is_not_kept(client: FlaskClient) -> None:
    tag = {"If-None-Match": client.get(FACT, headers=BROWSER).headers["ETag"]}
    for known in (tag, {"If-None-Match": "*"}):
        assert client.get("/knowledge/regimens/gone", headers=BROWSER | known).status_code == 404
        assert client.get("/knowledge/search?page=0", headers=BROWSER | known).status_code == 400


def test_a_page_is_made_once_a_day(
    site: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(pages, "page_at", lambda path, *_: made.append(path) or page_at(path, *_))
    client = site()
    for _ in range(2):
        for path in (FACT, f"{FACT}.json", "/knowledge/search?q=dose"):
            assert client.get(path).status_code == 200
    fact = FACT.removeprefix("/knowledge/")
    assert made == [fact, fact, "search", "search"], "a page, its JSON, and each search"


def test_another_row_signature_or_value_is_another_edition(stocked: Library) -> None:
    from cds.hooks.knowledge_site.library import library_of
    from cds.knowledge.review.ledger import Ledger

    same = library_of(stocked.in_force, stocked.rows, stocked.ledger)
    unsigned = library_of(stocked.in_force, stocked.rows, Ledger())
    without_rows = library_of(stocked.in_force, {}, stocked.ledger)
    assert same.edition == stocked.edition
    assert len({stocked.edition, unsigned.edition, without_rows.edition}) == 3


def test_a_page_runs_no_script_and_stands_in_no_frame(client: FlaskClient) -> None:
    answer = client.get(FACT, headers=BROWSER)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.get_data(as_text=True)
    assert "style=" not in answer.get_data(as_text=True)
    assert client.get("/knowledge/pages.css").content_type == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "like"),
    [
        ("regimens/iv-std-acut", "regimens/iv-std-acute"),
        ("regimens/aneurysm", "contraindications/aneurysm"),
        ("regimen", "regimens"),
        ("evidence/psy:iv-std-acut", "evidence/psy:iv-std-acute"),
        ("sources/ANAND-2032", "sources/ANAND-2023"),
        ("zzz/zzz", None),
        (f"regimens/{'x' * 5_000}", None),
        ("regimens/<script>alert(1)</script>", None),
    ],
)
def test_what_is_not_there_is_answered_with_what_is_like_it(
    client: FlaskClient, path: str, like: str | None
) -> None:
    page = client.get(f"/knowledge/{path}", headers=BROWSER)
    assert page.status_code == 404
    html = page.get_data(as_text=True)
    assert "<script" not in html
    read = read_page(html)
    assert "Nothing of the knowledge stands here" in read.text
    assert like is None or f"/knowledge/{like}" in read.links
    outcome = client.get(f"/knowledge/{path}.json").get_json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == "not-found"
    assert like is None or like in outcome["issue"][0]["details"]["text"]
    assert len(page.data) < 4_000


def test_links_keep_the_path_that_the_service_is_reached_under(
    site: Callable[..., FlaskClient],
) -> None:
    html = site("https://host.example.org/cds/").get(FACT, headers=BROWSER).get_data(as_text=True)
    read = read_page(html)
    inner = [link for link in read.links if link.startswith("/")]
    assert inner
    assert all(link.startswith("/cds/knowledge") for link in inner)
    assert 'href="/cds/knowledge/pages.css"' in html
    assert 'action="/cds/knowledge/search"' in html


def at_site(**settings: Path) -> FlaskClient:
    app = Flask("site")
    app.register_blueprint(
        knowledge_routes(Settings(auth="off", **settings), lambda: date(2026, 11, 30))
    )
    return app.test_client()


def test_the_signatures_of_a_site_stand_on_its_pages(tmp_path: Path, knowledge: Knowledge) -> None:
    write_ledger(tmp_path / "reviews.yaml", signed(knowledge))
    told = at_site(reviews=tmp_path / "reviews.yaml").get(f"{FACT}.json").get_json()
    assert told["review"]["words"] == "recorded as reviewed by <i>pharmacy</i>, 2026-11-03"
    assert at_site().get(f"{FACT}.json").get_json()["review"]["words"] == "not reviewed"


def test_the_facts_of_a_site_stand_on_its_pages(tmp_path: Path) -> None:
    folder = copytree(Path(__file__).parents[2] / "cds/knowledge/data", tmp_path / "data")
    file = folder / "regimens.yaml"
    file.write_text(file.read_text("utf-8").replace("Standard IV course", "Our course"), "utf-8")
    evidence = tmp_path / "evidence" / "ours.yaml"
    evidence.parent.mkdir()
    evidence.write_text(
        "subject: evidence\nfacts: [{id: psy:iv-std-acute, statement: ours, status: proposal}]\n"
    )
    told = at_site(knowledge=tmp_path).get(f"{FACT}.json").get_json()
    assert told["title"] == "Our course"
    assert [row["statement"] for row in told["rows"]] == ["ours"]


STARTED = """
import sys
from cds.hooks.app import create_app
from cds.settings import Settings

create_app(Settings(auth="off", database_url="sqlite:////nowhere/store"), lambda request: None)
late = ("evidence_rows", "scenarios", "in_words", "code_names", "knowledge_site.library")
print("loaded:", *[name for name in sys.modules for end in late if name.endswith(end)])
"""


def test_a_server_starts_without_the_pages() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=Path(__file__).parents[2], capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "loaded:"
