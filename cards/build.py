"""From an assessment to the few cards that are worth an interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from cards.budget import within
from cards.candidacy import candidacy_card
from cards.course import course_card
from cards.cut_short import out_of_time, with_cut
from cards.dose import dose_card
from cards.drafts import Drafts
from cards.lines import Line, Worth, kept, line
from cards.links import with_facts
from cards.model import Card
from cards.notes import Notes, notes, with_good_news
from cards.once import once
from cards.safety import safety_card
from cards.stop import bare_stop, stop_card, wordless_stop
from cards.topical import topical_cards
from cards.triggers import trigger_cards, view_cards
from cards.unread_drug import unread_drug_card
from cards.unworded import with_faults
from cards.words import inert
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Finding
from cds.assessment.relevance import is_relevant
from cds.faults import Faults
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order

Hook = Literal["order-select", "order-sign", "patient-view"]
Cards = tuple[Card, ...]
Makes = Callable[[], Cards]


class Occasion(Struct, frozen=True):
    """What the clinician is doing when the cards are made."""

    hook: Hook
    drafts: Drafts = field(default_factory=Drafts)
    candidacy_wanted: bool = True
    """False: a candidacy that nobody asked about was pointed out lately"""


def build(
    assessment: Assessment, occasion: Occasion, faults: Faults | None = None
) -> tuple[Card, ...]:
    """The cards for ketamine orders, for other orders, or for a chart that was opened.

    `faults` takes what broke. A card that does is lacking, and named; what only puts cards in order
    leaves them as they are.
    """
    faults = faults if faults is not None else Faults()
    site = assessment.cases[0].site
    least = [partial(_least, assessment, occasion, stop) for stop in (bare_stop, wordless_stop)]
    every: Makes = partial(_cards, assessment, occasion, faults, least)
    cards: Cards = faults.first_of("card", "all", (every, *least), ())
    cards = faults.attempt("card", "repetitions", lambda: once(cards), cards)
    cards = faults.attempt("card", "length", lambda: within(cards, site.max_words), cards)
    cards = tuple(
        faults.attempt("card", "links", partial(with_facts, card, assessment), card)
        for card in cards
    )
    worth = partial(_asked, assessment, occasion)
    cards = faults.attempt("card", "faults", lambda: with_faults(cards, faults, worth), cards)
    return _cut(cards, assessment, occasion, faults)


def _cut(cards: Cards, assessment: Assessment, occasion: Occasion, faults: Faults) -> Cards:
    """As `with_cut` has them; where that breaks, nothing to accept, and a line at least."""
    case, orders = assessment.cases[0], assessment.orders
    ours = any(is_relevant(order, case.knowledge, case.site) for order in orders)
    if not assessment.history.cut or not (ours or occasion.hook == "patient-view"):
        return cards
    asked = any(order.drug is not None for order in orders)
    whole = partial(with_cut, cards, assessment.findings, asked=asked)
    bare = tuple(replace(card, suggestions=()) for card in cards)
    return faults.attempt("card", "cut", whole, (*bare, *out_of_time(asked=asked)))


def without_chart(orders: Sequence[Order], site: SiteProtocol, faults: Faults) -> tuple[Card, ...]:
    """What is said where no chart was looked at: of which orders not even the drug is known."""
    card = faults.attempt("card", "unread", partial(unread_drug_card, orders, site), None)
    cards = (card,) if card is not None else ()
    return with_faults(cards, faults, lambda: any(order.drug_unread for order in orders))


def _least(
    assessment: Assessment,
    occasion: Occasion,
    stop: Callable[[Sequence[Finding], Drafts, Sequence[Order]], Card | None],
) -> Cards:
    """The stop of the orders at hand, which is shown whatever breaks.

    What speaks against ketamine stops no order of another drug.
    """
    ketamine = [order for order in assessment.orders if order.drug is not None]
    ours = ketamine or [order for order in assessment.orders if order.topical is not None]
    refs = {order.ref for order in assessment.orders}
    about = [f for f in assessment.findings if ketamine or f.order in refs]
    card = stop(about, occasion.drafts, ours)
    return (card,) if card is not None else ()


def _asked(assessment: Assessment, occasion: Occasion) -> bool:
    """Whether a card that is lacking is worth one that says so: somebody waits for it."""
    if occasion.hook == "patient-view":
        return False
    ours = (order.drug or order.topical or order.drug_unread for order in assessment.orders)
    warned = (f.kind == "interaction" and f.severity != "info" for f in assessment.findings)
    return any(ours) or any(warned)


def _cards(
    assessment: Assessment, occasion: Occasion, faults: Faults, least: Sequence[Makes]
) -> Cards:
    site, make = assessment.cases[0].site, partial(faults.attempt, "card")
    wanted = occasion.candidacy_wanted
    if occasion.hook == "patient-view":
        seen = make("unasked", lambda: view_cards(assessment, candidacy_wanted=wanted), ())
        return _on(seen, site)
    ketamine = [case for case in assessment.cases if case.drug is not None]
    unread = make("unread", lambda: unread_drug_card(assessment.orders, site), None)
    if ketamine:
        return _ketamine_cards(assessment, ketamine, occasion, unread, faults)
    wanted = wanted and occasion.hook == "order-select"
    first_of = partial(faults.first_of, "card")
    triggers: Makes = partial(trigger_cards, assessment, candidacy_wanted=wanted)
    cards: Cards = _on(first_of("unasked", (triggers, *least), ()), site)
    creams: Makes = partial(topical_cards, assessment, occasion.drafts)
    topical: Cards = first_of("topical", (creams, *least), ())
    more = [card for card in (*topical, unread) if card is not None]
    return fold([*cards, *more], site.max_cards) if more else cards


def _ketamine_cards(
    assessment: Assessment,
    cases: list[Case],
    occasion: Occasion,
    unread: Card | None,
    faults: Faults,
) -> tuple[Card, ...]:
    """The most urgent first, at most `site.max_cards`."""
    first, final, make = cases[0], occasion.hook == "order-sign", partial(faults.attempt, "card")
    findings, drafts = assessment.findings, occasion.drafts
    orders = [case.order for case in cases if case.order is not None]
    held = any(finding.stops_dose for finding in findings)
    ways = (stop_card, bare_stop, wordless_stop)
    stops = (partial(way, findings, drafts, orders) for way in ways)
    stop = faults.first_of("card", "stop", stops, None)
    candidacy = make("candidacy", lambda: _candidacy(assessment, first, final=final), None)
    beside = candidacy is not None
    doses = [
        make(
            "dose",
            partial(dose_card, assessment, order, drafts, final=final, held=held, beside=beside),
            None,
        )
        for order in orders
    ]
    safety = make("safety", lambda: safety_card(assessment, first), None)
    course = make("course", lambda: course_card(assessment), None)
    found = [stop, candidacy, *_told_once(doses), safety, course, unread]
    wanted = _on((card for card in found if card is not None), first.site)
    ranked = _without_asides(_as_one(sorted(wanted, key=lambda card: card.urgency)))
    if safety is None and "safety" not in first.site.cards_off:
        ranked = make("safety", lambda: _with_notes(ranked, notes(assessment, first)), ranked)
    return fold(ranked, first.site.max_cards)


def _on(cards: Iterable[Card], site: SiteProtocol) -> tuple[Card, ...]:
    """Those of the kinds that the site did not switch off."""
    return tuple(card for card in cards if card.kind not in site.cards_off)


def _candidacy(assessment: Assessment, case: Case, *, final: bool) -> Card | None:
    """At signing only where it warns; beside a stop without the numbers that it rests on."""
    card = candidacy_card(assessment, case)
    if card is None or (final and card.indicator == "info"):
        return None
    if any(finding.stops_dose for finding in assessment.findings):
        return replace(card, lines=kept(card.lines, Worth.ADVICE))
    return with_good_news(card, assessment)


def _told_once(doses: list[Card | None]) -> list[Card]:
    """Without the dose card of a second draft that says the same."""
    once: dict[tuple[str, tuple[Line, ...]], Card] = {}
    for card in doses:
        if card is not None:
            once.setdefault((card.summary, card.lines), card)
    return list(once.values())


def _as_one(cards: list[Card]) -> list[Card]:
    """What is doubtful about an order that must not be given anyway, on the card that stops it."""
    if not cards or cards[0].kind != "stop":
        return cards
    stop, *others = cards
    for card in (card for card in others if card.kind == "dose"):
        head = line(f"**{inert(card.summary)}**")
        rules = (*stop.rules, *card.rules)
        stop = replace(stop, lines=(*stop.lines, head, *card.lines), rules=rules)
    return [stop, *(card for card in others if card.kind != "dose")]


def _without_asides(cards: list[Card]) -> list[Card]:
    """What is no card of its own as lines of the safety card, else of the last one."""
    whole = [card for card in cards if not card.aside]
    if not whole:
        return cards
    at = next((n for n, card in enumerate(whole) if card.kind == "safety"), len(whole) - 1)
    for card in (card for card in cards if card.aside):
        host, lines = whole[at], (line(inert(card.summary)), *card.lines)
        rules = (*host.rules, *card.rules)
        whole[at] = replace(host, lines=(*host.lines, *lines), rules=rules)
    return whole


def _with_notes(cards: list[Card], notes: Notes) -> list[Card]:
    """The notes on the card of the candidacy, else on the last one, else on one of their own."""
    if not cards:
        alone = notes.card()
        return [alone] if alone is not None else []
    kinds = [card.kind for card in cards]
    at = kinds.index("candidacy") if "candidacy" in kinds else len(cards) - 1
    return [*cards[:at], notes.joined_to(cards[at]), *cards[at + 1 :]]


def fold(cards: list[Card], limit: int) -> tuple[Card, ...]:
    """The most urgent cards in order; what is past the limit is named in the last one."""
    ranked = sorted(cards, key=lambda card: card.urgency)
    if len(ranked) <= limit:
        return tuple(ranked)
    shown, rest = ranked[:limit], ranked[limit:]
    names = (line(f"{len(rest)} more:"), *(line(inert(card.summary)) for card in rest))
    shown[-1] = shown[-1].with_lines(names)
    return tuple(shown)
