"""The page of indications, written from the knowledge: `docs/indications.md`.

`make docs` rewrites it; a test keeps it current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.model.base import Fact
from cds.knowledge.model.candidacy_rules import CandidacyRule
from cds.knowledge.model.criteria import Criterion
from cds.knowledge.model.indications import Indication
from cds.knowledge.review.ledger import standing
from cds.knowledge.review.ledger_file import project_ledger

_STATUS = {"seen": "read in its source", "recalled": "recalled", "proposal": "proposal"}
_VERDICTS = {
    "supported": "supported",
    "partly": "partly",
    "not_supported": "**not supported**",
    "contradicted": "**contradicted**",
    "not_used": "no rule follows",
}


def indications_page(knowledge: Knowledge) -> str:
    """Every indication, rule, disagreement, definition and clinic claim, as Markdown."""
    return "\n".join(_lines(knowledge)) + "\n"


def _lines(knowledge: Knowledge) -> Iterator[str]:
    yield "# Indications"
    yield ""
    yield "Generated from `cds/knowledge` by `make docs`; do not edit."
    yield ""
    yield f"Review: {_review(knowledge)} (see [review](review.md))."
    yield ""
    yield (
        "A stance says how far the evidence carries. Criteria in *italics* are shown with their "
        "state and do not decide the verdict. Missing data leave a criterion unknown, never unmet."
    )
    yield ""
    for section in (
        _indications, _regulatory, _evidence, _rules, _definitions, _decisions, _claims,
    ):  # fmt: skip
        yield from section(knowledge)


def _indications(knowledge: Knowledge) -> Iterator[str]:
    yield from table(
        ("indication", "stance", "entry criteria", "grade", "for", "against", "sources", "state"),
        (_indication_row(indication) for indication in knowledge.indications.values()),
    )


def _regulatory(knowledge: Knowledge) -> Iterator[str]:
    yield from ("", "## Regulatory status", "")
    yield from table(
        ("indication", "form", "where", "status", "sources"),
        (
            (i.id, entry.form, entry.jurisdiction.upper(), entry.text, ", ".join(entry.sources))
            for i in knowledge.indications.values()
            for entry in i.regulatory
        ),
    )


def _evidence(knowledge: Knowledge) -> Iterator[str]:
    yield from ("", "## Evidence behind the psychiatric indications", "")
    yield from table(
        ("indication", "finding", "for or against", "grade", "sources", "state"),
        (
            (
                i.id,
                entry.text,
                "against" if entry.against else "for",
                entry.grade or "",
                ", ".join(entry.sources),
                _STATUS[entry.status],
            )
            for i in knowledge.indications.values()
            for entry in i.evidence
        ),
    )


def _rules(knowledge: Knowledge) -> Iterator[str]:
    yield from ("", "## Candidacy rules", "")
    yield from table(
        ("rule", "row", "statement", "holds by", "severity", "grade", "sources", "state"),
        (
            (r.id, _basis(r), r.statement, _by(r), r.severity, r.grade or "", *origin(r))
            for r in knowledge.candidacy_rules.values()
        ),
    )


def _by(rule: CandidacyRule) -> str:
    if rule.said_by is not None:
        return f"said by {rule.said_by}"
    return "its function" if rule.when is None else "its predicate"


def _definitions(knowledge: Knowledge) -> Iterator[str]:
    yield from ("", "## Failed conventional therapy", "")
    yield from table(
        ("definition", "row", "rule", "sources", "state"),
        ((d.id, _basis(d), d.rule, *origin(d)) for d in knowledge.failure_definitions.values()),
    )


def _decisions(knowledge: Knowledge) -> Iterator[str]:
    yield from ("", "## Where guidelines disagree", "")
    yield from table(
        ("question", "row", "positions", "default", "site setting"),
        (
            (
                d.question,
                _basis(d),
                "; ".join(f"{p.who}: {p.says}" for p in d.positions),
                d.default,
                f"`{d.setting}`" if d.setting else "",
            )
            for d in knowledge.decisions.values()
        ),
    )


def _claims(knowledge: Knowledge) -> Iterator[str]:
    yield from ("", "## What clinic pages claim", "")
    yield "A clinic page is where a claim comes from, never evidence for it."
    yield ""
    yield from table(
        ("claim", "row", "verdict", "reason", "covered by", "sources", "state"),
        (
            (
                c.claim,
                _basis(c),
                _VERDICTS[c.verdict],
                c.reason,
                ", ".join(c.covered_by) or "nothing rests on it",
                *origin(c),
            )
            for c in knowledge.claims.values()
        ),
    )


def _indication_row(indication: Indication) -> tuple[str, ...]:
    contested = " (contested)" if indication.contested else ""
    return (
        f"**{indication.name}**<br>`{indication.id}`",
        indication.stance.replace("_", " ") + contested,
        _criteria(indication),
        indication.grade or "",
        str(indication.effect),
        str(indication.counter),
        *origin(indication),
    )


def _criteria(indication: Indication) -> str:
    if indication.applies is None:
        return "recognised from the order alone"
    return "<br>".join(_criterion(c) for c in (indication.applies, *indication.criteria))


def _criterion(criterion: Criterion) -> str:
    return criterion.label if criterion.gating else f"*{criterion.label}*"


def origin(fact: Fact) -> tuple[str, str]:
    state = _STATUS[fact.status]
    return (
        ", ".join(fact.sources),
        f"{state}; not verified: {fact.unverified}" if fact.unverified else state,
    )


def _basis(fact: Fact) -> str:
    return ", ".join(fact.basis)


def _review(knowledge: Knowledge) -> str:
    """What was signed of them before the release, whenever that was."""
    ledger, facts = project_ledger(), knowledge.indications.values()
    signed = sum(standing("indications", fact, ledger, date.max).signed for fact in facts)
    return f"{signed or 'none'} of {len(facts)} recorded as reviewed before the release"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(header)
    yield _row(["---"] * len(header))
    for row in rows:
        yield _row(row)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(indications_page(load_knowledge()))
