"""From an assessment to the few cards that are worth an interruption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cards.candidacy import candidacy_card
from cards.dose import dose_card
from cards.model import Card
from cards.safety import course_card, safety_card
from cards.stop import stop_card
from cards.words import inert
from cds.assessment.model import Assessment
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.wire import Json

Hook = Literal["order-select", "order-sign", "patient-view"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the clinician is doing when the cards are made."""

    hook: Hook
    drafts: Mapping[str, Json]
    """`Type/id` → the draft as the EHR sent it"""


def build(
    assessment: Assessment, occasion: Occasion, knowledge: Knowledge, site: SiteProtocol
) -> tuple[Card, ...]:
    """The cards for ketamine orders, most urgent first, at most `site.max_cards`."""
    ketamine = [order for order in assessment.orders if order.drug is not None]
    final = occasion.hook == "order-sign"
    found: list[Card | None] = []
    first = ketamine[0] if ketamine else None
    found.append(stop_card(assessment.findings, occasion.drafts, first.ref if first else None))
    if ketamine:
        candidacy = candidacy_card(assessment)
        if candidacy and not (final and candidacy.indicator == "info"):
            found.append(candidacy)
        stopped = any(f.stops_dose for f in assessment.findings)
        if not stopped:
            found += [
                dose_card(assessment, order, occasion.drafts, final=final) for order in ketamine
            ]
    found.append(
        safety_card(
            assessment, knowledge, assessment.history.person.id, offer_orders=site.workup_orders
        )
    )
    found.append(course_card(assessment))
    wanted = [card for card in found if card is not None and card.kind not in site.cards_off]
    return fold(wanted, site.max_cards)


def fold(cards: list[Card], limit: int) -> tuple[Card, ...]:
    """The most urgent cards in order; what is past the limit is named in the last one."""
    ranked = sorted(cards, key=lambda card: card.urgency)
    if len(ranked) <= limit:
        return tuple(ranked)
    kept, rest = ranked[:limit], ranked[limit:]
    lines = "\n".join(f"- {inert(card.summary)}" for card in rest)
    kept[-1] = kept[-1].with_detail(f"{len(rest)} more:\n{lines}")
    return tuple(kept)
