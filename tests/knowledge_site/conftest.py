"""The site over a knowledge of its own rows, so that no page waits for those of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds.hooks.answers import answer_errors
from cds.hooks.knowledge_site import library as shelf
from cds.hooks.knowledge_site import routes
from cds.hooks.knowledge_site.library import Library, library_of
from cds.hooks.knowledge_site.routes import knowledge_routes
from cds.knowledge.in_force import boundaries
from cds.knowledge.load import Knowledge
from cds.settings import Settings
from tests.knowledge_site.made_site import BROWSER, ROWS, TODAY, signed
from tests.replaced import replace


@pytest.fixture(scope="package")
def made(knowledge: Knowledge) -> Knowledge:
    """The bundled facts; of one there is an earlier edition, and one supersedes another."""
    vial, strong = knowledge.products["ketamine-10"], knowledge.products["ketamine-50"]
    ends = vial.model_copy(update={"until": date(2026, 11, 30)})
    newer = vial.model_copy(
        update={
            "id": "ketamine-10-new",
            "basis": ("local:nowhere",),
            "supersedes": ("ketamine-10", "long-gone"),
            "effective": date(2026, 12, 1),
            "next_review": date(2026, 11, 30),
        }
    )
    weaker = strong.model_copy(update={"mg_per_ml": Decimal(49)})
    strong = strong.model_copy(update={"effective": date(2026, 12, 1)})
    products = {**knowledge.products, ends.id: ends, newer.id: newer, strong.id: strong}
    return replace(
        knowledge,
        products=products,
        earlier={"products": (weaker,)},
        days=boundaries([ends, newer, strong]),
    )


@pytest.fixture(scope="package")
def stock(made: Knowledge) -> Callable[..., Library]:
    """The library of the facts of a day, with rows and signatures of the tests."""
    return cache(lambda in_force: library_of(in_force, ROWS, signed(made)))


@pytest.fixture(scope="package")
def stocked(made: Knowledge, stock: Callable[..., Library]) -> Library:
    return stock(made.on(TODAY))


@pytest.fixture
def site(
    made: Knowledge, stock: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., FlaskClient]:
    """A client of the site as it is reached under an address, on a day."""
    monkeypatch.setattr(routes, "load_knowledge", lambda place: made)
    monkeypatch.setattr(shelf, "library", lambda in_force, reviews: stock(in_force))

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
