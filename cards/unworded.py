"""Findings that can't be put into their own words, and cards that can't be made.

A fault in one wording costs that one its words, and not its place: a stop stays a stop, with its
suggestions. It is told by its name, with what of the chart it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from cards.lines import line
from cards.model import Card
from cards.words import Spoken, Wording, say
from cds.assessment.model import Assessment, ChartText, Finding
from cds.faults import Faults
from cds.orders.model import Order

_CARDS = {
    "stop": "the reasons for the stop",
    "candidacy": "the candidacy",
    "dose": "the dose",
    "safety": "safety and work-up",
    "course": "the course so far",
    "unasked": "what the ordered drug means for ketamine treatment",
    "topical": "ketamine for the skin",
    "unread": "orders that were not readable",
    "all": "all but the stops",
}
"""Cards as a clinician calls them; what else breaks joins or shortens cards, and hides none"""


def in_words(assessment: Assessment, faults: Faults) -> Assessment:
    """The assessment with every finding one that can be put into words."""
    findings = tuple(
        faults.attempt("finding", finding.id, partial(_spoken, finding), None) or _unworded(finding)
        for finding in assessment.findings
    )
    return replace(assessment, findings=findings)


def _spoken(finding: Finding) -> Finding:
    """The finding with its words beside its parameters, for every card that tells of it."""
    params = Spoken(finding.params)
    say(finding.id, params)
    if _is_missing(finding):  # named in one line with all that is missing
        say("missing-state", params)
    return replace(finding, params=params)


def _unworded(finding: Finding) -> Finding:
    if _is_missing(finding):
        return replace(finding, params={**finding.params, "worded_as": "unworded-state"})
    own = {
        "worded_as": "unworded",
        "name": name_of(finding),
        "stops": finding.severity == "critical",
        "chart": tuple(_chart_texts(finding.params.get("found"))),
    }
    return replace(finding, params={**finding.params, **own})


def words_of(finding: Finding, faults: Faults) -> Wording:
    """Its words, else its name."""
    ways = (partial(say, finding.id, finding.params), partial(_named, finding))
    return faults.first_of("finding", finding.id, ways, Wording(finding.id, finding.id, ()))


def _named(finding: Finding) -> Wording:
    return Wording(name_of(finding), name_of(finding), ())


def _is_missing(finding: Finding) -> bool:
    """Whether the safety card names it among the tests and measurements that are missing."""
    lacks = finding.kind == "missing" and finding.workup is not None
    return lacks and finding.severity != "critical"


def name_of(finding: Finding) -> str:
    """Its id as words: `intracerebral haemorrhage`."""
    return finding.id.removeprefix("order-").replace("-", " ")


def _chart_texts(found: object) -> Iterator[ChartText]:
    """What it rests on, whatever else went wrong with its parameters."""
    for item in found if isinstance(found, tuple | list) else ():
        if isinstance(item, str):
            yield ChartText(item)


def with_faults(
    cards: Sequence[Card], faults: Faults, worth_a_card: Callable[[], bool]
) -> tuple[Card, ...]:
    """The cards with a line on the first that names those which are lacking, or a card of its own.

    Its words stand here and in no template: they are for when those break.
    """
    broken = [_CARDS[name] for name in faults.of("card") if name in _CARDS]
    if not broken:
        return tuple(cards)
    cards = [_only_told(card) if card.kind == "dose" else card for card in cards]
    text = (
        f"Not shown, by a fault of this service: {', '.join(broken)}. See the order and the chart"
        " yourself."
    )
    if cards:
        first, *others = cards
        return first.with_lines((line(text),)), *others
    if not worth_a_card():
        return ()
    summary = "Part of the advice could not be given: see the order and the chart yourself"
    return (Card("safety", summary, "warning", (line(text),), ("not-shown",)),)


def _only_told(dose: Card) -> Card:
    """Without its one click: what should be read before it is lacking."""
    return replace(dose, suggestions=())


def unjudged_cards(orders: Sequence[Order]) -> tuple[Card, ...]:
    """What is said of orders where nothing could be: a fault of ours is told to who asked."""
    if not any(order.drug or order.topical or order.drug_unread for order in orders):
        return ()
    summary = "This service could not judge the order: see the order and the chart yourself"
    text = "By a fault of this service, nothing is known of what speaks against it."
    return (Card("safety", summary, "warning", (line(text),), ("not-judged",)),)
