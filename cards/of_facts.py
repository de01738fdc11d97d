"""On which cards a fact is told, and in which words: for the page of the fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cards.model import CardKind
from cards.words import has_wording, template_of
from cds.knowledge.model.base import Fact
from cds.knowledge.model.candidacy_rules import CandidacyRule
from cds.knowledge.model.claims import Claim
from cds.knowledge.model.contraindications import Contraindication
from cds.knowledge.model.decisions import Decision
from cds.knowledge.model.failure_definitions import FailureDefinition
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.interactions import Interaction
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.monitoring import MonitoringItem
from cds.knowledge.model.order_checks import OrderCheck
from cds.knowledge.model.regimens import Regimen
from cds.knowledge.model.response import ResponseRule

_SHOWN = ("summary", "found", "detail", "more")
_MARK = re.compile(r"\{\{-?(?P<shown>.*?)-?\}\}|\{%-?(?P<does>.*?)-?%\}", re.DOTALL)
_OF_CODE = re.compile(r"\[[^\]]*\]|\s*\|\s*\w+(\([^)]*\))?|['\"]")
"""places in a list, filters and quotes: nothing for a reader"""


@dataclass(frozen=True, slots=True)
class Told:
    """A card that tells a fact."""

    card: CardKind
    when: str
    words: tuple[str, ...] = ()
    """as the wording has them; what a patient's own facts fill in stands in ‹ ›"""


def cards_of(fact: Fact) -> tuple[Told, ...]:
    """The cards on which a fact is told; none for one that others are computed with."""
    tell = next((tell for kind, tell in _TELLING.items() if isinstance(fact, kind)), None)
    return () if tell is None else tuple(tell(fact))


def why_no_card(fact: Fact) -> str:
    """Of a fact that no card tells: what it is there for."""
    if isinstance(fact, _TO_READ):
        return "No card tells it, and none is computed with it: it is there to be read."
    if isinstance(fact, Interaction) and fact.silent:
        return "No card tells it: it was looked for, and nothing was found."
    return "No card tells it by itself: others are computed or judged with it."


def _reason(fact: Contraindication | Interaction) -> Iterator[Told]:
    if fact.wording is None:
        return
    words = words_of(fact.wording)
    severities = {rule.severity for rule in fact.rules}
    if "critical" in severities:
        yield Told("stop", "where it is critical: nothing may be given", words)
    if severities - {"critical"}:
        yield Told("safety", "where it is a warning, or good to know", words)


def _rule(fact: CandidacyRule) -> Iterator[Told]:
    if fact.wording is None:
        return
    card: CardKind = "stop" if fact.severity == "critical" else "safety"
    card = "course" if fact.kind == "course" else card
    yield Told(card, "where it holds", words_of(fact.wording))


def _indication(fact: Indication) -> Iterator[Told]:
    yield Told("candidacy", "where an order may be for it, or its criteria are newly met")


def _regimen(fact: Regimen) -> Iterator[Told]:
    if fact.suggests == "dose":
        yield Told("dose", "where it fits the order and the patient, with its dose")
    else:
        yield Told("dose", f"never with a dose: {fact.why_none or 'it is known, and not offered'}")


def _check(fact: OrderCheck) -> Iterator[Told]:
    card: CardKind = "stop" if fact.severity == "critical" else "dose"
    yield Told(card, "where an order shows it", words_of(f"order-{fact.id}"))


def _limit(fact: Limit) -> Iterator[Told]:
    words = words_of("order-above-limit")
    if fact.stop_above is not None and not fact.stop_asks:
        yield Told("stop", "where an order is above its stop", words)
    yield Told("dose", "where an order is above a warning, or its stop only asks", words)


def _step(fact: MonitoringItem) -> Iterator[Told]:
    if fact.wording is not None and fact.on_card:
        yield Told("safety", "where it is missing or stale", words_of(fact.wording))
    if fact.is_step and fact.on_card:
        yield Told("safety", "among the steps of a session")
    if fact.patient_text is not None:
        yield Told("dose", "in what the suggested order tells the patient", (fact.patient_text,))


def _response(fact: ResponseRule) -> Iterator[Told]:
    yield Told("course", "where a treatment is under way and it applies")


_TO_READ = (Claim, Decision, FailureDefinition)

_TELLING: dict[type[Fact], Callable[[Any], Iterator[Told]]] = {
    Contraindication: _reason,
    Interaction: _reason,
    CandidacyRule: _rule,
    Indication: _indication,
    Regimen: _regimen,
    OrderCheck: _check,
    Limit: _limit,
    MonitoringItem: _step,
    ResponseRule: _response,
}


def words_of(wording: str) -> tuple[str, ...]:
    """The texts of a wording for a reader: `Do not give: ‹found›`."""
    if not has_wording(wording):
        return ()
    texts = template_of(wording)
    return tuple(filter(None, (readable(texts[name]) for name in _SHOWN if name in texts)))


def readable(template: str) -> str:
    """A template as a reader takes it: what it is given in ‹ ›, what depends on it in [ ].

    >>> readable("{% if unseen %}{{ unseen|join(', ') }} not seen{% else %}empty{% endif %}")
    '[if unseen: ‹unseen› not seen, else: empty]'
    """
    return " ".join(_MARK.sub(_told, template).split()).replace("[ ", "[").replace(" ]", "]")


def _told(mark: re.Match[str]) -> str:
    if mark["shown"] is not None:
        return f"‹{_plain(mark['shown'])}›"
    word, _, rest = mark["does"].strip().partition(" ")
    rest = _plain(rest)
    said = {"if": f"[if {rest}: ", "elif": f", else if {rest}: ", "else": ", else: "}
    said |= {"for": f"[for {rest}: "}
    return said.get(word, "]" if word.startswith("end") else "")


def _plain(expression: str) -> str:
    return _OF_CODE.sub("", expression).replace(" == ", " is ").strip().replace("_", " ")
