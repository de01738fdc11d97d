"""The words of predicates about what is and was taken."""

from __future__ import annotations

from collections.abc import Iterator

from cds.knowledge.in_words.names import NameOfCode, both, counted, either, plainly
from cds.knowledge.in_words.predicate import words_of
from cds.knowledge.in_words.said import Said
from cds.knowledge.model.predicates.treatment import (
    AdequateTrials,
    Augmentations,
    DrugBegun,
    DrugTest,
    FailedTreatments,
    MedicationHistory,
    OpioidLoad,
    TreatmentCourses,
    TrialClasses,
)
from cds.units import plain

_SCOPE = {
    "site": "counted as the site protocol says",
    "episode": "counted within this episode",
    "lifetime": "counted over the lifetime",
}
_SILENCE = {"not_met": "too few on a readable record mean no", "unknown": "too few leave it open"}


@words_of(DrugTest)
def _drug(test: DrugTest, name_of: NameOfCode) -> Said:
    named = [*(f"a drug of the class {plainly(each)}" for each in test.classes), *test.ingredients]
    drafted = "taken now or drafted in this session" if test.drafts else "taken already"
    return Said(", ".join([f"{either(named)}, {drafted}", *_narrowed(test)]))


def _narrowed(test: DrugTest) -> Iterator[str]:
    if test.except_ingredients:
        yield f"but not {either(test.except_ingredients)}"
    if test.with_ingredients:
        yield f"in one product with {either(test.with_ingredients)}"
    if test.without_ingredients:
        yield f"in no product with {either(test.without_ingredients)}"
    if test.routes:
        yield f"by the route {either(test.routes)}, or by one that is not known"
    if test.except_routes:
        yield f"not by the route {either(test.except_routes)}"
    if test.except_forms:
        yield f"not as {either(test.except_forms)}"


@words_of(DrugBegun)
def _begun(test: DrugBegun, name_of: NameOfCode) -> Said:
    days = counted(test.days, "day")
    return Said(f"a drug of the class {either(test.classes)} was begun at least {days} ago")


@words_of(MedicationHistory)
def _history(test: MedicationHistory, name_of: NameOfCode) -> Said:
    return Said(f"the medication history reaches back at least {counted(test.days, 'day')}")


@words_of(AdequateTrials)
def _trials(test: AdequateTrials, name_of: NameOfCode) -> Said:
    number = (
        "as many as the site asks for" if test.at_least is None else f"at least {test.at_least}"
    )
    said = f"{number} adequate, unanswered antidepressant trials, {_SCOPE[test.scope]}"
    if test.usual_classes:
        said += f"; classes to try otherwise: {both(test.usual_classes)}"
    return Said(said)


@words_of(TrialClasses)
def _trial_classes(test: TrialClasses, name_of: NameOfCode) -> Said:
    return Said(f"adequate antidepressant trials of at least {counted(test.at_least, 'class')}")


@words_of(Augmentations)
def _augmentations(test: Augmentations, name_of: NameOfCode) -> Said:
    return Said(f"at least {counted(test.at_least, 'augmentation trial')} on record")


@words_of(FailedTreatments)
def _failed(test: FailedTreatments, name_of: NameOfCode) -> Said:
    thing = counted(test.at_least, test.count)
    group = plainly(test.group)
    of = f" ({either(test.classes)} alone)" if test.classes else ""
    how = "adequate without response"
    how += ", or not tolerated" if test.intolerance_counts else "; not tolerated does not count"
    return Said(
        f"at least {thing} of the group {group}{of} failed: {how}; {_SILENCE[test.silence]}"
    )


@words_of(TreatmentCourses)
def _courses(test: TreatmentCourses, name_of: NameOfCode) -> Said:
    number = f"at least {counted(test.at_least, 'different drug')}"
    return Said(
        f"{number} of the class {either(test.classes)}, each for at least "
        f"{counted(test.weeks, 'week')}"
    )


@words_of(OpioidLoad)
def _opioid_load(test: OpioidLoad, name_of: NameOfCode) -> Said:
    days = f", for {counted(test.days, 'day')}" if test.days else ""
    high = "" if test.mme is None else f", or opioids of at least {plain(test.mme)} MME a day"
    return Said(f"opioid-tolerant by the thresholds of the FDA for each drug{high}{days}")
