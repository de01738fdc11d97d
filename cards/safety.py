"""The safety and work-up card, with the missing tests one click away; and the course card."""

from __future__ import annotations

from collections.abc import Sequence

from cards.model import Card, Suggestion
from cards.new_order import ordering
from cards.parts import bullets, cited, summary_of
from cards.words import inert, say, shorten
from cds.assessment.candidacy import SAID_BY_CANDIDACY
from cds.assessment.case import Case
from cds.assessment.contraindications import CONTRADICTED
from cds.assessment.model import Assessment, Finding
from cds.assessment.unread import NOT_UNDERSTOOD
from cds.knowledge.load import Knowledge

ASKED_ALREADY = {
    "severity-low-or-unknown": "missing-depression-scale",
    "pregnancy-not-excluded": "missing-pregnancy-test",
}
"""A finding of another rule → the work-up item that asks for the same test."""
_PARTS = {
    "patient": "the patient's own data",
    "conditions": "diagnoses",
    "medicationRequests": "prescriptions",
    "medicationStatements": "reported medication",
    "medicationDispenses": "dispenses",
    "medicationAdministrations": "doses given",
    "observations": "results and measurements",
    "allergies": "allergies",
    "procedures": "procedures",
    "encounter": "the encounter",
}
"""parts of a record, by the keys of the queries for them"""
_NAMED = 3
"""kinds of entries that could not be used and are named"""
SAFETY_KINDS = ("contraindication", "interaction", "caution", "missing")


def safety_card(assessment: Assessment, case: Case) -> Card | None:
    """Cautions, interactions and what the work-up lacks."""
    knowledge, patient_id = case.knowledge, case.history.person.id
    ids = {finding.id for finding in assessment.findings}
    stopped = any(finding.severity == "critical" for finding in assessment.findings)
    findings = [
        finding
        for finding in assessment.findings
        if finding.severity != "critical"
        and finding.kind in SAFETY_KINDS
        and finding.id not in SAID_BY_CANDIDACY
        and ASKED_ALREADY.get(finding.id) not in ids
        and (stopped or finding.id != CONTRADICTED)  # else the stop card says it
    ]
    unseen = _unseen(assessment)
    if not findings and not unseen:
        return None
    missing = [f for f in findings if f.kind == "missing"]
    cautions = [f for f in findings if f.kind != "missing"]
    serious = [f for f in cautions if f.severity == "warning"]
    notes = [f for f in cautions if f.severity != "warning"]
    warned = any(f.severity == "warning" for f in findings)
    parts = (
        bullets(serious),
        _missing(missing),
        _notes(notes),
        unseen,
        cited((*serious, *missing), knowledge),
    )
    return Card(
        kind="safety",
        summary=_summary(serious, missing, notes, knowledge),
        indicator="warning" if warned else "info",
        detail="\n\n".join(part for part in parts if part),
        rules=tuple(f.id for f in findings),
        suggestions=(
            *(_orders(missing, knowledge, patient_id) if case.site.workup_orders else ()),
            *_order_set(notes, knowledge, patient_id),
        ),
        selection="any",
    )


def course_card(assessment: Assessment) -> Card | None:
    """Earlier ketamine treatment: how far, how well, what is due."""
    course = [f for f in assessment.findings if f.kind == "course" and f.severity != "critical"]
    if not course:
        return None
    return Card(
        kind="course",
        summary=summary_of(course),
        indicator="warning" if any(f.severity == "warning" for f in course) else "info",
        detail="\n\n".join(
            part for part in (bullets(course), cited(course, assessment.cases[0].knowledge)) if part
        ),
        rules=tuple(f.id for f in course),
    )  # fmt: skip


def _summary(
    serious: Sequence[Finding],
    missing: Sequence[Finding],
    notes: Sequence[Finding],
    knowledge: Knowledge,
) -> str:
    """The cautions if there are any, else what must be had before the dose, else the notes."""
    if serious:
        return summary_of(serious)
    items = [knowledge.monitoring[f.workup].name for f in missing if f.workup]
    if items:
        return shorten(f"Before the dose: {', '.join(items)}")
    rest = [*missing, *notes]
    return summary_of(rest) if rest else "Part of the record was not seen"


def _missing(missing: Sequence[Finding]) -> str:
    """What is missing is a list of short lines: there is nothing to explain."""
    if not missing:
        return ""
    lines = [f"- {say(f.id, f.params).detail or say(f.id, f.params).summary}" for f in missing]
    return "Missing or out of date:\n" + "\n".join(line.replace("\n", "\n  ") for line in lines)


def _notes(notes: Sequence[Finding]) -> str:
    """What is good to know, a line each: the reasons are in the knowledge."""
    if not notes:
        return ""
    return "Also:\n" + "\n".join(f"- {_note(finding)}" for finding in notes)


def _note(finding: Finding) -> str:
    """The summary. What was not understood is a list of names, and no summary holds them all."""
    words = say(finding.id, finding.params)
    return words.detail if finding.id == NOT_UNDERSTOOD else inert(words.summary)


def _unseen(assessment: Assessment) -> str:
    """Parts of the record that could not be seen: what they would say is unknown."""
    history = assessment.history
    unseen = sorted(_PARTS[key] for key in history.unavailable.keys() - history.cut_off)
    lines = [f"- {part} could not be read" for part in unseen]
    if cut := sorted(_PARTS[key] for key in history.cut_off):
        lines.append(f"- the file is cut off; there may be more {', '.join(cut)}")
    # what was not understood has its line
    named = {ref for drug in history.unread_drugs for ref in drug.source}
    named |= {ref for entry in history.unread_entries for ref in entry.source}
    lost = [
        (one.resource, one.reason)
        for one in history.skipped
        if one.lost and one.resource not in named and not (cut and one.cut_off)
    ]
    if lost:
        lines.append(f"- not used: {_named(lost)}")
    return "Not seen:\n" + "\n".join(lines) if lines else ""


def _named(lost: Sequence[tuple[str, str]]) -> str:
    """What could not be used, and why: the first resource of a kind, and how many more."""
    alike: dict[tuple[str, str], list[str]] = {}
    for resource, reason in lost:
        alike.setdefault((resource.partition("/")[0], reason), []).append(resource)
    named = [
        inert(refs[0] + (f" and {len(refs) - 1} more" if len(refs) > 1 else "") + f" ({reason})")
        for (_, reason), refs in alike.items()
    ]
    more = f"; and {len(named) - _NAMED} other kinds" if len(named) > _NAMED else ""
    return "; ".join(named[:_NAMED]) + more


def _orders(
    missing: Sequence[Finding], knowledge: Knowledge, patient_id: str
) -> tuple[Suggestion, ...]:
    suggestions: dict[str, Suggestion] = {}
    for finding in missing:
        item = knowledge.monitoring.get(finding.workup or "")
        if item is None or item.order_code is None:
            continue
        label = shorten(f"Order: {item.order_display}", 80)
        action = ordering(item, patient_id, f"Adds a draft order for {item.order_display}")
        suggestions.setdefault(item.order_code, Suggestion(label=label, actions=(action,)))
    return tuple(suggestions.values())


def _order_set(
    notes: Sequence[Finding], knowledge: Knowledge, patient_id: str
) -> tuple[Suggestion, ...]:
    """The steps of a session as one suggestion; a site can switch it off."""
    steps = [
        knowledge.monitoring[ident]
        for finding in notes
        for ident in finding.params.get("order_set", ())  # type: ignore[attr-defined]
    ]
    if not steps:
        return ()
    actions = tuple(ordering(step, patient_id, f"Adds: {step.name}") for step in steps)
    return (Suggestion(label="Add the orders of a session", actions=actions),)
