"""How a trial ended: which scores belong to it and what they say, or why it was stopped."""

from __future__ import annotations

from typing import Any

from trial_courses import AS_OF, allergy, course, day, score, scores

from cds.chart.entries import Result
from cds.history.model.course import MedicationCourse
from cds.history.trials.exposure import Exposure, exposures
from cds.history.trials.outcome import (
    DEPRESSION_SCALES,
    Scores,
    Verdict,
    Windows,
    by_scores,
    by_stop_reason,
    ketamine_days,
    not_tolerated,
    scores_of,
)
from cds.knowledge.load import load_knowledge
from tests.replaced import replace
from tests.rows import check_each

Observations = dict[str, tuple[Result, ...]]
WINDOWS = Windows.of(load_knowledge().parameters)


def exposure(*courses: MedicationCourse) -> Exposure:
    (found,) = exposures(courses, "mg/d", 400, AS_OF)
    return found


def scale_scores(facts: Observations) -> tuple[Scores, ...]:
    return scores_of(facts, DEPRESSION_SCALES)


TAKEN = exposure(course("sertraline", (0, 56, "50 mg/d")))
Taken = list[tuple[int, str]]
WINDOW_ROWS: list[tuple[str, Taken, list[int], str | None]] = [
    # name, scores (day, value), days of ketamine; what is told of them, None: nothing
    ("30 days before", [(-30, "20"), (56, "18")], [],
     "PHQ-9 20 (2024-12-02) to 18 (2025-02-26): 10 % better"),
    ("31 days before", [(-31, "20"), (56, "18")], [], None),
    ("on the first day", [(0, "20"), (56, "18")], [],
     "PHQ-9 20 (2025-01-01) to 18 (2025-02-26): 10 % better"),
    ("14 days after", [(14, "20"), (56, "18")], [],
     "PHQ-9 20 (2025-01-15) to 18 (2025-02-26): 10 % better"),
    ("15 days after", [(15, "20"), (56, "18")], [], None),
    ("of two before the later", [(-20, "25"), (-5, "20"), (56, "18")], [],
     "PHQ-9 20 (2024-12-27) to 18 (2025-02-26): 10 % better"),
    ("of two after the earlier", [(3, "20"), (10, "25"), (56, "18")], [],
     "PHQ-9 20 (2025-01-04) to 18 (2025-02-26): 10 % better"),
    ("before rather than after", [(-5, "20"), (3, "25"), (56, "18")], [],
     "PHQ-9 20 (2024-12-27) to 18 (2025-02-26): 10 % better"),
    ("after 21 days", [(-5, "20"), (21, "18")], [],
     "PHQ-9 20 (2024-12-27) to 18 (2025-01-22): 10 % better"),
    ("after 20 days", [(-5, "20"), (20, "18")], [], None),
    ("14 days after its end", [(-5, "20"), (70, "18")], [],
     "PHQ-9 20 (2024-12-27) to 18 (2025-03-12): 10 % better"),
    ("15 days after its end", [(-5, "20"), (71, "18")], [], None),
    ("the last one counts", [(-5, "20"), (30, "16"), (56, "18"), (90, "2")], [],
     "PHQ-9 20 (2024-12-27) to 18 (2025-02-26): 10 % better"),
    ("no change", [(-5, "20"), (56, "20")], [],
     "PHQ-9 20 (2024-12-27) to 20 (2025-02-26): no change"),
    ("a little better", [(-5, "27"), (56, "26.8")], [],
     "PHQ-9 27 (2024-12-27) to 26.8 (2025-02-26): 1 % better"),
    ("a little worse", [(-5, "27"), (56, "27.2")], [],
     "PHQ-9 27 (2024-12-27) to 27.2 (2025-02-26): 1 % worse"),
    ("worse", [(-5, "20"), (56, "24")], [],
     "PHQ-9 20 (2024-12-27) to 24 (2025-02-26): 20 % worse"),
    ("from one point", [(-5, "1"), (56, "1")], [],
     "PHQ-9 1 (2024-12-27) to 1 (2025-02-26): no change"),
    ("from none", [(-5, "0"), (56, "3")], [], None),
    ("ketamine before all", [(-5, "20"), (56, "18")], [-10],
     "PHQ-9 20 (2024-12-27) to 18 (2025-02-26): 10 % better"),
    ("ketamine on the day of the first score", [(-5, "20"), (56, "18")], [-5],
     "PHQ-9 20 (2024-12-27) to 18 (2025-02-26): 10 % better"),
    ("ketamine the day after", [(-5, "20"), (56, "18")], [-4], None),
    ("ketamine on the day of the last score", [(-5, "20"), (40, "16"), (56, "18")], [56],
     "PHQ-9 20 (2024-12-27) to 16 (2025-02-10): 20 % better"),
    ("ketamine the day after that", [(-5, "20"), (40, "16"), (56, "18")], [57],
     "PHQ-9 20 (2024-12-27) to 18 (2025-02-26): 10 % better"),
    ("the first of several", [(-5, "20"), (40, "16"), (56, "18")], [41, 60],
     "PHQ-9 20 (2024-12-27) to 16 (2025-02-10): 20 % better"),
]  # fmt: skip


def test_which_scores_belong_to_a_trial() -> None:
    def check(row: Any) -> None:
        _, taken, ketamine, told = row
        facts = scores(score("phq9_total", offset, value) for offset, value in taken)
        found = by_scores(TAKEN, scale_scores(facts), WINDOWS, [day(offset) for offset in ketamine])
        assert (found and found.remarks[0]) == told

    check_each(WINDOW_ROWS, check, lambda row: row[0])


def _of(kind: str, start: str, end: str) -> list[Result]:
    return [score(kind, -5, start), score(kind, 56, end)]


UNUSABLE: list[tuple[str, dict[str, Any]]] = [
    ("a problem", {"problem": "implausible"}),
    ("no value", {"value": None}),
    ("no day", {"when": None}),
]


def test_a_score_that_cannot_be_used_is_none() -> None:
    before, after = score("phq9_total", -5, "20"), score("phq9_total", 56, "18")
    for name, fault in UNUSABLE:
        for facts in ([replace(before, **fault), after], [before, replace(after, **fault)]):
            found = by_scores(TAKEN, scale_scores(scores(facts)), WINDOWS)
            assert found is None, name


def test_the_first_scale_with_two_scores_decides() -> None:
    rows: list[tuple[list[Result], str]] = [
        ([*_of("phq9_total", "20", "18"), *_of("madrs_total", "30", "10")], "MADRS 30"),
        ([*_of("phq9_total", "20", "18"), score("madrs_total", -5, "30")], "PHQ-9 20"),
        ([*_of("qids_total", "20", "18"), *_of("phq9_total", "20", "18")], "PHQ-9 20"),
        ([*_of("hamd_total", "20", "18"), *_of("phq9_total", "20", "18")], "HAM-D 20"),
        (_of("qids_total", "16", "12"), "QIDS 16"),
    ]

    def check(row: tuple[list[Result], str]) -> None:
        found = by_scores(TAKEN, scale_scores(scores(row[0])), WINDOWS)
        assert found is not None
        assert found.remarks[0].startswith(row[1])

    check_each(rows, check, lambda row: row[1])


VERDICTS: list[tuple[Taken, Verdict]] = [
    ([(-5, "20"), (56, "10")],
     Verdict("responded", ("A9",),
             ("PHQ-9 20 (2024-12-27) to 10 (2025-02-26): 50 % better",),
             ("Observation/phq9_total--5", "Observation/phq9_total-56"))),
    ([(-5, "20"), (40, "10"), (50, "12"), (56, "19")],
     Verdict("responded", ("A9",),
             ("PHQ-9 20 (2024-12-27) to 19 (2025-02-26): 5 % better",
              "response lost again on the same drug, after 50 % better"),
             ("Observation/phq9_total--5", "Observation/phq9_total-56"))),
    ([(-5, "20"), (40, "10.1"), (56, "15")],
     Verdict("partial", ("A8",),
             ("PHQ-9 20 (2024-12-27) to 15 (2025-02-26): 25 % better",
              "partial response: a failure where 50 % improvement is asked for"),
             ("Observation/phq9_total--5", "Observation/phq9_total-56"))),
    ([(-5, "20"), (40, "12"), (56, "15.1")],
     Verdict("failed", ("A7",),
             ("PHQ-9 20 (2024-12-27) to 15.1 (2025-02-26): 24 % better",),
             ("Observation/phq9_total--5", "Observation/phq9_total-56"))),
]  # fmt: skip


def test_what_the_scores_say() -> None:
    def check(row: tuple[Taken, Verdict]) -> None:
        facts = scores(score("phq9_total", offset, value) for offset, value in row[0])
        assert by_scores(TAKEN, scale_scores(facts), WINDOWS) == row[1]

    check_each(VERDICTS, check, lambda row: row[1].outcome)


def test_a_trial_without_a_date_has_no_scores() -> None:
    facts = scores(_of("phq9_total", "20", "10"))
    assert by_scores(exposure(course("sertraline")), scale_scores(facts), WINDOWS) is None


def _stopped(first: int, after: int, reason: str | None, **fields: Any) -> MedicationCourse:
    return course("sertraline", (first, after, "50 mg/d"), stop_reason=reason, **fields)


STOPPED: list[tuple[str, list[MedicationCourse], str, str | None]] = [
    # name, courses, what it was for; the outcome
    ("did not work", [_stopped(0, 56, "inefficacy")], "mood", "failed"),
    ("worked", [_stopped(0, 56, "response")], "mood", "responded"),
    ("was not tolerated", [_stopped(0, 56, "intolerance")], "mood", "not_tolerated"),
    ("another reason", [_stopped(0, 56, "other")], "mood", None),
    ("none", [_stopped(0, 56, None)], "mood", None),
    ("it goes on", [_stopped(0, 700, "inefficacy", current=True)], "mood", None),
    ("it may go on", [_stopped(0, 700, "inefficacy", current=None)], "mood", "failed"),
    ("for this use", [_stopped(0, 56, "inefficacy", stop_use="pain")], "pain", "failed"),
    ("for the other use", [_stopped(0, 56, "inefficacy", stop_use="pain")], "mood", None),
    ("the last reason", [_stopped(0, 20, "inefficacy"), _stopped(20, 56, "response")], "mood",
     "responded"),
    ("whatever their order", [_stopped(20, 56, "response"), _stopped(0, 20, "inefficacy")], "mood",
     "responded"),
    ("the last that says so", [_stopped(0, 20, "inefficacy"), _stopped(20, 56, "other")], "mood",
     "failed"),
    ("the last of this use",
     [_stopped(0, 20, "inefficacy"), _stopped(20, 56, "response", stop_use="pain")], "mood",
     "failed"),
]  # fmt: skip


def test_the_reason_for_stopping() -> None:
    def check(row: Any) -> None:
        _, courses, use, outcome = row
        found = by_stop_reason(exposure(*courses), use)
        assert (found and found.outcome) == outcome

    check_each(STOPPED, check, lambda row: row[0])


A_COURSE = [course("sertraline", (10, 30, "50 mg/d"))]
ON_RECORD = "an intolerance to it is on record"
TOLERATED: list[tuple[str, list[MedicationCourse], dict[str, Any] | None, str | None]] = [
    # name, courses, an allergy on record (to sertraline unless it says so); what speaks for it
    ("nothing", A_COURSE, None, None),
    ("an intolerance", A_COURSE, {}, ON_RECORD),
    ("recorded on the first day", A_COURSE, {"recorded": day(10)}, ON_RECORD),
    ("recorded the day before", A_COURSE, {"recorded": day(9)}, None),
    ("recorded, and no day known", [course("sertraline")], {"recorded": day(9)}, ON_RECORD),
    ("it may stand", A_COURSE, {"active": None}, ON_RECORD),
    ("it stands no more", A_COURSE, {"active": False}, None),
    ("an entry that is not said to be one", A_COURSE, {"unsaid": True}, None),
    ("to another drug", A_COURSE, {"name": "citalopram"}, None),
    ("it goes on", [course("sertraline", (10, 700, "50 mg/d"), current=True)], {}, None),
    ("stopped for it", [_stopped(10, 30, "intolerance")], None,
     "stopped because it was not tolerated"),
    ("stopped for something else", [_stopped(10, 30, "inefficacy")], {}, None),
]  # fmt: skip


def test_what_was_not_tolerated() -> None:
    def check(row: Any) -> None:
        _, courses, fields, told = row
        fields = None if fields is None else dict(fields)
        entries = [] if fields is None else [allergy(fields.pop("name", "sertraline"), **fields)]
        found = not_tolerated(exposure(*courses), "sertraline", entries, "mood")
        assert (found and found.remarks) == (told and (told,))
        if found is not None:
            assert (found.outcome, found.basis) == ("not_tolerated", ("A4",))
            assert found.source == (() if "stopped" in told else entries[0].source)

    check_each(TOLERATED, check, lambda row: row[0])


def test_the_second_entry_may_be_the_one() -> None:
    entries = [allergy("citalopram"), allergy("sertraline")]
    found = not_tolerated(exposure(*A_COURSE), "sertraline", entries, "mood")
    assert found is not None
    assert found.source == ("AllergyIntolerance/sertraline",)


def test_days_of_ketamine() -> None:
    courses = [
        course("ketamine", (7, 8, "35 mg/d"), (3, 4, "35 mg/d")),
        course("esketamine", (5, 60, "84 mg/d")),
        course("sertraline", (1, 60, "50 mg/d")),
    ]
    assert ketamine_days(courses, [day(4), day(7)]) == tuple(map(day, (3, 4, 5, 7)))
    assert ketamine_days([]) == ()
