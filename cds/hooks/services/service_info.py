"""What a service is: its hook, the context it is called with, and what it may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from cds.fhir.queries import QUERIES
from cds.hooks.services.context import DRAFT_ORDERS, PATIENT, ContextField, Scene
from cds.wire import Json

if TYPE_CHECKING:  # a command that only offers the hooks need not load the cards
    from cards.build import Hook
    from cards.model import CardKind

SPECIFICATION = "3.0.0"
"""version of CDS Hooks that is implemented; a 2.0 client works unchanged"""

USAGE = (
    "For licensed clinicians. Advises and never decides. Reads the FHIR R4 data of the prefetch "
    "keys; patient, conditions and medicationRequests are required, by prefetch or through "
    "fhirServer and fhirAuthorization. Anything else that is missing counts as unknown and is "
    "named on the card."
)
_TOKEN = re.compile(r"{{context\.(\w+)}}")


class ServiceInfo(Struct, frozen=True):
    """One service. Raises ValueError for one that contradicts itself."""

    id: str
    """one segment of its URL"""
    hook: str
    """of the CDS Hooks library; there is one service for a hook"""
    title: str
    description: str
    answers: str
    """in a line, what it is asked for"""
    gesture: str
    """what the user does that calls it, as the demo's button says it"""
    context: tuple[ContextField, ...]
    """with `DRAFT_ORDERS` the service is about orders, and silent where none of them matters;
    without, about the patient"""
    cards_as: Hook
    """whose manner its cards have: offered while ordering, the last check at signing, or what is
    worth a word when a chart is opened"""
    candidacy_unasked: bool
    """whether it may point out a candidacy that nobody asked about"""
    cards_off: frozenset[CardKind] = frozenset()
    """kinds of cards that it does not show"""

    def __post_init__(self) -> None:
        if PATIENT.name not in self.required:
            raise ValueError(f"{self.id}: its context must name the patient")
        if self.about_orders == (self.cards_as == "patient-view"):
            raise ValueError(f"{self.id}: cards of patient-view are those without draft orders")
        if "stop" in self.cards_off:
            raise ValueError(f"{self.id}: the stop card can't be switched off")

    @property
    def about_orders(self) -> bool:
        return DRAFT_ORDERS.name in self.required

    @property
    def required(self) -> Sequence[str]:
        """Names of the fields that its context must have."""
        return [field.name for field in self.context if field.required]

    @property
    def request_schema(self) -> str:
        """The name of the schema of its requests."""
        return f"request-{self.hook}"

    def schema(self) -> Json:
        """The schema of its requests: the envelope that all share, and its context."""
        article = "An" if self.hook[0] in "aeiou" else "A"
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{self.request_schema}.json",
            "title": f"{article} {self.hook} request",
            "$ref": "envelope.json",
            "properties": {
                "hook": {"const": self.hook},
                "context": {
                    "required": self.required,
                    "properties": {field.name: field.schema for field in self.context},
                },
            },
        }

    def json(self) -> Json:
        """Its entry in the discovery document."""
        return {
            "id": self.id,
            "hook": self.hook,
            "title": self.title,
            "description": self.description,
            "usageRequirements": USAGE,
            "version": SPECIFICATION,
            "prefetch": dict(self._prefetch()),
        }

    def _prefetch(self) -> Iterator[tuple[str, str]]:
        """The queries that its context can fill in."""
        fields = {field.name for field in self.context}
        for key, query in QUERIES.items():
            if fields.issuperset(_TOKEN.findall(query.template)):
                yield key, query.template

    def context_in(self, scene: Scene) -> Json:
        """The context that a client sends; what the scene does not tell is left out."""
        told = ((field.name, field.sent(scene)) for field in self.context)
        return {name: value for name, value in told if value is not None}
