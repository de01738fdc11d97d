"""The person, pregnancy, the order itself, procedures, earlier treatment, and the liver."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.liver import anticoagulation, at_least, laboratory, liver_state
from cds.assessment.model import ChartText
from cds.assessment.triggers.answer import NOT_MET, Answer, Match, absent, said, unknown
from cds.knowledge.model.triggers import (
    LiverTest,
    OrderTest,
    PersonTest,
    ProcedureTest,
    ReproductiveTest,
    SessionTest,
)
from cds.terminology.model import Certainty


def person(test: PersonTest, case: Case) -> Answer:
    person = case.history.person
    parts: list[bool | None] = []
    if test.age_below is not None:
        older = person.aged_at_least(test.age_below)
        parts.append(None if older is None else not older)
    if test.age_at_least is not None:
        parts.append(person.aged_at_least(test.age_at_least))
    if test.sex is not None:
        parts.append(None if person.sex in ("unknown", "other") else person.sex == test.sex)
    if False in parts:
        return NOT_MET
    if None in parts:
        return Answer("unknown", (), frozenset({"patient"}) - case.history.answered)
    text = f"age {person.aged}" if person.ages is not None else person.sex
    return Answer("met", (Match(ChartText(text), person.source),))


def reproductive(test: ReproductiveTest, case: Case) -> Answer:
    known = case.history.reproductive
    if test.state == "untested":
        return _untested(test, case)
    if test.state == "lactation_unstated":
        open_ = known.lactating is None and case.history.person.sex != "male"
        return Answer("met" if open_ else "not_met")
    pregnant = test.state == "pregnant"
    state = known.pregnant if pregnant else known.lactating
    when = known.pregnancy_when if pregnant else known.lactation_when
    source = known.pregnancy_source if pregnant else known.lactation_source
    if state is None:
        male = case.history.person.sex == "male"
        return NOT_MET if male else Answer("unknown")
    if not state:
        return NOT_MET
    text = (known.pregnancy_why or "pregnant") if pregnant else "breastfeeding"
    what = said(text, *([when.isoformat()] if when else []))
    back = pregnant and known.pregnancy_taken_back
    return Answer("met", (Match(what, source, when, taken_back=back),))


def _untested(test: ReproductiveTest, case: Case) -> Answer:
    known = case.history.reproductive
    told = [day for day in (known.last_test, known.pregnancy_when) if day is not None]
    recent = any((case.as_of - day).days <= (test.test_within_days or 0) for day in told)
    if known.pregnant or known.hysterectomy_or_sterile:
        return NOT_MET
    if known.pregnancy_possible_why:
        why = ChartText(known.pregnancy_possible_why)
        return Answer("met", (Match(why, known.pregnancy_source, known.pregnancy_when),))
    if known.contraception or recent:
        return NOT_MET
    last = f"last test {known.last_test}" if known.last_test else "no pregnancy test on record"
    return Answer("met", (Match(ChartText(last), known.last_test_source, known.last_test),))


def order(test: OrderTest, case: Case) -> Answer:
    order = case.order
    if order is None or (test.drugs and order.drug not in test.drugs):
        return NOT_MET
    match = Match(said(order.display or "the order"), (order.ref,))
    if test.co_ingredients:
        mixed = sorted(set(order.co_ingredients) & set(test.co_ingredients))
        return (
            Answer("met", (Match(ChartText(", ".join(mixed)), (order.ref,)),)) if mixed else NOT_MET
        )
    if order.setting in test.settings or (test.community and order.community):
        return Answer("met", (match,))
    said_otherwise = order.setting is not None or order.community is not None
    return NOT_MET if said_otherwise else Answer("unknown")


def procedure(test: ProcedureTest, case: Case) -> Answer:
    wanted = frozenset(test.sets)
    matches = []
    for done in case.history.procedures:
        if done.sets & wanted and not done.in_progress:
            title = done.display or ", ".join(sorted(done.sets & wanted)).replace("_", " ")
            remarks = [done.when.isoformat() if done.when else "date unknown"]
            remarks += ["matched by its text"] if done.certainty is Certainty.TEXT else []
            matches.append(Match(said(title, *remarks), done.source, done.when))
    return Answer("met", tuple(matches)) if matches else absent(case, "procedures")


def session(test: SessionTest, case: Case) -> Answer:
    matches = []
    for session in case.history.ketamine_sessions:
        last = session.end or session.when
        if test.within_days is not None and (
            last is None or (case.as_of - last).days > test.within_days
        ):
            continue
        if test.min_duration_h is not None and (
            session.duration_min is None or session.duration_min < test.min_duration_h * 60
        ):
            continue
        text = said(session.drug, *([last.isoformat()] if last else ["date unknown"]))
        matches.append(Match(text, session.source, last))
    return Answer("met", tuple(matches)) if matches else absent(case, "medicationAdministrations")


def liver(test: LiverTest, case: Case) -> Answer:
    if test.laboratory_points is not None:
        return _laboratory(test.laboratory_points, case)
    if test.anticoagulated:
        known = anticoagulation(case.history, case.knowledge)
        return Answer("met", (Match(ChartText(known[0])),)) if known else _unanticoagulated(case)
    assert test.child_pugh is not None
    state = liver_state(case.history, case.knowledge)
    verdict = at_least(state, test.child_pugh, case.knowledge)
    if verdict is None:
        return Answer("unknown")
    if not verdict:
        return NOT_MET
    return Answer("met", (Match(said(state.why), state.source),))


def _laboratory(points: int, case: Case) -> Answer:
    found = laboratory(case.history, case.knowledge)
    if found.high < points:
        return NOT_MET
    if found.low < points:
        return Answer("unknown")
    scored = str(found.low) if found.low == found.high else f"{found.low} to {found.high}"
    text = f"{scored} of 9 Child-Pugh points by laboratory"
    return Answer("met", (Match(ChartText(text), found.source),))


def _unanticoagulated(case: Case) -> Answer:
    unseen = {"conditions", "medicationRequests"} - case.history.answered
    return unknown(*unseen) if unseen else NOT_MET
