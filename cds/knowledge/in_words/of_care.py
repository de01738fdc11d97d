"""The words of predicates about what is done with the patient, and about the order."""

from __future__ import annotations

from collections.abc import Iterator

from cds.knowledge.in_words.names import NameOfCode, counted, either, listed_words
from cds.knowledge.in_words.predicate import words_of
from cds.knowledge.in_words.said import Said
from cds.knowledge.model.predicates.care import (
    EncounterTest,
    Judgement,
    OrderTest,
    SessionTest,
    SurgeryPlanned,
)
from cds.knowledge.model.predicates.situation import SituationTest

_PLACES = {
    "icu": "intensive care",
    "operating_room": "the operating room",
    "emergency": "the emergency department",
    "outpatient": "an outpatient clinic",
    "inpatient": "a ward",
    "unstated": "a place that is not stated",
}
_FAMILIES = {"psychiatric": "a psychiatric indication", "seizure": "seizures"}
_ENCOUNTERS = {
    "EMER": "emergency (EMER)",
    "IMP": "inpatient (IMP)",
    "ACUTE": "acute inpatient (ACUTE)",
    "NONAC": "inpatient, not acute (NONAC)",
    "OBSENC": "observation (OBSENC)",
}
"""HL7 ActCode has them"""


@words_of(OrderTest)
def _order(test: OrderTest, name_of: NameOfCode) -> Said:
    places = [_PLACES.get(place, place) for place in test.settings]
    if test.community:
        places.append("the community")
    clauses = [f"an order of {either(test.drugs)}" if test.drugs else "the order"]
    if places:
        clauses.append(f"is for {either(places)}")
    if test.co_ingredients:
        clauses.append(f"has {either(test.co_ingredients)} in the same bag or syringe")
    return Said(" ".join(clauses))


@words_of(SessionTest)
def _session(test: SessionTest, name_of: NameOfCode) -> Said:
    hours = test.min_duration_h
    lasting = "" if hours is None else f", given for at least {counted(hours, 'hour')} at a time"
    days = test.within_days
    when = "" if days is None else f", in the last {counted(days, 'day')}"
    return Said(f"earlier treatment with ketamine or esketamine{lasting}{when}")


@words_of(EncounterTest)
def _encounter(test: EncounterTest, name_of: NameOfCode) -> Said:
    classes = [_ENCOUNTERS.get(each, each) for each in test.classes]
    of = [f"of the class {either(classes)}"] if classes else []
    of += ["in intensive care"] if test.icu else []
    return Said(f"the encounter is {either(of)}")


@words_of(SurgeryPlanned)
def _surgery(test: SurgeryPlanned, name_of: NameOfCode) -> Said:
    return Said(
        "surgery is ordered: a draft for the operating room, or a service whose name has "
        f"{listed_words(test.words)}"
    )


@words_of(Judgement)
def _judgement(test: Judgement, name_of: NameOfCode) -> Said:
    return Said("the clinician judges it: no structured record says it")


@words_of(SituationTest)
def _situation(test: SituationTest, name_of: NameOfCode) -> Said:
    return Said(f"the order is {', and '.join(_situations(test))}")


def _situations(test: SituationTest) -> Iterator[str]:
    if test.drugs:
        yield f"of {either(test.drugs)}"
    if test.settings:
        places = (_PLACES.get(place, place) for place in test.settings)
        yield f"to be given in {either(places)}"
    if test.uses:
        yield f"for {either(test.uses)}"
    yield from _switch(test.treatment, "treatment with a regimen")
    yield from _switch(test.elective, "elective treatment in sessions")
    if test.families:
        families = (_FAMILIES.get(family, family) for family in test.families)
        yield f"for {either(families)}, perhaps beside others"
    if test.only_for is not None:
        yield f"for {either([_FAMILIES.get(test.only_for, test.only_for)])} and nothing else"
    yield from _switch(test.at_home, "for use at home")
    yield from _switch(test.of_days, "an infusion longer than any session")
    if test.says:
        yield f"named or instructed with the words {either(test.says)}"


def _switch(wanted: bool | None, said: str) -> Iterator[str]:
    if wanted is not None:
        yield said if wanted else f"not {said}"
