"""`ketamine-cds dosage TEXT`: how an instruction is read, piece by piece, and why not."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from cds.commands.dosage import dosage


def run(*arguments: str) -> Result:
    return CliRunner().invoke(dosage, list(arguments))


def pieces(output: str) -> list[tuple[str, str]]:
    """The indented lines: a piece of the text and what it was read as."""
    lines = [line.strip() for line in output.splitlines() if line.startswith("  ")]
    return [(line[:34].strip(), line[34:].strip()) for line in lines]


def test_each_piece_is_named_in_words_of_the_trade() -> None:
    output = run("Take 2 tablets by mouth every morning as needed for sleep, max 3/day").output
    assert pieces(output) == [
        ("Take 2 tablets", "amount"),
        ("by mouth", "how to take"),
        ("every morning", "time of day"),
        ("as needed for sleep,", "as needed"),
        ("max 3/day", "maximum"),
    ]
    assert "2 tablet, 1 a day, as needed" in output
    assert "at most 3 a day" in output


def test_a_text_that_is_not_read_says_why() -> None:
    output = run("1 tablet daily xyzzy").output
    assert pieces(output)[-1] == ("xyzzy", "NOT UNDERSTOOD")
    assert "not read: xyzzy" in output
    assert "not read: two different frequencies" in run("1 tablet bid tid").output


def test_steps_are_numbered() -> None:
    output = run("1 tablet daily for 7 days then 2 tablets daily").output
    assert "step 1: 1 tablet, 1 a day, for 7 days" in output
    assert "step 2: 2 tablet, 1 a day" in output


@pytest.mark.parametrize(
    ("text", "dose"),
    [("sertraline 50 mg tablet - take 2 tablets daily", "sertraline 100 mg/d"),
     ("sertraline 50 mg daily", "sertraline 50 mg/d"),
     ("1 tablet daily as needed", "sertraline as needed, up to 50 mg/d"),
     ("1 to 2 tablets daily", "sertraline 50 mg/d to 100 mg/d"),
     ("1 tablet daily plus 1 extra tablet at night as needed",
      "sertraline 50 mg/d, and up to 50 mg/d as needed"),
     ("xyzzy", "sertraline dose unknown")],
)  # fmt: skip
def test_with_a_product_the_daily_dose_is_told(text: str, dose: str) -> None:
    result = run(text, "--drug", "sertraline 50 MG Oral Tablet")
    assert result.exit_code == 0
    assert f"sertraline 50 MG Oral Tablet: {dose}" in result.output


def test_json_holds_the_same() -> None:
    answer = json.loads(run("sertraline 50 mg bid xyz", "--json").output)
    assert answer["complete"] is False
    assert answer["unread"] == ["sertraline", "xyz"]
    assert {"text": "bid", "read_as": "how often"} in answer["pieces"]
    assert "daily_dose" not in answer
    named = json.loads(run("sertraline 50 mg bid", "--json", "--drug", "sertraline 50 mg").output)
    assert named["complete"] is True
    assert named["steps"] == [["50 mg, 2 a day"]]
    assert named["daily_dose"] == ["sertraline 100 mg/d"]


def test_a_drug_that_is_not_known_is_an_error_that_names_it() -> None:
    result = run("1 tablet daily", "--drug", "xyzzymab")
    assert result.exit_code != 0
    assert "'xyzzymab' is not known" in result.output
