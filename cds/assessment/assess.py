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
from cds.assessment.in_use import holding, mistakes, use_not_clear
from cds.assessment.interactions import interactions, interactions_with_treatment
from cds.assessment.model import SEVERITY_ORDER, Assessment, Candidacy, DoseProposal, Finding
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
    ordered = any(case.order is not None for case in treated)
    for case in treated:
        mine = _candidacy(case)
        findings = _findings(case, mine)
        judged = judged or mine
        found += findings
        if case.order is not None and (case.use is None or mine):
            doses += propose(Situation.of(case), mine, findings)
    for case in others:
        said = found if ordered else ()
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
        infusion_therapy=any(
            case.use is None or case.use.entry.tells_candidacy for case in treated
        ),
    )


def _candidacy(case: Case) -> tuple[Candidacy, ...]:
    """Every indication in elective treatment, else those of the order's use."""
    use = case.use
    if use is None:
        return candidacy(case)
    if use.entry.treats:
        mine = (c for c in candidacy(case) if c.indication in use.entry.indications)
        return tuple(c for c in mine if c.verdict != "not_applicable")
    return labelled_use(case, use)


def _findings(case: Case, judged: tuple[Candidacy, ...]) -> tuple[Finding, ...]:
    doubts = drug_doubts(case)
    unsure = (*doubts, *not_understood(case), *contradicted_drugs(case))
    safety = holding((*contraindications(case), *interactions(case), *unsure), case)
    found = mistakes(case) if case.drug is not None else ()
    if doubts:  # it may be the drug that is wrong
        found = tuple(replace(finding, correction=None) for finding in found)
    if case.use is not None:
        return (*safety, *found, *workup(case), *use_not_clear(case))
    return (*safety, *candidacy_findings(case, judged), *found, *workup(case), *course(case))


def _of_another_drug(case: Case, said: Sequence[Finding]) -> list[Finding]:
    """What another drug means for the treatment, unless the session's ketamine order said it."""
    ref = case.order.ref if case.order else None
    return [
        finding
        for finding in interactions_with_treatment(case)
        if not any(f.id == finding.id and ref in f.source for f in said)
    ]


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most severe first, then by rank, each thing once, and the same order for the same facts.

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
                f.rank,
                kinds.index(f.kind),
                f.id,
                f.order or "",
                f.source,
            ),
        )
    )


def _urgency(finding: Finding) -> tuple[int, bool]:
    return SEVERITY_ORDER[finding.severity], not finding.stops_dose
