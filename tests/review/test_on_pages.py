"""What a page tells of a review: who signed a fact, and which source was read too long ago."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from cds.hooks.knowledge_site.routes import knowledge_routes
from cds.knowledge.load import Knowledge
from cds.knowledge.review.content import digest
from cds.knowledge.review.ledger import Ledger, Signature
from cds.knowledge.review.ledger_file import write_ledger
from cds.settings import Settings
from tests.replaced import replace

PAGE = "/knowledge/regimens/crps_outpatient"


def test_the_page_of_a_fact_says_who_signed_it(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "reviews.yaml"
    signed = Signature(
        fact="regimens/crps_outpatient",
        digest=digest("regimens", knowledge.regimens["crps_outpatient"]),
        reviewed_by="pharmacy",
        role="pharmacist",
        reviewed_on=date(2026, 11, 3),
        decision="accepted",
    )
    write_ledger(path, Ledger((signed,)))
    site = Flask("site")
    site.register_blueprint(knowledge_routes(Settings(reviews=path), lambda: date(2026, 11, 10)))
    told = site.test_client().get(f"{PAGE}.json").get_json()
    assert told["review"]["words"] == "recorded as reviewed by pharmacy, 2026-11-03"


def test_the_page_of_a_fact_says_which_source_was_read_too_long_ago(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged = {"read_on": date(2025, 11, 10), "max_age_months": 12}
    sources = dict(knowledge.sources)
    sources["SCHWARTZMAN-2009"] = sources["SCHWARTZMAN-2009"].model_copy(update=aged)
    old = replace(knowledge, sources=sources)
    monkeypatch.setattr("cds.hooks.knowledge_site.routes.load_knowledge", lambda _: old)

    def page(day: date) -> str:
        site = Flask("site")
        site.register_blueprint(knowledge_routes(Settings(), lambda: day))
        answer = site.test_client().get(PAGE, headers={"Accept": "text/html"})
        text: str = answer.get_data(as_text=True)
        return text

    told = "Read 12 months ago or longer: look for a newer edition."
    assert told not in page(date(2026, 11, 10))
    assert told in page(date(2026, 11, 11))
