"""Pregnancy and lactation: the newest evidence decides, and old evidence says nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds.chart.entries import Person, Procedure, Result
from cds.history.reproductive import reproductive_state
from cds.knowledge.load import load_knowledge
from tests.charts.entries import condition
from tests.charts.fhir import AS_OF, ICD10CM

SOURCE = ("Test/1",)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def pregnancy(days=None, clinical="active", sets=("pregnancy_current",), **fields):
    when = None if days is None else ago(days)
    return condition(
        *sets, clinical=clinical, source=SOURCE, onset=when, onset_latest=when, **fields
    )


def pregnancy_test(kind="hcg_urine_qualitative", days=1, concept="negative", **fields):
    return Result(kind, ago(days), SOURCE, concept=frozenset({concept}), **fields)


def state(conditions=(), results=(), procedures=(), sex="female"):
    observations = {}
    for fact in results:
        observations.setdefault(fact.kind, []).append(fact)
    return reproductive_state(
        Person("p", sex=sex),
        tuple(conditions),
        {kind: tuple(facts) for kind, facts in observations.items()},
        (),
        tuple(procedures),
        load_knowledge(),
        AS_OF,
    )


@pytest.mark.parametrize(
    ("conditions", "results", "expected"),
    [
        ([], [], None),
        ([pregnancy(100)], [], True),
        ([pregnancy()], [], True),
        ([pregnancy(300)], [], True),
        ([pregnancy(301)], [], None),
        ([pregnancy(100, "resolved")], [], None),
        ([pregnancy(100, "unknown")], [], True),
        ([pregnancy(None, "unknown")], [], None),
        ([pregnancy(100, history_of=True)], [], None),
        ([pregnancy(10, sets=("postpartum",))], [], False),
        ([pregnancy(200), pregnancy(10, sets=("postpartum",))], [], False),
        ([pregnancy(10), pregnancy(200, sets=("postpartum",))], [], True),
        ([], [pregnancy_test()], False),
        ([], [pregnancy_test(concept="positive")], True),
        ([], [pregnancy_test(days=30)], False),
        ([], [pregnancy_test(days=31)], None),
        ([], [pregnancy_test(days=301, concept="positive")], None),
        ([pregnancy(20, "unknown")], [pregnancy_test(days=2)], False),
        ([pregnancy(2)], [pregnancy_test(days=20)], True),
        ([pregnancy()], [pregnancy_test(days=2)], True),
        ([], [pregnancy_test(days=9, concept="positive"), pregnancy_test(days=2)], False),
        ([], [pregnancy_test(days=2, concept="positive"), pregnancy_test(days=2)], True),
        ([], [pregnancy_test("pregnancy_status", 5, "pregnant")], True),
        ([], [pregnancy_test("pregnancy_status", 5, "not_pregnant")], False),
        ([], [pregnancy_test("pregnancy_status", 5, "possibly_pregnant")], None),
        ([], [pregnancy_test("pregnancy_status", 5, "unknown")], None),
    ],
)
def test_pregnancy(conditions, results, expected):
    assert state(conditions, results).pregnant is expected


@pytest.mark.parametrize(
    ("conditions", "test", "why"),
    [
        ([pregnancy(20)], pregnancy_test(days=19),
         f"pregnancy on the chart of {ago(20)}, negative pregnancy test of {ago(19)}"),
        ([pregnancy(300)], pregnancy_test(days=2),
         f"pregnancy on the chart of {ago(300)}, negative pregnancy test of {ago(2)}"),
        ([pregnancy(100)], pregnancy_test(days=31),
         f"pregnancy on the chart of {ago(100)}, negative pregnancy test, too old for today of"
         f" {ago(31)}"),
        ([pregnancy(100), pregnancy(101, sets=("postpartum",))], pregnancy_test(days=2),
         f"pregnancy on the chart of {ago(100)}, negative pregnancy test of {ago(2)}"),
        # near misses: the entry is newer, not said to be open, closed, or delivered since
        ([pregnancy(20)], pregnancy_test(days=20), None),
        ([pregnancy(20)], pregnancy_test(days=21), None),
        ([pregnancy(20, "unknown")], pregnancy_test(days=2), None),
        ([pregnancy(20, "resolved")], pregnancy_test(days=2), None),
        ([pregnancy(301)], pregnancy_test(days=2), None),
        ([pregnancy(200), pregnancy(10, sets=("postpartum",))], pregnancy_test(days=2), None),
    ],
)  # fmt: skip
def test_a_later_negative_test_contradicts_an_open_entry(conditions, test, why):
    found = state(conditions, [test])
    assert found.pregnancy_taken_back is (why is not None)
    if why:
        assert (found.pregnant, found.pregnancy_why) == (True, why)
        assert len(found.pregnancy_source) == 2


def test_gestational_age_tells_when_it_must_be_over():
    def measured(days, weeks):
        return Result("gestational_age", ago(days), SOURCE, value=weeks, unit="wk")

    assert state(results=[measured(70, 20)]).pregnant is True
    assert state(results=[measured(200, 20)]).pregnant is None


def test_the_state_says_when_and_why():
    found = state([pregnancy(100)])
    assert (found.pregnancy_when, found.pregnancy_source) == (ago(100), SOURCE)
    assert found.pregnancy_why == "pregnancy on the chart"


def test_the_last_test_is_told_even_when_it_is_old():
    found = state(results=[pregnancy_test(days=90)])
    assert (found.pregnant, found.last_test) == (None, ago(90))


def test_a_male_patient_has_no_such_state():
    found = state([pregnancy(10)], sex="male")
    assert (found.pregnant, found.lactating) == (None, None)


@pytest.mark.parametrize(
    ("conditions", "results", "expected"),
    [
        ([pregnancy(30, sets=("breastfeeding",))], [], True),
        ([pregnancy(400, sets=("breastfeeding",))], [], None),
        ([pregnancy(30, "resolved", sets=("breastfeeding",))], [], None),
        ([], [pregnancy_test("lactation_status", 10, "yes")], True),
        (
            [pregnancy(30, sets=("breastfeeding",))],
            [pregnancy_test("lactation_status", 10, "no")],
            False,
        ),
    ],
)
def test_lactation(conditions, results, expected):
    assert state(conditions, results).lactating is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Total abdominal hysterectomy", True),
        ("Bilateral tubal ligation", True),
        ("Family history of hysterectomy", None),
        ("Hysterectomy planned", None),
        ("Hysterectomy, declined", None),
        ("mother had hysterectomy", None),
        ("s/p hysterectomy, no complications", True),
        ("Denies pain; hysterectomy 2010", True),
        ("Hysteroscopy", None),
    ],
)
def test_no_pregnancy_possible(words, expected):
    done = Procedure(frozenset(), words, ago(1000), SOURCE)
    assert state(procedures=[done]).hysterectomy_or_sterile is expected


def test_no_pregnancy_possible_by_code():
    status = condition(codes=((ICD10CM, "Z90.710"),), source=SOURCE)
    assert state([status]).hysterectomy_or_sterile is True


def undated(kind="hcg_urine_qualitative", concept="positive"):
    return Result(kind, None, SOURCE, concept=frozenset({concept}))


def delivery(in_days, told_days=1):
    told = None if told_days is None else ago(told_days)
    return Result("pregnancy_edd", told, SOURCE, day=ago(-in_days))


@pytest.mark.parametrize(
    ("results", "pregnant", "possible"),
    [
        # a positive of unknown date may be of today; a negative one says nothing
        ([undated(), pregnancy_test(days=1)], True, ""),
        ([undated("pregnancy_status", "pregnant")], True, ""),
        ([undated(concept="negative")], None, ""),
        # a delivery that is to come
        ([delivery(180)], True, "delivery expected"),
        ([delivery(0)], True, "delivery expected"),
        ([delivery(-1)], None, ""),
        ([delivery(300)], True, "delivery expected"),
        ([delivery(301)], None, ""),
        ([delivery(180, told_days=None)], True, "delivery expected"),
        ([delivery(180, told_days=60), pregnancy_test(days=1)], False, "delivery expected"),
        ([delivery(-20, told_days=60), pregnancy_test(days=1)], False, ""),
        # a status that leaves it open, and a test of before or after it
        ([pregnancy_test("pregnancy_status", 0, "possibly_pregnant"), pregnancy_test(days=1)],
         None, "pregnancy status uncertain"),
        ([pregnancy_test("pregnancy_status", 2, "possibly_pregnant"), pregnancy_test(days=1)],
         False, ""),
    ],
)  # fmt: skip
def test_a_pregnancy_that_is_possible(results, pregnant, possible):
    found = state(results=results)
    assert found.pregnant is pregnant
    assert found.pregnancy_possible_why.startswith(possible)
    assert bool(found.pregnancy_possible_why) is bool(possible)


def test_an_early_delivery_ends_what_was_expected():
    found = state([pregnancy(10, sets=("postpartum",))], [delivery(30, told_days=60)])
    assert (found.pregnant, found.pregnancy_possible_why) == (False, "")
