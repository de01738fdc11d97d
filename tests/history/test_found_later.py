"""Facts that wait until a rule asks for them: found once, and in no other way to be told apart."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.chart.entries import Person
from cds.history.build import build_history
from cds.history.later import FOUND_LATER, find_later
from cds.history.model.history import History
from cds.history.model.load import OpioidIntake
from cds.wire import Json, decode
from tests.replaced import replace

DAY = fhir_fixtures.ANCHOR
DRAFT = decode((fhir_fixtures.orders() / "ash.json").read_bytes())


def bundle(name: str, **of_patient: object) -> Json:
    read: Json = fhir_fixtures.load(name, DAY)
    for entry in read["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"] |= of_patient
    return read


def history(name: str = "ash") -> History:
    engine = load()
    return build_history(read_chart(engine, bundle(name)), engine.knowledge, DAY)


def there(found: History) -> set[str]:
    """Those of the facts that were found."""

    def is_there(name: str) -> bool:
        try:
            getattr(History, name).__get__(found)
        except AttributeError:
            return False
        return True

    return set(filter(is_there, FOUND_LATER))


def test_a_new_history_has_none_of_them_until_they_are_asked_for() -> None:
    found = history()
    assert there(found) == set()
    assert found.opioids.mme_per_day is not None
    assert there(found) == {"opioids"}
    for name in FOUND_LATER:
        getattr(found, name)
    assert there(found) == FOUND_LATER


def test_each_is_found_once() -> None:
    asked: list[date] = []

    def find(of: History) -> OpioidIntake:
        asked.append(of.as_of)
        return OpioidIntake(None)

    found = find_later(History(DAY, Person("p")), {"opioids": find})
    assert found.opioids is found.opioids
    assert asked == [DAY]


def test_what_breaks_is_asked_for_again() -> None:
    answers: list[Any] = [ValueError(), OpioidIntake(None)]

    def find(of: History) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = find_later(History(DAY, Person("p")), {"opioids": find})
    with pytest.raises(ValueError):
        found.opioids  # noqa: B018
    assert found.opioids == OpioidIntake(None)


SAME: list[Callable[[History], History]] = [
    copy.copy,
    copy.deepcopy,
    lambda found: pickle.loads(pickle.dumps(found)),
    replace,
]


@pytest.mark.parametrize("name", ["ash", "birch", "cedar"])
@pytest.mark.parametrize("copied", SAME)
def test_a_copy_has_them_all_and_equals_it(copied: Callable[[History], History], name: str) -> None:
    found = copied(history(name))
    assert there(found) == FOUND_LATER
    assert found == history(name)


def test_a_history_equals_one_that_was_asked() -> None:
    asked = history()
    for name in FOUND_LATER:
        getattr(asked, name)
    assert asked == history()
    assert repr(asked) == repr(history())


def test_there_are_no_other_names() -> None:
    with pytest.raises(AttributeError, match="opioid_trials"):
        history().opioid_trials  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("of_patient", "asked_for"),
    [({}, FOUND_LATER - {"pain_trials"}), ({"deceasedBoolean": True}, set())],
)
def test_an_order_finds_what_its_rules_ask_for(
    of_patient: dict[str, object], asked_for: set[str]
) -> None:
    chart = read_chart(load(), bundle("ash", **of_patient))
    assert there(assess(load(), chart, DAY, [DRAFT]).assessment.history) == asked_for
