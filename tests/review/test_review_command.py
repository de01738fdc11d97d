"""`ketamine-cds knowledge review`: out to a committee, back, and what stands afterwards."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

import fhir_fixtures
from cds.cli import main
from cds.knowledge.review.ledger import Ledger
from cds.knowledge.review.ledger_file import read_ledger, write_ledger
from cds.wire import encode

FACTS = [
    "regimens/crps_outpatient", "weight_rules/actual-weight", "limits/oral",
]  # fmt: skip
SIGNED = {
    "decision": "accepted",
    "reviewed_by": "Pharmacy",
    "role": "pharmacist",
    "reviewed_on": "2026-11-03",
}


def run(*arguments: str | Path, on: str = "2026-11-10") -> Result:
    return CliRunner().invoke(main, ["knowledge", "review", *map(str, arguments), "--on", on])


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site's file of signatures, which is not there yet."""
    path = tmp_path / "reviews.yaml"
    monkeypatch.setenv("KETAMINE_CDS_REVIEWS", str(path))
    return path


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The exported sheet of three facts."""
    result = run("export", tmp_path / "out", *(f"--fact={name}" for name in FACTS))
    assert result.exit_code == 0, result.output
    return tmp_path / "out" / "sheet.csv"


def fill(sheet: Path, *written: dict[str, str]) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(row | new for row, new in zip(rows, [*written, {}, {}, {}], strict=False))


def counted(on: str = "2026-11-10") -> dict[str, int]:
    """How many facts are in which state."""
    told = json.loads(run("status", "--json", on=on).output)
    states: dict[str, int] = {}
    for of_subject in told["subjects"].values():
        for state, count in of_subject.items():
            states[state] = states.get(state, 0) + count
    return states


def test_ten_facts_are_signed_and_one_is_due_a_year_later(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED, SIGNED | {"next_review": "2027-11-03"})
    result = run("record", sheet)
    assert result.exit_code == 0, result.output
    assert "2 decisions recorded in" in result.output
    assert "1 row without a decision" in result.output
    everything = sum(counted().values())
    assert counted() == {"reviewed": 2, "not reviewed": everything - 2}
    assert counted("2027-11-03")["review is due"] == 1
    assert "due: " in run("status", on="2027-11-03").output


def test_recording_twice_is_harmless(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED)
    run("record", sheet)
    once = reviews.read_bytes()
    result = run("record", sheet)
    assert "0 decisions recorded in" in result.output
    assert "1 recorded before" in result.output
    assert reviews.read_bytes() == once


def test_of_two_sheets_at_once_none_is_lost(
    reviews: Path, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is read and not written yet when the second comes: that one waits."""
    other = sheet.with_name("other.csv")
    other.write_bytes(sheet.read_bytes())
    fill(sheet, SIGNED)
    fill(other, {}, SIGNED)
    second = Thread(target=run, args=("record", other))

    def slowly(path: Path, ledger: Ledger) -> None:
        if second.ident is None:
            second.start()
            second.join(0.5)
        write_ledger(path, ledger)

    monkeypatch.setattr("cds.commands.knowledge_review.write_ledger", slowly)
    run("record", sheet)
    second.join()
    assert len(read_ledger(reviews).signatures) == 2


def test_one_mistake_and_nothing_is_recorded(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED, SIGNED | {"role": "nurse"})
    result = run("record", sheet)
    assert result.exit_code == 2
    assert f"{sheet}, row 3, role: `nurse` is none of" in result.output
    assert "nothing was recorded" in result.output
    assert not reviews.exists()


def test_a_decision_that_a_later_one_outdoes_is_told(reviews: Path, sheet: Path) -> None:
    """A committee that rejects something must not believe it withheld."""
    fill(sheet, SIGNED | {"reviewed_on": "2026-11-05"})
    assert "warning" not in run("record", sheet).output
    fill(sheet, SIGNED | {"reviewed_on": "2026-11-04", "decision": "rejected"})
    result = run("record", sheet)
    assert (
        "`rejected` of 2026-11-04 counts for nothing: a pharmacist decided `accepted` on 2026-11-05"
    ) in result.output
    fill(sheet, SIGNED | {"reviewed_on": "2026-11-05", "decision": "rejected"})
    assert "warning" not in run("record", sheet).output
    assert counted()["rejected"] == 1


def test_a_value_changed_on_the_sheet_is_told(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED | {"value": "stop above: 1 mg/kg"})
    assert "row 2, value: regimens/crps_outpatient does not say this" in run("record", sheet).output
    assert counted()["reviewed"] == 1


def test_a_ledger_that_is_damaged_is_not_written_over(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED)
    reviews.write_text("reviews:\n- fact: limits/oral\n")
    result = run("record", sheet)
    assert result.exit_code == 2
    assert f"{reviews}:2: limits/oral, digest: it is missing" in result.output
    assert reviews.read_text() == "reviews:\n- fact: limits/oral\n"


def test_without_a_setting_the_file_is_named(sheet: Path, tmp_path: Path) -> None:
    fill(sheet, SIGNED)
    assert run("record", sheet).exit_code == 2
    result = run("record", sheet, "--reviews", tmp_path / "signed.csv")
    assert result.exit_code == 0, result.output
    assert len(read_ledger(tmp_path / "signed.csv").signatures) == 1


def test_codes_have_their_names(tmp_path: Path) -> None:
    run("export", tmp_path / "out", "--fact=contraindications/aneurysm")
    packet = (tmp_path / "out" / "packet.html").read_text("utf-8")
    assert "I71 Aortic aneurysm and dissection" in packet


def test_a_filled_sheet_is_not_written_over(sheet: Path) -> None:
    fill(sheet, SIGNED)
    result = run("export", sheet.parent)
    assert result.exit_code == 2
    assert "may be filled in" in result.output
    assert "Pharmacy" in sheet.read_text("utf-8-sig")


def test_what_is_exported_can_be_chosen(reviews: Path, sheet: Path, tmp_path: Path) -> None:
    fill(sheet, SIGNED | {"next_review": "2026-12-01"})
    run("record", sheet)
    signed = "regimens/crps_outpatient"

    def exported(name: str, *chosen: str) -> list[str]:
        result = run("export", tmp_path / name, *chosen, on="2026-12-01")
        assert result.exit_code == 0, result.output
        with (tmp_path / name / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
            return [row["fact"] for row in csv.DictReader(file)]

    assert {name.partition("/")[0] for name in exported("a", "--subject=limits")} == {"limits"}
    assert signed not in exported("b", "--subject=regimens", "--unsigned")
    assert exported("c", "--due") == [signed]
    assert signed in exported("d", "--subject=regimens", "--due", "--unsigned")
    nothing = run("export", tmp_path / "e", "--subject=limits", "--due", on="2026-12-01")
    assert nothing.exit_code == 0
    assert "nothing was written" in nothing.output
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--subject=limit", "unknown subject `limit`: did you mean `limits`?"),
        ("--fact=limits/orl", "unknown fact `limits/orl`: did you mean `limits/oral`?"),
    ],
)
def test_a_name_that_nothing_bears_is_told(option: str, said: str, tmp_path: Path) -> None:
    result = run("export", tmp_path / "out", option)
    assert result.exit_code == 2
    assert said in result.output


def test_a_signed_fact_that_is_gone_is_told_and_stops_nothing(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED)
    run("record", sheet)
    text = reviews.read_text().replace("regimens/crps_outpatient", "regimens/of_old")
    reviews.write_text(text)
    result = run("status")
    assert result.exit_code == 0
    assert "signed, and not in this knowledge: regimens/of_old" in result.output


@pytest.mark.parametrize("command", [["assess", __file__], ["knowledge", "check"]])
def test_a_damaged_or_missing_ledger_stops_every_command(command: list[str], reviews: Path) -> None:
    missing = CliRunner().invoke(main, command)
    assert missing.exit_code == 2
    assert "reviews: names a file that is not there" in missing.output
    reviews.write_text("reviews:\n- fact: limits/oral\n- role: nurse\n")
    damaged = CliRunner().invoke(main, command)
    assert damaged.exit_code == 2
    assert f"{reviews}:2: limits/oral, digest: it is missing" in damaged.output
    assert f"{reviews}:3: role: `nurse` is none of" in damaged.output


def test_the_command_that_assesses_waits_for_signatures(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETAMINE_CDS_SITE__REVIEW_REQUIRED", "true")
    reviews.write_text("reviews: []\n")
    chart = tmp_path / "elm.json"
    chart.write_bytes(encode(fhir_fixtures.load("elm", date(2026, 11, 22))))
    order = fhir_fixtures.orders() / "elm.json"
    arguments = ["assess", str(chart), "--order", str(order), "--as-of", "2026-11-22", "--json"]
    told = json.loads(CliRunner().invoke(main, arguments).output)["doses"][0]
    assert told["dose_mg"] is None
    assert "regimens/crps_outpatient" in told["unsigned"]


def test_the_check_warns_of_what_is_due_and_passes(reviews: Path, sheet: Path) -> None:
    fill(sheet, SIGNED | {"next_review": "2027-11-03"})
    run("record", sheet)
    check = CliRunner().invoke(main, ["knowledge", "check", "--on", "2027-11-03"])
    assert check.exit_code == 0
    assert "warning: regimens/crps_outpatient: its review is due since 2027-11-03" in check.output


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("--fact=oral", "`oral` has no subject: write `limits/oral`"),
        ("--fact=limits/orall", "unknown fact `limits/orall`: did you mean `limits/oral`?"),
        ("--fact=monitoring/telehealth-rule-ended",
         "`monitoring/telehealth-rule-ended` is not in force on 2026-11-10: name a day on which"
         " it is by `--on`"),
        ("--subject=limit", "unknown subject `limit`: did you mean `limits`?"),
        ("--subject=sources", "unknown subject `sources`: "),
    ],
)  # fmt: skip
def test_what_is_no_fact_of_the_day_is_refused(chosen: str, said: str, tmp_path: Path) -> None:
    result = run("export", tmp_path / "out", chosen)
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert not (tmp_path / "out").exists()


def test_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    result = run("export", tmp_path / "file" / "below", "--fact=limits/oral")
    assert result.exit_code == 2
    assert "file/below: Not a directory: name a folder that can be written" in result.output
