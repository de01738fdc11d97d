"""The safety and work-up card, with the missing tests one click away."""

from __future__ import annotations

from collections.abc import Sequence

from cards.lines import line
from cards.model import Card
from cards.new_order import workup_orders
from cards.notes import notes, safety_findings
from cards.parts import noted, spoken, summary_of, told
from cards.unseen import unseen_lines
from cards.words import SUMMARY_LIMIT, inert, say
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Finding

_MOST_NAMED = 3
"""of missing items in a summary, where none is more urgent than the others"""


def safety_card(assessment: Assessment, case: Case) -> Card | None:
    """Cautions, interactions, what the work-up lacks, and what was not seen or not readable."""
    also = notes(assessment, case)
    found = [f for f in safety_findings(assessment) if f.id not in {*also.rules, *also.left_out}]
    missing = [f for f in found if f.kind == "missing" and f.workup]
    serious = [f for f in found if f.severity == "warning" and f not in missing]
    others = [f for f in found if f not in serious and f not in missing]
    unseen = unseen_lines(assessment.history)
    if not (found or unseen):
        return None
    wanted = _wanted(missing, case)
    brief = tuple(noted(finding, words) for finding, words in spoken(others))
    rest = (*brief, *unseen)
    if serious:
        summary = summary_of(serious)
        lines = (*told(serious), *([line(inert(wanted))] if wanted else []), *rest)
    elif wanted:
        summary = wanted if len(wanted) <= SUMMARY_LIMIT else _in_short(missing, case)
        lines = rest if summary == wanted else (line(inert(wanted)), *rest)
    elif others:
        summary, lines = summary_of(others), (*told(others), *unseen)
    else:
        summary, lines = "Part of the record was not seen or not readable", unseen
    card = Card(
        kind="safety",
        summary=summary,
        indicator="warning" if any(f.severity == "warning" for f in found) else "info",
        danger=any(f.kind != "missing" for f in serious),
        lines=lines,
        rules=tuple(f.id for f in found),
        suggestions=workup_orders(missing, case) if case.site.workup_orders else (),
        selection="any",
    )
    return also.joined_to(card)


def _wanted(missing: Sequence[Finding], case: Case) -> str:
    """`Before the dose: height, pain score (none on record); weight (last on 2026-08-01 …)`."""
    by_state: dict[str, list[str]] = {}
    for finding in missing:
        state = say("missing-state", finding.params).whole
        by_state.setdefault(state, []).append(_name(finding, case))
    groups = [f"{', '.join(dict.fromkeys(names))} ({state})" for state, names in by_state.items()]
    return f"Before the dose: {'; '.join(groups)}" if groups else ""


def _in_short(missing: Sequence[Finding], case: Case) -> str:
    """`Before the dose: blood pressure, weight and 8 more`: the most urgent by name, and no cut."""
    names = list(dict.fromkeys(_name(finding, case) for finding in missing))
    urgent = {_name(finding, case) for finding in missing if finding.severity == "warning"}
    text = f"Before the dose: {len(names)} items"
    for count in range(1, (len(urgent) or _MOST_NAMED) + 1):
        rest = f" and {len(names) - count} more" if count < len(names) else ""
        longer = f"Before the dose: {', '.join(names[:count])}{rest}"
        text = longer if len(longer) <= SUMMARY_LIMIT else text
    return text


def _name(finding: Finding, case: Case) -> str:
    assert finding.workup is not None
    return case.knowledge.monitoring[finding.workup].name
