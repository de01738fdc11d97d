"""Predicates about what a chart says of the patient: diagnoses, results, allergies, procedures."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from cds.knowledge.model.base import Record, Texts
from cds.knowledge.model.declared import NameOf, UpTo
from cds.knowledge.model.names import (
    Age,
    ConditionSets,
    Count,
    DrugClasses,
    FreeWords,
    Icd10cm,
    Ingredients,
    NamedWords,
    ObservationKind,
    ObservationKinds,
    ProcedureSets,
    Snomed,
    Span,
    Unit,
)
from cds.knowledge.model.predicates.base import Predicate

_TOLD_BY = (
    "sets", "icd10cm", "snomed", "words", "unconfirmed_sets",
    "unconfirmed_icd10cm",
)  # fmt: skip


class ConditionTest(Predicate, name="condition", asks_by=_TOLD_BY):
    """A diagnosis, by terminology sets and by codes.

    `icd10cm` and `snomed` name codes outright. `except_*` take away from what only a set brought
    in, where a set is wider than the rule; `not_*` take a diagnosis out however it came in, since
    it means something more specific or is over.

    Doubtful is one that nobody confirmed, of unknown status, that only matches `unconfirmed_*`, or
    that is said to be in remission by one of `ended_by`.
    """

    sets: ConditionSets = ()
    icd10cm: Icd10cm = ()
    """code prefixes, with or without the dot: `G56`, `M48.0`"""
    snomed: Snomed = ()
    words: NamedWords | None = None
    """of a diagnosis that was written without a code"""
    except_sets: ConditionSets = ()
    except_icd10cm: Icd10cm = ()
    except_snomed: Snomed = ()
    not_sets: ConditionSets = ()
    not_icd10cm: Icd10cm = ()
    unconfirmed_sets: ConditionSets = ()
    unconfirmed_icd10cm: Icd10cm = ()
    ended_by: ConditionSets = ()
    """sets that say the disease is in remission; its own words and status may say so as well"""
    status: Literal["current", "any"] = "current"
    """current: active, or of unknown status; any: history, resolved and remission count too"""
    acute: bool = False
    """a short illness: with unknown status it is over after the `acute-illness-days` parameter"""
    lifelong: bool = False
    """one that is over is doubtful, and not gone: the disease does not go away"""
    within_days: Span | None = None
    """since onset, or since it was recorded; a diagnosis without a date counts as recent"""
    older_than_days: Span | None = None
    ordered_for: bool = False
    """the order's reason counts as a diagnosis"""


class Threshold(Record):
    """A value that matters, e.g. systolic pressure >= 180 mm[Hg]."""

    kind: ObservationKind
    """observation set"""
    op: Literal[">", ">=", "<", "<="]
    value: Decimal
    unit: Unit
    """UCUM; `xULN` compares with the upper reference limit, `xLLN` with the lower one"""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class ResultTest(Predicate, name="result", asks_by=("thresholds", "results")):
    """The latest value of a kind crosses its threshold, or a latest result is one of `results`."""

    thresholds: Annotated[tuple[Threshold, ...], BeforeValidator(_as_list)] = ()
    """any of them"""
    kinds: ObservationKinds = ()
    results: Annotated[Texts, NameOf("answer")] = ()
    """normalised results of `kinds`: positive, yes …"""
    within_days: Span | None = None
    window: Annotated[str | None, NameOf("parameter of days")] = None
    """instead: id of the parameter with the days"""
    days: Count = 1
    """on how many different days, at least; 1 looks at the latest value only"""
    one_measure: bool = False
    """the kinds measure one thing: only the newest of all of them counts"""

    @model_validator(mode="after")
    def _one_window(self) -> ResultTest:
        if (self.within_days is None) is (self.window is None):
            raise ValueError("a result is looked for within_days or within a window")
        return self


class OnRecordFor(Predicate, name="on_record_for"):
    """A current diagnosis that began at least `months` ago, by its onset or its first recording."""

    months: Count
    of: tuple[ConditionTest, ...] = ()
    """empty in an indication: the diagnoses that make it apply"""


class ProcedureTest(Predicate, name="procedure", asks_by=("sets",)):
    """A procedure on record that was done, whenever."""

    sets: ProcedureSets
    under_way: bool = False
    """one that is not finished counts as well"""
    silence: Literal["not_met", "unknown"] = "not_met"
    """what none of them on a readable record means"""


class AllergyTest(Predicate, name="allergy", asks_by=("ingredients", "classes")):
    """An allergy or intolerance that is active, or not said to be over."""

    ingredients: Ingredients = ()
    classes: DrugClasses = ()
    reactions: FreeWords = ()
    """words in the recorded reactions; none named: any reaction"""
    only: FreeWords = ()
    """words of which alone every recorded reaction consists, in an entry that is not said to be an
    allergy, severe or of high criticality; none named: any entry"""
    not_only: FreeWords = ()
    """the same words: any entry but such a one"""
    misspelt: bool = False
    """one whose name is a slip of the pen away from it, instead of one that is named"""


class ReproductiveTest(Predicate, name="reproductive"):
    """Pregnancy and lactation as the chart has them."""

    state: Literal["pregnant", "lactating", "untested", "lactation_unstated"]
    """untested: not known to be pregnant, sterile or on contraception, and no test in time"""
    test_within_days: int | None = None


class LiverTest(Predicate, name="liver"):
    """What is known of the liver. Exactly one of the questions is asked."""

    child_pugh: Literal["B", "C"] | None = None
    """the class, or a worse one, as far as the chart allows it"""
    laboratory_points: int | None = None
    """Child-Pugh points of bilirubin, albumin and INR, at least; whatever is diagnosed"""
    anticoagulated: bool | None = None
    """the INR tells of a drug, and not of the liver"""

    @model_validator(mode="after")
    def _exactly_one(self) -> LiverTest:
        if len(self.model_fields_set) != 1:
            raise ValueError("a liver test asks exactly one thing")
        return self


class SuicidalityTest(Predicate, name="suicidality"):
    """A sign of current suicidality: a score, a diagnosis or a recent attempt."""

    attempt_only: bool = False
    """only a recent attempt is a yes; other signs leave it open"""
    silence: Literal["not_met", "unknown"] = "unknown"
    """what no sign means where diagnoses and scores could not all be read"""


class PersonTest(Predicate, name="person", asks_by=("age_below", "age_at_least", "sex")):
    """Age in completed years, and sex. Every part that is given has to hold."""

    age_below: Annotated[Age, Field(ge=1)] | None = None
    age_at_least: Annotated[Age | None, UpTo("age_below", below=True)] = None
    sex: Literal["female", "male"] | None = None
