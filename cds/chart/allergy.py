"""Allergies and intolerances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal

from cds.chart.entries import Allergy, Unread
from cds.chart.naming import name_of
from cds.chart.unread import unread
from cds.chart.verification import NOT_SO, verification
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import (
    NAMELESS,
    as_objects,
    as_text,
    display,
    first_when,
    nameless,
    safe_code,
    status_code,
)
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, DrugMatch, Said
from cds.terminology.text.drug_names import OURS
from cds.wire import Json

_ACTIVE = {"active": True, "confirmed": True, "unconfirmed": True, "inactive": False,
           "resolved": False}  # fmt: skip
"""`confirmed` and `unconfirmed` are DSTU2 statuses of an entry that stands"""
ENDED_BY_STATUS = frozenset(status for status, stands in _ACTIVE.items() if not stands)
_UNCONFIRMED = frozenset({"unconfirmed", "presumed"})
_CRITICALITY = {"crith": "high", "critl": "low", "critu": "unable-to-assess"}


def read_allergy(resource: Json, terminology: Terminology) -> Allergy | Unread:
    """An allergy or intolerance, of any substance."""
    statuses = [
        verification(resource.get("verificationStatus")),
        *(status_code(resource.get(field)) for field in ("clinicalStatus", "status")),
    ]
    concept = resource.get("code") or resource.get("substance")
    refuted = next((status for status in statuses if status in NOT_SO), None)
    recorded = first_when(resource, "recordedDate", "assertedDate")
    if refuted is not None:
        return unread(resource, safe_code(refuted), concept, recorded)
    # the causative substance may stand with the reaction only
    substances = [concept, *(r.get("substance") for r in as_objects(resource.get("reaction")))]
    understood = all(terminology.understands_substance(s) for s in substances if s)
    named = [match for s in substances if s and (match := terminology.substance(s)) is not None]
    told = ""
    if not named and (all(map(nameless, substances)) or not understood):  # "see note"
        told, match = _told(resource, terminology)
        named = [match] if match is not None else []
    if not told and all(map(nameless, substances)):
        return unread(resource, NAMELESS, dated=recorded)
    drugs = [drug for match in named if not match.taken_for for drug in (match, *match.apart)]
    perhaps = frozenset(name for match in named if match.taken_for for name in match.names)
    described = terminology.condition(concept)
    by_text = any(m.certainty is Certainty.TEXT for m in drugs) or (
        not drugs and bool(described) and described.certainty is Certainty.TEXT
    )
    return Allergy(
        ingredients=frozenset(name for match in drugs for name in match.names),
        classes=frozenset(tag for match in drugs for tag in match.classes),
        display=told or _name(substances, terminology),
        active=_active(statuses[1:], drugs),
        source=(reference_of(resource),),
        kind=_kind(resource),
        criticality=_criticality(resource),
        reactions=tuple(
            name
            for reaction in as_objects(resource.get("reaction"))
            for manifestation in as_objects(reaction.get("manifestation"))
            if (name := _manifestation(manifestation))
        ),
        severe=any(
            status_code(reaction.get("severity")) == "severe"
            for reaction in as_objects(resource.get("reaction"))
        ),
        recorded=recorded.day if recorded else None,
        certainty=Certainty.TEXT if by_text else Certainty.CODE,
        sets=described.sets,
        codes=tuple(chain.from_iterable(map(codings, substances))),
        unsaid=described.unsaid or any(match.doubt is Said.DENIED for match in drugs),
        unconfirmed=statuses[0] in _UNCONFIRMED,
        perhaps=perhaps,
        not_understood=not understood and not told,
    )


def _told(resource: Json, terminology: Terminology) -> tuple[str, DrugMatch | None]:
    """Ketamine in the notes or the reaction of an entry that itself names nothing, and the words
    that name it."""
    for text in _remarks(resource):
        match = terminology.substance({"text": text})
        if match is not None and match.names & OURS:
            return text, match
    return "", None


def _remarks(resource: Json) -> Iterator[str]:
    for holder in (resource, *as_objects(resource.get("reaction"))):
        yield from (as_text(note.get("text")) for note in as_objects(holder.get("note")))
        yield as_text(holder.get("description"))
        yield from map(_manifestation, as_objects(holder.get("manifestation")))


def _manifestation(concept: Json) -> str:
    return display(concept.get("concept") or concept)


def _active(statuses: Iterable[str | None], drugs: Iterable[DrugMatch]) -> bool | None:
    """By status; an allergy that its words end is over, whatever the status says."""
    if any(match.doubt is Said.ENDED for match in drugs):
        return False
    return next((_ACTIVE[status] for status in statuses if status in _ACTIVE), None)


def _name(substances: list[object], terminology: Terminology) -> str:
    """What is not tolerated: the entry's own name, else the substances of its reactions."""
    named = [name_of(s, terminology.substance) for s in substances if not nameless(s)]
    return named[0] if not nameless(substances[0]) else ", ".join(dict.fromkeys(named))


def _kind(resource: Json) -> Literal["allergy", "intolerance", "unknown"]:
    stated = status_code(resource.get("type"))
    if stated == "allergy":
        return "allergy"
    return "intolerance" if stated == "intolerance" else "unknown"


def _criticality(resource: Json) -> str | None:
    stated = status_code(resource.get("criticality"))
    return _CRITICALITY.get(stated, stated) if stated else None
