"""The cards of a chart that was cut for want of time: what was found, and one line that says so."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from cards.lines import Line, line
from cards.model import Card
from cards.parts import told
from cards.words import say
from cds.assessment.cut_short import CUT_SHORT
from cds.assessment.model import Finding, Severity

UNJUDGED = "orders-not-judged"
"""the rule of the line that counts them"""


def with_cut(
    cards: Sequence[Card], findings: Sequence[Finding], *, asked: bool
) -> tuple[Card, ...]:
    """The cards without anything to accept, and with the line, where the chart was cut.

    It stands on the card that shows the finding, else on the first, else on one of its own: nothing
    is silent that was cut. `asked`: an order for ketamine waits for the answer.
    """
    cut = [finding for finding in findings if finding.id == CUT_SHORT]
    if not cut:
        return tuple(cards)
    seen = tuple(replace(card, suggestions=()) for card in cards)
    if any(CUT_SHORT in card.rules for card in seen):
        return seen
    if not seen:
        return (
            _card("warning" if asked else "info", say(CUT_SHORT, cut[0].params).summary, told(cut)),
        )
    first, *others = seen
    lines = told(cut, headed=True)
    return replace(first.with_lines(lines), rules=(*first.rules, CUT_SHORT)), *others


def with_unjudged(cards: Sequence[Card], count: int) -> tuple[Card, ...]:
    """The cards with a line for the orders that were too many to be judged, if there are any."""
    if not count:
        return tuple(cards)
    text = f"Not judged: {count} further order{'s' * (count > 1)}. Select fewer at once."
    if not cards:
        return (Card("safety", text, "warning", (line("Nothing is excluded."),), (UNJUDGED,)),)
    first, *others = cards
    return replace(first.with_lines((line(text),)), rules=(*first.rules, UNJUDGED)), *others


def out_of_time(*, asked: bool) -> tuple[Card, ...]:
    """What is said where nothing could be judged in time."""
    summary = "The chart is too large to be judged in time: see the order and the chart yourself"
    return (_card("warning" if asked else "info", summary, (line("Nothing is excluded."),)),)


def _card(indicator: Severity, summary: str, lines: tuple[Line, ...]) -> Card:
    return Card("safety", summary, indicator, lines, (CUT_SHORT,))
