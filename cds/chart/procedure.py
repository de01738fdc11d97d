"""Procedures that were done, or are under way."""

from __future__ import annotations

from dataclasses import replace

from cds.chart.entries import Procedure, Unread
from cds.chart.ketamine_care import read_ketamine_care
from cds.chart.naming import name_of
from cds.chart.standing import PLANNED, standing
from cds.chart.unread import unread
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import NAMELESS, first_when, nameless, status_code, when
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
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
    if nameless(concept):
        return unread(resource, NAMELESS, dated=done)
    if terminology.procedure_not_done(concept):
        return replace(unread(resource, _NOT_DONE, concept, done), ahead=True)
    match = terminology.procedure(concept)
    ketamine = read_ketamine_care(resource, match.sets)
    return Procedure(
        sets=match.sets,
        display=name_of(concept, lambda one: terminology.procedure(one).sets & match.sets),
        when=done.day if done else None,
        source=(reference_of(resource),),
        in_progress=status in _UNDER_WAY,
        certainty=match.certainty,
        codes=tuple(codings(concept)),
        ketamine=ketamine,
        not_understood=ketamine is None and not terminology.understands_procedure(concept),
    )
