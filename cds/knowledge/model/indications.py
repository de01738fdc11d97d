"""An indication: what it is called, when it applies, what it asks for, how good the evidence is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self, TypeVar

from pydantic import model_validator

from cds.knowledge.model.base import Fact, Record, Sources
from cds.knowledge.model.criteria import Criterion
from cds.knowledge.model.names import DrugClasses, ProcedureSets
from cds.knowledge.model.predicates import Predicate, When
from cds.knowledge.model.predicates.combined import AllOf, AnyOf, Part, of_diagnoses, whole
from cds.knowledge.model.predicates.facts import ConditionTest

Asked = TypeVar("Asked", bound=Predicate)
Family = Literal["psychiatric", "pain", "seizure", "procedure"]
IndicationStance = Literal[
    "supported", "conditional", "weak", "investigational", "not_supported", "icu_only",
    "perioperative", "labelled",
]  # fmt: skip


class Evidence(Record):
    """One finding, for or against, in a phrase with its figures."""

    text: str
    against: bool = False
    grade: str | None = None
    sources: Sources
    status: Literal["seen", "recalled", "proposal"] = "seen"


class RegulatoryStatus(Record):
    """What a regulator says of one form of the drug for this use."""

    form: Literal["ketamine", "esketamine"]
    jurisdiction: Literal["us", "eu"]
    text: str
    sources: Sources


class ByForm(Record):
    """The same said of each form of the drug: evidence of one is no evidence of the other."""

    ketamine: str
    esketamine: str

    def __str__(self) -> str:
        return f"ketamine: {self.ketamine}; esketamine: {self.esketamine}"


def of_form(said: str | ByForm, form: Literal["ketamine", "esketamine"] | None) -> str:
    """What is said of the form; of both, where none is ordered."""
    return str(getattr(said, form) if isinstance(said, ByForm) and form else said)


class Indication(Fact):
    """One use of ketamine. `applies` decides whether it concerns this patient at all."""

    name: str
    short: str
    """for a summary line: `TRD`"""
    family: Family
    stance: IndicationStance
    contested: bool = False
    answers_suicidality: bool = False
    """it heads the card where the order's reason is suicidality"""
    on_problem_list: bool = True
    """False: its diagnosis on a problem list does not show that an order is for it"""
    applies: Criterion | None = None
    """None: recognised from the order alone, never from the chart"""
    criteria: tuple[Criterion, ...] = ()
    effect: str | ByForm
    """the size of the effect, in a phrase"""
    counter: str | ByForm
    """what speaks against it, in a phrase"""
    evidence: tuple[Evidence, ...] = ()
    regulatory: tuple[RegulatoryStatus, ...] = ()
    next_step: str
    """what to do instead of, or before, ketamine"""
    trigger_classes: DrugClasses = ()
    """drug classes whose order may draw this indication's card"""
    trigger_procedures: ProcedureSets = ()
    trigger_when: tuple[When, ...] = ()
    """what must hold besides the entry criteria for such an order to draw the card"""

    @model_validator(mode="after")
    def _of_its_own_diagnoses(self) -> Self:
        """How long something is on record is asked of what makes the indication apply."""
        completed = {
            "applies": self.applies and self._completed(self.applies),
            "criteria": tuple(map(self._completed, self.criteria)),
            "trigger_when": tuple(map(self._completed, self.trigger_when)),
        }
        same = all(getattr(self, name) == value for name, value in completed.items())
        return self if same else self.model_copy(update=completed)

    def _completed(self, asked: Asked) -> Asked:
        found = of_diagnoses(asked, self.conditions)
        assert isinstance(found, type(asked))
        whole(found)
        return found

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """The diagnoses that make it apply, wherever they stand in `applies`."""
        return () if self.applies is None else tuple(_diagnoses(self.applies))

    @cached_property
    def conditions(self) -> tuple[ConditionTest, ...]:
        """What these diagnoses are told by."""
        return tuple(diagnosis.test for diagnosis in self.diagnoses)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis that makes an indication apply."""

    disease: str
    """as a noun: `major depression`"""
    test: ConditionTest


def _diagnoses(part: Predicate) -> Iterator[Diagnosis]:
    if isinstance(part, Part):
        if isinstance(part.when, ConditionTest):
            noun = part.label.removeprefix("a current ").removeprefix("diagnosis of ")
            yield Diagnosis(noun, part.when)
        else:
            yield from _diagnoses(part.when)
    elif isinstance(part, AnyOf | AllOf):
        for inner in part.of:
            yield from _diagnoses(inner)
