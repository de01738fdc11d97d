"""What is a mutant, which are drawn, and what is told of one that was tried."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from mutants import Mutant, drawn, mutants_of
from run import Report
from survivors import Judged, judged_survivors

from tests.rows import check_each

FAULTS = [
    ("a < b", {"a <= b", "a >= b"}),
    ("a == 7", {"a != 7", "a == 8", "a == 6"}),
    ("a is None", {"a is not None"}),
    ("a in b", {"a not in b"}),
    ("a not in b", {"a in b"}),
    ("a and b", {"a or b"}),
    ("not a", {"a"}),
    ("a - b", {"a + b"}),
    ("True", {"False"}),
    ("min(a)", {"max(a)", "pass"}),
    ("all(a)", {"any(a)", "pass"}),
    ("[x for x in a if x]", {"[x for x in a]"}),
    ("a if b else c", {"a if not b else c"}),
    ("a.append(b)", {"pass"}),
    ("a += b", {"pass"}),
    ("a = b", set()),
    ("a = min", set()),
    ('"a < b"', set()),
    ("_LOG.info(1 < 2)", set()),
    ("zip(a, strict=True)", {"pass"}),
    ("def f(a: int | None = None) -> str | None: ...", set()),
    ("@cache(maxsize=3)\ndef f(): ...", set()),
    ("if TYPE_CHECKING:\n    a = 1", set()),
]


def _mutants(folder: Path, source: str) -> list[Mutant]:
    path = folder / "fault.py"
    path.write_text(source, encoding="utf-8")
    return mutants_of(path)


def test_faults(tmp_path: Path) -> None:
    def check(row: tuple[str, set[str]]) -> None:
        source, expected = row
        found = {" ".join(m.after.split()) for m in _mutants(tmp_path, source + "\n")}
        assert found == expected

    check_each(FAULTS, check, lambda row: row[0])


def test_a_mutant_is_known_wherever_it_stands(tmp_path: Path) -> None:
    code = "class A:\n    def f(self):\n        return 1\n"
    (before, _), (after, _) = _mutants(tmp_path, code), _mutants(tmp_path, "\n\n" + code)
    assert before.line != after.line
    assert before.identity == after.identity
    assert before.function == "A.f"


def test_each_module_and_family_has_its_share_and_keeps_it(tmp_path: Path) -> None:
    lines = [f"a{n} = b < {n}\n" for n in range(40)]
    mutants = _mutants(tmp_path, "".join(lines))
    assert Counter(m.family for m in mutants) == {"comparison": 80, "constant": 80}
    first = drawn(mutants, 1)[:20]
    assert Counter(m.family for m in first) == {"comparison": 10, "constant": 10}
    assert first == drawn(mutants, 1)[:20]
    assert first != drawn(mutants, 2)[:20]
    moved = drawn(_mutants(tmp_path, "\n" + "".join(lines)), 1)[:20]
    assert [m.identity for m in moved] == [m.identity for m in first]


OUTCOMES = {
    "a = 1\n": "survived",
    "a = 2\n": "killed",
    "while True: pass\n": "timeout",
    "def f(:\n": "unrunnable",
}
TRY = """
import json, sys, time
from trial import Trial
trials = {s: Trial([["test_m.py"]], 2, ("m.py", s)) for s in json.loads(sys.argv[1])}
found = {}
while len(found) < len(trials):
    for source in trials.keys() - found:
        if outcome := trials[source].outcome():
            found[source] = outcome
    time.sleep(0.02)
print(json.dumps(found))
"""


def test_what_becomes_of_a_mutant(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("a = 1\n")
    (tmp_path / "test_m.py").write_text("import m\n\ndef test_a():\n    assert m.a == 1\n")
    (tmp_path / "conftest.py").write_text(
        "from hypothesis import settings\nsettings.register_profile('unshrunk')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", TRY, json.dumps(list(OUTCOMES))],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{Path(__file__).parent}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == OUTCOMES


@pytest.mark.parametrize(
    ("judgement", "rate"), [(None, 90.0), ("accepted", 90.0), ("equivalent", 100.0)]
)
def test_only_what_no_test_can_notice_is_set_aside(
    tmp_path: Path, judgement: str | None, rate: float
) -> None:
    mutant, _ = _mutants(tmp_path, "a = 1\n")
    report = Report()
    for _ in range(9):
        report.add(mutant, "killed", None)
    report.add(mutant, "survived", Judged(judgement, "why") if judgement else None)
    assert report.rate == rate
    assert bool(report.survived) is (judgement is None)
    report.add(mutant, "timeout", Judged("accepted", "why"))
    assert report.overtaken == [mutant]


def test_every_judgement_gives_its_reason() -> None:
    for identity, judged in judged_survivors().items():
        assert judged.judgement in ("equivalent", "accepted"), identity
        assert judged.why, identity
