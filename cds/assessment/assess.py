"""One patient, the orders at hand, one day: the assessment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cds.assessment.candidacy import candidacy, candidacy_findings, labelled_use
from cds.assessment.case import Case
from cds.assessment.contexts import recognise_context
from cds.assessment.contraindications import contraindications
from cds.assessment.course import course
from cds.assessment.dose import propose
from cds.assessment.interactions import interactions, interactions_with_treatment
from cds.assessment.model import SEVERITY_ORDER, Assessment, Candidacy, DoseProposal, Finding
from cds.assessment.order_check import check_order
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
    ketamine = [order for order in selected if order.drug is not None]
    cases = [
        Case(history, order, tuple(d for d in drafts if not d.is_same(order)), knowledge, site)
        for order in ketamine
    ] or [Case(history, None, tuple(drafts), knowledge, site)]
    judged: tuple[Candidacy, ...] = ()
    found: list[Finding] = []
    doses: list[DoseProposal] = []
    contexts = [recognise_context(case) if case.order else None for case in cases]
    for case, context in zip(cases, contexts, strict=True):
        mine = candidacy(case) if context is None else labelled_use(case, context)
        findings = _findings(case, mine, context)
        judged = judged or mine
        found += findings
        if case.order and context is None:
            doses += propose(case, mine, tuple(findings))
    for order in selected:
        if order.drug is None:
            case = Case(history, order, tuple(drafts), knowledge, site)
            found += [
                finding
                for finding in interactions_with_treatment(case)
                # with the ketamine order of this session it has been said
                if not any(f.id == finding.id and order.ref in f.source for f in found)
            ]
    weight = read_weight(cases[0])
    return Assessment(
        history=history,
        orders=tuple(selected),
        candidacy=judged,
        findings=in_order(found),
        doses=tuple(doses),
        weight=weight.usable,
        weight_on_record=weight.latest if weight.problem != "implausible" else None,
        weight_why_not=weight.why,
        infusion_therapy=any(context is None for context in contexts),
        context=next((context for context in contexts if context), None),
    )


def _findings(
    case: Case, judged: tuple[Candidacy, ...], context: str | None
) -> tuple[Finding, ...]:
    safety = (*contraindications(case), *interactions(case))
    if context is not None:
        # none of these blocks emergency or peri-operative use: they inform there
        return (*(_eased(f, case) for f in safety), *check_order(case))
    return (
        *safety,
        *candidacy_findings(case, judged),
        *check_order(case),
        *workup(case),
        *course(case),
    )


def _eased(finding: Finding, case: Case) -> Finding:
    entry = case.knowledge.contraindications.get(finding.id)
    if finding.severity == "critical" and entry is not None and entry.elective_only:
        return replace(finding, severity="warning", stops_dose=False)
    return finding


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most severe first, each thing once, and the same order for the same facts."""
    kinds = ("contraindication", "interaction", "order_error", "caution", "missing", "course")
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        unique.setdefault((finding.id, finding.order, finding.source), finding)
    return tuple(
        sorted(
            unique.values(),
            key=lambda f: (
                SEVERITY_ORDER[f.severity],
                not f.stops_dose,
                kinds.index(f.kind),
                f.id,
                f.order or "",
                f.source,
            ),
        )
    )
