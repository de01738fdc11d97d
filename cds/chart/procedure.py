"""Procedures that were done, or are under way."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from cds.chart.entries import Procedure, Unread
from cds.chart.ketamine_care import read_ketamine_care
from cds.chart.naming import name_of
from cds.chart.standing import PLANNED, standing
from cds.chart.unread import unread
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import NAMELESS, first_when, nameless, status_code, when
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.terminology.model import SetMatch
from cds.wire import Json

_NOT_DONE = "its words say that it was not done, or only planned"
_UNDER_WAY = frozenset({"in-progress", "on-hold"})


def read_procedure(resource: Json, terminology: Terminology) -> Procedure | Unread:
    """A procedure, known to the code sets or not."""
    concept = resource.get("code")
    void = standing(resource).why
    status = status_code(resource.get("status"))
    done = (
        when(resource, "performed")
        or when(resource, "occurrence")
        or first_when(resource, "recorded")
    )
    if void is not None:
        return replace(unread(resource, void, concept, done), ahead=status in PLANNED)
    said = terminology.once(_read, concept)
    if said.nameless:
        return unread(resource, NAMELESS, dated=done)
    if said.not_done:
        return replace(unread(resource, _NOT_DONE, concept, done), ahead=True)
    ketamine = read_ketamine_care(resource, said.match.sets)
    return Procedure(
        sets=said.match.sets,
        display=said.display,
        when=done.day if done else None,
        source=(reference_of(resource),),
        in_progress=status in _UNDER_WAY,
        certainty=said.match.certainty,
        codes=said.codes,
        ketamine=ketamine,
        not_understood=ketamine is None and not said.understood,
    )


class _Said(NamedTuple):
    """What a procedure is by its code and its words, whoever had it."""

    nameless: bool
    not_done: bool
    match: SetMatch
    display: str
    codes: tuple[tuple[str, str], ...]
    understood: bool


def _read(terminology: Terminology, concept: object) -> _Said:
    match = terminology.procedure(concept)
    return _Said(
        nameless=nameless(concept),
        not_done=terminology.procedure_not_done(concept),
        match=match,
        display=name_of(concept, lambda one: terminology.procedure(one).sets & match.sets),
        codes=tuple(codings(concept)),
        understood=terminology.understands_procedure(concept),
    )
