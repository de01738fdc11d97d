"""Which indication heads the card: the one that the order is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cds.assessment.candidacy.criteria import judge
from cds.assessment.candidacy.unruled import FAMILY_SETS
from cds.assessment.case import Case
from cds.assessment.diagnosis import as_diagnosis, concerned
from cds.assessment.indicated import SUICIDALITY_SETS
from cds.assessment.model import Candidacy
from cds.knowledge.model.indications import Family, Indication
from cds.knowledge.model.predicates.combined import AnyOf
from cds.knowledge.model.regimens import ANY_CHRONIC_PAIN, Regimen


def lead(judged: Sequence[Candidacy], case: Case) -> Candidacy | None:
    """By the order's reason; else by what the order looks like; else the best.

    What is met goes before what is open, and that before what is refused. What is not supported
    comes first only where nothing else is on record, or the reason names it alone.
    """
    present = [c for c in judged if c.verdict != "not_applicable" and c.source]
    known = case.knowledge.indications
    urgent = [c for c in present if known[c.indication].answers_suicidality]
    urgent = urgent if _for_suicidality(case) else []
    named = urgent or [c for c in present if c.ordered_for]
    # a reason that is a diagnosis of its own is that first, and then a sign of something else
    named.sort(key=lambda c: _told_by_signs(known[c.indication]))
    if named or not present:
        return next(iter(named or judged), None)
    meant = [c for c in present if c.meant] or present
    family = looks_like(meant, case)
    likely = [
        c for c in meant if c.verdict != "not_supported" and known[c.indication].family == family
    ]
    return min(likely or meant, key=lambda c: (_settled_late(c), present.index(c)))


def _told_by_signs(indication: Indication) -> bool:
    """One of several signs makes it apply, such as opioids taken for long."""
    return indication.applies is not None and isinstance(indication.applies.when, AnyOf)


def _for_suicidality(case: Case) -> bool:
    return case.order is not None and not case.order.reason_sets.isdisjoint(SUICIDALITY_SETS)


def _settled_late(candidate: Candidacy) -> int:
    """Met, then open, then refused; of weaker stances the order of the verdicts stands."""
    if candidate.verdict == "met":
        return 0
    firm = candidate.stance in ("supported", "conditional")
    return 1 if firm and candidate.verdict == "cannot_determine" else 2


def looks_like(present: Sequence[Candidacy], case: Case) -> Family | None:
    """The family of these indications that the order's drug, route and duration belong to; None:
    several or none. A regimen for what the patient does not have says nothing of the others."""
    order = case.order
    if order is None or order.drug is None:
        return None
    if order.drug == "esketamine" and order.route in (None, "intranasal"):
        return "psychiatric"
    minutes = order.duration_min
    if minutes is None:
        return None
    timed = [
        regimen
        for regimen in case.knowledge.regimens.values()
        if regimen.drug == order.drug and order.route in regimen.routes
        if regimen.duration_min is not None
    ]
    close = case.knowledge.parameters["regimen-duration-close"].value
    indications = (case.knowledge.indications[c.indication] for c in present)
    found = {
        indication.family
        for indication in indications
        if any(_lasts(regimen, minutes, close) for regimen in _for(indication, timed, case))
    }
    return found.pop() if len(found) == 1 else None


def _for(indication: Indication, regimens: Sequence[Regimen], case: Case) -> list[Regimen]:
    """The regimens of an indication; where it has none, those of its family."""
    own = [r for r in regimens if not set(indication.basis).isdisjoint(r.indications)]
    if own:
        return own
    known = case.knowledge.indications.values()
    rows = {row for other in known if other.family == indication.family for row in other.basis}
    rows |= {ANY_CHRONIC_PAIN} if indication.family == "pain" else set()
    return [r for r in regimens if not rows.isdisjoint(r.indications)]


def _lasts(regimen: Regimen, minutes: Decimal, close: Decimal) -> bool:
    """Whether it takes about so long: `close` times longer or shorter at most."""
    assert regimen.duration_min is not None
    longest = regimen.duration_max_min or regimen.duration_min
    return regimen.duration_min / close <= minutes <= longest * close


def reason_of(case: Case) -> str:
    """The reason that the order gives: as written, else by its code. Chart text; empty: none."""
    order = case.order
    if order is None:
        return ""
    return order.reason_text or next((code for _, code in order.reason_codes), "")


def has_unruled_reason(case: Case) -> bool:
    """Whether the order gives a reason that none of the indications, nor their families, are."""
    order = case.order
    if order is None or not reason_of(case) or case.use is not None:
        return False
    if not order.reason_sets.isdisjoint(SUICIDALITY_SETS | FAMILY_SETS):
        return False
    return not concerned((as_diagnosis(order),), case.knowledge)


def switched_off(case: Case) -> Iterator[Indication]:
    """The indications on record, or of the order's reason, that the site has switched off."""
    for ident in case.site.indications_off:
        indication = case.knowledge.indications.get(ident)
        if indication is None or indication.applies is None:
            continue
        applies = judge(indication.applies.when, case)
        if applies.state != "not_met" and applies.source and not applies.unread:
            yield indication
