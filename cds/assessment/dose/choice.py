"""Which regimens fit the order: drug, route, indication, place, age and phase of the course.

And what of the course is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from operator import itemgetter

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.indicated import SUICIDALITY_SETS, setting_of
from cds.assessment.model import Candidacy
from cds.chart.places import Setting
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.model.regimens import ANY_CHRONIC_PAIN, Regimen

_USUAL_ROUTE = {"ketamine": "intravenous", "esketamine": "intranasal"}


class Choice(Struct, frozen=True):
    """A regimen that fits, and the indication it is for; None: none of the patient's."""

    regimen: Regimen
    candidacy: Candidacy | None


def choose(case: Case, candidacy: Sequence[Candidacy]) -> list[Choice]:
    """The regimens that fit, the one for the best indication first.

    The order's own reason decides; without one, the indications whose criteria are met; else the
    first that concerns the patient. One that is not offered stands there with its reason. An order
    for pain never has the regimen of a depression that is on record besides.
    """
    setting = setting_of(case)
    fitting = [regimen for regimen in _of_the_drug(case) if _fits(case, regimen, setting)]
    present = [c for c in candidacy if c.meant and c.verdict != "not_applicable"]
    concerned = [c for c in present if _for(case, fitting, c)]
    urgent = [c for c in concerned if _is_urgent_reason(case, c)]
    named = urgent or [c for c in concerned if c.ordered_for]
    met = [c for c in (named or concerned) if c.verdict == "met"]
    if met:
        chosen = [choice for c in met for choice in _of(case, fitting, c)]
        # one regimen may be for two of the patient's indications: the better one names it
        return list({choice.regimen.id: choice for choice in reversed(chosen)}.values())[::-1]
    nearest = next(iter(named or concerned), None)
    if nearest is not None:
        return _of(case, fitting, nearest)[:1]
    standard = _in_phase(case, fitting) or fitting
    return [Choice(standard[0], None)] if standard else []


def _is_urgent_reason(case: Case, candidacy: Candidacy) -> bool:
    """An order for suicidality has the regimen of suicidality, resistant depression or not."""
    reasons = case.order.reason_sets if case.order is not None else frozenset()
    known = case.knowledge.indications[candidacy.indication]
    return known.answers_suicidality and bool(reasons & SUICIDALITY_SETS)


def _of(case: Case, fitting: Sequence[Regimen], candidacy: Candidacy) -> list[Choice]:
    """The regimens of one indication: those that suggest a dose, else one that says why not."""
    mine = _for(case, fitting, candidacy)
    chosen = case.site.default_regimen.get(candidacy.indication)
    usual = next((regimen for regimen in mine if regimen.id == chosen), None)
    if usual is not None:
        return [Choice(usual, candidacy)]
    offered = _in_phase(case, [r for r in mine if r.suggests == "dose"])
    return [Choice(regimen, candidacy) for regimen in offered or mine[:1]]


def _for(case: Case, fitting: Sequence[Regimen], candidacy: Candidacy) -> list[Regimen]:
    own = [r for r in fitting if set(r.indications) & set(candidacy.basis)]
    family = case.knowledge.indications[candidacy.indication].family
    if own or family != "pain" or candidacy.stance not in ("conditional", "weak"):
        return own
    return [r for r in fitting if ANY_CHRONIC_PAIN in r.indications]


def _of_the_drug(case: Case) -> list[Regimen]:
    """By the route of the order, or the usual one of its drug."""
    order = case.order
    if order is None or order.drug is None:
        return []
    drug, route = order.drug, order.route or _USUAL_ROUTE[order.drug]
    known = case.knowledge.regimens.values()
    return [regimen for regimen in known if regimen.drug == drug and route in regimen.routes]


def _fits(case: Case, regimen: Regimen, setting: Setting | None) -> bool:
    person = case.history.person
    if regimen.jurisdiction not in (None, case.site.jurisdiction):
        return False
    if person.ages is not None and not person.aged_within(regimen.min_age, regimen.max_age):
        return False
    return not regimen.settings or setting is None or setting in regimen.settings


def _in_phase(case: Case, regimens: Sequence[Regimen]) -> list[Regimen]:
    """Those of the phase that the past sessions lead to."""
    wanted = phase_of(case, regimens)
    return [r for r in regimens if r.phase in (wanted, "any")]


def phase_of(case: Case, regimens: Sequence[Regimen]) -> str:
    """The label's weeks for esketamine; for ketamine maintenance once the course is complete."""
    past = current_course(case)
    if case.drug == "esketamine":
        if not any(r.phase == "induction" for r in regimens):
            return "acute"
        days = (case.as_of - (first_day(past) or case.as_of)).days
        if days < phase_start(case, "weeks_5_8"):
            return "induction"
        return "weeks_5_8" if days < phase_start(case, "maintenance") else "maintenance"
    complete = [r.sessions for r in regimens if r.phase == "acute" and r.sessions]
    follow_on = any(r.phase == "maintenance" for r in regimens)
    if follow_on and complete and len(past) >= min(complete):
        return "maintenance"
    return "acute"


def phase_start(case: Case, phase: str) -> int:
    """Days since the first esketamine session from which a phase runs; 0 for the first."""
    starts = {
        "weeks_5_8": "esketamine-weeks-5-8-from",
        "maintenance": "esketamine-maintenance-from",
    }
    ident = starts.get(phase)
    return int(case.knowledge.parameters[ident].value) if ident else 0


def sessions_left(case: Case, regimen: Regimen) -> int | None:
    """Sessions still to come in the phase: an order must not start a course over."""
    planned = regimen.sessions or _by_weeks(regimen)
    if planned is None or regimen.phase == "maintenance":
        return planned
    past = current_course(case)
    begin = first_day(past)
    if begin is None:
        return planned
    from_day = phase_start(case, regimen.phase)
    done = sum(1 for s in past if s.when is not None and (s.when - begin).days >= from_day)
    return max(1, planned - done)


def _by_weeks(regimen: Regimen) -> int | None:
    """The number of sessions of a course that is stated in weeks."""
    if regimen.weeks is None or regimen.sessions_per_week is None or regimen.phase == "any":
        return None
    return int(regimen.weeks * regimen.sessions_per_week)


def current_course(case: Case) -> list[KetamineSession]:
    """Sessions given of the ordered drug since the last long pause, oldest first."""
    gap = timedelta(days=int(case.knowledge.parameters["ketamine-course-gap-days"].value))
    given = (s for s in case.history.ketamine_sessions if _counts(case, s))
    dated = [(session.when, session) for session in given if session.when is not None]
    course: list[KetamineSession] = []
    later = case.as_of
    for when, session in sorted(dated, key=itemgetter(0), reverse=True):
        if later - when > gap:
            break
        course.append(session)
        later = when
    return course[::-1]


def first_day(course: Sequence[KetamineSession]) -> date | None:
    """The day on which a course began; None: it has not."""
    return course[0].when if course else None


def _counts(case: Case, session: KetamineSession) -> bool:
    return session.drug == case.drug and session.kind in ("administration", "procedure")
