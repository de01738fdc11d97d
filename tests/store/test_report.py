"""The feedback report: per kind of card and per rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from cds.commands.feedback import feedback as command
from cds.store.audit import Shown, write
from cds.store.database import Database, now
from cds.store.feedback import Addressee, Feedback, keep
from cds.store.report import NO_REASON, Line, build_report
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
    assert "database_url" in CliRunner().invoke(command, ["--database", "x"]).output
