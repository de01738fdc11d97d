"""Threads that answer whole requests, and the requests that wait for one: bounded in both.

A lane is a number of threads of its own. What fills one lane does not hold up another.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from time import monotonic

Work = Callable[[], None]


class Job:
    """A request that is whole: what answers it, and what follows when it can't wait any longer."""

    __slots__ = ("due", "given_up", "work")

    def __init__(self, work: Work, given_up: Work, due: float) -> None:
        self.work = work
        self.given_up = given_up
        self.due = due


class Lane:
    """Up to `threads` threads, started as they are needed, and `places` requests that wait."""

    def __init__(self, name: str, threads: int, places: int, wait_s: float) -> None:
        self._name = name
        self._threads = threads
        self._places = places
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._idle: list[SimpleQueue[Job]] = []  # the last to finish is the next to work
        self._started = 0

    def put(self, work: Work, given_up: Work) -> Job | None:
        """Begin soon; None when no place is left. `given_up` follows instead if it waits too long.

        A job that waits has not begun when this returns; `withdraw` takes it back.
        """
        job = Job(work, given_up, monotonic() + self._wait_s)
        with self._lock:
            if self._idle:
                self._idle.pop().put(job)
                return job
            if self._started < self._threads:
                self._started += 1
                inbox: SimpleQueue[Job] = SimpleQueue()
                inbox.put(job)  # as an argument it would be kept as long as the thread lives
                name = f"{self._name}-{self._started}"
                threading.Thread(target=self._run, args=(inbox,), name=name, daemon=True).start()
                return job
            if len(self._waiting) >= self._places:
                return None
            self._waiting.append(job)
            return job

    def waits(self, job: Job) -> bool:
        """Whether no thread has taken it yet."""
        return bool(self._waiting) and job in self._waiting

    def withdraw(self, job: Job) -> bool:
        """Take back a job that nobody waits for any more; whether it had not begun."""
        with self._lock:
            try:
                self._waiting.remove(job)
            except ValueError:
                return False
            return True

    def sweep(self) -> None:
        """Give up what has waited too long; to be called every now and then."""
        now = monotonic()
        late: list[Job] = []
        with self._lock:
            while self._waiting and self._waiting[0].due < now:
                late.append(self._waiting.popleft())
        for job in late:
            job.given_up()

    def _run(self, inbox: SimpleQueue[Job]) -> None:
        job = inbox.get()
        while True:
            job.work() if job.due >= monotonic() else job.given_up()
            with self._lock:
                if self._waiting:
                    job = self._waiting.popleft()
                    continue
                self._idle.append(inbox)
            del job  # while the thread waits for the next it would hold the body of this one
            job = inbox.get()
