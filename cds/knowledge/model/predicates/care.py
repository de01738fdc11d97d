"""Predicates about what is done with the patient: orders, sessions, encounters, judgement."""

from __future__ import annotations

from cds.knowledge.model.base import Texts
from cds.knowledge.model.predicates.base import Predicate


class OrderTest(Predicate, name="order"):
    """The ketamine order itself."""

    drugs: Texts = ()
    community: bool | None = None
    settings: Texts = ()
    co_ingredients: Texts = ()
    """drugs in the same bag or syringe"""


class SessionTest(Predicate, name="session"):
    """Earlier ketamine or esketamine treatment."""

    within_days: int | None = None
    min_duration_h: int | None = None
    """of one administration"""


class EncounterTest(Predicate, name="encounter"):
    """The encounter in context is of one of these classes, or (`icu`) in intensive care."""

    classes: Texts = ()
    icu: bool = False


class SurgeryPlanned(Predicate, name="surgery"):
    """Surgery is ordered: a draft for the operating room, or a service named as an operation."""

    words: str
    """regular expression over the name of an ordered service, whatever its case"""


class Judgement(Predicate, name="judgement"):
    """What no structured record says: only the clinician can tell."""
