"""One row of the research: when it applies, how severe it is there, how severe it is here."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Record, Texts
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.predicates.combined import WholeWhen


class Rule(Record):
    """A predicate with its row and its severity."""

    basis: Annotated[Texts, NameOf("row of evidence")]
    level: Literal[
        "absolute", "relative", "caution",
        "contraindicated", "avoid", "major", "moderate", "minor", "incompatible", "info",
    ]  # fmt: skip
    """the word of the row"""
    severity: Literal["critical", "warning", "info"]
    when: WholeWhen
    unless: WholeWhen | None = None
    """takes the rule back, but only when it is known to hold"""
    graver: WholeWhen | None = None
    """what a graver rule says, for certain or with doubt: where it holds, this one is silent"""
    withholds_dose: bool = False
    """no dose is suggested while it holds, though it is no more than a warning"""
