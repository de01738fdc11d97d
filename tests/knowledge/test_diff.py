"""What a new knowledge says otherwise than an old one: in words, one line a change, by weight."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from folders import Entry, add, change, entry, remove, run
from pydantic import TypeAdapter

from cds.cli import main
from cds.knowledge.diff import Change, Weight, changes_of, differences
from cds.knowledge.in_words.predicate import in_words
from cds.knowledge.load import load_knowledge, subjects
from cds.terminology.codes.code_names import name_of_code
from tests.rows import check_each

PAGE = Path(__file__).parents[2] / "docs" / "knowledge.md"
Edit = Callable[[Path], None]
LIMIT: Entry = {
    "id": "example", "name": "Example of a limit", "routes": ["intravenous"], "given": "bolus",
    "metric": "mg/kg", "warn_above": "0.35", "stop_above": "0.5", "sources": ["BOOK-2018"],
    "status": "seen",
}  # fmt: skip
STOP: Entry = {
    "id": "example", "sources": ["BOOK-2018"], "status": "seen",
    "rules": [
        {"basis": "local:one", "level": "absolute", "severity": "critical",
         "when": {"condition": {"icd10cm": ["O14", "O15"], "within_days": "365"}}},
        {"basis": "local:two", "level": "caution", "severity": "info",
         "when": {"any": [{"person": {"age_at_least": "65"}},
                          {"condition": {"icd10cm": "I71"}}]}},
    ],
}  # fmt: skip
TRIAL: Entry = {
    "id": "example", "ingredient": "sertraline", "drug_class": "SSRI", "min_daily_dose_mg": "50",
    "strict_daily_dose_mg": "50", "min_weeks": "4", "strict_weeks": "6",
    "sources": ["BOOK-2018"], "status": "seen",
}  # fmt: skip
NUMBER: Entry = {
    "id": "example", "value": "14", "unit": "d", "meaning": "an example", "status": "proposal",
}  # fmt: skip


def fact_of(subject: str, written: Entry) -> Any:
    return TypeAdapter(subjects()[subject]).validate_python(written)


def of_limit(**fields: Any) -> tuple[str, Entry, Entry]:
    return "limits", LIMIT, LIMIT | fields


def of_stop(rule: int, **fields: Any) -> tuple[str, Entry, Entry]:
    rules = list(STOP["rules"])
    rules[rule] = rules[rule] | fields
    return "contraindications", STOP, STOP | {"rules": rules}


CHANGES: list[tuple[str, tuple[str, Entry, Entry], list[tuple[Weight, str]]]] = [
    ("a value with its unit", of_limit(stop_above="0.4"),
     [(Weight.DOSE, "limits/example: stop above 0.5 → 0.4 mg/kg (BOOK-2018)")]),
    ("the same value", of_limit(stop_above="0.50"), []),
    ("a value that was not there", of_limit(warn_above_mg="35"),
     [(Weight.DOSE, "limits/example: warn above, whatever the weight none → 35 mg (BOOK-2018)")]),
    ("a value that is there no more", of_limit(warn_above=None),
     [(Weight.DOSE, "limits/example: warn above 0.35 mg/kg → none (BOOK-2018)")]),
    ("another source for another value", of_limit(stop_above="0.4", sources=["NEW-2026"]),
     [(Weight.DOSE, "limits/example: stop above 0.5 → 0.4 mg/kg (BOOK-2018 → NEW-2026)"),
      (Weight.SOURCE,
       "limits/example: sources: adds NEW-2026; takes out BOOK-2018 (BOOK-2018 → NEW-2026)")]),
    ("no longer read in its source", of_limit(status="recalled"),
     [(Weight.DOSE, "limits/example: status seen → recalled (BOOK-2018)")]),
    ("a route more", of_limit(routes=["intraosseous", "intravenous"]),
     [(Weight.DOSE, "limits/example: routes: adds intraosseous (BOOK-2018)")]),
    ("a day", of_limit(effective="2027-01-01"),
     [(Weight.DOSE, "limits/example: effective none → 2027-01-01 (BOOK-2018)")]),
    ("a name", of_limit(name="Another"),
     [(Weight.TEXT, "limits/example: name Example of a limit → Another (BOOK-2018)")]),
    ("a note", of_limit(note="x"), [(Weight.TEXT, "limits/example: note none → x (BOOK-2018)")]),
    ("a day of review", of_limit(next_review="2027-01-01"),
     [(Weight.REVIEW, "limits/example: next review none → 2027-01-01 (BOOK-2018)")]),
    ("codes", of_stop(0, when={"condition": {"icd10cm": ["O14", "O11"], "within_days": "365"}}),
     [(Weight.STOP,
       "contraindications/example: rules local:one: when condition: ICD-10-CM: adds O11 "
       "Pre-existing hypertension with pre-eclampsia; takes out O15 Eclampsia (BOOK-2018)")]),
    ("days of a diagnosis",
     of_stop(0, when={"condition": {"icd10cm": ["O14", "O15"], "within_days": "42"}}),
     [(Weight.STOP, "contraindications/example: rules local:one: when condition: "
       "within 365 → 42 days (BOOK-2018)")]),
    ("a milder rule", of_stop(0, severity="warning"),
     [(Weight.STOP, "contraindications/example: rules local:one: severity critical → warning "
       "(BOOK-2018)")]),
    ("a rule that asks", of_stop(1, when={"any": [{"person": {"age_at_least": "60"}},
                                                  {"condition": {"icd10cm": "I71"}}]}),
     [(Weight.ASK, "contraindications/example: rules local:two: when: of person: "
       "age at least 65 → 60 (BOOK-2018)")]),
    ("one question more", of_stop(0, when={"any": [STOP["rules"][0]["when"],
                                                   {"person": {"age_below": "16"}}]}),
     [(Weight.STOP, "contraindications/example: rules local:one: when any of: adds the "
       "patient is younger than 16 years (BOOK-2018)")]),
    ("one question less", of_stop(1, when={"condition": {"icd10cm": "I71"}}),
     [(Weight.ASK, "contraindications/example: rules local:two: when any of: takes out "
       "the patient is 65 years or older (BOOK-2018)")]),
    ("another question", of_stop(0, when={"reproductive": {"state": "pregnant"}}),
     [(Weight.STOP, "contraindications/example: rules local:one: when "
       f"{in_words(fact_of('contraindications', STOP).rules[0].when, name_of_code)} → "
       "the patient is pregnant (BOOK-2018)")]),
    ("a class by which trials are counted",
     ("antidepressant_trials", TRIAL, TRIAL | {"drug_class": "SNRI"}),
     [(Weight.ASK, "antidepressant_trials/example: drug class SSRI → SNRI (BOOK-2018)")]),
    ("a number of days", ("parameters", NUMBER, NUMBER | {"value": "28"}),
     [(Weight.DOSE, "parameters/example: value 14 → 28 days")]),
    ("another unit", ("parameters", NUMBER, NUMBER | {"value": "2", "unit": "wk"}),
     [(Weight.DOSE, "parameters/example: value 14 days → 2 weeks")]),
    ("the same number in another unit", ("parameters", NUMBER, NUMBER | {"unit": "h"}),
     [(Weight.DOSE, "parameters/example: value 14 days → 14 h")]),
]  # fmt: skip


def told(changes: tuple[Change, ...]) -> list[tuple[Weight, str]]:
    return [(change.weight, str(change)) for change in changes]


def test_what_is_said_of_a_change() -> None:
    def check(row: tuple[str, tuple[str, Entry, Entry], list[tuple[Weight, str]]]) -> None:
        _, (subject, old, new), wanted = row
        pair = (fact_of(subject, old), fact_of(subject, new))
        assert told(changes_of(*pair, subject, name_of_code)) == wanted

    check_each(CHANGES, check, name=lambda row: row[0])


def test_every_fact_is_the_same_as_itself(ours: Path) -> None:
    assert differences(load_knowledge(), load_knowledge(ours)) == ()


# ---- whole knowledges --------------------------------------------------------------------------


def edited(folder: Path) -> None:
    """One thing of each weight, the least first."""
    change(folder, "limits", "oral", next_review="2027-01-01")
    change(folder, "limits", "in_home", sources=["BOOK-2018"], note="a note")
    change(folder, "antidepressant_trials", "sertraline", strict_weeks="20")
    rules = entry(folder, "contraindications", "breastfeeding")["rules"]
    change(folder, "contraindications", "breastfeeding",
           rules=[rule | {"severity": "critical"} for rule in rules])  # fmt: skip
    rules = entry(folder, "contraindications", "pregnancy-not-excluded")["rules"]
    change(folder, "contraindications", "pregnancy-not-excluded",
           rules=[rule | {"severity": "warning"} for rule in rules])  # fmt: skip
    change(folder, "limits", "iv_bolus_analgesic", stop_above="0.4")


def test_what_weighs_most_stands_first(theirs: Path) -> None:
    edited(theirs)
    found = differences(load_knowledge(), load_knowledge(theirs))
    assert [(each.weight, f"{each.subject}/{each.id}", each.field) for each in found] == [
        (Weight.DOSE, "limits/iv_bolus_analgesic", "stop_above"),
        (Weight.STOP, "contraindications/breastfeeding", "rules.0.severity"),
        (Weight.WARNING, "contraindications/pregnancy-not-excluded", "rules.0.severity"),
        (Weight.ASK, "antidepressant_trials/sertraline", "strict_weeks"),
        (Weight.TEXT, "limits/in_home", "note"),
        (Weight.SOURCE, "limits/in_home", "sources"),
        (Weight.REVIEW, "limits/oral", "next_review"),
    ]


def test_back_again_everything_is_the_other_way_round(theirs: Path) -> None:
    edited(theirs)
    there = differences(load_knowledge(), load_knowledge(theirs))
    back = differences(load_knowledge(theirs), load_knowledge())
    assert [(each.id, each.old, each.new) for each in there] == [
        (each.id, each.new, each.old) for each in back
    ]


def test_a_fact_that_came_and_one_that_went_are_told_whole(theirs: Path) -> None:
    add(theirs, "limits", LIMIT)
    remove(theirs, "contraindications", "breastfeeding-not-stated")
    came, went = differences(load_knowledge(), load_knowledge(theirs))
    assert str(came) == (
        "limits/example: added: name: Example of a limit; routes: intravenous; "
        "way of giving: bolus; warn above: 0.35 mg/kg; stop above: 0.5 mg/kg (BOOK-2018)"
    )
    assert (went.kind, went.id) == ("removed", "breastfeeding-not-stated")
    assert "removed: " in str(went)
    assert "breastfe" in str(went).removeprefix("contraindications/breastfeeding-not-stated")


def test_a_new_edition_is_compared_with_the_one_before_it(theirs: Path) -> None:
    days = {"effective": "2027-01-01", "stop_above": "0.4"}
    add(theirs, "limits", entry(theirs, "limits", "iv_bolus_analgesic") | days)
    (found,) = differences(load_knowledge(), load_knowledge(theirs))
    assert str(found).startswith(
        "limits/iv_bolus_analgesic: from 2027-01-01 on: stop above 0.5 → 0.4 mg/kg ("
    )
    (back,) = differences(load_knowledge(theirs), load_knowledge())
    assert (back.kind, str(back.since)) == ("removed", "2027-01-01")


def test_an_edition_that_says_the_same_is_told_by_its_day(theirs: Path) -> None:
    again = entry(theirs, "limits", "iv_bolus_analgesic") | {"effective": "2027-01-01"}
    add(theirs, "limits", again)
    (found,) = differences(load_knowledge(), load_knowledge(theirs))
    assert ": effective none → 2027-01-01" in str(found)


def test_the_command_prints_a_line_for_each_change(ours: Path, theirs: Path) -> None:
    edited(theirs)
    ended = run("knowledge", "diff", ours, theirs)
    assert ended.exit_code == 0
    lines = ended.output.splitlines()
    assert lines[0] == "Doses and limits:"
    assert lines[1].startswith("  limits/iv_bolus_analgesic: stop above 0.5 → 0.4 mg/kg (")
    assert lines[-1] == "7 changes."
    assert run("knowledge", "diff", "bundled", theirs).output == ended.output
    assert run("knowledge", "diff", "--exit-code", ours, theirs).exit_code == 1


def test_the_command_gives_json_for_machines(ours: Path, theirs: Path) -> None:
    change(theirs, "limits", "iv_bolus_analgesic", stop_above="0.4")
    (found,) = json.loads(run("knowledge", "diff", "--json", ours, theirs).output)
    assert found.pop("new_sources") == found.pop("old_sources")
    assert found == {
        "weight": "dose", "subject": "limits", "id": "iv_bolus_analgesic", "since": None,
        "kind": "changed", "field": "stop_above", "old": ["0.5 mg/kg"], "new": ["0.4 mg/kg"],
        "said": "stop above 0.5 → 0.4 mg/kg",
    }  # fmt: skip


def test_the_command_says_that_nothing_changed(ours: Path) -> None:
    ended = run("knowledge", "diff", "--exit-code", "bundled", ours)
    assert (ended.exit_code, ended.output) == (0, "No change.\n")


def test_what_can_not_be_read_is_refused(ours: Path, theirs: Path) -> None:
    (theirs / "data" / "limits.yaml").write_text("facts: [")
    for name in (theirs, theirs / "evidence", "nosuch-revision", "--"):
        assert run("knowledge", "diff", ours, name).exit_code == 2, name


def test_what_another_release_wrote_otherwise_is_named_and_not_compared(theirs: Path) -> None:
    change(theirs, "limits", "iv_bolus_analgesic", an_old_field="x", stop_above="0.4")
    change(theirs, "limits", "oral", note="a note")
    (theirs / "data" / "liver_signs.yaml").unlink()
    ended = CliRunner().invoke(main, ["knowledge", "diff", str(theirs), "bundled"])
    assert ended.exit_code == 0
    assert "limits/oral: note a note → none" in ended.stdout
    assert "limits/iv_bolus_analgesic" not in ended.stdout
    assert "liver_signs/" in ended.stdout, "a subject that is new"
    assert ended.stderr.startswith(
        "not compared: limits/iv_bolus_analgesic does not fit this version: an_old_field: "
    )


def test_the_page_shows_what_the_command_prints(theirs: Path) -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    change(theirs, "limits", "iv_bolus_analgesic", stop_above="0.4")
    printed = run("knowledge", "diff", "bundled", theirs).output
    assert shown == printed
