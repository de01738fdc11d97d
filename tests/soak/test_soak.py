"""That the soak can't rot: its checks by cases, and a short run of it against real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.rows import check_each
from tests.soak import aftermath, judge, script, vitals
from tests.soak.cast import Call, all_marks, calls_of, clients
from tests.soak.faults import ALL, BY_NAME
from tests.soak.ledger import Card, Ledger, Sent
from tests.soak.processes import ROOT
from tests.soak.weather import CALM, Weather
from tests.soak.wire import Reply
from tests.soak.world import LEGS, day_and_zone

NONE: frozenset[str] = frozenset()
WHOLE = b'{"cards":[{"uuid":"","summary":"Ketamine 35 mg"}]}'
SILENT = b'{"cards":[]}'
SAID = b'{"cards":[{"uuid":"","summary":"Not seen: allergies"}]}'
LESS = b'{"cards":[{"uuid":"","summary":"Ketamine 30 mg"}]}'
RETRY = {"retry-after": "30"}


def reply(status: int, body: bytes = WHOLE, broken: str = "", **headers: str) -> Reply:
    return Reply(status, body, 0.0, 0.1, headers or {}, broken)


def call(way: str = "prefetch", hook: str = "order-select", client: str = "steady") -> Call:
    return Call(client, "ash", hook, way, b"")


ANSWERS = [
    # what was asked, the answer, the weather, the client's server, whether it lied; what is wrong
    (call(), reply(200), NONE, "south", False, None),
    (call(), reply(200, LESS), NONE, "south", False, "differs from the undisturbed"),
    (call(), reply(200, b"mark-of-birch"), NONE, "south", False, "another patient"),
    (call(), reply(200, LESS), {"south"}, "south", False, "differs from the undisturbed"),
    (call("server"), reply(200, LESS), {"south"}, "north", False, "differs from the undisturbed"),
    (call("server"), reply(200, LESS), {"south"}, "south", False, "does not say"),
    (call("server"), reply(200, SAID), {"south"}, "south", False, None),
    (call("server", "patient-view"), reply(200, LESS), {"south"}, "south", False, None),
    (call("server"), reply(200), {"south"}, "south", True, "passed for complete"),
    (call("server"), reply(200, SAID), {"south"}, "south", True, None),
    (call("server"), reply(412), {"south"}, "south", False, None),
    (call("server"), reply(412), NONE, "south", False, "412"),
    (call(), reply(412), {"south"}, "south", False, "412"),
    (call(), reply(200, SAID), {"late"}, "south", False, None),
    (call(), reply(200, LESS), {"late"}, "south", False, "does not say"),
    (call(), reply(401), NONE, "south", False, "401"),
    (call(), reply(401), {"shaky"}, "south", False, "401"),
    (call(client="shaky"), reply(401), {"shaky"}, "north", False, None),
    (call(), reply(500), {"crowd", "store", "south"}, "south", False, "500"),
    (call(), reply(503, **RETRY), {"store"}, "south", False, "503"),
    (call(), reply(503, **RETRY), {"crowd"}, "south", False, None),
    (call(), reply(503), {"crowd"}, "south", False, "503"),
    (call(), reply(503, **RETRY), {"refusing"}, "south", False, None),
    (call(), reply(0, broken="TimeoutError"), {"broken"}, "south", False, None),
    (call(), reply(0, broken="RemoteDisconnected"), {"late"}, "south", False, "no answer"),
    (call(), reply(0, broken="RemoteDisconnected"), {"broken"}, "south", False, None),
]


def test_an_order_that_draws_no_card_need_not_say_what_was_not_seen():
    lied = (call("server"), reply(200, SILENT), SILENT, [], frozenset({"south"}), "south", True)
    assert list(judge.of_call(*lied)) == []


def test_what_is_wrong_with_an_answer():
    def check(row):
        asked, answer, weather, server, lied, wrong = row
        foreign = [b"mark-of-birch"]
        found = list(judge.of_call(asked, answer, WHOLE, foreign, frozenset(weather), server, lied))
        assert wrong in found[0] if wrong else not found, (wrong, found)

    check_each(ANSWERS, check)


FEEDBACK = [
    (reply(200), NONE, None),
    (reply(503, **RETRY), {"store"}, None),
    (reply(503), {"store"}, "without Retry-After"),
    (reply(503, **RETRY), NONE, "503"),
    (reply(500), {"store"}, "500"),
    (reply(400), NONE, "400 for honest"),
    (reply(401), {"shaky"}, "401 for honest"),
]


def test_what_is_wrong_with_the_answer_to_feedback():
    def check(row):
        answer, weather, wrong = row
        found = list(judge.of_feedback(answer, frozenset(weather), "steady"))
        assert wrong in found[0] if wrong else not found, (wrong, found)

    check_each(FEEDBACK, check)


def card(*sent: tuple[str, str, bool]) -> Card:
    return Card("c", "steady", "s", (), 0.0, [Sent(*one) for one in sent])


A, B = ("accepted", "2026-01-01T10:00:00Z"), ("overridden", "2026-01-01T11:00:00Z")
STORED = [
    # what was sent and whether acknowledged; what is stored; lost, doubled, another last outcome
    (card((*A, True)), {A: 1}, (0, 0, 0)),
    (card((*A, True)), {}, (1, 0, 0)),
    (card((*A, True)), {A: 2}, (0, 1, 0)),
    (card((*A, False)), {}, (0, 0, 0)),
    (card((*A, True), (*B, True)), {A: 1, B: 1}, (0, 0, 0)),
    (card((*A, True), (*B, True)), {A: 1}, (1, 0, 1)),
    (card((*A, True), (*B, False)), {A: 1}, (0, 0, 0)),
    (card((*A, True), (*B, False)), {A: 1, B: 1}, (0, 0, 0)),
]


def test_what_the_store_owes():
    def check(row):
        given, rows, owed = row
        found = Counter({("c", *item): times for item, times in rows.items()})
        lost, doubled = aftermath.lost_and_doubled([given], found)
        assert (lost, doubled, aftermath.last_outcomes([given], found)) == owed

    check_each(STORED, check)


def test_a_token_that_is_let_in_twice_is_a_breach_unless_their_memory_was_away():
    ledger = Ledger()
    for jti, times, excused in (("once", 1, False), ("twice", 2, False), ("away", 2, True)):
        for _ in range(times):
            ledger.accepted(jti, excused)
    assert ledger.breaches == {"a token accepted twice": 1}
    assert ledger.twice_excused == 1


def test_marks_and_lines_out_of_form_are_found_in_a_log():
    text = b'{"event":"seen","ms":3}\n[ERROR] plain\n{"event":"x","name":"Zq0a"}\n{"path":"eyJh"}\n'
    assert len(list(aftermath.log_faults(text))) == 2
    assert aftermath.marks_in(text, ["zq0A", "zq0b"]) == {"zq0A": 1, "eyJ": 1}


def growing(an_hour: float, noise: float, minutes: float = 20) -> list[tuple[float, float]]:
    chance = Random(1)
    return [
        (second, 150 + an_hour * second / 3600 + chance.uniform(-noise, noise))
        for second in range(0, int(minutes * 60), 4)
    ]


GROWTH = [
    (growing(0, 10), False),
    (growing(12, 1), False),  # 4 MB in all
    (growing(60, 5), False),  # 20 MB, as caches do that are not full yet
    (growing(120, 5), True),
    (growing(120, 5)[:90], False),  # 12 MB as yet
    ([*growing(0, 1)[:150], (600.5, 900.0), *growing(0, 1)[151:]], False),  # a single peak
    (list(reversed([(1200 - s, v) for s, v in growing(90, 3)])), False),  # it falls
]


def test_growth_is_told_from_noise_and_peaks():
    def check(row):
        points, grows = row
        assert vitals.trend(points).grows(vitals.ALLOWED["memory"]) == grows

    check_each(GROWTH, check)
    assert vitals.trend([(n * 20.0, 150.0) for n in range(vitals.FEWEST - 1)]) is None
    assert vitals.trend(growing(60, 5, minutes=2.4)) is None


def test_a_fault_excuses_from_its_beginning_until_all_is_as_before():
    weather = Weather()
    before = time.monotonic()
    spell = weather.begin("FHIR hangs", frozenset({"south"}))
    spell.over = time.monotonic()
    assert weather.during(spell.over + 5, spell.over + 6) == {"south"}
    assert weather.name_at(spell.over + 5) == "after: FHIR hangs"
    weather.settle(spell, recovered=True)
    assert weather.during(spell.recovered + 0.1, spell.recovered + 1) == NONE
    assert weather.during(before - 2, before - 1) == NONE
    assert weather.name_at(spell.recovered + 0.1) == CALM
    warm = weather.begin("warming up", frozenset({"crowd"}))
    weather.settle(warm, recovered=True)
    assert weather.name_at(warm.recovered + 0.1) == CALM


def test_a_day_does_not_end_while_it_is_soaked():
    for hour in range(24):
        now = datetime(2026, 11, 29, hour, 59, tzinfo=UTC)
        day, zone = day_and_zone(now)
        local = now.astimezone(ZoneInfo(zone))
        assert (local.date(), local.hour) == (day, 1)


def test_a_seed_draws_the_same_faults_and_long_legs_have_them_all():
    def drawn(seed: int) -> list[str]:
        chance, done = Random(seed), set[str]()
        return [f.name for leg in LEGS for f in script.drawn(leg, 600, chance, done)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert set(drawn(1)) == set(BY_NAME)
    for leg in LEGS:
        faults = script.drawn(leg, 600, Random(1), set())
        assert [fault.deadly for fault in faults] == sorted(fault.deadly for fault in faults)
        assert all(leg in fault.legs for fault in faults)
    assert len({(fault.name, leg) for fault in ALL for leg in fault.legs}) == sum(
        len(fault.legs) for fault in ALL
    )


def test_a_seed_makes_the_same_patients_and_no_two_are_alike():
    day = datetime(2026, 11, 29, tzinfo=UTC).date()
    one, again = clients(7, day, 2), clients(7, day, 2)
    idents = [p.ident for client in one.values() for p in client.patients]
    assert idents == [p.ident for client in again.values() for p in client.patients]
    assert len(set(idents)) == len(idents)
    bodies = [c.body() for client in one.values() for c in calls_of(client)]
    everybody = [p for client in one.values() for p in client.patients]
    for body in bodies:
        assert sum(p.ident.encode() in body for p in everybody) == 1
    assert set(idents) < set(all_marks(one))


@pytest.mark.integration
def test_a_short_soak_holds_and_leaves_nothing_behind(tmp_path):
    """A worker killed, a full disk, a hanging FHIR server: half a minute of real processes."""
    told = tmp_path / "soak.json"
    command = [
        sys.executable, "-m", "tests.soak.run", "--minutes", "0.2", "--legs", "sqlite",
        "--patients", "2", "--hold", "0.3", "--seed", "1", "--json", str(told),
        "--faults", "disk full", "FHIR hangs", "worker killed", "service restarted",
    ]  # fmt: skip
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    figures = json.loads(told.read_text())
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    (leg,) = figures["legs"]
    assert set(leg["faults"]) == {"disk full", "FHIR hangs", "worker killed", "service restarted"}
    assert leg["lost"] == leg["doubled"] == leg["tokens_accepted_twice"] == 0
    assert leg["feedback_acknowledged"] > 0
    assert leg["counts"]["drained: answered"] > 0
    left_behind(tmp_path, told)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_soak_that_is_cut_off_says_so_and_leaves_nothing_behind(request, tmp_path, number):
    if "integration" not in request.config.getoption("markexpr"):
        pytest.skip("some seconds each: with -m integration")
    told = tmp_path / "none.json"
    told.touch()
    command = [sys.executable, "-m", "tests.soak.run", "--legs", "sqlite", "--json", str(told)]
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as soak:
        until = time.monotonic() + 60
        while not list(tmp_path.glob("ketamine-cds-soak-*/*")):
            assert time.monotonic() < until
            time.sleep(0.05)
        soak.send_signal(number)
        said, _ = soak.communicate(timeout=60)
    if number == signal.SIGINT:
        assert soak.returncode == 130
        assert "interrupted by SIGINT after " in said
    while len(list(tmp_path.iterdir())) > 1 and time.monotonic() < until + 30:
        time.sleep(0.1)
    left_behind(tmp_path, told)


@pytest.mark.parametrize("number", [1, 9, 19, 20, 200])
def test_no_percentile_is_beyond_the_longest_call_and_few_calls_have_none(number):
    seconds = [0.01] * (number - 1) + [2.0]
    told = aftermath.percentiles(seconds)
    assert told["most"] == max(told.values()) == 2000.0
    assert ("p99" in told) == (number >= 20)
    assert aftermath.percentiles([]) == {}


def left_behind(folder: Path, told: Path) -> None:
    """No file but the figures, no mount, no process of it."""
    assert [path.name for path in folder.iterdir()] == [told.name]
    assert str(folder) not in Path("/proc/mounts").read_text()
    for process in Path("/proc").glob("[0-9]*/environ"):
        try:
            environ = process.read_bytes()
        except OSError:
            continue
        assert int(process.parent.name) == os.getpid() or str(folder).encode() not in environ
