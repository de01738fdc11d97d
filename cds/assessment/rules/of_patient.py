"""The person, pregnancy, the liver, suicidality."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.liver import anticoagulation, at_least, laboratory, liver_state
from cds.assessment.model import ChartText
from cds.assessment.rules.answer import NOT_MET, Answer, Found, Match, met, said, unknown
from cds.assessment.rules.evaluate import answers, answers_of_patient
from cds.assessment.suicidality import Sign, signs
from cds.chart.entries import Person
from cds.knowledge.model.predicates.facts import (
    LiverTest,
    PersonTest,
    ReproductiveTest,
    SuicidalityTest,
)


class PersonFound(Struct, Found, frozen=True):
    """Whose age and sex were looked at."""

    person: Person


@answers_of_patient(PersonTest)
def _person(test: PersonTest, case: Case) -> Answer:
    person = case.history.person
    parts: list[bool | None] = []
    if test.age_below is not None:
        older = person.aged_at_least(test.age_below)
        parts.append(None if older is None else not older)
    if test.age_at_least is not None:
        parts.append(person.aged_at_least(test.age_at_least))
    if test.sex is not None:
        parts.append(None if person.sex in ("unknown", "other") else person.sex == test.sex)
    found = PersonFound(person)
    if False in parts:
        return Answer("not_met", found=found, looked_at=person.source)
    if None in parts:
        missing = frozenset({"patient"}) - case.history.answered
        source = () if person.ages is None else person.source
        return Answer("unknown", (), missing, found=found, looked_at=source)
    text = f"age {person.aged}" if person.ages is not None else person.sex
    return met((Match(ChartText(text), person.source),), found=found)


@answers_of_patient(ReproductiveTest)
def _reproductive(test: ReproductiveTest, case: Case) -> Answer:
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
    return met((Match(what, source, when, taken_back=back, doubtful=back),))


def _untested(test: ReproductiveTest, case: Case) -> Answer:
    known = case.history.reproductive
    told = [day for day in (known.last_test, known.pregnancy_when) if day is not None]
    recent = any((case.as_of - day).days <= (test.test_within_days or 0) for day in told)
    if known.pregnant or known.hysterectomy_or_sterile:
        return NOT_MET
    if known.pregnancy_possible_why:
        why = ChartText(known.pregnancy_possible_why)
        return met((Match(why, known.pregnancy_source, known.pregnancy_when),))
    if known.contraception or recent:
        return NOT_MET
    last = f"last test {known.last_test}" if known.last_test else "no pregnancy test on record"
    return met((Match(ChartText(last), known.last_test_source, known.last_test),))


@answers_of_patient(LiverTest)
def _liver(test: LiverTest, case: Case) -> Answer:
    if test.laboratory_points is not None:
        return _laboratory(test.laboratory_points, case)
    if test.anticoagulated:
        known = anticoagulation(case.history, case.knowledge)
        return met((Match(ChartText(known[0])),)) if known else _unanticoagulated(case)
    assert test.child_pugh is not None
    state = liver_state(case.history, case.knowledge)
    verdict = at_least(state, test.child_pugh, case.knowledge)
    if verdict is None:
        return Answer("unknown")
    if not verdict:
        return NOT_MET
    return met((Match(said(state.why), state.source),))


def _laboratory(points: int, case: Case) -> Answer:
    found = laboratory(case.history, case.knowledge)
    if found.high < points:
        return NOT_MET
    if found.low < points:
        return Answer("unknown")
    scored = str(found.low) if found.low == found.high else f"{found.low} to {found.high}"
    text = f"{scored} of 9 Child-Pugh points by laboratory"
    return met((Match(ChartText(text), found.source),))


def _unanticoagulated(case: Case) -> Answer:
    unseen = {"conditions", "medicationRequests"} - case.history.answered
    return unknown(*unseen) if unseen else NOT_MET


class SignsFound(Struct, Found, frozen=True):
    """The signs of suicidality, attempts alone where there is one."""

    shown: tuple[Sign, ...]
    every: tuple[Sign, ...]


@answers(SuicidalityTest)
def _suicidality(test: SuicidalityTest, case: Case) -> Answer:
    every = signs(case)
    attempts = tuple(sign for sign in every if sign.kind == "attempt")
    found = SignsFound(attempts or every, every)
    if every:
        # of other signs nobody can say that there was an attempt
        doubtful = test.attempt_only and not attempts
        told = every[:1] if doubtful else every
        return met(
            (Match(ChartText(s.text), s.source, s.when, doubtful=doubtful) for s in told),
            found=found,
        )
    unseen = {"conditions", "observations"} - case.history.answered
    if unseen and test.silence == "unknown":
        return replace(unknown(*unseen), found=found)
    return replace(NOT_MET, found=found)
