"""Everything that the pages are made of, and what rests on what."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TypeAlias

from cards.words import backgrounds
from cds import __version__
from cds.knowledge.cited import rows_of, sources_of
from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import EvidenceRow, Fact, Source
from cds.knowledge.review.ledger import Ledger

EXPLAINED = ("contraindications", "interactions", "candidacy_rules", "order_checks")
"""subjects whose facts have general words that no card has room for"""


@dataclass(frozen=True, slots=True)
class Held:
    """A fact in its subject."""

    subject: str
    fact: Fact

    @property
    def path(self) -> str:
        """Its address below `/knowledge/`."""
        return f"{self.subject}/{self.fact.id}"

    @property
    def background(self) -> str:
        """What holds for every patient, in the words that no card has room for."""
        return backgrounds().get(self.fact.id, "") if self.subject in EXPLAINED else ""


Resting: TypeAlias = Mapping[str, tuple[Held, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """The facts, rows and sources as they are on a day."""

    knowledge: Knowledge
    """with all its editions"""
    in_force: Knowledge
    """what is judged by on that day"""
    rows: Mapping[str, EvidenceRow]
    ledger: Ledger
    facts: Mapping[str, Mapping[str, Held]]
    """by subject and id: the edition in force, else the newest"""
    on_row: Resting
    """row of the evidence → the facts that rest on it"""
    on_source: Resting
    """source → the facts that cite it themselves"""
    in_place_of: Resting
    """`subject/id` → the facts that supersede it"""
    edition: str
    """short hash of all that the pages show"""

    @property
    def sources(self) -> Mapping[str, Source]:
        return self.knowledge.sources

    def rows_citing(self, source: str) -> list[EvidenceRow]:
        return [row for row in self.rows.values() if source in row.sources]

    def held(self) -> Iterator[Held]:
        for listed in self.facts.values():
            yield from listed.values()

    def holds(self, held: Held) -> bool:
        """Whether it is judged by on the day."""
        return getattr(self.in_force, held.subject).get(held.fact.id) is held.fact


def library(in_force: Knowledge, reviews: Ledger) -> Library:
    """That of the knowledge in use, with what was signed of it."""
    return library_of(in_force, load_evidence(in_force.place), reviews)


def library_of(in_force: Knowledge, rows: Mapping[str, EvidenceRow], ledger: Ledger) -> Library:
    """What rests on what in the knowledge of a day."""
    knowledge = in_force.whole or in_force
    held = [
        Held(subject, getattr(in_force, subject).get(newest.id, newest))
        for subject, newest in knowledge.facts()
    ]
    facts: dict[str, dict[str, Held]] = defaultdict(dict)
    for each in held:
        facts[each.subject][each.fact.id] = each
    return Library(
        knowledge,
        in_force,
        rows,
        ledger,
        facts,
        on_row=_by((name, each) for each in held for name in rows_of(each.fact)),
        on_source=_by((name, each) for each in held for name in sources_of(each.fact)),
        in_place_of=_by(
            (f"{each.subject}/{old}", each) for each in held for old in each.fact.supersedes
        ),
        edition=_edition(knowledge, rows, ledger),
    )


def _by(pairs: Iterable[tuple[str, Held]]) -> Resting:
    found: dict[str, list[Held]] = defaultdict(list)
    for name, each in pairs:
        found[name].append(each)
    return {name: tuple(each) for name, each in found.items()}


def _edition(knowledge: Knowledge, rows: Mapping[str, EvidenceRow], ledger: Ledger) -> str:
    digest = hashlib.sha256(f"{__version__} {knowledge.version}".encode())
    for row in rows.values():
        digest.update(row.model_dump_json().encode())
    for signature in ledger.signatures:
        digest.update(signature.model_dump_json().encode())
    digest.update((files("cds.knowledge") / "scenarios.json").read_bytes())
    for fact, words in sorted(backgrounds().items()):
        digest.update(f"{fact}: {words}".encode())
    return digest.hexdigest()[:12]
