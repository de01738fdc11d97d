"""What is sent: endless calls, of which no two have the same bytes.

The same bytes again and again would flatter whatever is remembered. Some charts of other seeds
stand for all; each call tells them of another patient, so that as a whole none comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from benchmarks import payloads

SELECT = "/cds-services/ketamine-order-select"
SIGN = "/cds-services/ketamine-order-sign"
CHARTS = {"small": 100, "medium": 50, "large": 10}
FEW_CHARTS = 3
"""of the largest sizes"""
LOOK = 900_000_000
"""the number of a call that is only looked at"""
UNRELATED_TO_ONE = 99
"""orders of other drugs for each of ketamine, in the mix"""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. What is not counted is only the way to what is."""

    body: bytes
    path: str = SELECT
    counted: bool = True


Feed = Iterator[Call]
Make = Callable[[int], Feed]
"""A feed from a number on: from one that lies far away, other bytes"""


def plain(kind: str, size: str) -> Make:
    """Orders of one kind, `ketamine` or `unrelated`."""
    charts = _charts(kind, size)

    def feed(first: int) -> Feed:
        for number in count(first):
            yield Call(payloads.other(charts[number % len(charts)], number))

    return feed


def again(size: str) -> Make:
    """What a clinician does: the order is picked, signed, and picked once more. The first time,
    when the chart is new, is not counted."""
    charts = _charts("ketamine", size)
    sessions = [(chart, payloads.signed(chart)) for chart in charts]

    def feed(first: int) -> Feed:
        for number in count(first):
            select, sign = (
                payloads.other(body, number) for body in sessions[number % len(sessions)]
            )
            yield Call(select, counted=False)
            yield Call(sign, SIGN)
            yield Call(select)

    return feed


def mixed(size: str) -> Make:
    """What an EHR sends: one order in a hundred is of ketamine."""
    others, ours = _charts("unrelated", size), _charts("ketamine", size)

    def feed(first: int) -> Feed:
        for number in count(first):
            turn, place = divmod(number, UNRELATED_TO_ONE + 1)
            if place < UNRELATED_TO_ONE:
                chart = others[number % len(others)]
            else:
                chart = ours[turn % len(ours)]
            yield Call(payloads.other(chart, number))

    return feed


def _charts(kind: str, size: str) -> Sequence[bytes]:
    make = {"ketamine": payloads.ketamine, "unrelated": payloads.unrelated}[kind]
    now = payloads.today()
    return [make(now, size, seed) for seed in range(CHARTS.get(size, FEW_CHARTS))]
