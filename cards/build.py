"""From an assessment to the few cards that are worth an interruption."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from cards.candidacy import candidacy_card
from cards.dose import dose_card
from cards.drafts import Drafts
from cards.model import Card
from cards.safety import course_card, safety_card
from cards.stop import stop_card
from cards.topical import topical_cards
from cards.triggers import trigger_cards, view_cards
from cards.unread_drug import unread_drug_card
from cards.words import inert
from cds.assessment.case import Case
from cds.assessment.model import Assessment
from cds.knowledge.site import SiteProtocol

Hook = Literal["order-select", "order-sign", "patient-view"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the clinician is doing when the cards are made."""

    hook: Hook
    drafts: Drafts = field(default_factory=Drafts)
    candidacy_wanted: bool = True
    """False: a candidacy that nobody asked about was pointed out lately"""


def build(assessment: Assessment, occasion: Occasion) -> tuple[Card, ...]:
    """The cards for ketamine orders, for other orders, or for a chart that was opened."""
    site = assessment.cases[0].site
    if occasion.hook == "patient-view":
        return _on(view_cards(assessment, candidacy_wanted=occasion.candidacy_wanted), site)
    ketamine = [case for case in assessment.cases if case.drug is not None]
    unread = unread_drug_card(assessment.orders, site)
    if ketamine:
        return _ketamine_cards(assessment, ketamine, occasion, unread)
    wanted = occasion.candidacy_wanted and occasion.hook == "order-select"
    cards = _on(trigger_cards(assessment, candidacy_wanted=wanted), site)
    topical = topical_cards(assessment, occasion.drafts)
    more = [card for card in (*topical, unread) if card is not None]
    return fold([*cards, *more], site.max_cards) if more else cards


def _ketamine_cards(
    assessment: Assessment, cases: list[Case], occasion: Occasion, unread: Card | None
) -> tuple[Card, ...]:
    """The most urgent first, at most `site.max_cards`."""
    first, final = cases[0], occasion.hook == "order-sign"
    orders = [case.order for case in cases if case.order is not None]
    stop = stop_card(assessment.findings, occasion.drafts, orders, first.knowledge)
    found: list[Card | None] = [stop]
    candidacy = candidacy_card(assessment, first)
    if candidacy and not (final and candidacy.indicator == "info"):
        found.append(candidacy)
    found += [dose_card(assessment, order, occasion.drafts, final=final) for order in orders]
    found += [safety_card(assessment, first), course_card(assessment), unread]
    wanted = _on((card for card in found if card is not None), first.site)
    return fold(list(wanted), first.site.max_cards)


def _on(cards: Iterable[Card], site: SiteProtocol) -> tuple[Card, ...]:
    """Those of the kinds that the site did not switch off."""
    return tuple(card for card in cards if card.kind not in site.cards_off)


def fold(cards: list[Card], limit: int) -> tuple[Card, ...]:
    """The most urgent cards in order; what is past the limit is named in the last one."""
    ranked = sorted(cards, key=lambda card: card.urgency)
    if len(ranked) <= limit:
        return tuple(ranked)
    kept, rest = ranked[:limit], ranked[limit:]
    lines = "\n".join(f"- {inert(card.summary)}" for card in rest)
    kept[-1] = kept[-1].with_detail(f"{len(rest)} more:\n{lines}")
    return tuple(kept)
