"""What of a finding holds in the use that an order is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from msgspec.structs import replace

from cds.assessment.case import Case, UseOfOrder
from cds.assessment.contraindications import NOT_EXCLUDED
from cds.assessment.model import Finding, Severity
from cds.assessment.order_check import Said, check
from cds.assessment.order_check.one_by_one import as_it_stands, each_check
from cds.assessment.order_check.situation import Situation
from cds.assessment.parts import Piece

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
    if entry.treatment_only or finding.id in use.entry.silent:
        return None
    waits = use.entry.reasons_to_wait in ("hold", "ask")
    if finding.id == NOT_EXCLUDED and not waits and "allergies" in case.history.answered:
        return None  # an allergy holds in any use; the rest is for the examination at hand
    severity = _STEPS[use.entry.reasons_to_wait].get(finding.severity)
    if finding.id in use.entry.still_warns and finding.severity != "info":
        severity = "warning"
    if severity is None or severity == finding.severity:
        return finding if severity else None
    return replace(finding, severity=severity, stops_dose=False, params=_to_know(finding, use))


def _to_know(finding: Finding, use: UseOfOrder) -> Mapping[str, object]:
    """For words that do not forbid: what was found, and that it is known."""
    if finding.id == NOT_EXCLUDED:
        return {**finding.params, "worded_as": "not-looked-for-here"}
    if "found" not in finding.params or use.maybe_elective:
        return finding.params
    return {**finding.params, "worded_as": "reason-to-wait-here", "use": use.entry.name}


def mistakes(case: Case, said: Said | None = None) -> tuple[Finding, ...]:
    """Probable mistakes in the case's order: by all checks, or by those given.

    Where its use is not clear, one that is a mistake in either use stands. What only treatment
    forbids is asked about where the order may be for it, and is nothing where it may not.
    """
    anyway = check(Situation.of(case), said)
    if case.use is None or not case.use.maybe_elective:
        return anyway
    known = {finding.id for finding in anyway}
    elective = check(Situation.of(replace(case, use=None)), said)
    return (
        *anyway,
        *(
            replace(finding, severity="warning", stops_dose=False, correction=None)
            for finding in elective
            if finding.stops_dose and finding.id not in known
        ),
    )


def one_by_one(case: Case) -> Iterator[Piece]:
    """The checks of the case's order as pieces. No correction comes of them, since what was not
    judged stands beside it."""
    for name, said in each_check(case.knowledge.limits):
        yield Piece(name, case, partial(mistakes, said=said), partial(_alone, said))


def _alone(said: Said, case: Case) -> Iterator[Finding]:
    return as_it_stands(Situation.of(case), said)


def of_any_use(case: Case) -> Case:
    """The case of an order whose use could not be decided, to check the order: what is a mistake in
    any use stands, and what only elective treatment forbids is asked about."""
    if case.drug is None:
        return case
    return replace(case, use=UseOfOrder(case.knowledge.uses["unclear"], elective_signs=("alone",)))


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
