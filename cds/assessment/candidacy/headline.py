"""What heads the candidacy card: one indication, its verdict, and the fact that turns it.

The words are the cards'. Here is which wording and its parameters, in several lengths: the first
that fits in a summary is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.candidacy.caveats import Caveat, caveats, under_treatment
from cds.assessment.candidacy.deciding import deciding
from cds.assessment.candidacy.lead import (
    has_unruled_reason,
    lead,
    looks_like,
    reason_of,
    switched_off,
)
from cds.assessment.candidacy.named import how_over
from cds.assessment.candidacy.params import candidacy_params, candidacy_wording
from cds.assessment.candidacy.unruled import unruled_problems
from cds.assessment.case import Case
from cds.assessment.diagnosis import ever, is_reason
from cds.assessment.model import Candidacy, ChartText
from cds.assessment.remission import remission, says_remission
from cds.assessment.underway import treatment_is_current

Params = Mapping[str, object]
_SPEAK_OF_ANY_VERDICT = ("but-score-in-remission", "but-reason-in-remission")
_NONE = "candidacy-none"


class Beside(Struct, frozen=True):
    """Another thing that the line says of this record: an id of a wording with its parameters."""

    id: str
    params: Params
    but: Caveat | None = None
    """what turns the verdict on that other indication"""


class Headline(Struct, frozen=True):
    """The wording of the summary line, and what it is about."""

    id: str
    params: Params
    candidate: Candidacy | None = None
    """the indication that the card is about; None: none was found"""
    reasons: tuple[str, ...] = ()
    """what decided the verdict, in full first"""
    but: tuple[Caveat, ...] = ()
    beside: Beside | None = None
    settled: bool = False
    """the criteria are met, and nothing turns that"""


def headline(judged: Sequence[Candidacy], case: Case) -> Headline:
    """The line over all indications of a record."""
    leading = lead(judged, case)
    if leading is None or candidacy_wording(leading) == _NONE:
        return _nothing(case)
    opening = unmet_reason(case) or _of_another_kind(leading, case)
    if not leading.source:
        return replace(opening or Headline("diagnoses-unread", {}), candidate=leading)
    if opening is None and _of_another_form(leading, case):
        return Headline("indication-of-another-form", _short(leading, case))
    if opening is None or leading.ordered_for:
        return line_of(leading, case, _beside(leading, judged, case))
    return Headline(opening.id, opening.params, leading, beside=_also(leading, case))


def line_of(candidate: Candidacy, case: Case, beside: Beside | None = None) -> Headline:
    """The line of one indication."""
    indication = case.knowledge.indications[candidate.indication]
    found = caveats(candidate, case)
    if candidate.verdict != "met":
        found = tuple(c for c in found if c.id in _SPEAK_OF_ANY_VERDICT)
    return Headline(
        candidacy_wording(candidate),
        candidacy_params(candidate, case),
        candidate,
        deciding(candidate, indication, case),
        found,
        beside,
        settled=candidate.verdict == "met" and not any(c.turns for c in found),
    )


def _of_another_form(candidate: Candidacy, case: Case) -> bool:
    """Nasal esketamine, and nothing psychiatric on record or as its reason."""
    indication = case.knowledge.indications[candidate.indication]
    elsewhere = indication.family != "psychiatric" and not candidate.ordered_for
    return case.drug == "esketamine" and elsewhere and looks_like((), case) == "psychiatric"


def _of_another_kind(candidate: Candidacy, case: Case) -> Headline | None:
    """Ordered for a kind of illness, chronic pain, and all that is on record is of another."""
    return None if candidate.meant or not reason_of(case) else _without_rule(case)


def _without_rule(case: Case) -> Headline:
    return Headline("reason-without-rule", {"given": ChartText(reason_of(case))})


def _short(candidate: Candidacy, case: Case) -> dict[str, object]:
    indication = case.knowledge.indications[candidate.indication]
    return {"short": indication.short, "verdict": candidate.verdict}


def _beside(leading: Candidacy, judged: Sequence[Candidacy], case: Case) -> Beside | None:
    """Beside a met one: what else the reason names and is not supported. Else: what is met, or
    what the site switched off."""
    others = [c for c in judged if c is not leading and c.verdict != "not_applicable"]
    if leading.verdict == "met":
        if (remitted := under_treatment(leading, case)) is not None:
            return Beside("also-under-treatment", {}, remitted)
        named = (c for c in others if c.ordered_for and c.verdict == "not_supported")
        return next((Beside("also-named", _short(c, case)) for c in named), None)
    met = next((c for c in others if c.verdict == "met"), None)
    if met is not None:
        return _also(met, case)
    off = next(switched_off(case), None)
    return Beside("also-off", {"short": off.short}) if off is not None else None


def _also(candidate: Candidacy, case: Case) -> Beside:
    """The verdict of another indication in a clause, with what turns it."""
    turned = next((c for c in caveats(candidate, case) if c.turns), None)
    if candidate.verdict == "met" and turned is not None:
        return Beside("also-but", _short(candidate, case), turned)
    return Beside("also", _short(candidate, case))


def unmet_reason(case: Case) -> Headline | None:
    """A reason that the site switched off, or for which there is no rule."""
    off = next(
        (i for i in switched_off(case) if any(is_reason(test, case) for test in i.conditions)),
        None,
    )
    if off is not None:
        return Headline("reason-switched-off", {"short": off.short})
    return _without_rule(case) if has_unruled_reason(case) else None


def _reason_without_diagnosis(case: Case) -> Headline | None:
    """A reason that the rules know, and that makes no indication apply."""
    order = case.order
    if order is None or not reason_of(case):
        return None
    remitted = says_remission(order.reason_text) or any(
        order.reason_sets & {*test.ended_by}
        for indication in case.knowledge.indications.values()
        for test in indication.conditions
    )
    ident = "reason-in-remission" if remitted else "reason-without-diagnosis"
    return Headline(ident, {"given": ChartText(reason_of(case))})


def _nothing(case: Case) -> Headline:
    """Why no indication heads the card: never "none recorded" where there is more to say."""
    reason = unmet_reason(case) or _reason_without_diagnosis(case)
    if reason is not None:
        return reason
    off = [indication.short for indication in switched_off(case)]
    if off:
        return Headline("indication-switched-off", {"names": off})
    over = next(_over(case), None)
    if over is not None:
        treated = treatment_is_current(case)
        return Headline("indication-over", {"disease": over[0], "how": over[1], "treated": treated})
    problems = unruled_problems(case)
    if problems:
        return Headline("problems-without-rule", {"problems": problems})
    return Headline(_NONE, {})


def _over(case: Case) -> Iterator[tuple[str, str]]:
    """The diseases of better supported indications that are on record only as past."""
    for indication in case.knowledge.indications.values():
        on = indication.id not in case.site.indications_off
        if not on or indication.stance not in ("supported", "conditional"):
            continue
        for diagnosis in indication.diagnoses:
            past = [fact for fact in ever(diagnosis.test, case) if fact.active is False]
            fact = remission(diagnosis.test, case) or next(reversed(past), None)
            if fact is not None and not fact.doubt:
                yield diagnosis.disease, how_over(fact)
