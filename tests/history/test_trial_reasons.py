"""Why an antidepressant trial counts or does not: the rule that decided, and its sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from test_trials import trial, trials
from trial_courses import allergy, course, day, score, scores

from cds.history.model.course import Doubt, MedicationCourse
from cds.terminology.model import Certainty
from tests.charts.entries import condition
from tests.replaced import replace
from tests.rows import check_each


def doubtful(taken: MedicationCourse, doubt: Doubt) -> MedicationCourse:
    segments = tuple(replace(s, doubts=frozenset({doubt})) for s in taken.segments)
    return replace(taken, segments=segments)


SIX_WEEKS = course("sertraline", (0, 42, "50 mg/d"))
ONGOING = course("sertraline", (0, 21, "25 mg/d"), (21, 242, "50 mg/d"), current=True)
REASONS: list[tuple[MedicationCourse, dict[str, Any], str, str, str]] = [
    # course, chart; adequacy, rules, reason
    (SIX_WEEKS, {}, "strict", "A1 A6",
     "6 weeks at 50 mg/d or more (6 needed); highest dose 50 mg/d"),
    (course("sertraline", (0, 14, "25 mg/d"), (14, 56, "100 mg/d")), {}, "strict", "A1 A6",
     "6 weeks at 50 mg/d or more (6 needed); highest dose 100 mg/d"),
    (doubtful(SIX_WEEKS, "assumed"), {}, "minimum", "A2 A6",
     "6 weeks at 50 mg/d or more (4 needed); a dose that is assumed is never strict; "
     "highest dose 50 mg/d"),
    (doubtful(SIX_WEEKS, "differs"), {}, "strict", "A1 A6",
     "6 weeks at 50 mg/d or more (6 needed); highest dose 50 mg/d"),
    (course("trazodone", (0, 60, "150 mg/d")), {}, "minimum", "A2 A6",
     "8.6 weeks at 150 mg/d or more (4 needed); the stricter bar is 300 mg/d for 6 weeks; "
     "highest dose 150 mg/d"),
    (course("sertraline", (0, 27, "50 mg/d")), {}, "inadequate", "A3 A6",
     "too short: 3.9 weeks, 4 needed; highest dose 50 mg/d"),
    (course("sertraline", (0, 27, None)), {}, "inadequate", "A3 A6",
     "too short: 3.9 weeks, 4 needed"),
    (course("sertraline", (0, 200, "50 mg/d"), current=True), {"as_of": day(20)}, "inadequate",
     "A3 A6", "too short: 2.9 weeks so far, 4 needed; highest dose 50 mg/d"),
    (course("sertraline", (0, 21, "25 mg/d"), (21, 42, "50 mg/d")), {}, "inadequate", "A3 A6",
     "too short at dose: 3 weeks at 50 mg/d or more, 4 needed; highest dose 50 mg/d"),
    (ONGOING, {"as_of": day(42)}, "inadequate", "A3 A6",
     "too short at dose: 3 weeks so far at 50 mg/d or more, 4 needed; highest dose 50 mg/d"),
    (course("doxepin", (0, 300, None), flags=["insomnia_low_dose"]), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: a sleep dose"),
    (course("doxepin", (0, 300, "150 mg/d"), flags=["insomnia_low_dose"]), {}, "strict", "A1 A6",
     "43 weeks at 150 mg/d or more (6 needed); highest dose 150 mg/d"),
    (course("sertraline", (0, 300, "25 mg/d")), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: at most 25 mg/d, 50 mg/d needed"),
    (course("trazodone", (0, 300, "100 mg/d")), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: at most 100 mg/d, 150 mg/d needed (a sleep or pain dose)"),
    (course("trazodone", (0, 300, "100.1 mg/d")), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: at most 100.1 mg/d, 150 mg/d needed"),
    # no more is claimed than is known: of an unread dose nothing, of a range its upper end
    (course("sertraline", (0, 90, "25 mg/d"), (90, 117, None)), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: 25 mg/d where it is known, 50 mg/d needed"),
    (course("sertraline", (0, 90, "25 mg/d"), (90, 118, None)), {}, "unknown", "A6",
     "the daily dose could not be told from the record; highest known dose 25 mg/d"),
    (course("trazodone", (0, 90, "50 mg/d"), (90, 99, None)), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: 50 mg/d where it is known, 150 mg/d needed"),
    (course("trazodone", (0, 90, "50 mg/d"), high="100 mg/d"), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: at most 100 mg/d, 150 mg/d needed (a sleep or pain dose)"),
    (course("trazodone", (0, 90, "50 mg/d"), high="100.1 mg/d"), {}, "inadequate", "A5 A6",
     "dose below antidepressant range: at most 100.1 mg/d, 150 mg/d needed"),
    (course("sertraline", (0, 1, "50 mg/d"), end_basis="unknown"), {}, "unknown", "A6",
     "the end could not be told from the record; highest dose 50 mg/d"),
    (course("sertraline", (0, 60, None)), {}, "unknown", "A6",
     "the daily dose could not be told from the record"),
    (course("sertraline", (0, 20, "50 mg/d"), (20, 28, None)), {}, "unknown", "A6",
     "the daily dose could not be told from the record; highest known dose 50 mg/d"),
    (course("sertraline", (0, 10, "50 mg/d"), (10, 25, None), (25, 40, "25 mg/d")), {},
     "inadequate", "A3 A6",
     "too short at dose: 1.4 weeks at 50 mg/d or more, 4 needed; highest known dose 50 mg/d"),
    (course("sertraline"), {}, "unknown", "A6", "no dates on record"),
    (course("trazodone", (0, 90, "300 mg/d"), as_needed=True), {}, "inadequate", "A5 A6",
     "taken as needed, not regularly"),
    (course("bupropion", (0, 90, "300 mg/d"), flags=["smoking_cessation"]),
     {"allergies": [allergy("bupropion")]}, "inadequate", "A5 A6",
     "not an antidepressant trial: a product for another use (smoking cessation)"),
    (course("bupropion", (0, 90, "300 mg/d"), product_ingredients=["bupropion", "naltrexone"]), {},
     "inadequate", "A5 A6", "not an antidepressant trial: a product for another use (combination)"),
    (course("bupropion", (0, 90, "300 mg/d"), reason_sets=["tobacco_use"]), {}, "inadequate",
     "A5 A6", "not an antidepressant trial: ordered for another use (tobacco use)"),
    (course("toloxatone", (0, 90, "600 mg/d"), classes=["antidepressant_maoi"]), {}, "unknown",
     "A6", "no adequacy threshold in the knowledge"),
    (course("clomipramine", (0, 90, "150 mg/d"), route="rectal", classes=["antidepressant_tca"]),
     {}, "unknown", "A6", "no adequacy threshold for the rectal route"),
    (course("selegiline", (0, 90, "6 mg/d"), route=""), {}, "unknown", "A6",
     "the route is not stated, and it decides the use"),
    (course("sertraline", (0, 20, "50 mg/d"), stop_reason="intolerance"), {}, "not_tolerated",
     "A4 A6", "not tolerated (stopped because it was not tolerated); "
     "too short: 2.9 weeks, 4 needed; highest dose 50 mg/d"),
    (course("sertraline", (0, 20, "50 mg/d"), evidence="administered"),
     {"allergies": [allergy("sertraline")]}, "not_tolerated", "A4",
     "not tolerated (an intolerance to it is on record); "
     "too short: 2.9 weeks, 4 needed; highest dose 50 mg/d"),
    (replace(SIX_WEEKS, stop_reason="intolerance"), {}, "strict", "A1 A6 A4",
     "6 weeks at 50 mg/d or more (6 needed); highest dose 50 mg/d"),
    (course("sertraline", (0, 100, "50 mg/d"), covered_days=79), {}, "unknown", "A6 A1",
     "dispenses cover 79 % of the days only; otherwise 14 weeks at 50 mg/d or more (6 needed); "
     "highest dose 50 mg/d"),
    (course("sertraline", (0, 28, "50 mg/d"), covered_days=7), {}, "unknown", "A6 A2",
     "dispenses cover 25 % of the days only; otherwise 4 weeks at 50 mg/d or more (4 needed); "
     "the stricter bar is 50 mg/d for 6 weeks; highest dose 50 mg/d"),
    (course("sertraline", (0, 28, "50 mg/d"), covered_days=0), {}, "unknown", "A6 A2",
     "dispenses cover 0 % of the days only; otherwise 4 weeks at 50 mg/d or more (4 needed); "
     "the stricter bar is 50 mg/d for 6 weeks; highest dose 50 mg/d"),
    (course("sertraline", (0, 42, "50 mg/d"), covered_days=42, stop_reason="not_taken"), {},
     "unknown", "A6 A1", "its reason for stopping says that it was not taken as ordered; "
     "otherwise 6 weeks at 50 mg/d or more (6 needed); highest dose 50 mg/d"),
]  # fmt: skip


def test_reasons() -> None:
    def check(row: Any) -> None:
        taken, chart, adequacy, rules, reason = row
        found = trial(taken, **dict(chart))
        told = " ".join(b.removeprefix("psy:") for b in found.basis if "/" not in b)
        assert (found.adequacy, told, found.reason) == (adequacy, rules, reason)

    check_each(REASONS, check, lambda row: f"{row[0].ingredient}: {row[4]}")


FIGURES: list[tuple[str, MedicationCourse, tuple[str | None, str | None, str | None]]] = [
    # name, course; weeks on it, weeks at its minimum, highest dose
    ("all of it", SIX_WEEKS, ("6.0", "6.0", "50")),
    ("part of it", course("sertraline", (0, 14, "25 mg/d"), (14, 56, "50 mg/d")),
     ("8.0", "6.0", "50")),
    ("none of it", course("sertraline", (0, 42, "25 mg/d")), ("6.0", "0.0", "25")),
    ("nobody knows", course("sertraline", (0, 42, None)), ("6.0", None, None)),
    ("part of it, nobody knows the rest", course("sertraline", (0, 14, "50 mg/d"), (14, 42, None)),
     ("6.0", "2.0", "50")),
    ("its end is not known", course("sertraline", (0, 42, "50 mg/d"), end_basis="unknown"),
     (None, None, "50")),
    ("no date", course("sertraline"), (None, None, None)),
    ("no row", course("toloxatone", (0, 42, "72 mg/d"), classes=["antidepressant_maoi"]),
     ("6.0", None, "72")),
]  # fmt: skip


def test_weeks_and_doses() -> None:
    def check(row: Any) -> None:
        _, taken, expected = row
        found = trial(taken)
        told = (found.weeks, found.weeks_at_minimum, found.max_daily_dose_mg)
        assert told == tuple(None if n is None else Decimal(n) for n in expected)

    check_each(FIGURES, check, lambda row: row[0])


def test_the_class_of_an_antidepressant_without_a_row() -> None:
    for classes, expected in [
        (["antidepressant_ssri"], "SSRI"),
        (["antidepressant_maoi"], "MAOI"),
        (["antidepressant_5ht1a"], "5ht1a"),
        (["antidepressant_herbal", "antidepressant_other_kind"], "other kind"),
        (["antidepressant_nmda", "antidepressant_tca", "antidepressant_x"], "TCA"),
    ]:
        assert trial(course("x", (0, 42, "1 mg/d"), classes=classes)).drug_class == expected


def test_what_a_trial_rests_on() -> None:
    taken = [score("phq9_total", -5, "20"), score("phq9_total", 56, "18")]
    found = trial(course("sertraline", (0, 56, "50 mg/d")), observations=scores(taken))
    assert found.source == (
        "MedicationRequest/sertraline-0", "Observation/phq9_total--5", "Observation/phq9_total-56",
    )  # fmt: skip
    assert found.basis == ("psy:A1", "psy:A6", "psy:A7", "psy:adequate_trials/sertraline")
    short = trial(course("sertraline", (0, 20, "50 mg/d")), allergies=[allergy("sertraline")])
    assert short.source == ("MedicationRequest/sertraline-0", "AllergyIntolerance/sertraline")
    assert (short.outcome, short.remarks) == ("not_tolerated", ())


def test_a_name_in_words_makes_the_trial_less_certain() -> None:
    assert trial(SIX_WEEKS).certainty is Certainty.CODE
    told = replace(SIX_WEEKS, certainty=Certainty.TEXT, route="unknown")
    assert trial(SIX_WEEKS, told).certainty is Certainty.TEXT


def test_an_assumed_dose_is_marked() -> None:
    assert trial(doubtful(SIX_WEEKS, "assumed")).assumed_dose is True
    assert trial(doubtful(SIX_WEEKS, "differs")).assumed_dose is False


OTHERS = "also taken 2025-07-20 to 2025-08-19 (minimum): counted once"
REMARKS: list[tuple[str, list[MedicationCourse], dict[str, Any], tuple[str, ...]]] = [
    # name, courses, chart; what is said beside the reason
    ("nothing", [SIX_WEEKS], {}, ()),
    ("a doubt", [doubtful(SIX_WEEKS, "differs")], {},
     ("the text and the coded fields differ: the lower one is used",)),
    ("an assumed end", [course("sertraline", (0, 42, "50 mg/d"), end_basis="assumed")], {},
     ("when it ended is an assumption",)),
    ("other uses",
     [course("duloxetine", (0, 60, "60 mg/d"), reason_sets=["neuropathic_pain", "fibromyalgia"])],
     {}, ("ordered for fibromyalgia, neuropathic pain, not for depression; the dose counts",)),
    ("a diagnosis for which it may be",
     [course("bupropion", (0, 60, "300 mg/d"))],
     {"conditions": [condition("tobacco_use"), condition("hypertension")]},
     ("the indication is not on the order, and the record has tobacco use",)),
    ("that diagnosis, and the reason on the order",
     [course("bupropion", (0, 60, "300 mg/d"), reason_sets=["depression_any"])],
     {"conditions": [condition("tobacco_use")]}, ()),
    ("that diagnosis, resolved", [course("bupropion", (0, 60, "300 mg/d"))],
     {"conditions": [condition("tobacco_use", clinical="resolved")]}, ()),
    ("not one at all",
     [course("bupropion", (0, 60, "300 mg/d"), flags=["smoking_cessation"])],
     {"conditions": [condition("tobacco_use")]}, ()),
    ("borderline", [course("bupropion", (0, 60, "150 mg/d"))], {},
     ("borderline: some instruments accept 150 mg/d",)),
    ("below borderline", [course("bupropion", (0, 60, "149 mg/d"))], {}, ()),
    ("borderline, and of age", [course("bupropion", (0, 60, "150 mg/d"))], {"age": 61},
     ("borderline: some instruments accept 150 mg/d", "the dose may have been limited by age")),
    ("low at 60", [course("citalopram", (0, 60, "10 mg/d"))], {"age": 60}, ()),
    ("low, not tolerated", [course("citalopram", (0, 60, "10 mg/d"), stop_reason="intolerance")],
     {"age": 61}, ()),
    ("at the bar and of age", [course("citalopram", (0, 20, "20 mg/d"))], {"age": 61}, ()),
    ("below the bar and of age", [course("citalopram", (0, 20, "19.9 mg/d"))], {"age": 61},
     ("the dose may have been limited by age",)),
    ("an unread dose and of age", [course("citalopram", (0, 20, None))], {"age": 61}, ()),
    ("taken again", [SIX_WEEKS, course("sertraline", (200, 230, "50 mg/d"))], {}, (OTHERS,)),
    ("again, and it goes on",
     [SIX_WEEKS, course("sertraline", (640, 700, "25 mg/d"), current=True)], {},
     ("also taken from 2026-10-03 (inadequate): counted once",)),
    ("again, without a date", [SIX_WEEKS, course("sertraline")], {},
     ("also taken without a date (unknown): counted once",)),
    ("again, not tolerated",
     [SIX_WEEKS, course("sertraline", (200, 210, "50 mg/d"), stop_reason="intolerance")], {},
     ("also taken 2025-07-20 to 2025-07-30 (not tolerated): counted once",)),
    ("the other one in the episode", [SIX_WEEKS, course("sertraline", (200, 230, "50 mg/d"))],
     {"episode_start": day(150)},
     (OTHERS, "the adequate time in the current episode is another one than shown")),
    ("both in the episode", [SIX_WEEKS, course("sertraline", (200, 230, "50 mg/d"))],
     {"episode_start": day(0)}, (OTHERS,)),
]  # fmt: skip


def test_remarks() -> None:
    def check(row: Any) -> None:
        _, courses, chart, remarks = row
        assert trial(*courses, **dict(chart)).remarks == remarks

    check_each(REMARKS, check, lambda row: row[0])


def test_the_best_stands_for_a_drug_and_rests_on_all() -> None:
    """In this order: adequate, judged, longer at its dose, later."""
    short = course("sertraline", (300, 330, "50 mg/d"))
    low = course("sertraline", (400, 450, "25 mg/d"))
    undated = course("sertraline")
    found = trial(low, SIX_WEEKS, undated, short)
    assert (found.adequacy, found.start) == ("strict", day(0))
    assert found.basis == ("psy:A1", "psy:A6", "psy:A10", "psy:adequate_trials/sertraline")
    assert set(found.source) == {ref for c in (low, SIX_WEEKS, undated, short) for ref in c.source}
    assert trial(low, undated).adequacy == "unknown"
    assert trial(course("sertraline", (0, 28, "50 mg/d")), short).start == day(300)
    assert trial(course("sertraline", (0, 30, "50 mg/d")), short).start == day(300)
    assert trial(course("sertraline", (0, 31, "50 mg/d")), short).start == day(0)
    low, unread = course("sertraline", (0, 20, "25 mg/d")), course("sertraline", (99, 119, None))
    assert trial(low, unread).start == day(99)


EPISODES: list[tuple[str, list[MedicationCourse], bool | None]] = [
    # name, courses; in the episode that began on day 50
    ("begun on its first day", [course("sertraline", (50, 99, "50 mg/d"))], True),
    ("begun the day before, ended in it", [course("sertraline", (49, 99, "50 mg/d"))], True),
    ("its last day the day before", [course("sertraline", (0, 50, "50 mg/d"))], False),
    ("its last day the first", [course("sertraline", (0, 51, "50 mg/d"))], True),
    ("it goes on", [course("sertraline", (0, 700, "50 mg/d"), current=True)], True),
    ("its end is not known", [course("sertraline", (0, 9, "50 mg/d"), end_basis="unknown")], None),
    ("no date", [course("sertraline")], None),
    ("an inadequate one in it", [SIX_WEEKS, course("sertraline", (200, 210, "50 mg/d"))], False),
    ("adequate in neither", [course("sertraline", (0, 20, "50 mg/d")),
     course("sertraline", (200, 210, "50 mg/d"))], False),
]  # fmt: skip


def test_episodes() -> None:
    def check(row: Any) -> None:
        _, courses, expected = row
        assert trial(*courses, episode_start=day(50)).in_current_episode is expected

    check_each(EPISODES, check, lambda row: row[0])


def test_trials_are_told_by_date_and_name() -> None:
    found = trials(
        course("venlafaxine"), course("sertraline", (9, 60, "50 mg/d")), course("bupropion"),
        course("fluoxetine", (0, 9, "20 mg/d")), course("citalopram", (9, 60, "20 mg/d")),
    )  # fmt: skip
    names = ["fluoxetine", "citalopram", "sertraline", "bupropion", "venlafaxine"]
    assert [t.ingredient for t in found] == names
