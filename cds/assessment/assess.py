"""One patient, the orders at hand, one day: the assessment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from cds.allowance import as_far
from cds.assessment.candidacy import candidacy, candidacy_findings, labelled_use
from cds.assessment.case import Case
from cds.assessment.cases import cases_of, undecided_cases
from cds.assessment.contraindications import certain_ones, contraindications
from cds.assessment.course import course
from cds.assessment.cut_short import found_in_time
from cds.assessment.deceased import recorded_as_deceased
from cds.assessment.dose import propose
from cds.assessment.drug_doubts import drug_doubts
from cds.assessment.in_use import holding, mistakes, of_any_use, one_by_one, use_not_clear
from cds.assessment.interactions import interactions, interactions_with_treatment
from cds.assessment.model import SEVERITY_ORDER, Assessment, Candidacy, DoseProposal, Finding
from cds.assessment.order_check.situation import Situation
from cds.assessment.parts import Parts
from cds.assessment.topical import topical_findings
from cds.assessment.unread import contradicted_drugs, not_understood
from cds.assessment.weight import Weight, read_weight
from cds.assessment.workup import workup
from cds.faults import Faults
from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.knowledge.review.ledger import NOTHING_SIGNED, Ledger
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order

_FEW_DOSAGES = 4
"""instructions of an order that is always judged, however many others there are"""
WEIGHT_UNREAD = Weight(None, "missing", "the weight could not be judged")


def assess(
    history: History,
    selected: Sequence[Order],
    drafts: Sequence[Order],
    knowledge: Knowledge,
    site: SiteProtocol,
    faults: Faults | None = None,
    reviews: Ledger = NOTHING_SIGNED,
) -> Assessment:
    """Assess the selected orders or, without an order for ketamine, the patient alone.

    `drafts` are all drafts of the session, the selected ones among them. `faults` takes what broke.
    `reviews` is what the site's reviewers signed.
    """
    faults = faults if faults is not None else Faults()
    patient = Case(history, None, (), knowledge, site)
    parts = Parts(patient, faults)
    cases = parts.judge(
        "what the order is for", lambda _: cases_of(history, selected, drafts, knowledge, site)
    )
    cases = cases or undecided_cases(history, selected, drafts, knowledge, site)
    cases = tuple(replace(case, reviews=reviews) for case in cases)
    if history.person.deceased:
        dead = parts.judge("the death on record", lambda _: (recorded_as_deceased(cases[0]),))
        why = "the patient is recorded as deceased"
        return Assessment(cases, (), dead or parts.not_judged(), (), weight_why_not=why)
    others = [case for case in cases if case.order is not None and case.drug is None]
    treated = [case for case in cases if case.order is None or case.drug is not None]
    judged: list[_Judged] = []
    if history.cut:  # what rests on what the chart lacks would rest on what was not seen
        found = _found_in_time(treated, others, faults, parts.broken)
    else:
        judged = [_judged(case, faults, tuple(parts.broken)) for case in treated]
        found = [finding for one in judged for finding in one.findings]
        ordered = any(case.order is not None for case in treated)
        for case in others:
            found += _of_another_drug(case, found, found if ordered else (), faults)
    weight = faults.attempt("part", "weight", lambda: read_weight(treated[0]), WEIGHT_UNREAD)
    return Assessment(
        cases=cases,
        candidacy=() if any(one.broken for one in judged) else _first_told(judged),
        findings=faults.attempt("part", "the sequence", partial(in_order, found), tuple(found)),
        doses=tuple(dose for one in judged for dose in one.doses),
        weight=weight.usable,
        weight_on_record=weight.latest if weight.problem != "implausible" else None,
        weight_why_not=weight.why,
        infusion_therapy=not history.cut
        and any(case.use is None or case.use.entry.tells_candidacy for case in treated),
    )


def unjudged(
    history: History, selected: Sequence[Order], knowledge: Knowledge, site: SiteProtocol
) -> Assessment:
    """Nothing of the orders at hand, which could not be judged."""
    cases = undecided_cases(history, selected, selected, knowledge, site)
    why = "the order was not judged"
    return Assessment(cases, (), (), (), weight_why_not=why, infusion_therapy=False)


class _Judged(Struct, frozen=True):
    """What is said of one case."""

    candidacy: tuple[Candidacy, ...]
    findings: tuple[Finding, ...]
    doses: tuple[DoseProposal, ...]
    broken: bool


def _first_told(judged: Sequence[_Judged]) -> tuple[Candidacy, ...]:
    return next((one.candidacy for one in judged if one.candidacy), ())


def _judged(case: Case, faults: Faults, broken: tuple[str, ...]) -> _Judged:
    """Where a part breaks, its finding stops the dose.

    `broken`: what broke before. Then the use of the order is not decided.
    """
    parts = Parts(case, faults, list(broken))
    ordered = of_any_use(case) if broken else case
    mine = parts.judge("the candidacy", _candidacy)
    findings = _findings(parts, mine, ordered)
    known = (*findings, *parts.not_judged())
    doses: tuple[DoseProposal, ...] = ()
    if case.order is not None and (case.use is None or mine):
        doses = parts.judge("the dose", lambda case: propose(Situation.of(case), mine, known))
    return _Judged(mine, (*findings, *parts.not_judged()), doses, bool(parts.broken))


def _found_in_time(
    treated: Sequence[Case], others: Sequence[Case], faults: Faults, broken: Sequence[str]
) -> list[Finding]:
    """What speaks against the orders, of a chart that was cut.

    First the patient, once for each use that is ordered for, and what is wrong with each order that
    is no long one; these are found however little time there is. Then the long ones, the patient
    for each further order, and what other drugs mean.
    """
    alike: dict[tuple[object, ...], Case] = {}
    for case in sorted(treated, key=lambda one: one.use is not None):
        alike.setdefault((case.drug, case.use and case.use.entry.id), case)
    of = {id(case): Parts(case, faults, list(broken)) for case in treated}
    doubts = {ident: _doubts(parts) for ident, parts in of.items()}
    found: list[Finding] = []

    def of_patient(case: Case) -> tuple[Finding, ...]:
        return _of_patient(of[id(case)], doubts[id(case)])

    def of_order(case: Case) -> tuple[Finding, ...]:
        ordered = of_any_use(case) if broken else case
        return _of_order(of[id(case)], ordered, doubts[id(case)])

    def of_another(case: Case) -> list[Finding]:
        ordered = any(one.order is not None for one in treated)
        return _of_another_drug(case, found, found if ordered else (), faults)

    uses = list(alike.values())
    again = [case for case in treated if all(case is not one for one in uses)]
    long = [case for case in treated if _dosages(case) > _FEW_DOSAGES]
    short = [case for case in treated if _dosages(case) <= _FEW_DOSAGES]
    first = (
        *(partial(of_patient, case) for case in uses),
        *(partial(of_order, case) for case in short),
    )
    then: tuple[Callable[[], Iterable[Finding]], ...] = (
        *(partial(of_order, case) for case in sorted(long, key=_dosages)),
        *(partial(of_patient, case) for case in again),
        *(partial(of_another, case) for case in others),
    )
    as_far(found, first, then)
    found += [finding for parts in of.values() for finding in parts.not_judged()]
    return found_in_time(found, treated[0].history)


def _dosages(case: Case) -> int:
    return 0 if case.order is None else 1 + len(case.order.other_dosages)


def _candidacy(case: Case) -> tuple[Candidacy, ...]:
    """Every indication in elective treatment, else those of the order's use."""
    use = case.use
    if use is None:
        return candidacy(case)
    if use.entry.treats:
        mine = (c for c in candidacy(case) if c.indication in use.entry.indications)
        return tuple(c for c in mine if c.verdict != "not_applicable")
    return labelled_use(case, use)


def _findings(parts: Parts, judged: tuple[Candidacy, ...], ordered: Case) -> tuple[Finding, ...]:
    """`ordered`: the case as its order is checked."""
    case, judge = parts.case, parts.judge
    safety, found = _against(parts, ordered)
    lacking = judge("the work-up", workup)
    if case.use is not None:
        return (*safety, *found, *lacking, *judge("the use of the order", use_not_clear))
    rules = judge("the rules of candidacy", lambda c: candidacy_findings(c, judged))
    return (*safety, *rules, *found, *lacking, *judge("the course so far", course))


def _against(parts: Parts, ordered: Case) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What of the patient speaks against the order, and what is wrong with the order itself."""
    doubts = _doubts(parts)
    return _of_patient(parts, doubts), _of_order(parts, ordered, doubts)


def _doubts(parts: Parts) -> tuple[Finding, ...]:
    return parts.judge("doubts about the drug", drug_doubts)


def _of_patient(parts: Parts, doubts: tuple[Finding, ...]) -> tuple[Finding, ...]:
    judge = parts.judge
    unread = judge("what was not readable", lambda c: (*not_understood(c), *contradicted_drugs(c)))
    return (
        *parts.judge_entries(
            "contraindications",
            lambda c: holding(contraindications(c), c),
            lambda c: holding(certain_ones(c), c),
        ),
        *parts.judge_entries("interactions", lambda c: holding(interactions(c), c)),
        *judge("what was not readable", lambda c: holding((*doubts, *unread), c)),
    )


def _of_order(parts: Parts, ordered: Case, doubts: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if parts.case.drug is None:
        return ()
    checks = partial(one_by_one, ordered)
    found = parts.judge_pieces("the order", lambda _: mistakes(ordered), checks)
    if doubts:  # it may be the drug that is wrong
        found = tuple(replace(finding, correction=None) for finding in found)
    return found


def _of_another_drug(
    case: Case, said: Sequence[Finding], said_topical: Sequence[Finding], faults: Faults
) -> list[Finding]:
    """What another drug means for the treatment, unless the session's ketamine order said it; and
    what there is to say of ketamine for the skin."""
    ref = case.order.ref if case.order else None
    parts, skin = Parts(case, faults), Parts(case, faults)
    meant = parts.judge_entries("interactions", interactions_with_treatment)
    topical = skin.judge("ketamine for the skin", lambda c: topical_findings(c, said_topical))
    new = [f for f in meant if not any(one.id == f.id and ref in one.source for one in said)]
    return [*new, *parts.not_judged("interaction"), *topical, *skin.not_judged()]


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
