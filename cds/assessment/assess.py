"""One patient, the orders at hand, one day: the assessment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cds.assessment.candidacy import candidacy, candidacy_findings, labelled_use
from cds.assessment.case import Case
from cds.assessment.cases import cases_of
from cds.assessment.contraindications import contraindications
from cds.assessment.course import course
from cds.assessment.deceased import recorded_as_deceased
from cds.assessment.dose import propose
from cds.assessment.drug_doubts import drug_doubts
from cds.assessment.interactions import interactions, interactions_with_treatment
from cds.assessment.model import SEVERITY_ORDER, Assessment, Candidacy, DoseProposal, Finding
from cds.assessment.order_check import check
from cds.assessment.order_check.situation import Situation
from cds.assessment.topical import topical_findings
from cds.assessment.unread import contradicted_drugs, not_understood
from cds.assessment.weight import read_weight
from cds.assessment.workup import workup
from cds.history.model import History
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def assess(
    history: History,
    selected: Sequence[Order],
    drafts: Sequence[Order],
    knowledge: Knowledge,
    site: SiteProtocol,
) -> Assessment:
    """Assess the selected orders or, without an order for ketamine, the patient alone.

    `drafts` are all drafts of the session, the selected ones among them.
    """
    cases = cases_of(history, selected, drafts, knowledge, site)
    if history.person.deceased:
        dead = (recorded_as_deceased(cases[0]),)
        return Assessment(cases, (), dead, (), weight_why_not="the patient is recorded as deceased")
    others = [case for case in cases if case.order is not None and case.drug is None]
    treated = [case for case in cases if case.order is None or case.drug is not None]
    judged: tuple[Candidacy, ...] = ()
    found: list[Finding] = []
    doses: list[DoseProposal] = []
    situated = any(case.order is not None for case in treated)
    for case in treated:
        mine = candidacy(case) if case.use is None else labelled_use(case, case.use)
        situation = Situation.of(case) if case.order is not None else None
        findings = _findings(case, mine, situation)
        judged = judged or mine
        found += findings
        if situation is not None:
            doses += propose(situation, mine, findings)
    for case in others:
        said = found if situated else ()
        found += [*_of_another_drug(case, found), *topical_findings(case, said)]
    weight = read_weight(treated[0])
    return Assessment(
        cases=cases,
        candidacy=judged,
        findings=in_order(found),
        doses=tuple(doses),
        weight=weight.usable,
        weight_on_record=weight.latest if weight.problem != "implausible" else None,
        weight_why_not=weight.why,
        infusion_therapy=any(case.use is None for case in treated),
    )


def _findings(
    case: Case, judged: tuple[Candidacy, ...], situation: Situation | None
) -> tuple[Finding, ...]:
    doubts = drug_doubts(case)
    unsure = (*doubts, *not_understood(case), *contradicted_drugs(case))
    safety = (*contraindications(case), *interactions(case), *unsure)
    mistakes = check(situation) if situation is not None else ()
    if doubts:  # it may be the drug that is wrong
        mistakes = tuple(replace(finding, correction=None) for finding in mistakes)
    if case.use is not None:
        # none of these blocks emergency or peri-operative use: they inform there
        return (*(_eased(f, case) for f in safety), *mistakes)
    return (
        *safety,
        *candidacy_findings(case, judged),
        *mistakes,
        *workup(case),
        *course(case),
    )


def _of_another_drug(case: Case, said: Sequence[Finding]) -> list[Finding]:
    """What another drug means for the treatment, unless the session's ketamine order said it."""
    ref = case.order.ref if case.order else None
    return [
        finding
        for finding in interactions_with_treatment(case)
        if not any(f.id == finding.id and ref in f.source for f in said)
    ]


def _eased(finding: Finding, case: Case) -> Finding:
    entry = case.knowledge.contraindications.get(finding.id)
    if entry is None or not entry.elective_only:
        return finding
    severity = "warning" if finding.severity == "critical" else finding.severity
    return replace(finding, severity=severity, stops_dose=False)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most severe first, each thing once, and the same order for the same facts.

    What is said twice counts as severe as it was said once: another dosage of the same order, or a
    second order that is for elective use, may make it so.
    """
    kinds = ("contraindication", "interaction", "order_error", "caution", "missing", "course")
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.id, finding.order, finding.source)
        if key not in unique or _urgency(finding) < _urgency(unique[key]):
            unique[key] = finding
    return tuple(
        sorted(
            unique.values(),
            key=lambda f: (
                _urgency(f),
                kinds.index(f.kind),
                f.id,
                f.order or "",
                f.source,
            ),
        )
    )


def _urgency(finding: Finding) -> tuple[int, bool]:
    return SEVERITY_ORDER[finding.severity], not finding.stops_dose
