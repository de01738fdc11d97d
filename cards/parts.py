"""Findings in words, put together for one card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cards.words import inert, one_line, say, shorten
from cds.assessment.model import Finding
from cds.knowledge.load import Knowledge

MAX_ITEMS = 6
"""A detail is read in ten seconds: what is beyond this is named, not told."""


def summary_of(findings: Sequence[Finding]) -> str:
    """The most urgent finding, and how many stand behind it."""
    first = say(findings[0].id, findings[0].params).summary
    if len(findings) == 1:
        return first
    tail = f" (+{len(findings) - 1} more)"
    return shorten(first, 139 - len(tail)) + tail


def bullets(findings: Iterable[Finding], limit: int = MAX_ITEMS) -> str:
    """A list item a finding; those past the limit by their summaries only."""
    shown: list[str] = []
    folded: list[str] = []
    for finding in findings:
        words = say(finding.id, finding.params)
        head = f"- **{inert(words.summary)}**"
        if len(shown) < limit:
            shown.append(head + _indented(words.detail) + _evidence(finding))
        else:
            folded.append(inert(words.summary))
    if folded:
        shown.append(f"- {len(folded)} more: " + "; ".join(folded))
    return "\n".join(shown)


def citations(ids: Iterable[str], knowledge: Knowledge, limit: int = 4) -> str:
    """The sources of a card as a reader knows them; nothing for our own defaults."""
    named = (knowledge.sources[ident].short for ident in ids)
    known = list(dict.fromkeys(name for name in named if name))
    if not known:
        return ""
    more = f"; and {len(known) - limit} more" if len(known) > limit else ""
    return "Sources: " + "; ".join(inert(name) for name in known[:limit]) + more + "."


def cited(findings: Iterable[Finding], knowledge: Knowledge) -> str:
    """The sources of some findings."""
    return citations((c for finding in findings for c in finding.citations), knowledge)


def _evidence(finding: Finding) -> str:
    marks = []
    if finding.grade:
        marks.append(f"grade {finding.grade}")
    if not finding.verified:
        marks.append("not verified in its source")
    return f" _({', '.join(marks)})_" if marks else ""


def _indented(detail: str) -> str:
    if not detail:
        return ""
    if "\n" not in detail:
        return "  \n  " + one_line(detail)
    return "\n" + "\n".join("  " + line for line in detail.splitlines())
