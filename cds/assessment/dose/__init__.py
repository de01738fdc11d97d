"""The regimens that fit, computed for this patient.

A number is only given when everything that it rests on holds: the indication's criteria are met,
nothing stops it, the regimen's numbers were read in their source, and the weight is present,
recent and plausible. Else the regimen stands there with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from cds.assessment.candidacy.caveats import caveats
from cds.assessment.candidacy.headline import unmet_reason
from cds.assessment.candidacy.lead import reason_of
from cds.assessment.case import Case
from cds.assessment.dose.choice import Choice, choose, current_course, first_day, sessions_left
from cds.assessment.dose.compute import Basis, filled, numbers_for
from cds.assessment.dose.proposed import as_ordered, withheld
from cds.assessment.dose.vouched import vouched_for
from cds.assessment.indicated import runs_too_long_for_depression
from cds.assessment.model import Candidacy, DoseProposal, Finding
from cds.assessment.order_check import check
from cds.assessment.order_check.situation import Situation
from cds.assessment.unread import NOT_UNDERSTOOD
from cds.assessment.weight import is_obese
from cds.history.model.history import NEEDED_FOR_A_DOSE
from cds.history.parts import PART_NAMES
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.order_checks import OrderCheck
from cds.knowledge.model.regimens import Regimen
from cds.units import readable, weeks

_STOPPING = ("contraindication", "order_error")
_ABOUT_THE_DOSE = frozenset(
    {"order-rate-too-high", "order-rate-too-low", "order-above-limit", "order-unmonitored",
     "order-psychiatric-dose", "order-infusion-too-fast", "order-anaesthetic-dose",
     "order-esketamine-dose", "order-dose-tiny", "order-undiluted"}
)  # fmt: skip


_BY_VEIN = ("infusion", "bolus", "bolus_and_infusion")


def propose(
    s: Situation, candidacy: tuple[Candidacy, ...], findings: tuple[Finding, ...]
) -> tuple[DoseProposal, ...]:
    """The regimens that fit the order, the first choice marked; none outside infusion therapy.

    `findings` are all findings about the case: one that stops the dose leaves every `dose_mg` None.
    """
    if not s.therapy:
        return ()
    case = s.case
    mine = tuple(finding for finding in findings if finding.order in (None, s.order.ref))
    stop = _patient_stop(case) or _unsure(s) or _stopped_by(case, mine, critical=True)
    proposals: list[DoseProposal] = []
    for choice in choose(case, candidacy):
        why_not = stop or _why_not(case, choice) or _stopped_by(case, mine, critical=False)
        if why_not is not None:
            judged = choice.candidacy.indication if choice.candidacy is not None else None
            frame = _frame(case, choice)
            proposals.append(DoseProposal(**frame, why_not=why_not, why_not_for=judged))
        else:
            proposals += (vouched_for(s, dose) for dose in _computed(s, choice))
    return _chosen(s, proposals, tuple(_against(case, mine)))


def _against(case: Case, findings: tuple[Finding, ...]) -> Iterator[str]:
    """Ids of what makes the dose an option, and nobody's next click.

    A relative contraindication; a session of today; an allergy that may be to the drug, as far as
    anybody can tell; a list that was not seen, or not all of it.
    """
    if case.history.lacking:
        yield "seen-in-part"
    allergy = any(entry.kind == "allergy" for entry in case.history.unread_entries)
    for finding in findings:
        relative = finding.kind == "contraindication" and finding.severity == "warning"
        today = finding.id == "course-too-early" and finding.params.get("same_day") is True
        if relative or today or (allergy and finding.id == NOT_UNDERSTOOD):
            yield finding.id


def _unsure(s: Situation) -> str | None:
    return "it is not sure which drug is ordered" if s.order.drug_doubts else None


def _patient_stop(case: Case) -> str | None:
    """What in the patient stops any dose, whatever the regimen."""
    person = case.history.person
    if person.ages is None:
        return "the age is not known"
    adult_from = case.knowledge.parameters["adult-from-years"].value
    if not person.aged_at_least(adult_from):
        return f"aged {person.aged}: no dosing content under {adult_from}"
    if case.history.reproductive.pregnant is True:
        return "pregnancy"
    unread = sorted(NEEDED_FOR_A_DOSE & set(case.history.unavailable))
    names = ", ".join(PART_NAMES[key] for key in unread)
    return f"part of the record was not seen: {names}" if unread else None


def _turned(case: Case, candidacy: Candidacy | None) -> Iterator[str]:
    """What makes a met verdict none to act on: remission, a refuted diagnosis, another reason."""
    if candidacy is None:
        return
    yield from (caveat.id for caveat in caveats(candidacy, case) if caveat.turns)
    other = None if candidacy.ordered_for else unmet_reason(case)
    if other is not None:
        yield other.id


def _stopped_by(case: Case, findings: tuple[Finding, ...], *, critical: bool) -> str | None:
    """The first finding that stops the dose: the critical ones, or the others that do."""
    for finding in findings:
        severe = finding.severity == "critical"
        stops = finding.stops_dose or (severe and finding.kind in _STOPPING)
        if stops and severe == critical:
            return f"stopped by: {_in_words(case, finding)}"
    return None


def _in_words(case: Case, finding: Finding) -> str:
    """What the first rule of a finding is called; of a question, what it asks about."""
    rows = set(finding.basis[:1]) if finding.severity == "critical" else set()
    checks, limits = case.knowledge.order_checks.values(), case.knowledge.limits.values()
    named: tuple[OrderCheck | Limit, ...] = (*checks, *limits)
    name = next((fact.name for fact in named if rows & set(fact.basis)), finding.id)
    return name.removeprefix("order-").replace("-", " ").replace("_", " ")


def _why_not(case: Case, choice: Choice) -> str | None:
    """Why this regimen gives no dose, short of the weight."""
    regimen, candidacy = choice.regimen, choice.candidacy
    route = _route(case, regimen)
    if route in case.site.routes_off:
        return f"the {route} route is switched off at this site"
    if regimen.drug == "esketamine" and case.order is not None and case.order.injected:
        return "the product is for injection, and the regimens known here are nasal"
    open_question = candidacy is not None and candidacy.verdict in ("not_met", "cannot_determine")
    if candidacy is not None and open_question and regimen.given in _BY_VEIN:
        return _unmet(candidacy)  # says more than why this one regimen would not be offered
    if regimen.suggests != "dose":
        return regimen.why_none or "not offered"
    if not regimen.dose_verified or regimen.status == "recalled":
        return "its numbers were not read in the source"
    if candidacy is None and runs_too_long_for_depression(case) and not reason_of(case):
        return "the order does not say what it is for, and runs longer than one for depression"
    if candidacy is None:
        return "this regimen is for no indication on record or on the order"
    if candidacy.indication in case.site.indications_off:
        return f"{candidacy.indication} is switched off at this site"
    if candidacy.stance in ("not_supported", "investigational", "icu_only", "perioperative"):
        return f"{candidacy.indication}: {candidacy.stance.replace('_', ' ')}, no dose suggested"
    if candidacy.verdict != "met":
        return _unmet(candidacy)
    return _beyond_label(case, regimen)


def _unmet(candidacy: Candidacy) -> str:
    state = "not_met" if candidacy.verdict == "not_met" else "unknown"
    failed = [c for c in candidacy.criteria if c.gating and c.state == state]
    what = "criteria not met" if state == "not_met" else "criteria cannot be determined"
    reasons = "; ".join(dict.fromkeys(c.why for c in failed[:2]))
    return f"{what} for {candidacy.indication}" + (f": {reasons}" if reasons else "")


def _beyond_label(case: Case, regimen: Regimen) -> str | None:
    """The suicidality regimen ends with its weeks; later use was not studied."""
    if not regimen.ends or regimen.weeks is None:
        return None
    started = first_day(current_course(case))
    if started is not None and (case.as_of - started).days >= regimen.weeks * 7:
        return f"beyond {weeks(regimen.weeks)} weeks: not studied systematically for suicidality"
    return None


def _computed(s: Situation, choice: Choice) -> Iterator[DoseProposal]:
    """The proposal on the weight that counts here, and beside it the other where they differ."""
    case, regimen = s.case, choice.regimen
    frame = _frame(case, choice) | {"against": tuple(_turned(case, choice.candidacy))}
    if not regimen.weight_based:
        numbers = numbers_for(case, regimen, None)
        assert numbers is not None
        yield _guarded(s, filled(case, frame | {"weight_basis": "fixed"}, numbers, regimen))
        return
    weight = s.weight.usable
    if weight is None:
        yield DoseProposal(**frame, why_not=s.weight.why)
        return
    for basis, kg in _weights(s, weight.value_kg):
        numbers = numbers_for(case, regimen, kg)
        if numbers is not None:
            known = frame | {
                "weight_basis": basis,
                "weight_kg": kg,
                "source": weight.source,
            }
            yield _guarded(s, filled(case, known, numbers, regimen))


def _weights(s: Situation, actual: Decimal) -> Iterator[tuple[Basis, Decimal]]:
    """Actual weight; from BMI 30 the site's choice first, and ideal weight beside it."""
    yield "actual", actual
    if not is_obese(s.case, s.build):
        return
    if s.build.ideal_kg is not None:
        yield "ideal", s.build.ideal_kg
    if s.case.site.weight_basis_obesity == "adjusted" and s.build.adjusted_kg is not None:
        yield "adjusted", s.build.adjusted_kg


def _guarded(s: Situation, proposal: DoseProposal) -> DoseProposal:
    """Never a dose that our own checks would question once it is ordered."""
    for finding in check(s.ordering(as_ordered(s.order, proposal))):
        if finding.id in _ABOUT_THE_DOSE and finding.severity != "info":
            return withheld(proposal, _questioned(proposal, finding))
    return proposal


def _questioned(proposal: DoseProposal, finding: Finding) -> str:
    if finding.id == "order-undiluted":
        return "the product must be diluted before IV use: state the diluent"
    assert proposal.order_mg is not None
    limit = finding.params.get("limit") or finding.id.removeprefix("order-").replace("-", " ")
    return f"{readable(proposal.order_mg)} mg would pass a limit: {limit}"


def _chosen(
    s: Situation, proposals: list[DoseProposal], against: tuple[str, ...]
) -> tuple[DoseProposal, ...]:
    """Marks the first on the weight basis that counts; recommended, if nothing is `against`."""
    basis = s.case.site.weight_basis_obesity if is_obese(s.case, s.build) else "actual"
    for position, proposal in enumerate(proposals):
        if proposal.dose_mg is not None and proposal.weight_basis in ("fixed", basis):
            against = (*against, *proposal.against)
            proposals[position] = replace(
                proposal, first_choice=True, recommended=not against, against=against
            )
            break
    return tuple(proposals)


def _frame(case: Case, choice: Choice) -> dict[str, Any]:
    """What a proposal says besides its numbers."""
    regimen, candidacy = choice.regimen, choice.candidacy
    order = case.order
    assert order is not None
    racemic = regimen.drug == "ketamine"
    sessions = sessions_left(case, regimen)
    return {
        "regimen": regimen.id,
        "basis": regimen.basis,
        "drug": regimen.drug,
        "route": _route(case, regimen),
        "sessions": sessions,
        # a frequency without an end would be an open course
        "sessions_per_week": regimen.sessions_per_week if sessions or not racemic else None,
        "course": regimen.course,
        "order": order.ref,
        "citations": regimen.sources,
        "grade": regimen.grade,
        "regulatory": regimen.regulatory,
        "source": candidacy.source if candidacy is not None else (),
    }


def _route(case: Case, regimen: Regimen) -> str:
    """The one ordered; where none is, the regimen's own."""
    ordered = case.order.route if case.order is not None else None
    return ordered if ordered in regimen.routes else regimen.routes[0]
