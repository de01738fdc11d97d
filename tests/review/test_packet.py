"""The packet that a committee reads and prints."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import EvidenceRow, Source
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.review.asked import asked_about
from cds.knowledge.review.ledger import NOTHING_SIGNED
from cds.knowledge.review.packet import packet_html
from tests.replaced import replace

DAY = date(2026, 12, 1)
SOURCES = {
    "LABEL": Source(
        id="LABEL", short="A label", citation="Label of <x>", url="https://label.example.org/a",
        verified=True, edition="version 18", read_on=date(2025, 11, 1), max_age_months=12,
    ),
    "PAPER": Source(id="PAPER", short="A paper", citation="A paper", verified=False),
}  # fmt: skip
EVIDENCE = {
    "local:a": EvidenceRow(
        id="local:a", statement="Rates up to 1 are usual", grade="C", sources=("PAPER",),
        status="recalled", population="adults at home", unverified="the rate",
        note="read in a summary", against=("One trial saw no effect",),
    )
}  # fmt: skip
LIMIT = Limit.model_validate(
    {
        "id": "a",
        "basis": ["local:a", "local:gone"],
        "name": "a rate",
        "routes": ["intravenous"],
        "given": "infusion",
        "when": {"situation": {"settings": "home"}},
        "metric": "mg/kg/h",
        "warn_above": "1",
        "sources": ["LABEL", "PAPER"],
        "status": "seen",
        "unverified": "the rate at home",
        "grade": "B",
        "effective": "2026-01-01",
        "note": "a note",
    }
)
GAP = Parameter.model_validate(
    {"id": "gap", "value": "5", "unit": "d", "meaning": "a gap", "status": "proposal"}
)


@pytest.fixture(scope="module")
def page(knowledge: Knowledge) -> str:
    known = replace(knowledge, sources=SOURCES)
    chosen = [("limits", LIMIT), ("parameters", GAP)]
    asked = list(asked_about(chosen, known, EVIDENCE, NOTHING_SIGNED, DAY))
    return packet_html(asked, SOURCES, "abc", DAY)


@pytest.mark.parametrize(
    "said",
    [
        "2 facts of the knowledge abc, as on 2026-12-01.",
        "a rate",
        "limits/a: read in its source; grade B; holds from 2026-01-01 on; not reviewed",
        "warn above 1 mg/kg/h",
        "applies when",
        "home",
        "Rates up to 1 are usual (local:a; population: adults at home, grade C, recalled; A paper)"
        " Not read: the rate Note: read in a summary",
        "One trial saw no effect (local:a)",
        "local:gone: no row of evidence has this name",
        "A label: Label of <x> [version 18; read on 2025-11-01]",
        "A paper: A paper [not read]",
        "Note: a note",
        "Do the sources say so, and is it right for this hospital?"
        " Not read in a source: the rate at home. Can you confirm it?"
        " A label was read on 2025-11-01: does its newest edition say so?",
        "No source says so. Is this proposal right for this hospital?",
    ],
)
def test_a_fact_is_there_with_all_that_a_reviewer_needs(said: str, page: str) -> None:
    assert said in _text(page)


def test_the_evidence_of_its_criteria_and_findings_is_there_too(knowledge: Knowledge) -> None:
    fact = knowledge.indications["trd-unipolar"]
    (asked,) = asked_about([("indications", fact)], knowledge, load_evidence(), NOTHING_SIGNED, DAY)
    criterion = next(c for c in fact.criteria if c.id == "current-episode")
    assert not set(criterion.basis) & set(fact.basis)
    assert set(criterion.basis) <= {row.id for row in asked.rows}
    found = {source for finding in fact.evidence for source in finding.sources}
    assert found <= {source.id for source in asked.sources}


def test_only_an_address_of_the_web_becomes_a_link(page: str) -> None:
    outward = [link for link in re.findall(r'href="([^"]*)"', page) if not link.startswith("#")]
    assert outward == ["https://label.example.org/a"]


def test_the_packet_runs_nothing_and_loads_nothing(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<img|<link|\son\w+=|@import|url\(", page)


def test_the_packet_is_made_for_paper(page: str) -> None:
    assert "@page { size: A4" in page
    assert "break-inside: avoid" in page
    assert page.count('class="sign"') == 2


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(" " if tag in ("br", "td") else "")

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def _text(page: str) -> str:
    """What a reader sees, in one line."""
    words = _Words()
    words.feed(page.partition("<body>")[2])
    return " ".join("".join(words.found).split())
