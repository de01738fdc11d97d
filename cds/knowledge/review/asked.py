"""A fact as a reviewer is asked about it: what it says, why, and what is to be decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cds.knowledge.cited import rows_of, sources_of
from cds.knowledge.in_words import NameOfCode, Said, Value, rule_of, title_of, unnamed, values_of
from cds.knowledge.in_words.status import STATUS
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import EvidenceRow, Fact, Source
from cds.knowledge.review.content import digest
from cds.knowledge.review.due import outdated
from cds.knowledge.review.ledger import Ledger, Standing, standing

_QUESTION = {
    "seen": "Do the sources say so, and is it right for this hospital?",
    "recalled": "It was not found in a source. Which source says so, and is it right for this"
    " hospital?",
    "proposal": "No source says so. Is this proposal right for this hospital?",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One fact, with all that a reviewer needs to decide about it."""

    subject: str
    fact: Fact
    values: tuple[Value, ...]
    rule: tuple[Said, ...]
    rows: tuple[EvidenceRow, ...]
    rowless: tuple[str, ...]
    """evidence that it names, and that stands nowhere"""
    sources: tuple[Source, ...]
    outdated: tuple[Source, ...]
    """of the sources those that were read too long ago"""
    digest: str
    standing: Standing

    @property
    def name(self) -> str:
        return f"{self.subject}/{self.fact.id}"

    @property
    def title(self) -> str:
        return title_of(self.fact)

    @property
    def status(self) -> str:
        return STATUS[self.fact.status]

    @property
    def question(self) -> str:
        """What is to be decided: by how the fact was found, and what happened to it since."""
        return " ".join((_QUESTION[self.fact.status], *self._besides()))

    def _besides(self) -> Iterator[str]:
        if self.fact.unverified:
            yield f"Not read in a source: {self.fact.unverified}. Can you confirm it?"
        if self.standing.state == "changed since it was signed":
            yield "It changed since it was signed: does it still hold?"
        for source in self.outdated:
            yield f"{source.short} was read on {source.read_on}: does its newest edition say so?"


def asked_about(
    chosen: Iterable[tuple[str, Fact]],
    knowledge: Knowledge,
    evidence: Mapping[str, EvidenceRow],
    ledger: Ledger,
    day: date,
    name_of: NameOfCode = unnamed,
) -> Iterator[Asked]:
    """Each of the chosen facts as it stands on that day."""
    for subject, fact in chosen:
        rows = rows_of(fact)
        sources = tuple(knowledge.sources[ident] for ident in sources_of(fact))
        yield Asked(
            subject=subject,
            fact=fact,
            values=values_of(fact, name_of),
            rule=rule_of(fact, name_of),
            rows=tuple(evidence[row] for row in rows if row in evidence),
            rowless=tuple(row for row in rows if row not in evidence),
            sources=sources,
            outdated=tuple(outdated(sources, day)),
            digest=digest(subject, fact),
            standing=standing(subject, fact, ledger, day),
        )
