"""Why a pain trial counts or does not: which row judges it, at what dose, and its sentence."""

from __future__ import annotations

from typing import Any

from test_pain_trials import measured, trial, trials
from trial_courses import allergy, course

from cds.chart.entries import Result
from cds.history.model.course import MedicationCourse
from tests.charts.entries import condition
from tests.replaced import replace
from tests.rows import check_each

EXTENDED = "Extended Release Oral Tablet"
FOUR_WEEKS = course("pregabalin", (0, 28, "300 mg/d"))
SEIZURES: dict[str, Any] = {"conditions": [condition("status_epilepticus")]}


def given(ingredient: str, dose: str | None) -> MedicationCourse:
    return course(ingredient, (0, 1, dose), route="injectable")


def injected(**fields: Any) -> MedicationCourse:
    return course("botulinum toxin type a", (0, 1, "50 U/d"), route="injectable", **fields)


NOT_TOLD = (
    "whether the dose reached 200 mg/d or more could not be told; "
    "no minimum time is published for this use"
)
REASONS: list[tuple[str, MedicationCourse, dict[str, Any], str, str]] = [
    # group, course, chart; adequacy, reason
    ("neuropathic", FOUR_WEEKS, {}, "minimum", "4 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 27, "300 mg/d")), {}, "inadequate",
     "too short: 3.9 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 28, "150 mg/d")), {}, "inadequate",
     "dose too low: at most 150 mg/d, 300 mg/d needed"),
    ("neuropathic", course("pregabalin", (0, 27, "150 mg/d")), {}, "inadequate",
     "too short: 0 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 28, "150 mg/d"), (28, 40, "300 mg/d")), {},
     "inadequate", "too short: 1.7 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 28, None)), {}, "unknown",
     "the daily dose or the end could not be told from the record"),
    ("neuropathic", course("pregabalin", (0, 10, "300 mg/d"), (10, 20, None)), {}, "inadequate",
     "too short: 2.9 weeks (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 1, "300 mg/d"), end_basis="unknown"), {}, "unknown",
     "the daily dose or the end could not be told from the record"),
    ("neuropathic", course("pregabalin"), {}, "unknown", "no dates on record"),
    ("neuropathic", course("pregabalin", (0, 60, "300 mg/d"), as_needed=True), {}, "unknown",
     "taken as needed: how much of it is not known"),
    ("neuropathic", course("oxycodone", (0, 28, None)), {}, "minimum",
     "4 weeks at any dose (4 needed)"),
    ("neuropathic", course("oxycodone", (0, 27, None)), {}, "inadequate",
     "too short: 3.9 weeks at any dose (4 needed)"),
    ("trigeminal", course("carbamazepine", (0, 1, "200 mg/d")), {}, "unknown",
     "reached 200 mg/d or more; no minimum time is published for this use"),
    ("trigeminal", course("carbamazepine", (0, 1, "200 mg/d"), end_basis="unknown"), {}, "unknown",
     "reached 200 mg/d or more; no minimum time is published for this use"),
    ("trigeminal", course("carbamazepine", (0, 90, "199 mg/d")), {}, "inadequate",
     "dose too low: at most 199 mg/d, 200 mg/d needed"),
    ("trigeminal", course("carbamazepine", (0, 90, "100 mg/d"), high="199 mg/d"), {}, "inadequate",
     "dose too low: at most 199 mg/d, 200 mg/d needed"),
    ("trigeminal", course("carbamazepine", (0, 90, "100 mg/d"), high="200 mg/d"), {}, "unknown",
     NOT_TOLD),
    ("trigeminal", course("carbamazepine", (0, 90, None)), {}, "unknown", NOT_TOLD),
    ("trigeminal", course("carbamazepine", (0, 90, "199 mg/d"), (90, 91, None)), {}, "unknown",
     NOT_TOLD),
    ("trigeminal", course("carbamazepine", (0, 90, None), (90, 91, "200 mg/d")), {}, "unknown",
     "reached 200 mg/d or more; no minimum time is published for this use"),
    ("status_epilepticus", given("lorazepam", "4 mg/d"), SEIZURES, "minimum",
     "a loading dose of 4 mg or more"),
    ("status_epilepticus", given("lorazepam", "3.9 mg/d"), SEIZURES, "inadequate",
     "dose too low: at most 3.9 mg/d, 4 mg/d needed"),
    ("status_epilepticus", given("lorazepam", None), SEIZURES, "unknown",
     "the daily dose or the end could not be told from the record"),
    ("status_epilepticus", given("levetiracetam", "4500 mg/d"), SEIZURES, "unknown",
     "the dose is for each kg, and no weight of that time is on record"),
    ("neuropathic", course("lidocaine", (0, 21, "1 {patch}/d"), route="topical", forms=["Patch"]),
     {}, "unknown", "3 weeks at 1 {patch}/d or more (3 needed); weaker products exist, and the "
     "order does not tell"),
    ("neuropathic", course("lidocaine", (0, 20, "1 {patch}/d"), route="topical", forms=["Patch"]),
     {}, "inadequate", "too short: 2.9 weeks at 1 {patch}/d or more (3 needed)"),
    ("neuropathic", course("pregabalin", (0, 100, "300 mg/d"), covered_days=79), {}, "unknown",
     "dispenses cover too few of the days; otherwise 14 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 100, "300 mg/d"), covered_days=80), {}, "minimum",
     "14 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 20, "300 mg/d"), covered_days=9), {}, "inadequate",
     "too short: 2.9 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", injected(covered_days=1), {}, "minimum",
     "12 weeks at 50 U/d or more (12 needed)"),
    ("neuropathic", injected(stop_reason="not_taken"), {}, "unknown",
     "its reason for stopping says that it was not taken as ordered; "
     "otherwise 12 weeks at 50 U/d or more (12 needed)"),
    ("neuropathic", course("pregabalin", (0, 10, "300 mg/d"), stop_reason="not_taken"), {},
     "inadequate", "too short: 1.4 weeks at 300 mg/d or more (4 needed)"),
    ("neuropathic", course("pregabalin", (0, 10, "300 mg/d")),
     {"allergies": [allergy("pregabalin")]}, "not_tolerated",
     "not tolerated (an intolerance to it is on record)"),
    ("neuropathic", FOUR_WEEKS, {"allergies": [allergy("pregabalin")]}, "minimum",
     "4 weeks at 300 mg/d or more (4 needed)"),
]  # fmt: skip


def test_reasons() -> None:
    def check(row: Any) -> None:
        group, taken, chart, adequacy, reason = row
        found = trial(group, taken, **chart)
        assert (found.adequacy, found.reason) == (adequacy, reason)

    check_each(REASONS, check, lambda row: f"{row[1].ingredient}: {row[4]}")


KIDNEYS: list[tuple[str, str, list[tuple[int, str]], list[Any], str, str | None]] = [
    # drug, dose, eGFR (day, value), conditions; adequacy after 2 weeks (gabapentin) or 4, remark
    ("gabapentin", "400", [(10, "59.9")], [], "unknown",
     "eGFR 59.9: the label allows 400 to 1400 mg/d (recalled)"),
    ("gabapentin", "400", [(10, "60")], [], "inadequate", None),
    ("gabapentin", "400", [(10, "30")], [], "unknown",
     "eGFR 30: the label allows 400 to 1400 mg/d (recalled)"),
    ("gabapentin", "200", [(10, "29.9")], [], "unknown",
     "eGFR 29.9: the label allows 200 to 700 mg/d (recalled)"),
    ("gabapentin", "199", [(10, "15")], [], "inadequate",
     "eGFR 15: the label allows 200 to 700 mg/d (recalled)"),
    ("gabapentin", "100", [(10, "14.9")], [], "unknown",
     "eGFR 14.9: the label allows 100 to 300 mg/d (recalled)"),
    ("gabapentin", "100", [(10, "0")], [], "unknown",
     "eGFR 0: the label allows 100 to 300 mg/d (recalled)"),
    # the value nearest to its last day, and of two the older
    ("gabapentin", "400", [(10, "70"), (20, "45")], [], "inadequate", None),
    ("gabapentin", "400", [(20, "70"), (10, "45")], [], "unknown",
     "eGFR 45: the label allows 400 to 1400 mg/d (recalled)"),
    ("gabapentin", "400", [(9, "70"), (19, "45")], [], "inadequate", None),
    ("gabapentin", "400", [(-900, "45")], [], "unknown",
     "eGFR 45: the label allows 400 to 1400 mg/d (recalled)"),
    # kidney disease, and nobody knows how bad
    ("gabapentin", "100", [], [condition("chronic_kidney_disease")], "unknown",
     "kidney disease, without an eGFR"),
    ("gabapentin", "99", [], [condition("ckd_stage_4_5_or_dialysis")], "inadequate",
     "kidney disease, without an eGFR"),
    ("pregabalin", "25", [], [condition("chronic_kidney_disease")], "unknown",
     "kidney disease, without an eGFR"),
    ("pregabalin", "24", [], [condition("chronic_kidney_disease")], "inadequate",
     "kidney disease, without an eGFR"),
    ("gabapentin", "100", [], [condition("chronic_kidney_disease", clinical="resolved")],
     "inadequate", None),
    ("gabapentin", "100", [], [condition("hypertension")], "inadequate", None),
    ("gabapentin", "400", [(10, "60")], [condition("chronic_kidney_disease")], "inadequate", None),
    ("gabapentin", "1200", [(10, "45")], [], "minimum",
     "eGFR 45: the label allows 400 to 1400 mg/d (recalled)"),
]  # fmt: skip


def _rate(offset: int, value: str) -> Result:
    return measured("egfr", offset, value, "mL/min/{1.73_m2}")


def test_the_dose_at_reduced_kidney_function() -> None:
    def check(row: Any) -> None:
        drug, dose, rates, conditions, adequacy, remark = row
        taken = course(drug, (0, 14 if drug == "gabapentin" else 28, f"{dose} mg/d"))
        facts = {"egfr": tuple(_rate(*rate) for rate in rates)}
        found = trial("neuropathic", taken, observations=facts, conditions=conditions)
        assert (found.adequacy, found.remarks) == (adequacy, (remark,) if remark else ())

    check_each(KIDNEYS, check)


def test_a_rate_that_cannot_be_used_is_none() -> None:
    taken, usable = course("gabapentin", (0, 14, "400 mg/d")), _rate(10, "45")
    for fault in ({"problem": "implausible"}, {"value": None}, {"when": None}):
        facts = {"egfr": (replace(usable, **fault),)}
        assert trial("neuropathic", taken, observations=facts).adequacy == "inadequate", fault


WEIGHTS: list[tuple[str, str, list[tuple[int, str]], str]] = [
    # drug, dose, weights (day, kg); adequacy
    ("levetiracetam", "4200", [(-90, "70")], "minimum"),
    ("levetiracetam", "4200", [(-91, "70")], "unknown"),
    ("levetiracetam", "4200", [(90, "70")], "minimum"),
    ("levetiracetam", "4200", [(91, "70")], "unknown"),
    ("levetiracetam", "4199", [(0, "70")], "inadequate"),
    ("levetiracetam", "4200", [(-9, "80"), (-5, "70")], "minimum"),
    ("levetiracetam", "4200", [(-200, "80"), (-5, "70")], "minimum"),
    ("levetiracetam", "4200", [(-5, "70"), (5, "80")], "minimum"),
    ("levetiracetam", "4500", [(0, "75")], "minimum"),
    ("levetiracetam", "4499", [(0, "200")], "inadequate"),
]


def test_the_dose_for_each_kg() -> None:
    def check(row: Any) -> None:
        drug, dose, weights, adequacy = row
        facts = tuple(measured("body_weight", offset, kg, "kg") for offset, kg in weights)
        chart = {**SEIZURES, "observations": {"body_weight": facts}}
        assert (
            trial("status_epilepticus", given(drug, f"{dose} mg/d"), **chart).adequacy == adequacy
        )

    check_each(WEIGHTS, check)


ROWS_OF: list[tuple[MedicationCourse, dict[str, Any], str]] = [
    # course, chart; the groups that judge it
    (course("pregabalin", (0, 9, "300 mg/d"), route="unknown"), {},
     "fibromyalgia neuropathic trigeminal"),
    (course("pregabalin", (0, 9, "300 mg/d"), route="rectal"), {}, ""),
    (course("lorazepam", (0, 1, "4 mg/d"), route="unknown"), SEIZURES, ""),
    (given("lorazepam", "4 mg/d"), SEIZURES, "status_epilepticus"),
    (given("lorazepam", "4 mg/d"), {}, ""),
    (given("lorazepam", "4 mg/d"), {"conditions": [condition("epilepsy")]}, ""),
    (replace(given("lorazepam", "4 mg/d"), reason_sets=frozenset({"status_epilepticus"})), {},
     "status_epilepticus"),
    (course("hydrocodone", (0, 9, "20 mg/d"), flags=["antitussive"]), {}, ""),
    (course("hydrocodone", (0, 9, "20 mg/d"), flags=["something_else"]), {}, "neuropathic"),
    (course("capsaicin", (0, 9, None), route="topical", forms=["Medicated PATCH"]), {},
     "neuropathic"),
    (course("capsaicin", (0, 9, None), route="topical", forms=["Topical Cream"]), {}, ""),
    (course("capsaicin", (0, 9, None), route="topical"), {}, ""),
]  # fmt: skip


def test_which_rows_judge_a_course() -> None:
    def check(row: tuple[MedicationCourse, dict[str, Any], str]) -> None:
        assert " ".join(sorted(t.group for t in trials(row[0], **row[1]))) == row[2]

    check_each(ROWS_OF, check, lambda row: f"{row[0].ingredient} → {row[2]}")


def test_forms_of_gabapentin_have_rows_of_their_own() -> None:
    for ingredient, forms, drug in [
        ("gabapentin", ["Oral Capsule"], "gabapentin"),
        ("gabapentin", [], "gabapentin"),
        ("gabapentin", [EXTENDED], "gabapentin ER/enacarbil"),
        ("gabapentin", [EXTENDED, "Oral Capsule"], "gabapentin"),
        ("gabapentin enacarbil", [EXTENDED], "gabapentin ER/enacarbil"),
        ("gabapentin enacarbil", [], "gabapentin ER/enacarbil"),
    ]:
        found = trial("neuropathic", course(ingredient, (0, 14, "1200 mg/d"), forms=forms))
        assert found.basis == (f"pain:adequate_trials/{drug}",), (ingredient, forms)
