"""When a rule applies, said as data: what to look for in a history, an order or a person.

A `Trigger` is exactly one test or one combination of triggers. `cds.assessment.triggers` answers
it for a case with met, not met or unknown; unknown is never read as absent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator

from cds.knowledge.model.base import Record, Texts


class ConditionTest(Record):
    """A diagnosis, by terminology sets and by codes.

    `icd10cm` and `snomed` name codes outright. The exceptions take codes and sets away from what
    only a set brought in, where a set is wider than the rule.
    """

    sets: Texts = ()
    icd10cm: Texts = ()
    """code prefixes, with or without the dot"""
    snomed: Texts = ()
    words: str | None = None
    """of a diagnosis that was written without a code: a regular expression for its text"""
    except_sets: Texts = ()
    except_icd10cm: Texts = ()
    except_snomed: Texts = ()
    status: Literal["current", "any"] = "current"
    """current: active, or of unknown status; any: history, resolved and remission count too"""
    acute: bool = False
    """a short illness: with unknown status it is over after the `acute-illness-days` parameter"""
    within_days: int | None = None
    """since onset, or since it was recorded; a diagnosis without a date counts as recent"""
    older_than_days: int | None = None


class Threshold(Record):
    """A value that matters, e.g. systolic pressure >= 180 mm[Hg]."""

    kind: str
    """observation set"""
    op: Literal[">", ">=", "<", "<="]
    value: Decimal
    unit: str
    """UCUM; `xULN` compares with the upper reference limit, `xLLN` with the lower one"""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class ObservationTest(Record):
    """The latest value of a kind crosses its threshold, or a latest result is one of `results`."""

    thresholds: Annotated[tuple[Threshold, ...], BeforeValidator(_as_list)] = ()
    """any of them"""
    kinds: Texts = ()
    results: Texts = ()
    """normalised results of `kinds`: positive, yes …"""
    within_days: int
    days: int = 1
    """on how many different days, at least; 1 looks at the latest value only"""


class ProcedureTest(Record):
    """A procedure on record that was done, whenever."""

    sets: Texts


class AllergyTest(Record):
    """An allergy or intolerance that is active, or not said to be over."""

    ingredients: Texts = ()
    classes: Texts = ()
    reactions: Texts = ()
    """words in the recorded reactions; none named: any reaction"""
    only: Texts = ()
    """words of which alone every recorded reaction consists, in an entry that is not said to be an
    allergy, severe or of high criticality; none named: any entry"""
    not_only: Texts = ()
    """the same words: any entry but such a one"""
    misspelt: bool = False
    """one whose name is a slip of the pen away from it, instead of one that is named"""


class MedicationTest(Record):
    """A drug taken now, perhaps taken now, or drafted in this session beside the order."""

    classes: Texts = ()
    ingredients: Texts = ()
    except_ingredients: Texts = ()
    with_ingredients: Texts = ()
    """other ingredients of the same product"""
    without_ingredients: Texts = ()
    routes: Texts = ()
    """of the course or the draft; an unknown route counts"""
    except_routes: Texts = ()
    except_forms: Texts = ()
    """words of dose forms, lower case"""


class PersonTest(Record):
    """Age in completed years, and sex. Every part that is given has to hold."""

    age_below: int | None = None
    age_at_least: int | None = None
    sex: Literal["female", "male"] | None = None


class ReproductiveTest(Record):
    """Pregnancy and lactation as the chart has them."""

    state: Literal["pregnant", "lactating", "untested", "lactation_unstated"]
    """untested: not known to be pregnant, sterile or on contraception, and no test in time"""
    test_within_days: int | None = None


class OrderTest(Record):
    """The ketamine order itself."""

    drugs: Texts = ()
    community: bool | None = None
    settings: Texts = ()
    co_ingredients: Texts = ()
    """drugs in the same bag or syringe"""


class SessionTest(Record):
    """Earlier ketamine or esketamine treatment."""

    within_days: int | None = None
    min_duration_h: int | None = None
    """of one administration"""


class LiverTest(Record):
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


class Unexplained(Record):
    """`when` holds, and `unless`, which would explain it, is not known to."""

    when: Trigger
    unless: Trigger


class Together(Record):
    """All of them hold, by facts that lie at most so many days apart."""

    within_days: int
    of: tuple[Trigger, ...]


class Trigger(Record):
    """Exactly one test, or a combination of triggers."""

    all: tuple[Trigger, ...] | None = None
    any: tuple[Trigger, ...] | None = None
    none: tuple[Trigger, ...] | None = None
    two_of: tuple[Trigger, ...] | None = None
    """at least two of them"""
    together: Together | None = None
    unexplained: Unexplained | None = None
    condition: ConditionTest | None = None
    observation: ObservationTest | None = None
    procedure: ProcedureTest | None = None
    allergy: AllergyTest | None = None
    medication: MedicationTest | None = None
    person: PersonTest | None = None
    reproductive: ReproductiveTest | None = None
    order: OrderTest | None = None
    session: SessionTest | None = None
    liver: LiverTest | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Trigger:
        if len(self.model_fields_set) != 1:
            raise ValueError("a trigger is exactly one test or combination")
        return self


class Rule(Record):
    """One row of the research: when it applies, how severe it is there, how severe it is here."""

    basis: Texts
    level: Literal[
        "absolute", "relative", "caution",
        "contraindicated", "avoid", "major", "moderate", "minor", "incompatible", "info",
    ]  # fmt: skip
    """the word of the row"""
    severity: Literal["critical", "warning", "info"]
    when: Trigger
    unless: Trigger | None = None
    """takes the rule back, but only when it is known to hold"""
    withholds_dose: bool = False
    """no dose is suggested while it holds, though it is no more than a warning"""
