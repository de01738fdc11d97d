"""What the benchmarks send, count and write."""

from __future__ import annotations

import json
import re
from itertools import islice

import pytest

from benchmarks import feeds, payloads, report, stages, windows
from benchmarks.report import Table, replaced
from benchmarks.run import tables
from benchmarks.windows import Caller, at


def sent(make, calls):
    return list(islice(make(0), calls))


@pytest.mark.parametrize("kind", ["ketamine", "unrelated"])
def test_no_two_calls_have_the_same_bytes(kind):
    calls = sent(feeds.plain(kind, "small"), 2 * feeds.CHARTS["small"])
    assert len({call.body for call in calls}) == len(calls)
    told = [json.loads(call.body) for call in calls]
    assert len({body["hookInstance"] for body in told}) == len(calls)
    patients = [body["context"]["patientId"] for body in told]
    assert len(set(patients)) == len(calls)
    assert [body["prefetch"]["patient"]["id"] for body in told] == patients


def test_the_same_chart_comes_again_once_in_each_session_and_is_counted_from_then_on():
    calls = sent(feeds.again("small"), 6)
    told = [json.loads(call.body) for call in calls]
    assert [call.counted for call in calls] == [False, True, True] * 2
    assert [body["hook"] for body in told] == ["order-select", "order-sign", "order-select"] * 2
    assert [call.path.endswith(body["hook"]) for call, body in zip(calls, told, strict=True)] == (
        [True] * 6
    )
    first, second = told[:3], told[3:]
    for one, other in ((first, second), (second, first)):
        assert all(body["prefetch"] == one[0]["prefetch"] for body in one)
        assert one[0]["prefetch"] != other[0]["prefetch"]


def test_one_order_in_a_hundred_of_the_mix_is_of_ketamine():
    calls = sent(feeds.mixed("small"), 200)
    ours = [b"ketamine" in call.body for call in calls]
    assert ours == ([False] * 99 + [True]) * 2


@pytest.mark.parametrize("size", [*payloads.SIZES, "5,000"])
def test_a_size_has_as_many_resources_as_it_says(size):
    prefetch = json.loads(payloads.ketamine(payloads.today(), size))["prefetch"]
    bundles = [value for value in prefetch.values() if value["resourceType"] == "Bundle"]
    assert 1 + sum(len(bundle["entry"]) for bundle in bundles) == payloads.resources(size)


def test_what_is_not_counted_has_no_part_in_a_window(monkeypatch):
    """Each call takes the processor a second, one that is not counted a hundred."""
    spent = 0.0

    def post(connection, path, body):
        nonlocal spent
        spent += 1 if path == feeds.SIGN else 100

    monkeypatch.setattr(windows, "post", post)
    monkeypatch.setattr(windows, "cpu_of", lambda pids: spent)

    class Idle:
        def connect(self):
            return self

        def close(self):
            pass

        def family(self):
            return []

    way = feeds.Call(b"", feeds.SELECT, counted=False)
    feed = iter([way, feeds.Call(b"", feeds.SIGN)] * 3)
    assert Caller(Idle(), feed).window(cycle=2, seconds=0).cpu == 1


def test_shares_of_the_calls_in_milliseconds():
    assert [at([n / 1000 for n in range(100)], share) for share in (0.5, 0.99, 1)] == [50, 99, 99]


def test_time_counts_for_the_innermost_stage():
    class Frame:
        def __init__(self, file, back=None):
            self.f_code = type("Code", (), {"co_filename": f"{stages.ROOT}/{file}"})
            self.f_back = back

    answer = Frame("cds/service.py")
    history = Frame("cds/history/build.py", answer)
    courses = Frame("cds/history/medications/courses.py", history)
    assert [
        stages.stage_of(frame)
        for frame in (answer, history, courses, Frame("cds/dosage/words.py", courses))
    ] == [stages.REST, "history: the rest", *["history: medication courses"] * 2]


def test_every_stage_is_a_part_of_the_code():
    assert all((stages.ROOT / part).exists() for part in stages.STAGES)


def test_a_part_of_the_page_is_replaced_and_nothing_else():
    page = "a\n<!-- x -->\nold\n<!-- end of x -->\n<!-- y -->\n<!-- end of y -->\n"
    table = Table("Heading", ("what", "ms"), [("one", "2")]).markdown()
    assert replaced(page, "x", table) == (
        "a\n<!-- x -->\n\n**Heading**\n\n| what | ms |\n| --- | ---: |\n| one | 2 |\n\n"
        "<!-- end of x -->\n<!-- y -->\n<!-- end of y -->\n"
    )
    assert replaced(page, "y", "new").endswith("<!-- y -->\n\nnew\n\n<!-- end of y -->\n")
    with pytest.raises(ValueError, match="z"):
        replaced(page, "z", table)


@pytest.mark.parametrize("part", ["bench", "stages", "peers"])
def test_the_page_has_the_marks_of_each_part(part):
    page = report.PAGE.read_text(encoding="utf-8")
    assert "new" in replaced(page, part, "new")


def test_the_first_table_keeps_its_columns():
    row = {
        "call": "ketamine", "resources": 151, "body_kb": 106.4, "cards": 3, "cpu_ratio": 14.0,
        "time_ratio": 13.0, "cpu_ms": 11.0, "floor_cpu_ms": 0.8, "time_ms": 12.0,
        "floor_time_ms": 0.9,
    }  # fmt: skip
    [table] = tables({"calls": [row]})
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    kept = {"call": "ketamine, 151 resources", "body kB": "106", "cards": "3", "time ×": "13.00",
            "CPU ×": "14.00", "service ms": "12.0", "floor ms": "0.9"}  # fmt: skip
    assert kept.items() <= shown.items()


def test_the_compiled_rule_of_the_cql_peer_is_that_of_its_source():
    folder = report.ROOT / "benchmarks" / "peers" / "cql"
    written = re.findall(r'^define "(.+)":', (folder / "Depression.cql").read_text(), re.MULTILINE)
    compiled = json.loads((folder / "Depression.json").read_text())["library"]["statements"]["def"]
    assert [one["name"] for one in compiled] == ["Patient", *written]
