"""Cards as CDS Hooks defines them; `json()` leaves out what is not there, never sends null."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from importlib.resources import files
from typing import Literal
from uuid import uuid4

import yaml
from msgspec import Struct
from msgspec.structs import replace

from cards.lines import Line, markdown
from cds.assessment.model import SEVERITY_ORDER, Severity
from cds.faults import Faults
from cds.wire import Json

_Reasons = tuple[Mapping[str, str], ...]
CardKind = Literal["stop", "candidacy", "dose", "safety", "course"]

LACKING = "Not shown, by a fault of this service. See the order and the chart yourself."
"""the text of a card whose own could not be written"""


class Action(Struct, frozen=True):
    """One thing that the EHR does when a suggestion is accepted."""

    type: Literal["create", "update", "delete"]
    description: str
    resource: Json | None = None
    resource_id: str | None = None
    """`Type/id`, for delete"""

    def json(self) -> Json:
        action: Json = {"type": self.type, "description": self.description}
        if self.resource is not None:
            action["resource"] = self.resource
        if self.resource_id is not None:
            action["resourceId"] = self.resource_id
        return action


class Suggestion(Struct, frozen=True):
    """A choice on a card; all of its actions are taken together."""

    label: str
    actions: tuple[Action, ...]
    recommended: bool = False

    @property
    def removes(self) -> bool:
        """Whether it takes orders away, and nothing else."""
        return all(action.type == "delete" for action in self.actions)

    def json(self, uuid: str | None = None) -> Json:
        suggestion: Json = {
            "label": self.label,
            "actions": [action.json() for action in self.actions],
        }
        if uuid is not None:
            suggestion["uuid"] = uuid
        if self.recommended:
            suggestion["isRecommended"] = True
        return suggestion


class Fact(Struct, frozen=True):
    """A fact of the knowledge that a card rests on."""

    path: str
    """its page, below that of the knowledge: `regimens/iv-std-acute`"""
    name: str
    """in words, for a link"""


class Card(Struct, frozen=True):
    """One card, before it gets its uuid."""

    kind: CardKind
    summary: str
    indicator: Severity
    lines: tuple[Line, ...]
    rules: tuple[str, ...]
    """ids of the findings and regimens that it shows, for the audit"""
    suggestions: tuple[Suggestion, ...] = ()
    selection: Literal["at-most-one", "any"] = "at-most-one"
    order: str | None = None
    danger: bool = False
    """it is about what was found in the patient or in the order, and speaks against giving it"""
    withholds: bool = False
    """the order may be dangerous: first among its equals"""
    aside: bool = False
    """it has nothing to choose and warns of nothing: a line of another card says as much"""
    facts: tuple[Fact, ...] = ()
    """what it rests on, where it can be looked up"""

    @property
    def detail(self) -> str:
        """The lines as Markdown; empty when the summary says it all."""
        return markdown(self.lines)

    @property
    def urgency(self) -> tuple[int, bool, bool, int]:
        """Sort key: the indicator, orders that may be dangerous, dangers, then the kinds."""
        kinds: tuple[CardKind, ...] = ("stop", "candidacy", "dose", "safety", "course")
        severity, kind = SEVERITY_ORDER[self.indicator], kinds.index(self.kind)
        return severity, not self.withholds, not self.danger, kind

    def json(self) -> Json:
        """The card without what it gets when it is sent: the same chart says the same."""
        told = self.least()
        if self.lines:
            told["detail"] = self.detail
        if self.suggestions:
            told["suggestions"] = [suggestion.json() for suggestion in self.suggestions]
        return told

    def least(self) -> Json:
        """What there is of it in any case."""
        return {"summary": self.summary, "indicator": self.indicator, "kind": self.kind}

    def with_lines(self, more: Iterable[Line]) -> Card:
        return replace(self, lines=(*self.lines, *more))


class Sender(Struct, frozen=True):
    """What makes cards this service's own: its name, its link, and fresh uuids."""

    label: str = "Ketamine CDS"
    url: str | None = None
    new_uuid: Callable[[], str] = lambda: str(uuid4())

    def json(self, card: Card, faults: Faults | None = None) -> Json:
        """The card as it goes out. `faults` takes what of it broke, which is lacking then."""
        faults = faults if faults is not None else Faults()
        part = partial(faults.attempt, "card")
        sent = self.least(card)
        detail = part("text", lambda: card.detail, LACKING)
        if card.lines:
            sent["detail"] = detail
        sent["source"] = part("source", lambda: self._source(card), sent["source"])
        if reasons := part("override reasons", lambda: _as_json(card), []):
            sent["overrideReasons"] = reasons
        # what would be taken unread is not offered; to take an order away is
        offered = [s for s in card.suggestions if detail is not LACKING or s.removes]
        told = (part("suggestions", partial(self._suggestion, each), None) for each in offered)
        if suggestions := [each for each in told if each is not None]:
            sent["suggestions"] = suggestions
            sent["selectionBehavior"] = card.selection
        if links := part("links", lambda: self._links(card), []):
            sent["links"] = links
        return sent

    def least(self, card: Card) -> Json:
        """What a card is sent with in any case."""
        return {
            "uuid": self.new_uuid(),
            "summary": card.summary,
            "indicator": card.indicator,
            "source": {"label": self.label},
        }

    def _source(self, card: Card) -> Json:
        if not self.url:
            return {"label": self.label}
        url = self._page(card.facts[0]) if card.facts else self.url
        return {"label": self.label, "url": url}

    def _suggestion(self, suggestion: Suggestion) -> Json:
        return suggestion.json(self.new_uuid())

    def _links(self, card: Card) -> list[Json]:
        if not self.url:
            return []
        return [
            {"label": f"Evidence: {fact.name}", "url": self._page(fact), "type": "absolute"}
            for fact in card.facts
        ]

    def _page(self, fact: Fact) -> str:
        return f"{self.url}/{fact.path}"


def _as_json(card: Card) -> list[Json]:
    return [dict(reason) for reason in override_reasons(card)]


def override_reasons(card: Card) -> tuple[Mapping[str, str], ...]:
    """Codings: those of its kind, after those that answer a finding which it shows."""
    by_kind, by_finding = _override_reasons()
    own = (reason for rule in card.rules for reason in by_finding.get(rule, ()))
    return tuple({reason["code"]: reason for reason in (*own, *by_kind[card.kind])}.values())


@lru_cache(maxsize=1)
def _override_reasons() -> tuple[Mapping[str, _Reasons], Mapping[str, _Reasons]]:
    text = (files("cards") / "override_reasons.yaml").read_bytes()
    document = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
    systems = document["systems"]
    by_kind, by_finding = (
        {
            name: tuple(reason | {"system": systems[reason["system"]]} for reason in reasons)
            for name, reasons in document[part].items()
        }
        for part in ("cards", "findings")
    )
    return by_kind, by_finding
