"""An indication: what it is called, when it applies, what it asks for, how good the evidence is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from cds.knowledge.model.base import Fact, Record, Texts
from cds.knowledge.model.criteria import (
    AllOf,
    AnyCriterion,
    AnyOf,
    ConditionMatch,
    ConditionPresent,
)

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
    sources: Texts
    status: Literal["seen", "recalled", "proposal"] = "seen"


class RegulatoryStatus(Record):
    """What a regulator says of one form of the drug for this use."""

    form: Literal["ketamine", "esketamine"]
    jurisdiction: Literal["us", "eu"]
    text: str
    sources: Texts
    status: Literal["seen", "recalled", "proposal"] = "seen"


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
    applies: AnyCriterion | None = None
    """None: recognised from the order alone, never from the chart"""
    criteria: tuple[AnyCriterion, ...] = ()
    effect: str | ByForm
    """the size of the effect, in a phrase"""
    counter: str | ByForm
    """what speaks against it, in a phrase"""
    evidence: tuple[Evidence, ...] = ()
    regulatory: tuple[RegulatoryStatus, ...] = ()
    next_step: str
    """what to do instead of, or before, ketamine"""
    trigger_classes: Texts = ()
    """drug classes whose order may draw this indication's card"""
    trigger_procedures: Texts = ()
    trigger_when: tuple[AnyCriterion, ...] = ()
    """what must hold besides the entry criteria for such an order to draw the card"""

    def diagnoses(self) -> Iterator[ConditionPresent]:
        """The diagnoses that make it apply, wherever they stand in `applies`."""
        if self.applies is not None:
            yield from _diagnoses(self.applies)

    def matches(self) -> Iterator[ConditionMatch]:
        """What these diagnoses are told by."""
        return (diagnosis.match for diagnosis in self.diagnoses())

    @cached_property
    def named_sets(self) -> frozenset[str]:
        """The condition sets that make it apply, for certain or perhaps."""
        return frozenset(
            name for match in self.matches() for name in (*match.sets, *match.unconfirmed_sets)
        )


def _diagnoses(spec: AnyCriterion) -> Iterator[ConditionPresent]:
    if isinstance(spec, ConditionPresent):
        yield spec
    elif isinstance(spec, AnyOf | AllOf):
        for part in spec.of:
            yield from _diagnoses(part)
