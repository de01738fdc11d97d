"""The ledger: who signed a fact, when, and which content; and what that is worth on a day.

A signature is of one content. Once the fact says something else it is unsigned again, but for a
rejection: that stands until the same role signs anew, so that no upgrade brings back a dose that a
committee took away. Of each role the latest signature of what the fact says counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from cds.knowledge.model.base import Fact, Record
from cds.knowledge.review.content import digest

Role: TypeAlias = Literal["pharmacist", "clinician", "committee"]
Decision: TypeAlias = Literal["accepted", "accepted with a remark", "rejected"]
State: TypeAlias = Literal[
    "not reviewed", "reviewed", "changed since it was signed", "review is due", "rejected"
]
UNSIGNED: frozenset[State] = frozenset({"not reviewed", "changed since it was signed", "rejected"})
"""states in which nobody vouches for the fact as it is"""


_WRITTEN_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _a_day(value: object) -> object:
    """`2026-11-03` and nothing else: a bare number would be read as seconds."""
    if isinstance(value, str) and not _WRITTEN_DAY.fullmatch(value):
        raise ValueError(f"`{value}` is no day: write it as 2026-11-03")
    return value


Day = Annotated[date, BeforeValidator(_a_day)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Signature(Record):
    """One decision about one content of a fact."""

    fact: Annotated[str, Field(pattern=r"^[a-z_]+/[\w.-]+$")]
    """`subject/id`"""
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    reviewed_by: Text
    """a name, or a committee"""
    role: Role
    reviewed_on: Day
    decision: Decision
    remark: Text | None = Field(default=None, validate_default=True)
    next_review: Day | None = None
    """the day from which it should be looked at anew"""

    @field_validator("remark")
    @classmethod
    def _remarked(cls, remark: str | None, info: ValidationInfo) -> str | None:
        if remark is None and info.data.get("decision") == "accepted with a remark":
            raise ValueError("it is missing, and the decision is `accepted with a remark`")
        return remark

    @field_validator("next_review")
    @classmethod
    def _later(cls, day: date | None, info: ValidationInfo) -> date | None:
        signed = info.data.get("reviewed_on")
        if day is not None and signed is not None and day <= signed:
            raise ValueError(f"{day} is not after {signed}, the day of the decision")
        return day


@dataclass(frozen=True, slots=True)
class Ledger:
    """Signatures in the order in which they were recorded."""

    signatures: tuple[Signature, ...] = ()
    by_fact: Mapping[str, tuple[Signature, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_fact: dict[str, tuple[Signature, ...]] = {}
        for each in self.signatures:
            by_fact[each.fact] = (*by_fact.get(each.fact, ()), each)
        object.__setattr__(self, "by_fact", by_fact)

    def of(self, subject: str, ident: str) -> tuple[Signature, ...]:
        return self.by_fact.get(f"{subject}/{ident}", ())

    def with_new(self, signatures: Iterable[Signature]) -> Ledger:
        """With those added that it does not have yet."""
        return Ledger(tuple(dict.fromkeys((*self.signatures, *signatures))))

    def decided_again(self, earlier: Signature) -> Signature | None:
        """What the same role decided later and otherwise about what the fact says: that counts."""
        later = [
            each
            for each in self.by_fact.get(earlier.fact, ())
            if (each.role, each.digest) == (earlier.role, earlier.digest)
            and each.reviewed_on > earlier.reviewed_on
        ]
        last = max(later, key=lambda each: each.reviewed_on, default=None)
        return last if last is not None and last.decision != earlier.decision else None

    def over(self, other: Ledger) -> Ledger:
        """This one, and the other for the facts of which this one has no signature."""
        rest = (each for each in other.signatures if each.fact not in self.by_fact)
        return Ledger((*self.signatures, *rest))


NOTHING_SIGNED = Ledger()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the signatures of a fact are worth on a day."""

    state: State
    words: str
    """`recorded as reviewed by pharmacy, 2026-11-03`"""
    signatures: tuple[Signature, ...] = ()
    """those that the state rests on, the latest first"""
    due_since: date | None = None
    """of one whose review is due"""

    @property
    def signed(self) -> bool:
        """Somebody vouches for the fact as it is, though perhaps it is due again."""
        return self.state not in UNSIGNED


def standing(subject: str, fact: Fact, ledger: Ledger, day: date) -> Standing:
    """The review state of a fact, by the signatures that there were on that day."""
    signed = [each for each in ledger.of(subject, fact.id) if each.reviewed_on <= day]
    if not signed:
        return Standing("not reviewed", "not reviewed")
    content = digest(subject, fact)
    decisive = _decisive(signed, content)
    rejected = tuple(each for each in decisive if each.decision == "rejected")
    holding = tuple(each for each in decisive if each.digest == content)
    if rejected:
        since = "" if rejected[0].digest == content else "; changed since"
        return Standing("rejected", f"rejected by {_signed(rejected[0])}{since}", rejected)
    if not holding:
        words = f"changed since it was signed by {_signed(decisive[0])}"
        return Standing("changed since it was signed", words, decisive)
    words = f"recorded as reviewed by {_signed(holding[0])}"
    due = _due(fact, holding)
    if due is not None and due <= day:
        return Standing("review is due", f"{words}; review is due since {due}", holding, due)
    return Standing("reviewed", words, holding)


def _decisive(signatures: Iterable[Signature], content: str) -> tuple[Signature, ...]:
    """Of each role the last signature of this content, else of any other; the latest first.

    A fact may have editions, of which one is signed before it holds.
    """
    by_role: dict[Role, list[Signature]] = {}
    for each in sorted(signatures, key=lambda each: each.reviewed_on):
        by_role.setdefault(each.role, []).append(each)
    last = [
        ([each for each in signed if each.digest == content] or signed)[-1]
        for signed in by_role.values()
    ]
    return tuple(sorted(last, key=lambda each: each.reviewed_on, reverse=True))


def _due(fact: Fact, holding: tuple[Signature, ...]) -> date | None:
    """When it should be looked at: by what the reviewers said, and the fact itself says."""
    said = [each.next_review for each in holding if each.next_review is not None]
    if fact.next_review is not None and holding[0].reviewed_on < fact.next_review:
        said.append(fact.next_review)
    return min(said, default=None)


def _signed(signature: Signature) -> str:
    remarked = signature.remark is not None and signature.decision != "rejected"
    remark = ", with a remark" if remarked else ""
    return f"{signature.reviewed_by}, {signature.reviewed_on}{remark}"
