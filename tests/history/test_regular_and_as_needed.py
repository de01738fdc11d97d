"""A drug that is taken regularly for a time and as needed for another: each for itself."""

from __future__ import annotations

from typing import Any

from test_trials_from_charts import history

from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology
from cds.units import plain
from tests.rows import check_each

BESIDE = ("sertraline 50 MG Oral Tablet", "1 tablet daily", "2025-12-01", "2026-11-30")
NEEDED = " as needed"
NOT_REGULAR = "taken as needed, not regularly"


def tablet(strength: str, first: str, last: str, how: str = "") -> tuple[str, str, str, str]:
    return f"{strength} Oral Tablet", f"take 1 tablet by mouth daily{how}", first, last


TRIALS: list[tuple[str, list[tuple[str, str, str, str]], dict[str, list[str]]]] = [
    # what, orders; trials of each drug: group, adequacy, reason
    ("augmentation: 9 days, then as needed",
     [BESIDE, tablet("aripiprazole 5 MG", "2026-01-01", "2026-01-10"),
      tablet("aripiprazole 5 MG", "2026-01-10", "2026-04-01", NEEDED)],
     {"aripiprazole": ["augmentation inadequate: too short: 1.3 weeks, 4 needed",
                       f"augmentation inadequate: {NOT_REGULAR}"]}),
    ("augmentation: as needed, then for weeks",
     [BESIDE, tablet("aripiprazole 5 MG", "2026-01-01", "2026-01-29", NEEDED),
      tablet("aripiprazole 5 MG", "2026-01-29", "2026-04-30")],
     {"aripiprazole": [f"augmentation inadequate: {NOT_REGULAR}",
                       "augmentation minimum: 13 weeks at 2 mg/d or more (4 needed)"]}),
    ("augmentation: as needed between two regular times",
     [BESIDE, tablet("aripiprazole 5 MG", "2026-01-01", "2026-01-15"),
      tablet("aripiprazole 5 MG", "2026-01-15", "2026-01-25", NEEDED),
      tablet("aripiprazole 5 MG", "2026-01-25", "2026-02-08")],
     {"aripiprazole": ["augmentation minimum: 4 weeks at 2 mg/d or more (4 needed)",
                       f"augmentation inadequate: {NOT_REGULAR}"]}),
    ("augmentation: beside trazodone as needed",
     [tablet("trazodone 100 MG", "2025-12-01", "2026-11-30", NEEDED),
      tablet("aripiprazole 5 MG", "2026-01-01", "2026-04-01")],
     {"aripiprazole":
        ["augmentation unknown: no antidepressant on record beside it for that long"]}),
    ("antidepressant: 9 days, then as needed",
     [tablet("trazodone 150 MG", "2026-01-01", "2026-01-10"),
      tablet("trazodone 150 MG", "2026-01-10", "2026-04-01", NEEDED)],
     {"trazodone": ["inadequate: too short: 1.3 weeks, 4 needed; highest dose 150 mg/d"]}),
    ("antidepressant: as needed, then for weeks",
     [tablet("mirtazapine 30 MG", "2026-01-01", "2026-01-29", NEEDED),
      tablet("mirtazapine 30 MG", "2026-01-29", "2026-03-12")],
     {"mirtazapine":
        ["strict: 6 weeks at 30 mg/d or more (6 needed); highest dose 30 mg/d"]}),
    ("antidepressant: one order with both",
     [("mirtazapine 30 MG Oral Tablet",
       "1 tablet daily for 27 days, then 1 tablet daily as needed", "2026-01-01", "2026-04-01")],
     {"mirtazapine": ["inadequate: too short: 3.9 weeks, 4 needed; highest dose 30 mg/d"]}),
    ("pain, where any dose is enough: 9 days, then as needed",
     [tablet("oxycodone 5 MG", "2026-01-01", "2026-01-10"),
      tablet("oxycodone 5 MG", "2026-01-10", "2026-04-01", NEEDED)],
     {"oxycodone": ["neuropathic unknown: taken as needed: how much of it is not known"]}),
    ("pain, where any dose is enough: for weeks, then as needed",
     [tablet("oxycodone 5 MG", "2026-01-01", "2026-01-29"),
      tablet("oxycodone 5 MG", "2026-01-29", "2026-04-01", NEEDED)],
     {"oxycodone": ["neuropathic minimum: 4 weeks at any dose (4 needed)"]}),
    ("pain: both at once is regular",
     [tablet("oxycodone 5 MG", "2026-01-01", "2026-01-29"),
      tablet("oxycodone 5 MG", "2026-01-01", "2026-01-29", NEEDED)],
     {"oxycodone": ["neuropathic minimum: 4 weeks at any dose (4 needed)"]}),
]  # fmt: skip


def test_trials(terminology: Terminology, knowledge: Knowledge) -> None:
    def check(row: Any) -> None:
        _, orders, expected = row
        known = history(orders, terminology, knowledge)
        trials = (*known.augmentation_trials, *known.antidepressant_trials, *known.pain_trials)
        for drug, told in expected.items():
            assert told == [
                f"{t.group} {t.adequacy}: {t.reason}".removeprefix("antidepressant ")
                for t in trials
                if t.ingredient == drug
            ]

    check_each(TRIALS, check, lambda row: row[0])


def test_only_the_part_that_goes_on_goes_on(terminology: Terminology, knowledge: Knowledge) -> None:
    orders = [tablet("mirtazapine 30 MG", "2026-01-01", "2026-03-01"),
              tablet("mirtazapine 30 MG", "2026-03-01", "2026-11-30", NEEDED)]  # fmt: skip
    (trial,) = history(orders, terminology, knowledge).antidepressant_trials
    assert (trial.adequacy, trial.ongoing, str(trial.end)) == ("strict", False, "2026-03-01")


NOW = ("2026-10-01", "2026-11-30")
MORPHINE = ("morphine 15 MG Oral Tablet", "1 tablet by mouth twice daily", *NOW)
DIAZEPAM = ("diazepam 5 MG Oral Tablet", "1 tablet by mouth twice daily", *NOW)
LOADS: list[tuple[str, list[tuple[str, str, str, str]], str | None, str | None]] = [
    # what, orders; MME a day, diazepam mg a day (None: a hole)
    ("regular alone", [MORPHINE, DIAZEPAM], "30", "10"),
    ("an opioid whose dose is not told, and more as needed",
     [MORPHINE, ("oxycodone 5 MG Oral Tablet", "by mouth as directed", *NOW),
      tablet("oxycodone 5 MG", *NOW, NEEDED)], None, "0"),
    ("an opioid first regularly, now as needed, however much",
     [MORPHINE, tablet("oxycodone 5 MG", "2026-10-01", "2026-11-01"),
      ("oxycodone 5 MG Oral Tablet", "as needed for pain", "2026-11-01", "2026-11-30")],
     "30", "0"),
    ("a benzodiazepine whose dose is not told, and more as needed",
     [DIAZEPAM, ("lorazepam 1 MG Oral Tablet", "by mouth as directed", *NOW),
      tablet("lorazepam 1 MG", *NOW, NEEDED)], "0", None),
    ("a benzodiazepine first regularly, now as needed, however much",
     [DIAZEPAM, tablet("lorazepam 1 MG", "2026-10-01", "2026-11-01"),
      ("lorazepam 1 MG Oral Tablet", "as needed for anxiety", "2026-11-01", "2026-11-30")],
     "0", "10"),
]  # fmt: skip


def test_loads(terminology: Terminology, knowledge: Knowledge) -> None:
    def shown(known: History) -> tuple[str | None, ...]:
        totals = (known.opioids.mme_per_day, known.sedatives.diazepam_equivalent_mg_per_day)
        return tuple(None if total is None else plain(total) for total in totals)

    def check(row: Any) -> None:
        _, orders, *expected = row
        assert shown(history(orders, terminology, knowledge)) == tuple(expected)

    check_each(LOADS, check, lambda row: row[0])
