"""The site over a knowledge of its own rows, so that no page waits for those of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds.hooks.answers import answer_errors
from cds.hooks.knowledge_site import library as shelf
from cds.hooks.knowledge_site.library import Library, library_of
from cds.hooks.knowledge_site.routes import knowledge_routes
from cds.knowledge.load import Knowledge
from cds.settings import Settings
from tests.knowledge_site.made_site import BROWSER, ROWS, TODAY, signed


@pytest.fixture(scope="package")
def stocked(knowledge: Knowledge) -> Library:
    """The bundled facts, in which one supersedes another, with rows and signatures of the tests."""
    older = knowledge.products["ketamine-10"]
    newer = older.model_copy(
        update={
            "id": "ketamine-10-new",
            "supersedes": ("ketamine-10", "long-gone"),
            "effective": date(2026, 12, 1),
            "next_review": date(2026, 11, 30),
        }
    )
    kept = older.model_copy(update={"until": date(2026, 11, 30)})
    products = {**knowledge.products, "ketamine-10": kept, newer.id: newer}
    return library_of(replace(knowledge, products=products), ROWS, signed(knowledge))


@pytest.fixture
def site(stocked: Library, monkeypatch: pytest.MonkeyPatch) -> Callable[..., FlaskClient]:
    """A client of the site as it is reached under an address, on a day."""
    monkeypatch.setattr(shelf, "library", lambda *_: stocked)

    def open_at(base_url: str = "https://cds.example.org", day: date = TODAY) -> FlaskClient:
        app = Flask("site")
        answer_errors(app)
        app.register_blueprint(
            knowledge_routes(Settings(auth="off", base_url=base_url), lambda: day)
        )
        return app.test_client()

    return open_at


@pytest.fixture
def client(site: Callable[..., FlaskClient]) -> Iterator[FlaskClient]:
    with site() as opened:
        yield opened


@pytest.fixture
def page(client: FlaskClient) -> Callable[[str], str]:
    """A page as a browser gets it."""

    def get(path: str) -> str:
        answer = client.get(path, headers=BROWSER)
        assert answer.status_code == 200, path
        text: str = answer.get_data(as_text=True)
        return text

    return get
