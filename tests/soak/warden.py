"""What the soak leaves behind: nothing, however it ends.

A small process holds the end of a pipe and a list of what was started. When the pipe closes, since
the soak is done, was interrupted or was killed, it ends these processes, unmounts and deletes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_S = 2.0


class Warden:
    """The soak's side: say what there is, before it is."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def _tell(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\t".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def folder(self, path: Path) -> None:
        """A folder to delete."""
        self._tell("folder", path)

    def mount(self, path: Path) -> None:
        """A place to unmount."""
        self._tell("mount", path)

    def session(self, leader: int) -> None:
        """A process that leads a session of its own, and all that it starts."""
        self._tell("session", leader)

    def gone(self, leader: int) -> None:
        """That session has ended: its number may be another's soon."""
        self._tell("gone", leader)

    def dismiss(self) -> None:
        """Clean up now, and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def members(leader: int) -> list[int]:
    """The processes of a session that live, and what they started in sessions of their own."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            state, parent, session = told[0], int(told[1]), int(told[3])
            if state != "Z":
                parents[int(name)] = parent
                if session == leader:
                    found.add(int(name))
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def _ask(leader: int) -> None:
    """Let a session end by itself first, so that it can give back what it holds."""
    _signal(members(leader)[:1], signal.SIGINT)
    _signal(members(leader), signal.SIGCONT)
    until = time.monotonic() + PATIENCE_S
    while members(leader) and time.monotonic() < until:
        time.sleep(0.05)


def end(leader: int) -> None:
    """Kill a session, wait until nothing of it lives, and remove memory that it left shared."""
    for _ in range(100):
        if not (living := members(leader)):
            break
        _signal(living, signal.SIGKILL)
        time.sleep(0.05)
    segments = Path("/proc/sysvipc/shm")
    for line in segments.read_text().splitlines()[1:] if segments.exists() else ():
        _key, segment, _mode, _size, maker, *_ = line.split()
        if int(maker) == leader:
            subprocess.run(["ipcrm", "-m", segment], check=False, stderr=subprocess.DEVNULL)


def _signal(processes: list[int], number: int) -> None:
    for pid in processes:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def main() -> None:
    """Note what is told until the pipe closes, then clean up."""
    for harmless in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(harmless, signal.SIG_IGN)
    held: dict[str, list[str]] = {"session": [], "mount": [], "folder": []}
    for line in sys.stdin:
        kind, _, what = line.rstrip("\n").partition("\t")
        if kind == "gone":
            held["session"].remove(what)
        else:
            held[kind].append(what)
    for leader in held["session"]:
        _ask(int(leader))
    for leader in held["session"]:
        end(int(leader))
    for place in reversed(held["mount"]):
        subprocess.run(["umount", "--lazy", place], check=False, stderr=subprocess.DEVNULL)
    for folder in held["folder"]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
