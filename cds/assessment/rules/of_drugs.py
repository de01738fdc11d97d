"""What the patient takes, is about to be ordered, or does not tolerate."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.partners import drafted, taken
from cds.assessment.rules.answer import Answer, Found, Match, absent, met, said
from cds.assessment.rules.evaluate import answers, answers_of_patient
from cds.chart.entries import Allergy
from cds.history.model.course import MedicationCourse
from cds.knowledge.model.predicates.facts import AllergyTest
from cds.knowledge.model.predicates.treatment import DrugBegun, DrugTest
from cds.orders.model import Order
from cds.terminology.model import Certainty

_SMALL = frozenset({"and", "or", "mild", "moderate", "finding", "disorder"})
"""words beside those of a reaction that make it no other one"""
_FILLS = ("MedicationDispense/", "MedicationAdministration/")


@answers_of_patient(AllergyTest)
def _allergy(test: AllergyTest, case: Case) -> Answer:
    matches = []
    for fact in case.history.allergies:
        named = (
            fact.perhaps & set(test.ingredients)
            if test.misspelt
            else fact.ingredients & set(test.ingredients) or fact.classes & set(test.classes)
        )
        told = " ".join(fact.reactions).lower()
        if not named or fact.active is False:
            continue
        if test.reactions and not any(word in told for word in test.reactions):
            continue
        if (test.only and not _only(test.only, fact)) or _only(test.not_only, fact):
            continue
        remarks: list[str] = [fact.kind if fact.kind != "unknown" else "allergy or intolerance"]
        remarks += ["matched by its text"] if fact.certainty is Certainty.TEXT else []
        remarks += ["unconfirmed", "code and text differ"] if fact.unsaid else []
        # a code says nothing to a reader
        bare = fact.display.isdigit() or fact.unsaid
        title = f"{', '.join(sorted(named))}, {fact.display}" if bare else fact.display
        if test.misspelt:
            title = f"{', '.join(sorted(named))}: “{fact.display}”"
        matches.append(
            Match(
                said(title, *remarks), fact.source, fact.recorded, doubtful=_is_doubtful(test, fact)
            )
        )
    return met(matches) if matches else absent(case, "allergies")


def _is_doubtful(test: AllergyTest, fact: Allergy) -> bool:
    """By a slip of the pen, against its own words, confirmed by nobody, or perhaps over."""
    return test.misspelt or fact.unsaid or fact.unconfirmed or fact.active is None


def _only(words: Iterable[str], fact: Allergy) -> bool:
    """Whether these words tell all of the recorded reactions, and nothing says that they are worse.

    What is said to be an allergy is one, whatever its reaction.
    """
    worse = fact.kind == "allergy" or fact.severe or fact.criticality == "high"
    told = [set(re.findall(r"\w+", reaction.lower())) for reaction in fact.reactions]
    if worse or not told or any(said.isdisjoint(words) for said in told):
        return False
    plain = {*words, *_SMALL}
    entry = set(re.findall(r"\w+", fact.display.lower())) - fact.ingredients
    return all(said <= plain for said in (entry, *told))


class DrugsFound(Struct, Found, frozen=True):
    """The courses that are taken, those that are taken for certain first."""

    courses: tuple[MedicationCourse, ...]


@answers(DrugTest)
def _drug(test: DrugTest, case: Case) -> Answer:
    courses = [course for course in taken(test, case) if not _is_from_the_order(course, case)]
    drafts = [draft for draft in drafted(test, case) if not _is_renewal(draft, case)]
    if not courses and not drafts:
        return _NOT_TAKEN if "medicationRequests" in case.history.answered else _UNSEEN
    found = DrugsFound(tuple(sorted(courses, key=lambda course: not course.current)))
    return met((*map(_of_course, courses), *map(_of_draft, drafts)), found=found)


_NOT_TAKEN = Answer("not_met", found=DrugsFound(()))
_UNSEEN = Answer("unknown", missing=frozenset({"medicationRequests"}), found=DrugsFound(()))


def _is_renewal(draft: Order, case: Case) -> bool:
    """A renewal of the order is no second one; another drug ordered along with it is a partner."""
    return bool(draft.drug and case.order and not case.order.is_duplicated_by(draft))


def _of_course(course: MedicationCourse) -> Match:
    remarks = ["may still be taken"] if course.current is None else []
    remarks += ["matched by its text"] if course.certainty is Certainty.TEXT else []
    text = said(course.ingredient, *remarks)
    return Match(text, course.drug_source, doubtful=course.current is None)


def _of_draft(draft: Order) -> Match:
    """What is only planned speaks against ketamine, and for nothing."""
    text = ", ".join(draft.ingredients) or draft.display
    return Match(said(text, "ordered in this session"), (draft.ref,), doubtful=True)


def _is_from_the_order(course: MedicationCourse, case: Case) -> bool:
    """Whether the chart knows the ordered drug from this very order, or from one in line with it.

    What was dispensed or given of it is no other order either; what the patient reports may be.
    """
    order = case.order
    if order is None or course.ingredient not in order.ingredients:
        return False
    if course.current is None and all(ref in _given_and_over(case) for ref in course.entries):
        return True  # a session of yesterday, and no order
    in_line = order.own | order.linked
    others = [ref for ref in course.entries if ref not in in_line]
    return len(others) < len(course.entries) and all(ref.startswith(_FILLS) for ref in others)


def _given_and_over(case: Case) -> set[str]:
    """The administrations of ketamine that do not run any more."""
    sessions = (s for s in case.history.ketamine_sessions if s.kind == "administration")
    return {ref for session in sessions if not session.in_progress for ref in session.source}


class BegunFound(Struct, Found, frozen=True):
    """The course that began first."""

    first: MedicationCourse | None


@answers_of_patient(DrugBegun)
def _drug_begun(test: DrugBegun, case: Case) -> Answer:
    wanted = frozenset(test.classes)
    begun = [
        (course.start, course)
        for course in case.history.medications
        if course.classes & wanted and course.start is not None
    ]
    if not begun:
        return Answer("unknown", found=BegunFound(None))
    start, first = min(begun, key=lambda pair: (pair[0], pair[1].source))
    found = BegunFound(first)
    if (case.as_of - start).days < test.days:
        return Answer("unknown", looked_at=first.drug_source, found=found)
    return met((Match(said(first.ingredient, str(start)), first.drug_source, start),), found=found)
