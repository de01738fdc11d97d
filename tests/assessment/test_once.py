"""What is decided once for an order is not decided again for its findings, doses and cards."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType, FunctionType
from typing import Any, TypeVar

import pytest
from order_cases import case, history, offering, read

from cards.build import Occasion, build
from cds.assessment import amounts, indicated, purpose, weight
from cds.assessment.assess import assess
from cds.assessment.cases import case_of
from cds.assessment.dose import propose
from cds.assessment.indicated import indicated_for
from cds.assessment.model import Assessment, Candidacy, Finding
from cds.assessment.order_check import check
from cds.assessment.order_check.situation import Situation
from cds.assessment.use import decide_use
from cds.assessment.weight import read_build, read_weight
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol

Result = TypeVar("Result")
COUNTED = (case_of, check, decide_use, indicated_for, read_build, read_weight)
KETAMINE = {"order": "35 mg IV over 40 min"}
SECOND = {"order": "20 mg IV over 40 min", "for": "crps"}
SERTRALINE = {"order": "50 mg daily", "product": "sertraline 50 mg"}
OBESE = {"kg": 120, "cm": 165}
MET = Candidacy("trd-unipolar", ("psy:trd-unipolar",), "met", "supported")
STOP = Finding("pregnancy", "contraindication", "critical", (), stops_dose=True)


def counted(
    run: Callable[[], Result], functions: Iterable[object] = COUNTED
) -> tuple[Result, Counter[str]]:
    """What a function returns, and how often it called each of some others."""
    calls: Counter[str] = Counter()
    names = {f.__code__: f.__qualname__ for f in functions if isinstance(f, FunctionType)}

    def seen(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in names:
            calls[names[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        return run(), calls
    finally:
        sys.setprofile(before)


def assessed(*written: dict[str, Any]) -> Assessment:
    orders = [read(row | {"id": f"draft-{number}"}) for number, row in enumerate(written)]
    return assess(history({}), orders, orders, load_knowledge(), SiteProtocol())


@pytest.mark.parametrize(
    ("orders", "cases", "checks"),
    [
        ((), 1, 0),
        ((KETAMINE,), 1, 1),
        ((KETAMINE, SECOND), 2, 2),
        ((KETAMINE, SERTRALINE), 2, 1),
        ((SERTRALINE,), 2, 0),  # and the patient alone
    ],
    ids=["the patient alone", "one order", "two orders", "another drug too", "another drug alone"],
)
def test_each_order_is_one_case_and_checked_once(
    orders: tuple[dict[str, Any], ...], cases: int, checks: int
) -> None:
    found, calls = counted(lambda: assessed(*orders))
    assert calls["case_of"] == calls["decide_use"] == len(found.cases) == cases
    assert calls["check"] == checks


@pytest.mark.parametrize(
    ("row", "stop", "shown", "checks"),
    [
        ({"order": "IV"}, (), 1, 1),
        ({"order": "IV"} | OBESE, (), 2, 2),  # on actual and ideal weight
        ({"order": "IV"}, (STOP,), 0, 0),
        ({"order": "IV", "kg": None}, (), 0, 0),
    ],
    ids=["a dose", "two doses", "stopped", "no weight"],
)
def test_each_dose_that_is_shown_is_checked_once(
    row: dict[str, Any], stop: tuple[Finding, ...], shown: int, checks: int
) -> None:
    situation = Situation.of(case(row, offering("iv-std-acute")))
    doses, calls = counted(lambda: propose(situation, (MET,), stop))
    assert sum(1 for dose in doses if dose.dose_mg is not None) == shown
    assert calls.pop("check", 0) == checks
    assert not calls  # the patient's weight, build and purpose are those of the order


def test_a_dose_whose_time_no_source_gives_is_none_and_is_not_checked() -> None:
    situation = Situation.of(case({"order": "IV", "for": "neuropathy"}, offering()))
    pain = Candidacy("neuropathic_mixed", ("pain:neuropathic_mixed",), "met", "weak")
    (dose,), calls = counted(lambda: propose(situation, (pain,), ()))
    assert dose.dose_mg is None
    assert dose.why_not == "the infusion time was not read in the source"
    assert not calls


def test_what_a_patient_weighs_and_what_an_order_comes_to_is_found_once() -> None:
    of_order = (amounts._Reader.read, indicated._indicated, purpose._purposes)
    found = (weight._judged, *of_order)
    for orders in ((KETAMINE,), (KETAMINE, SECOND)):
        _, calls = counted(partial(assessed, *orders), found)
        each = {one.__qualname__: len(orders) for one in of_order}
        assert calls == {"_judged": 1} | each


def test_cards_decide_nothing_again() -> None:
    found = assessed(KETAMINE, SECOND)
    cards, calls = counted(lambda: build(found, Occasion("order-select")))
    assert cards
    assert not calls


def test_a_second_reading_of_an_order_is_not_another_draft_beside_it() -> None:
    """Else an order would interact with itself, and with the copy that the session holds."""
    order, again = read(KETAMINE), read(KETAMINE)
    other = read(SECOND | {"id": "draft-2"})
    assert order is not again
    made = case_of(history({}), order, [order, again, other], load_knowledge(), SiteProtocol())
    assert made.drafts == (other,)
