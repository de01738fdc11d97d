"""A source stands once for each document and edition, and says what it is and when it was read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Source
from tests.knowledge.digest_sources import our_source

FORM = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
DOI = re.compile(r"10\.\d{4,}/[^\s;]+")
AGEING = {"label": 12, "payer": 12, "law": 12, "guideline": 60}
"""how many months after it was read a source of the kind is read again: a proposal"""
DIGESTS = ("psychiatric", "pain-safety", "updates-2026-11")


@pytest.fixture(scope="module")
def sources(knowledge: Knowledge) -> list[Source]:
    return list(knowledge.sources.values())


def test_ids_are_written_in_one_way(sources: list[Source]) -> None:
    assert [source.id for source in sources if not FORM.fullmatch(source.id)] == []


def test_no_document_stands_twice(sources: list[Source]) -> None:
    """By its link, of a label with its edition, by its DOI, and by its citation."""
    assert (
        _shared((source.url, source.edition, source.id) for source in sources if source.url) == []
    )
    assert _shared((doi, None, source.id) for source in sources for doi in _dois(source)) == []
    assert _shared((_plain(source.citation), None, source.id) for source in sources) == []


def _shared(named: Iterable[tuple[Hashable, Hashable, str]]) -> list[set[str]]:
    found = defaultdict[Hashable, set[str]](set)
    for what, edition, ident in named:
        found[what, edition].add(ident)
    return [ids for ids in found.values() if len(ids) > 1]


def _dois(source: Source) -> set[str]:
    texts = f"{source.citation} {source.url} {source.note}"
    return {doi.lower().rstrip(".,") for doi in DOI.findall(texts)}


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def test_each_says_what_kind_it_is(sources: list[Source]) -> None:
    assert [source.id for source in sources if source.kind is None] == []
    own = {source.id for source in sources if source.kind == "project"}
    assert own == {"DESIGN", "RECALL", "RUN"}


def test_a_label_that_was_read_names_its_edition(sources: list[Source]) -> None:
    labels = [source for source in sources if source.kind in ("label", "law") and source.verified]
    assert [source.id for source in labels if not source.edition] == []


def test_what_ages_says_after_how_long(sources: list[Source]) -> None:
    for source in sources:
        wanted = AGEING.get(source.kind or "") if source.verified else None
        assert source.max_age_months == wanted, source.id


def test_what_was_read_was_read_on_a_day(sources: list[Source]) -> None:
    """But for three, whose day nobody noted; what was not read has none."""
    without = {source.id for source in sources if source.verified and source.read_on is None}
    assert without == {"BZD-JOINT-2025", "WHO-CLOSED-2009", "SCOT-BZ-SWITCH"}
    assert [s.id for s in sources if s.read_on is not None and not s.verified] == []


@pytest.mark.shared
@pytest.mark.parametrize("name", DIGESTS)
def test_every_source_of_the_research_is_here(
    name: str, shared_dir: Path, knowledge: Knowledge
) -> None:
    """As read as there: one that was recalled in all of them is not `verified` here."""
    text = (shared_dir / "clinical" / f"{name}.yaml").read_text()
    listed: Any = yaml.safe_load(text)["sources"]
    rows = listed.items() if isinstance(listed, dict) else ((row["id"], row) for row in listed)
    for theirs, row in rows:
        ours = knowledge.sources[our_source(theirs)]
        assert ours.verified or "seen" not in (row.get("status"), row.get("flag")), theirs


@pytest.mark.shared
def test_nothing_is_read_that_no_digest_read(shared_dir: Path, knowledge: Knowledge) -> None:
    seen = set[str]()
    known = set[str]()
    for name in DIGESTS:
        text = (shared_dir / "clinical" / f"{name}.yaml").read_text()
        listed: Any = yaml.safe_load(text)["sources"]
        rows = listed.items() if isinstance(listed, dict) else ((row["id"], row) for row in listed)
        for theirs, row in rows:
            known.add(our_source(theirs))
            if "seen" in (row.get("status"), row.get("flag")):
                seen.add(our_source(theirs))
    read = {source.id for source in knowledge.sources.values() if source.verified}
    assert read & known == seen
