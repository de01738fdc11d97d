"""The feedback report: per kind of card and per rule."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from rich.console import Console
from sqlalchemy import select

from cds.commands.feedback import CSV_HEAD, show
from cds.commands.feedback import feedback as command
from cds.store.audit import Shown, write
from cds.store.database import Database, now
from cds.store.feedback import Addressee, Feedback, keep
from cds.store.report import NO_REASON, Line, build_report
from cds.store.tables import feedback
from cds.wire import decode

WHEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/store.sqlite")
    cards = [
        ("c1", "stop", "critical", ("aneurysm", "pregnancy")),
        ("c2", "stop", "critical", ("aneurysm",)),
        ("c3", "stop", "critical", ("pregnancy",)),
        ("c4", "dose", "info", ("iv-std-acute",)),
    ]
    write(
        opened,
        [
            Shown(uuid, "ketamine-order-select", None, "h", kind, indicator, rules, "v", 5)
            for uuid, kind, indicator, rules in cards
        ],
    )
    given = [
        Feedback("c1", "overridden", WHEN, reason_system="s", reason_code="emergency"),
        Feedback("c2", "overridden", WHEN),
        # a card is counted once, however often it was dismissed
        Feedback("c2", "overridden", WHEN + timedelta(seconds=1)),
        Feedback("c4", "accepted", WHEN, suggestions=("s1",)),
        Feedback("stray", "overridden", WHEN),
    ]
    assert keep(opened, Addressee("ketamine-order-select", "https://ehr.example.org"), given) == 5
    return opened


def test_cards_and_rules_are_counted_once_each(database):
    report = build_report(database)
    why = {"emergency": 1, NO_REASON: 1}
    assert report.cards == (
        Line("stop (critical)", shown=3, overridden=2, reasons=why),
        Line("dose (info)", shown=1, accepted=1),
    )
    assert report.rules == (
        Line("aneurysm", shown=2, overridden=2, reasons=why),
        Line("pregnancy", shown=2, overridden=1, reasons={"emergency": 1}),
        Line("iv-std-acute", shown=1, accepted=1),
    )
    assert report.unknown_cards == 1


def outcomes_of(database):
    return {line.name: (line.accepted, line.overridden) for line in build_report(database).cards}


def test_of_several_outcomes_the_latest_counts_and_all_are_kept(database):
    whose = Addressee("ketamine-order-select", "https://ehr.example.org")
    minute = timedelta(minutes=1)
    steps = [
        (Feedback("c4", "overridden", WHEN + minute, reason_code="r"), (0, 1)),
        (Feedback("c4", "accepted", WHEN + 2 * minute, ("s1",)), (1, 0)),
        (Feedback("c4", "overridden", WHEN - minute), (1, 0)),
        (Feedback("c4", "overridden", WHEN + 2 * minute, reason_code="r"), (0, 1)),
    ]
    for given, counted in steps:
        assert keep(database, whose, [given]) == 1
        assert outcomes_of(database)["dose (info)"] == counted
    report = build_report(database)
    (dose,) = [line for line in report.cards if line.name == "dose (info)"]
    assert dose.reasons == {"r": 1}
    assert report.changed == 0, "it began and ended with overridden"
    assert keep(database, whose, [Feedback("c4", "accepted", WHEN + 3 * minute)]) == 1
    assert build_report(database).changed == 1
    with database.transaction() as connection:
        assert len(connection.execute(select(feedback).where(feedback.c.card == "c4")).all()) == 6


def test_a_clock_that_is_ahead_does_not_decide_for_ever(database):
    whose = Addressee("ketamine-order-select", "https://ehr.example.org")
    ahead = datetime(9999, 12, 31, tzinfo=UTC)
    keep(database, whose, [Feedback("c3", "accepted", ahead)])
    assert outcomes_of(database)["stop (critical)"] == (1, 2)
    keep(database, whose, [Feedback("c3", "overridden", datetime.now(UTC))])
    assert outcomes_of(database)["stop (critical)"] == (0, 3)


HARMFUL = {
    # what a client sent as its reason: the cell of a spreadsheet, the text in a terminal
    "=1+1": ("'=1+1", "=1+1"),
    "+1": ("'+1", "+1"),
    "-1": ("'-1", "-1"),
    "@SUM(A1)": ("'@SUM(A1)", "@SUM(A1)"),
    " =1": ("' =1", " =1"),
    "\t=1": ("'\\u{9}=1", "\\u{9}=1"),
    "\r=1": ("'\\u{d}=1", "\\u{d}=1"),
    "\uff1d1": ("'\uff1d1", "\uff1d1"),
    'a","b': ('a","b', 'a","b'),
    "a\nb": ("a\\u{a}b", "a\\u{a}b"),
    "\x1b[31m": ("\\u{1b}[31m", "\\u{1b}[31m"),
    "\u202egnp": ("\\u{202e}gnp", "\\u{202e}gnp"),
    "[/red]": ("[/red]", "[/red]"),
    "[link=http://x]y": ("[link=http://x]y", "[link=http://x]y"),
    ":bomb:": (":bomb:", ":bomb:"),
    "a=b": ("a=b", "a=b"),
    "\ufe661": ("'\ufe661", "\ufe661"),
    "\ufe621": ("'\ufe621", "\ufe621"),
    "\ufe631": ("'\ufe631", "\ufe631"),
    "\ufe6b1": ("'\ufe6b1", "\ufe6b1"),
    "\u207c1": ("'\u207c1", "\u207c1"),
    "\u22121": ("'\u22121", "\u22121"),
    "\xa0=1": ("'\\u{a0}=1", "\\u{a0}=1"),
    "\u3000=1": ("'\\u{3000}=1", "\\u{3000}=1"),
    "a\u3164\u2800\u115fb": ("a\\u{3164}\\u{2800}\\u{115f}b", "a\\u{3164}\\u{2800}\\u{115f}b"),
}


@pytest.mark.parametrize("reason", HARMFUL, ids=ascii)
def test_what_a_client_sent_is_text_in_each_form_of_the_report(tmp_path, database, reason):
    given = Feedback("c4", "overridden", WHEN + timedelta(days=1), reason_code=reason)
    keep(database, Addressee("ketamine-order-select"), [given])
    cell, told = HARMFUL[reason]
    printed = run(tmp_path, "--csv").output
    rows = list(csv.DictReader(io.StringIO(printed, newline="")))
    assert ("card", "dose (info)", "overridden", cell, "1") in {tuple(row.values()) for row in rows}
    assert all(line.startswith('"') for line in printed.splitlines())
    report = decode(run(tmp_path, "--json").output)
    assert [line["reasons"] for line in report["cards"] if line["name"] == "dose (info)"] == [
        {reason: 1}
    ]
    wide = Console(width=200, file=io.StringIO(), force_terminal=True)
    show(build_report(database), wide)
    assert f"{told} (1)" in wide.file.getvalue()


def test_csv_counts_each_card_once(tmp_path, database):
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "--csv").output)))
    assert tuple(rows[0]) == CSV_HEAD
    stops = [row for row in rows if row["name"] == "stop (critical)"]
    assert [(row["outcome"], row["reason"], row["cards"]) for row in stops] == [
        ("shown", "", "3"),
        ("accepted", "", "0"),
        ("overridden", "emergency", "1"),
        ("overridden", NO_REASON, "1"),
    ]


def test_only_cards_since_a_day(database):
    assert build_report(database, since=now()).cards == ()


def run(tmp_path, *options):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    return CliRunner().invoke(command, ["--database", url, *options])


@pytest.mark.usefixtures("database")
def test_the_command_prints_tables_or_json(tmp_path):
    printed = run(tmp_path)
    assert printed.exit_code == 0, printed.output
    assert "aneurysm" in printed.output
    assert "emergency (1)" in printed.output
    report = decode(run(tmp_path, "--json").output)
    assert report["cards"][0]["overridden"] == 2
    assert "No card was shown" in run(tmp_path, "--since", "2999-01-01").output


def test_the_command_says_what_is_wrong():
    failed = CliRunner().invoke(command, ["--database", "sqlite:////nowhere/at/all.sqlite"])
    assert failed.exit_code == 1
    assert "can't be read" in failed.output
    for url in ("hunter2", "postgresql+psycopg://cds:hunter2", "sqlite:///x?timeout=hunter2"):
        told = CliRunner().invoke(command, ["--database", url]).output
        assert told.startswith("Error: --database ")
        assert "hunter2" not in told
