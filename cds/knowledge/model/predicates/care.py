"""Predicates about what is done with the patient: orders, sessions, encounters, judgement."""

from __future__ import annotations

from typing import Annotated

from cds.knowledge.model.base import Texts
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import Ingredients, NamedWords, OrderedDrugs, Settings, Span
from cds.knowledge.model.predicates.base import Predicate


class OrderTest(Predicate, name="order", asks_by=("community", "settings", "co_ingredients")):
    """The ketamine order itself."""

    drugs: OrderedDrugs = ()
    community: bool | None = None
    settings: Settings = ()
    co_ingredients: Ingredients = ()
    """drugs in the same bag or syringe"""


class SessionTest(Predicate, name="session"):
    """Earlier ketamine or esketamine treatment."""

    within_days: Span | None = None
    min_duration_h: Span | None = None
    """of one administration"""


class EncounterTest(Predicate, name="encounter", asks_by=("classes", "icu")):
    """The encounter in context is of one of these classes, or (`icu`) in intensive care."""

    classes: Annotated[Texts, NameOf("encounter class")] = ()
    icu: bool = False


class SurgeryPlanned(Predicate, name="surgery"):
    """Surgery is ordered: a draft for the operating room, or a service named as an operation."""

    words: NamedWords
    """in the name of an ordered service"""


class Judgement(Predicate, name="judgement"):
    """What no structured record says: only the clinician can tell."""
