"""What of a finding holds in the use that an order is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cds.assessment.case import Case, UseOfOrder
from cds.assessment.model import Finding, Severity
from cds.assessment.order_check import check
from cds.assessment.order_check.situation import Situation

_WIDEST = "anaesthesia"
"""the use of a hospital that allows most: what it forbids is wrong in any"""
_STEPS: dict[str, dict[Severity, Severity]] = {
    "hold": {"critical": "critical", "warning": "warning", "info": "info"},
    "ask": {"critical": "warning", "warning": "warning"},
    "warn": {"critical": "warning", "warning": "info"},
    "inform": {"critical": "info", "warning": "info"},
}
"""By what reasons to wait count for: the severity that one of elective use has. None: silent"""


def holding(findings: Iterable[Finding], case: Case) -> Iterator[Finding]:
    """Contraindications, interactions and doubts as they count in the case's use."""
    use = case.use
    for finding in findings:
        held = finding if use is None else _held(finding, case, use)
        if held is not None:
            yield held


def _held(finding: Finding, case: Case, use: UseOfOrder) -> Finding | None:
    entry = case.knowledge.contraindications.get(finding.id)
    if entry is None:  # an interaction, or a doubt about the drug
        partner = case.knowledge.interactions.get(finding.id)
        of_a_clinic = partner is not None and not partner.in_any_use
        return None if of_a_clinic and finding.severity == "info" else finding
    if not entry.elective_only:
        return finding
    severity = _STEPS[use.entry.reasons_to_wait].get(finding.severity)
    if finding.id in use.entry.still_warns and finding.severity != "info":
        severity = "warning"
    if severity is None:
        return None
    holds = severity == finding.severity
    return finding if holds else replace(finding, severity=severity, stops_dose=False)


def mistakes(case: Case) -> tuple[Finding, ...]:
    """Probable mistakes in the case's order.

    Where its use is not clear, one that is a mistake in either use stands. What only treatment
    forbids is asked about where the order may be for it, and is nothing where it may not.
    """
    if case.use is None or not case.use.unclear:
        return check(Situation.of(case))
    hospital = replace(case.use, entry=case.knowledge.uses[_WIDEST])
    anyway = check(Situation.of(replace(case, use=hospital)))
    if not case.use.maybe_elective:
        return anyway
    known = {finding.id for finding in anyway}
    elective = check(Situation.of(replace(case, use=None)))
    return (
        *anyway,
        *(
            replace(finding, severity="warning", stops_dose=False, correction=None)
            for finding in elective
            if finding.severity == "critical" and finding.id not in known
        ),
    )


def use_not_clear(case: Case) -> tuple[Finding, ...]:
    """What was assumed of an order whose use its signs leave open."""
    use = case.use
    if use is None or not use.unclear or case.order is None:
        return ()
    return (
        Finding(
            id="order-use-unclear",
            kind="caution",
            severity="info",
            basis=use.entry.basis,
            params={"signs": use.signs, "elective": use.elective_signs},
            source=(case.order.ref,),
            order=case.order.ref,
        ),
    )
