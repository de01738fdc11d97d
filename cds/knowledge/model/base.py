"""What every fact of the knowledge carries."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)

from cds.knowledge.model.declared import NameOf, Words


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _codes(value: object) -> object:
    return list(value) if isinstance(value, dict) else _as_list(value)


def _web_address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError(f"`{value}` is no link: write one that begins with https://")
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Codes = Annotated[tuple[str, ...], BeforeValidator(_codes)]
"""written as a mapping, each code with its name: `{I71: Aortic aneurysm and dissection}`; the name
is for the reader, and the check compares it with that of the code system"""
Sources = Annotated[Texts, NameOf("source")]
SourceKind = Literal[
    "label", "regulator", "law", "guideline", "review", "trial", "observational", "pharmacology",
    "protocol", "payer", "instrument", "code table", "reference", "website", "project",
]  # fmt: skip
Status = Literal["seen", "recalled", "proposal"]
"""seen: read in its source; recalled: known, not found there; proposal: a default of ours."""


def no_switch(model: type[BaseModel], value: Any, info: ValidationInfo) -> Any:
    """A value as it is, but `true` for what is no switch: Python counts it as 1."""
    field = model.model_fields[info.field_name or ""]
    if isinstance(value, bool) and field.annotation is not bool:
        raise ValueError("must not be true or false")
    return value


class Record(BaseModel):
    """A typed, frozen, closed record."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Itself(Record):
    """A record that equals itself alone, and so may key what was found of it: to compare all that
    it asks, each time that it is asked, costs more than most answers."""

    @classmethod
    def __pydantic_init_subclass__(cls, **others: Any) -> None:
        super().__pydantic_init_subclass__(**others)
        # here, since pydantic gives each frozen class a hash of its values
        type.__setattr__(cls, "__eq__", object.__eq__)
        type.__setattr__(cls, "__hash__", object.__hash__)


class Fact(Record):
    """One clinical fact.

    `basis` names the rows of the research digests that it unites (`psy:C18`, `pain:pregnancy`).
    `verified` is true only when the value was read in its source; an unverified fact may warn or
    ask, and never makes a dose.
    """

    id: str
    basis: Annotated[Texts, NameOf("row of evidence")] = ()
    grade: str | None = None
    sources: Sources = ()
    status: Status
    unverified: str | None = None
    """the part of a seen fact that was recalled or proposed"""
    note: str | None = None
    effective: date | None = None
    """the day from which its source has it so, not the day on which we wrote it; missing: always"""
    until: date | None = None
    """the last day on which it holds"""
    supersedes: Annotated[Texts, Words()] = ()
    """facts of the same subject in whose place it stands from `effective` on"""
    next_review: date | None = None
    """the day from which somebody should have looked at it anew"""

    @property
    def verified(self) -> bool:
        return self.status == "seen"

    @property
    def untold(self) -> frozenset[str]:
        """Fields that mean nothing beside the others of this fact: not told to a reader."""
        return frozenset()

    @property
    def wording(self) -> str | None:
        """The words that a card needs of it, by their id."""
        return None


class Source(Record):
    """A citation. `verified`: the text was read, at the depth stated."""

    id: str
    short: str
    """as a card names it; empty: no source that a reader could look up, and not shown"""
    citation: str
    year: str | None = None
    url: Annotated[str, AfterValidator(_web_address)] | None = None
    verified: bool
    depth: str | None = None
    kind: SourceKind | None = None
    edition: str | None = None
    """which of several editions: `version 18`, `revision 2025`"""
    effective: date | None = None
    """the day from which this edition is in force"""
    read_on: date | None = None
    """when its text was read"""
    max_age_months: Annotated[int, Field(ge=1, le=240)] | None = None
    """how long after `read_on` a dose may rest on it before somebody reads it again"""
    note: str | None = None


class EvidenceRow(Record):
    """One statement of the research, in our words: what `basis` of a fact names.

    `psy:` and `pain:` are the two digests, `upd:` the updates of November 2026, `local:` what a
    site or a newcomer adds.
    """

    id: str
    statement: str
    population: str | None = None
    grade: Literal["R", "A", "B", "C", "D", "N"] | None = None
    """R regulatory, A several trials, B one or small, C observational, D consensus or table, N
    randomised and without benefit"""
    sources: Sources = ()
    status: Status
    unverified: str | None = None
    """the part of a seen row that was recalled or proposed"""
    against: Annotated[Texts, Words()] = ()
    """what speaks against it: each a sentence"""
    note: str | None = None
