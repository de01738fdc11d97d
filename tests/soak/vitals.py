"""Memory, file descriptors and threads of each worker over time, and whether they grow."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

from tests.soak.processes import Service

WARM_S = 120.0
"""of a worker's life: pools and the caches of texts fill, which are bounded"""
FEWEST = 12
SHORTEST_S = 150.0
"""samples and their span, below which nothing can be said"""
MOST = 240
"""samples of one worker that are compared pair by pair"""
ALLOWED = {"memory": 24.0, "descriptors": 24.0, "threads": 12.0}
"""what each may grow by over a worker's whole life: MB, and numbers"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one worker."""

    moment: float
    memory: float
    """MB, its own and its share of what workers share (PSS)"""
    descriptors: float
    threads: float
    calm: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """How something went over a worker's life."""

    first: float
    last: float
    """medians of the first and the last quarter"""
    slope: float
    """an hour; Theil and Sen's, which single peaks do not move"""
    surely: float
    """the lower end of its interval of 95 %"""
    hours: float

    def grows(self, allowed: float) -> bool:
        """Whether it surely rises, and rose by more than is allowed."""
        return self.surely > 0 and min(self.slope * self.hours, self.last - self.first) > allowed


def trend(points: Sequence[tuple[float, float]]) -> Trend | None:
    """The trend of (seconds, value) pairs; None where they are too few to tell."""
    if len(points) < FEWEST or points[-1][0] - points[0][0] < SHORTEST_S:
        return None
    points = points[:: math.ceil(len(points) / MOST)]
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) * 3600 for a, b in combinations(points, 2))
    count = len(points)
    # Sen (1968): the interval follows from the variance of Kendall's statistic
    width = 1.96 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    lower = slopes[max(0, int((len(slopes) - width) / 2))]
    quarter = max(3, count // 4)
    values = [value for _, value in points]
    first, last = median(values[:quarter]), median(values[-quarter:])
    hours = (points[-1][0] - points[0][0]) / 3600
    return Trend(first, last, median(slopes), lower, hours)


def look(pid: int, calm: bool) -> Sample | None:
    """The vitals of a process now; None where it has just ended."""
    home = Path(f"/proc/{pid}")
    with contextlib.suppress(OSError, ValueError):
        rollup = (home / "smaps_rollup").read_text()
        pss = int(rollup.partition("\nPss:")[2].split()[0]) / 1024
        descriptors = len(list((home / "fd").iterdir()))
        threads = len(list((home / "task").iterdir()))
        return Sample(time.monotonic(), pss, descriptors, threads, calm)
    return None


class Vitals(threading.Thread):
    """Looks at all workers every few seconds."""

    def __init__(self, calm: Callable[[], bool], every: float) -> None:
        super().__init__(daemon=True)
        self._calm, self._every = calm, every
        self.service: Service | None = None
        self.lives: defaultdict[int, list[Sample]] = defaultdict(list)
        """samples by worker"""
        self.short: list[str] = []
        """calm moments in which there were not as many workers as were set"""
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._every):
            service, calm = self.service, self._calm()
            if service is None:
                continue
            workers = service.workers()
            for pid in workers:
                sample = look(pid, calm)
                if sample is not None:
                    self.lives[pid].append(sample)
            if calm and self._calm() and service is self.service and len(workers) != service.wanted:
                self.short.append(f"{len(workers)} workers instead of {service.wanted}")

    def stop(self) -> None:
        self._over.set()
        self.join(10)

    def of(self, what: str, pid: int) -> list[tuple[float, float]]:
        """The calm samples of a worker after it is warm."""
        life = self.lives[pid]
        begun = life[0].moment + WARM_S if life else 0
        return [(s.moment, getattr(s, what)) for s in life if s.calm and s.moment >= begun]

    def trends(self) -> dict[str, dict[int, Trend]]:
        """By what was measured and by worker, where a worker lived long enough."""
        found: dict[str, dict[int, Trend]] = {what: {} for what in ALLOWED}
        for what in ALLOWED:
            for pid in self.lives:
                told = trend(self.of(what, pid))
                if told is not None:
                    found[what][pid] = told
        return found

    def growth(self) -> list[str]:
        """What is not flat."""
        return [
            f"{what} of a worker: {one.first:.1f} to {one.last:.1f} in {one.hours * 60:.1f} min"
            for what, workers in self.trends().items()
            for one in workers.values()
            if one.grows(ALLOWED[what])
        ]
