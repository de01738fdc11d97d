"""What large requests leave behind is given back."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref

import pytest

from cds.serving.lanes import Lane
from tests.serving.served import ROOT

CHILD = """
import threading, time
from cds.serving import memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

given = memory.Memory()
before, kept = resident(), []

def work():
    texts = [bytes(1800) for _ in range(20_000)]
    kept.append(texts[::500])  # here and there one that stays: the heap's end can't be cut off

workers = [threading.Thread(target=work) for _ in range(4)]
for one in workers:
    one.start()
for one in workers:
    one.join()
grown = resident() - before
given.sweep()  # no call, no work
assert threading.active_count() == 1
memory.EVERY_S = 0
given.used()
given.sweep()
while threading.active_count() > 1:
    time.sleep(0.01)
print(grown, resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is done")
def test_what_is_free_goes_back_to_the_system():
    told = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=ROOT, capture_output=True, text=True, check=True
    )
    grown, left = map(int, told.stdout.split())
    assert grown > 40_000_000
    assert left < grown / 4


class Request:
    def work(self):
        pass


def test_a_thread_that_waits_for_the_next_request_does_not_hold_the_last_one():
    """Its body, its chart: many megabytes for each thread."""
    lane = Lane("x", 1, 1, 10.0)
    request = Request()
    gone = threading.Event()
    weakref.finalize(request, gone.set)
    lane.put(request.work, request.work)
    del request
    gc.collect()
    assert gone.wait(10)
