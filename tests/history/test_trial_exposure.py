"""One line of time for a drug: what its courses make up, and how long it was taken at what dose."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from trial_courses import START, course, day

from cds.history.model.course import MedicationCourse
from cds.history.trials.exposure import Exposure, Span, exposures
from tests.replaced import replace
from tests.rows import check_each

LINES: list[tuple[str, list[MedicationCourse], dict[str, Any], list[list[tuple[Any, ...]]]]] = [
    # name, courses, how they are read; of each use its steps: first day, day after, dose,
    # and where the end is not known, its latest
    ("one stretch", [course("x", (0, 42, "50 mg/d"))], {}, [[(0, 42, "50")]]),
    ("the same dose goes on", [course("x", (0, 21, "50 mg/d"), (21, 42, "50 mg/d"))], {},
     [[(0, 42, "50")]]),
    ("another dose", [course("x", (0, 21, "50 mg/d"), (21, 42, "75 mg/d"))], {},
     [[(0, 21, "50"), (21, 42, "75")]]),
    ("a day between", [course("x", (0, 21, "50 mg/d"), (22, 42, "50 mg/d"))], {},
     [[(0, 21, "50"), (22, 42, "50")]]),
    ("a gap of 14 days", [course("x", (0, 21, "50 mg/d"), (35, 42, "50 mg/d"))], {},
     [[(0, 21, "50"), (35, 42, "50")]]),
    ("a gap of 15 days", [course("x", (0, 21, "50 mg/d"), (36, 42, "50 mg/d"))], {},
     [[(0, 21, "50")], [(36, 42, "50")]]),
    ("a gap of 13 days where 12 end it", [course("x", (0, 21, "50 mg/d"), (34, 42, "50 mg/d"))],
     {"gap_days": 12}, [[(0, 21, "50")], [(34, 42, "50")]]),
    ("the higher of two on one day",
     [course("x", (0, 30, "50 mg/d")), course("x", (20, 40, "100 mg/d"))], {},
     [[(0, 20, "50"), (20, 40, "100")]]),
    ("the lower within the higher",
     [course("x", (0, 40, "100 mg/d")), course("x", (10, 20, "50 mg/d"))], {},
     [[(0, 40, "100")]]),
    ("an unread dose beside a read one",
     [course("x", (0, 30, None)), course("x", (0, 30, "50 mg/d"))], {}, [[(0, 30, "50")]]),
    ("an unread dose alone", [course("x", (0, 10, "50 mg/d"), (10, 30, None))], {},
     [[(0, 10, "50"), (10, 30, None)]]),
    ("ends later than the day", [course("x", (0, 200, "50 mg/d"))], {}, [[(0, 100, "50")]]),
    ("begins on the day", [course("x", (100, 200, "50 mg/d"))], {}, [[(100, 100, "50")]]),
    ("begins later than the day", [course("x", (101, 200, "50 mg/d"))], {}, []),
    ("renewed on the day, known till then",
     [course("x", (0, 200, "50 mg/d")), course("x", (100, 200, "50 mg/d"))], {},
     [[(0, 100, "50")]]),
    ("renewed on the day, another dose before it",
     [course("x", (0, 99, "50 mg/d")), course("x", (100, 200, "75 mg/d"))], {},
     [[(0, 99, "50"), (100, 100, "75")]]),
    ("nobody knows when it ended", [course("x", (0, 1, "50 mg/d"), end_basis="unknown")], {},
     [[(0, 1, "50", 100)]]),
    ("begun, not for how long", [course("x", (10, 10, "50 mg/d"))], {}, [[(10, 10, "50", 100)]]),
    ("begun within another",
     [course("x", (0, 42, "50 mg/d")), course("x", (10, 10, "75 mg/d"))], {},
     [[(0, 42, "50"), (10, 10, "75", 100)]]),
    ("an unknown end beside a known one",
     [course("x", (0, 9, "50 mg/d"), end_basis="unknown"), course("x", (0, 42, "50 mg/d"))], {},
     [[(0, 42, "50")]]),
    ("of two unknown ends the later",
     [course("x", (0, 9, "50 mg/d"), end_basis="unknown"),
      course("x", (0, 9, "50 mg/d"), end_basis="unknown")], {},
     [[(0, 9, "50", 100)]]),
    ("an unknown end is not joined",
     [course("x", (0, 9, "50 mg/d"), end_basis="unknown"), course("x", (9, 42, "50 mg/d"))], {},
     [[(0, 9, "50", 100), (9, 42, "50")]]),
    ("nor is what it follows",
     [course("x", (0, 9, "50 mg/d")), course("x", (9, 42, "50 mg/d"), end_basis="unknown")], {},
     [[(0, 9, "50"), (9, 42, "50", 100)]]),
    ("an injection acts for 84 days", [course("x", (0, 1, "155 [U]/d"))],
     {"unit": "[U]/d", "unit_names": ["[U]"], "lasts_days": 84}, [[(0, 84, "155")]]),
    ("and not beyond the day", [course("x", (40, 41, "155 [U]/d"))],
     {"unit": "[U]/d", "unit_names": ["[U]"], "lasts_days": 84}, [[(40, 100, "155")]]),
    ("and not less than it was given", [course("x", (0, 90, "155 [U]/d"))],
     {"unit": "[U]/d", "unit_names": ["[U]"], "lasts_days": 84}, [[(0, 90, "155")]]),
    ("and so its end is known", [course("x", (0, 1, "155 [U]/d"), end_basis="unknown")],
     {"unit": "[U]/d", "unit_names": ["[U]"], "lasts_days": 84}, [[(0, 84, "155")]]),
    ("patches by the piece", [course("x", (0, 9, "2 {patch}/d"))],
     {"unit": "{patch}/d", "unit_names": ["{plaster}", "{patch}"]}, [[(0, 9, "2")]]),
    ("no date at all", [course("x"), course("x", (0, 9, "50 mg/d"))], {}, [[(0, 9, "50")], []]),
]  # fmt: skip


def line(*courses: MedicationCourse, **read: Any) -> list[Exposure]:
    read = {"unit": "mg/d", "gap_days": 14, "as_of": day(100), **read}
    return exposures(courses, **read)


def one(*courses: MedicationCourse, **read: Any) -> Exposure:
    (found,) = line(*courses, **read)
    return found


def _offset(when: date) -> int:
    return (when - START).days


def _steps(exposure: Exposure) -> list[tuple[Any, ...]]:
    return [
        (
            _offset(step.start),
            _offset(step.end),
            None if step.dose is None else str(step.dose),
            *([] if step.end_known else [_offset(step.latest_end)]),
        )
        for step in exposure.steps
    ]


def test_lines_of_time() -> None:
    def check(row: Any) -> None:
        _, courses, read, expected = row
        assert [_steps(found) for found in line(*courses, **read)] == expected

    check_each(LINES, check, lambda row: row[0])


def test_the_range_of_a_dose_goes_with_it() -> None:
    ranged = course("x", (0, 10, "25 mg/d"), high="50 mg/d")
    rows: list[tuple[list[MedicationCourse], list[tuple[str, str | None]]]] = [
        ([ranged], [("25", "50")]),
        ([ranged, course("x", (0, 10, "30 mg/d"))], [("30", "50")]),
        ([ranged, course("x", (0, 10, "25 mg/d"), high="75 mg/d")], [("25", "75")]),
        ([ranged, course("x", (10, 20, "25 mg/d"))], [("25", "50"), ("25", None)]),
        ([ranged, course("x", (10, 20, "25 mg/d"), high="50 mg/d")], [("25", "50")]),
    ]

    def check(row: Any) -> None:
        courses, expected = row
        found = [
            (str(s.dose), None if s.high is None else str(s.high)) for s in one(*courses).steps
        ]
        assert found == expected

    check_each(rows, check)


TIMES: list[tuple[str, list[MedicationCourse], str | None, tuple[int, int | None]]] = [
    # name, courses, bar; days at it for certain, and at most
    ("at the bar", [course("x", (0, 42, "50 mg/d"))], "50", (42, 42)),
    ("below", [course("x", (0, 42, "49.9 mg/d"))], "50", (0, 0)),
    ("any dose", [course("x", (0, 42, None))], None, (42, 42)),
    ("an unread dose", [course("x", (0, 42, None))], "50", (0, 42)),
    ("part of it", [course("x", (0, 14, "25 mg/d"), (14, 42, "50 mg/d"))], "50", (28, 28)),
    ("two parts", [course("x", (0, 14, "50 mg/d"), (20, 42, "75 mg/d"))], "50", (36, 36)),
    ("a range with the bar inside", [course("x", (0, 42, "25 mg/d"), high="50 mg/d")], "50",
     (0, 42)),
    ("a range below it", [course("x", (0, 42, "25 mg/d"), high="49 mg/d")], "50", (0, 0)),
    ("an unknown end", [course("x", (0, 9, "50 mg/d"), end_basis="unknown")], "50", (0, 100)),
    ("an unknown end below the bar",
     [course("x", (0, 9, "25 mg/d"), end_basis="unknown")], "50", (0, 0)),
    ("never more than since it began",
     [course("x", (20, 30, "50 mg/d"), end_basis="unknown"), course("x", (30, 60, None))], "50",
     (0, 80)),
    ("a known part and an unknown end",
     [course("x", (0, 28, "50 mg/d"), (28, 30, "50 mg/d"), end_basis="unknown")], "50",
     (28, 100)),
    ("no date", [course("x")], "50", (0, None)),
]  # fmt: skip


def test_time_at_a_dose() -> None:
    def check(row: Any) -> None:
        _, courses, bar, expected = row
        assert one(*courses).time_at(None if bar is None else Decimal(bar)) == Span(*expected)

    check_each(TIMES, check, lambda row: row[0])


STATES: list[tuple[str, list[MedicationCourse], dict[str, Any]]] = [
    ("stopped", [course("x", (0, 42, "50 mg/d"))],
     {"ongoing": False, "end": day(42), "end_known": True, "last_day": day(42)}),
    ("goes on", [course("x", (0, 200, "50 mg/d"), current=True)],
     {"ongoing": True, "end": None, "end_known": True, "last_day": day(100)}),
    ("may go on", [course("x", (0, 42, "50 mg/d"), current=None)],
     {"ongoing": None, "end": day(42)}),
    ("its end is not known", [course("x", (0, 1, "50 mg/d"), end_basis="unknown")],
     {"ongoing": False, "end": None, "end_known": False, "last_day": day(1)}),
    ("the last one tells",
     [course("x", (0, 42, "50 mg/d"), current=True), course("x", (42, 60, "50 mg/d"))],
     {"ongoing": False, "end": day(60)}),
    ("the last one goes on",
     [course("x", (0, 42, "50 mg/d")), course("x", (42, 60, "50 mg/d"), current=True)],
     {"ongoing": True}),
    ("the last one may go on",
     [course("x", (0, 42, "50 mg/d")), course("x", (42, 60, "50 mg/d"), current=None)],
     {"ongoing": None}),
    ("two last ones, one goes on",
     [course("x", (0, 42, "50 mg/d")), course("x", (5, 42, "50 mg/d"), current=True)],
     {"ongoing": True}),
    ("two last ones, one may go on",
     [course("x", (0, 42, "50 mg/d")), course("x", (5, 42, "50 mg/d"), current=None)],
     {"ongoing": None}),
    ("no date", [course("x", current=None)],
     {"ongoing": None, "end": None, "end_known": False, "start": None, "last_day": None,
      "last_course_end": None, "phases": (), "dose_known_throughout": False}),
    ("no date, twice", [course("x"), course("x")], {"ongoing": False, "last_course_end": None}),
    ("no date, stopped", [course("x")], {"ongoing": False, "highest_dose": None}),
    ("every dose is known", [course("x", (0, 9, "25 mg/d"), (9, 20, "50 mg/d"))],
     {"dose_known_throughout": True, "highest_dose": Decimal(50), "at_most": Decimal(50)}),
    ("a range", [course("x", (0, 9, "25 mg/d"), high="75 mg/d"), course("x", (9, 20, "50 mg/d"))],
     {"dose_known_throughout": True, "highest_dose": Decimal(50), "at_most": Decimal(75)}),
    ("one dose is not", [course("x", (0, 9, "50 mg/d"), (9, 20, None))],
     {"dose_known_throughout": False, "highest_dose": Decimal(50), "at_most": None}),
    ("no dose is", [course("x", (0, 9, None))],
     {"dose_known_throughout": False, "highest_dose": None, "at_most": None}),
    ("its end is assumed",
     [course("x", (0, 9, "50 mg/d"), (9, 20, "75 mg/d"), end_basis="assumed")],
     {"assumed_end": True}),
    ("of one of its courses",
     [course("x", (0, 9, "50 mg/d"), end_basis="assumed"), course("x", (9, 20, "75 mg/d"))],
     {"assumed_end": True}),
    ("of none", [course("x", (0, 9, "50 mg/d"))], {"assumed_end": False}),
    ("each source once, as it came",
     [course("x", (0, 9, "50 mg/d"), source=("a", "b")),
      course("x", (9, 20, "75 mg/d"), source=("b", "c"))],
     {"source": ("a", "b", "c")}),
    ("all of it seen given",
     [course("x", (0, 9, "50 mg/d"), (9, 20, "75 mg/d"), evidence="administered")],
     {"administered": True}),
    ("some of it seen given",
     [course("x", (0, 9, "50 mg/d"), evidence="administered"), course("x", (9, 20, "75 mg/d"))],
     {"administered": False}),
    ("none of it", [course("x", (0, 9, "50 mg/d"))], {"administered": False}),
    ("no dispenses", [course("x", (0, 100, "50 mg/d"))], {"covered_by_dispenses": None}),
    ("dispensed for 79 of 100 days", [course("x", (0, 100, "50 mg/d"), covered_days=79)],
     {"covered_by_dispenses": Decimal("0.79")}),
    ("dispensed for more days than it was taken",
     [course("x", (0, 100, "50 mg/d"), covered_days=120)], {"covered_by_dispenses": Decimal(1)}),
    ("dispensed in two courses",
     [course("x", (0, 50, "50 mg/d"), covered_days=30),
      course("x", (50, 100, "75 mg/d"), covered_days=40)],
     {"covered_by_dispenses": Decimal("0.7")}),
    ("dispensed for none of the days", [course("x", (0, 100, "50 mg/d"), covered_days=0)],
     {"covered_by_dispenses": Decimal(0)}),
    ("dispensed, and no day known", [course("x", covered_days=30)], {"covered_by_dispenses": None}),
]  # fmt: skip


def test_states() -> None:
    def check(row: Any) -> None:
        _, courses, expected = row
        exposure = one(*courses)
        found = {name: getattr(exposure, name) for name in expected}
        found = {name: value() if callable(value) else value for name, value in found.items()}
        assert found == expected

    check_each(STATES, check, lambda row: row[0])


def test_each_use_has_its_own_courses() -> None:
    early, late = course("x", (0, 21, "50 mg/d")), course("x", (50, 71, "50 mg/d"))
    assert [found.courses for found in line(early, late)] == [(early,), (late,)]
    again = course("x", (0, 21, "50 mg/d"), (50, 71, "50 mg/d"))
    assert [found.courses for found in line(again)] == [(again,), (again,)]
    begun = course("x", (100, 110, "50 mg/d"))
    assert [found.courses for found in line(begun)] == [(begun,)]
    undated = course("x", source=("u",))
    assert [found.courses for found in line(undated, early, undated)] == [
        (early,), (undated, undated),
    ]  # fmt: skip


def test_phases_are_told_where_there_are_several() -> None:
    two = one(course("x", (0, 9, "25 mg/d"), (9, 20, "50 mg/d")))
    assert [(_offset(p.start), _offset(p.end), p.daily_dose) for p in two.phases] == [
        (0, 9, Decimal(25)), (9, 20, Decimal(50)),
    ]  # fmt: skip
    assert one(course("x", (0, 9, "25 mg/d"))).phases == ()
    # a step without a day is none
    assert one(course("x", (0, 9, "25 mg/d")), course("x", (5, 5, "50 mg/d"))).phases == ()


def test_doubts_are_told_once_and_in_order() -> None:
    taken = course("x", (0, 9, "25 mg/d"), (9, 20, "50 mg/d"))
    first, second = taken.segments
    doubtful = replace(
        taken,
        segments=(
            replace(first, doubts=frozenset({"partly_read", "assumed"})),
            replace(second, doubts=frozenset({"assumed"})),
        ),
    )
    assert one(doubtful).doubts == ("assumed", "partly_read")
    assert one(taken).doubts == ()
