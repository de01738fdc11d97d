"""The words of predicates about what a chart says of the patient."""

from __future__ import annotations

from collections.abc import Iterator

from cds.knowledge.in_words.names import (
    NameOfCode,
    both,
    coded,
    counted,
    either,
    listed_words,
    plainly,
)
from cds.knowledge.in_words.predicate import in_words, words_of
from cds.knowledge.in_words.said import Said
from cds.knowledge.model.predicates.facts import (
    AllergyTest,
    ConditionTest,
    LiverTest,
    OnRecordFor,
    PersonTest,
    ProcedureTest,
    ReproductiveTest,
    ResultTest,
    SuicidalityTest,
    Threshold,
)
from cds.units import plain, unit_in_words

ICD, SNOMED = "ICD-10-CM", "SNOMED CT"
_SILENCE = {
    "not_met": "no entry on a readable record means no",
    "unknown": "no entry leaves it open",
}
_REPRODUCTIVE = {
    "pregnant": "the patient is pregnant",
    "lactating": "the patient is breastfeeding",
    "untested": "pregnancy is possible, and no test excludes it",
    "lactation_unstated": "breastfeeding is possible, and the record does not say",
}
_LIMITS = {"xULN": "times the upper limit of normal", "xLLN": "times the lower limit of normal"}


@words_of(ConditionTest)
def _condition(test: ConditionTest, name_of: NameOfCode) -> Said:
    current = "current " if test.status == "current" else ""
    clauses = [f"a {current}diagnosis of {_diagnoses(test, name_of)}"]
    clauses += _how_it_stands(test)
    clauses += _left_out(test, name_of)
    return Said(", ".join(clauses))


def _diagnoses(test: ConditionTest, name_of: NameOfCode) -> str:
    told_by = [*map(plainly, test.sets)]
    told_by += coded(ICD, test.icd10cm, name_of) + coded(SNOMED, test.snomed, name_of)
    if test.words is not None:
        told_by.append(f"{listed_words(test.words)}, in words without a code")
    unsure = [*map(plainly, test.unconfirmed_sets)]
    unsure += coded(ICD, test.unconfirmed_icd10cm, name_of)
    if unsure:
        told_by.append(f"{either(unsure)} (which leaves it in doubt)")
    return either(told_by)


def _how_it_stands(test: ConditionTest) -> Iterator[str]:
    if test.status == "any":
        yield "whatever its status"
    if test.ordered_for:
        yield "or as the reason of the order"
    if test.within_days is not None:
        yield f"begun or recorded in the last {counted(test.within_days, 'day')}, or without a date"
    if test.older_than_days is not None:
        yield f"older than {counted(test.older_than_days, 'day')}"
    if test.acute:
        yield "as a short illness that is taken to be over after a time when its status is unknown"
    if test.lifelong:
        yield "where one that is over counts as doubtful, since it does not go away"
    if test.ended_by:
        yield f"doubtful where {either(test.ended_by)} says that it is in remission"


def _left_out(test: ConditionTest, name_of: NameOfCode) -> Iterator[str]:
    wider = [*map(plainly, test.except_sets)]
    wider += coded(ICD, test.except_icd10cm, name_of) + coded(SNOMED, test.except_snomed, name_of)
    if wider:
        yield f"but not {either(wider)} unless a code of the rule names it"
    never = [*map(plainly, test.not_sets), *coded(ICD, test.not_icd10cm, name_of)]
    if never:
        yield f"never {either(never)}"


@words_of(ResultTest)
def _result(test: ResultTest, name_of: NameOfCode) -> Said:
    asked = [threshold_in_words(each) for each in test.thresholds]
    if test.kinds:
        asked.append(f"{either(test.kinds)} is {either(test.results)}")
    often = f"on at least {test.days} different days" if test.days > 1 else "at the latest reading"
    clauses = [f"{either(asked)}, {often}"]
    if test.within_days is not None:
        clauses.append(f"in the last {counted(test.within_days, 'day')}")
    if test.window is not None:
        clauses.append(f"within the days of the parameter {test.window}")
    if test.one_measure:
        clauses.append("where only the newest of all of these counts")
    return Said(", ".join(clauses))


def threshold_in_words(threshold: Threshold) -> str:
    """`systolic pressure >= 180 mmHg`."""
    unit = _LIMITS.get(threshold.unit) or unit_in_words(threshold.unit)
    return f"{plainly(threshold.kind)} {threshold.op} {plain(threshold.value)} {unit}".rstrip()


@words_of(OnRecordFor)
def _on_record_for(test: OnRecordFor, name_of: NameOfCode) -> Said:
    of = tuple(in_words(diagnosis, name_of) for diagnosis in test.of)
    of_what = "one of these" if of else "the diagnosis that makes it apply"
    return Said(f"{of_what} is on record for at least {counted(test.months, 'month')}", of)


@words_of(ProcedureTest)
def _procedure(test: ProcedureTest, name_of: NameOfCode) -> Said:
    done = "done or under way" if test.under_way else "done"
    return Said(f"{either(test.sets)} on record, {done}, whenever; {_SILENCE[test.silence]}")


@words_of(AllergyTest)
def _allergy(test: AllergyTest, name_of: NameOfCode) -> Said:
    to = either([*test.ingredients, *(f"the class {plainly(each)}" for each in test.classes)])
    misspelt = ", in a name that is a slip of the pen away from it" if test.misspelt else ""
    clauses = [f"an allergy or intolerance to {to}{misspelt}, not said to be over"]
    if test.reactions:
        clauses.append(f"with a reaction that says {either(test.reactions)}")
    mild = "that is not called an allergy, severe or of high criticality"
    if test.only:
        clauses.append(f"in an entry {mild} and whose reactions say {either(test.only)} alone")
    if test.not_only:
        clauses.append(f"but no entry {mild} and whose reactions say {either(test.not_only)} alone")
    return Said(", ".join(clauses))


@words_of(ReproductiveTest)
def _reproductive(test: ReproductiveTest, name_of: NameOfCode) -> Said:
    days = test.test_within_days
    since = "" if days is None else f", by a test of the last {counted(days, 'day')}"
    return Said(_REPRODUCTIVE[test.state] + since)


@words_of(LiverTest)
def _liver(test: LiverTest, name_of: NameOfCode) -> Said:
    if test.child_pugh is not None:
        return Said(f"liver disease of Child-Pugh class {test.child_pugh} or worse")
    if test.laboratory_points is not None:
        points = test.laboratory_points
        return Said(f"bilirubin, albumin and INR score at least {points} Child-Pugh points")
    tells = "tells of a drug" if test.anticoagulated else "does not tell of a drug"
    return Said(f"the INR {tells}")


@words_of(SuicidalityTest)
def _suicidality(test: SuicidalityTest, name_of: NameOfCode) -> Said:
    sign = (
        "a recent attempt (a score or a diagnosis of suicidality leaves it open)"
        if test.attempt_only
        else "a sign of current suicidality: a score, a diagnosis or a recent attempt"
    )
    return Said(f"{sign}; {_SILENCE[test.silence]}")


@words_of(PersonTest)
def _person(test: PersonTest, name_of: NameOfCode) -> Said:
    asked = []
    if test.age_below is not None:
        asked.append(f"younger than {test.age_below} years")
    if test.age_at_least is not None:
        asked.append(f"{test.age_at_least} years or older")
    if test.sex is not None:
        asked.append(test.sex)
    return Said(f"the patient is {both(asked)}")
