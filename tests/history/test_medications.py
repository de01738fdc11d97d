"""Courses of medication: the table of cases, and what must never change a course."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_charts import TABLE, chart, record

from cds.fhir.record.patient_record import Skipped
from cds.history.medications.courses import medication_courses
from cds.history.model.course import MedicationCourse, Segment
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import load_terminology
from tests.charts.reading import medications_of

AS_OF = date(2026, 11, 22)
CASES = {case["name"]: case for case in TABLE["cases"]}
_CURRENT = {"yes": True, "no": False, "unknown": None}


def courses_of(
    made: list[dict[str, Any]], as_of: date = AS_OF
) -> tuple[tuple[MedicationCourse, ...], list[Skipped]]:
    skipped: list[Skipped] = []
    terminology = load_terminology()
    entries = medications_of(record(made), terminology)
    found = medication_courses(entries, load_knowledge(), as_of, skipped)
    return found, skipped


def said(segment: Segment) -> str:
    dose = str(segment.daily_dose) if segment.daily_dose else "unknown"
    return f"{segment.start} to {segment.end} {segment.days} d {dose} {segment.end_basis}"


def named(courses: tuple[MedicationCourse, ...]) -> dict[str, MedicationCourse]:
    found: dict[str, MedicationCourse] = {}
    for course in courses:
        name = f"{course.ingredient} {course.route}"
        repeats = sum(key.startswith(name) for key in found)
        found[f"{name} {repeats + 1}" if repeats else name] = course
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: dict[str, Any]) -> None:
    courses, skipped = courses_of(chart(case), date.fromisoformat(case.get("as of", str(AS_OF))))
    found = named(courses)
    assert set(found) == set(case["courses"])
    assert len(skipped) == int(case.get("skipped", 0))
    for name, wanted in case["courses"].items():
        course = found[name]
        assert [said(s) for s in course.segments] == wanted["segments"]
        assert course.current is _CURRENT[wanted["current"]]
        assert course.undated is (wanted.get("undated") == "true")
        _check_details(course, wanted)


def _check_details(course: MedicationCourse, wanted: dict[str, Any]) -> None:
    if "covered" in wanted:
        assert course.covered_days == int(wanted["covered"])
    if "evidence" in wanted:
        assert {s.evidence for s in course.segments} == {wanted["evidence"]}
    if "note" in wanted:
        assert wanted["note"] in " | ".join(course.notes)
    if "certainty" in wanted:
        assert course.certainty.value == wanted["certainty"]
    if "as needed" in wanted:
        assert course.as_needed is _CURRENT[wanted["as needed"]]
    if "up to" in wanted:
        assert {str(s.as_needed_up_to) for s in course.segments} == {wanted["up to"]}
    if "class" in wanted:
        assert wanted["class"] in course.classes
    if "without class" in wanted:
        assert wanted["without class"] not in course.classes
    if "stopped for" in wanted:
        assert course.stop_reason == (
            None if wanted["stopped for"] == "null" else wanted["stopped for"]
        )


# ---- properties 4 and 5 of the design, over charts put together from the cases

_POOL = [
    resource
    for number, case in enumerate(CASES.values())
    if "as of" not in case
    for resource in (
        {**made, "id": f"{made['id']}-{number}"}
        for made in chart(case)
        if "medicationCodeableConcept" in made
    )
]
charts = st.lists(st.sampled_from(_POOL), min_size=1, max_size=12, unique_by=lambda r: r["id"])


@given(charts, st.randoms(use_true_random=False))
def test_order_and_duplicates_change_nothing(made: list[dict[str, Any]], random: Any) -> None:
    shuffled = [*made, *random.sample(made, random.randint(0, len(made)))]
    random.shuffle(shuffled)
    assert courses_of(shuffled)[0] == courses_of(made)[0]


@given(charts, charts)
def test_what_was_entered_in_error_changes_nothing(
    made: list[dict[str, Any]], wrong: list[dict[str, Any]]
) -> None:
    errors = [{**r, "id": f"wrong-{r['id']}", "status": "entered-in-error"} for r in wrong]
    assert courses_of([*errors, *made])[0] == courses_of(made)[0]


@given(charts)
def test_extra_codings_change_nothing(made: list[dict[str, Any]]) -> None:
    extra = {"system": "urn:oid:1.2.3.4", "code": "LOCAL-7", "display": "as in the old system"}

    def with_extra(resource: dict[str, Any]) -> dict[str, Any]:
        drug = resource["medicationCodeableConcept"]
        if "coding" not in drug:
            return resource
        return resource | {"medicationCodeableConcept": drug | {"coding": [extra, *drug["coding"]]}}

    assert courses_of([with_extra(r) for r in made])[0] == courses_of(made)[0]


@given(
    st.lists(
        st.sampled_from(["sertraline 100", "Zoloft 100", "sertraline in words"]),
        min_size=3,
        max_size=3,
    ),
    st.lists(st.sampled_from(["plain", "contained"]), min_size=3, max_size=3),
)
def test_names_of_one_drug_make_one_course(names: list[str], ways: list[str]) -> None:
    """Property 5: brand, generic, words and contained Medication count once and the same."""

    def case(drugs: list[str], how: list[str]) -> dict[str, Any]:
        lines = []
        for month, (drug, way) in enumerate(zip(drugs, how, strict=True), start=1):
            line = {"order": drug, "status": "completed", "sig": "1 tablet daily",
                    "from": f"2025-0{month}-01", "to": f"2025-0{month + 1}-01"}  # fmt: skip
            lines.append(line | ({"contained": "true"} if way == "contained" else {}))
        return {"chart": lines}

    plain = ["sertraline 100"] * 3
    (found,), _ = courses_of(chart(case(names, ways)))
    (wanted,), _ = courses_of(chart(case(plain, ["plain"] * 3)))
    assert (found.ingredient, found.route, found.segments, found.current) == (
        wanted.ingredient, wanted.route, wanted.segments, wanted.current
    )  # fmt: skip


@given(charts)
def test_nothing_lies_after_the_day(made: list[dict[str, Any]]) -> None:
    for course in courses_of(made, date(2025, 2, 1))[0]:
        for segment in course.segments:
            assert segment.start <= segment.end <= date(2025, 2, 1)
        for earlier, later in pairwise(course.segments):
            assert earlier.end <= later.start
            assert (later.start - earlier.end).days <= 14


orders = st.fixed_dictionaries({
    "order": st.sampled_from(["sertraline 50", "sertraline 100", "Zoloft 100", "sertraline"]),
    "status": st.sampled_from(["active", "completed", "stopped", "on-hold", "unknown"]),
    "on": st.dates(date(2025, 1, 1), date(2026, 12, 31)).map(str),
    "sig": st.sampled_from(["1 tablet daily", "100 mg daily", "1-2 tablets daily", "as directed",
                            "1 tablet daily as needed"]),
    "days": st.integers(1, 200).map(str),
})  # fmt: skip


@given(st.lists(orders, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_segments_make_one_line(lines: list[dict[str, str]], random: Any) -> None:
    """Whatever the orders: segments follow each other, gaps end a course, order means nothing."""
    made = chart({"chart": lines})
    courses, _ = courses_of(made)
    assert courses_of(random.sample(made, len(made)))[0] == courses
    line = [segment for course in courses for segment in course.segments]
    for earlier, later in pairwise(line):
        assert earlier.start <= earlier.end <= later.start
    for before, after in pairwise(courses):
        assert before.end is not None
        assert after.start is not None
        assert (after.start - before.end).days > 14


@given(st.lists(orders, min_size=1, max_size=8))
def test_renewals_never_double_the_dose(lines: list[dict[str, str]]) -> None:
    same = [line | {"order": "sertraline 100", "sig": "1 tablet daily"} for line in lines]
    for course in courses_of(chart({"chart": same}))[0]:
        assert {str(segment.daily_dose) for segment in course.segments} == {"100 mg/d"}


def test_an_unreadable_concept_is_skipped_and_said() -> None:
    made = chart(CASES["a written period of 84 days"])
    made[0]["medicationCodeableConcept"] = {"coding": [{"system": "x", "code": "y"}]}
    found, skipped = courses_of(made)
    assert found == ()
    assert [s.reason for s in skipped] == ["drug not recognised"]


@pytest.mark.parametrize(
    ("words", "current"),
    [
        ("Sertraline 100 mg tablet - do not refill", True),
        ("STOP taking sertraline 100 mg", None),
        ("? sertraline 100 mg", None),
    ],
)
def test_what_its_words_doubt_is_perhaps_taken_and_proves_no_day(
    words: str, current: bool | None
) -> None:
    made = chart(
        {"chart": [{"order": "sertraline 100", "from": "2026-06-01", "sig": "1 tablet daily"}]}
    )
    made[0]["medicationCodeableConcept"] = {"text": words}
    (course,), skipped = courses_of(made)
    assert (course.current, skipped) == (current, [])
    assert (sum(segment.days for segment in course.segments) > 0) is (current is True)
    assert any("its words" in note for note in course.notes) is (current is None)


def test_a_doubtful_entry_does_not_touch_a_sure_one() -> None:
    sure = {"statement": "sertraline 100", "from": "2026-06-01", "sig": "1 tablet daily"}
    made = chart({"chart": [sure, sure | {"id": "other"}]})
    alone, _ = courses_of(made[:1])
    made[1]["medicationCodeableConcept"] = {"text": "? sertraline 100 mg"}
    both, _ = courses_of(made)
    assert [(c.current, c.end) for c in both] == [(c.current, c.end) for c in alone]


def test_what_its_words_deny_is_read_and_not_counted() -> None:
    made = chart(CASES["a written period of 84 days"])
    made[0]["medicationCodeableConcept"] = {"text": "no opioids"}
    found, skipped = courses_of(made)
    assert found == ()
    assert [s.reason for s in skipped] == ["its words say that no drug is taken"]
