"""Findings in words, put together for one card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cards.words import inert, one_line, say, shorten
from cds.assessment.model import Finding

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


def citations(ids: Iterable[str], limit: int = 4) -> str:
    """The sources of a card, by their ids in the knowledge."""
    known = list(dict.fromkeys(ids))
    if not known:
        return ""
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return "Sources: " + ", ".join(inert(i) for i in known[:limit]) + more + "."


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
