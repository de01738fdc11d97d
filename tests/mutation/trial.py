"""One mutant, tried: in a process of its own, where the mutated file stands in for the real one.

The parent has the terminology and the knowledge loaded, and none of the code that is mutated. A
child is a copy of it that imports that code, mutated, and runs the tests until one fails.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Literal

import pytest

Outcome = Literal["killed", "timeout", "survived", "unrunnable"]
_SURVIVED, _KILLED, _UNRUNNABLE = 0, 1, 99
_MEMORY = 4 << 30
_WAITING = 10
"""A child may wait for a busy machine this many times as long as it may compute."""


def warm(root: Path) -> None:
    """Load what every child needs."""
    sys.path.insert(0, str(root))
    from cds.knowledge.load import load_knowledge
    from cds.terminology.lookup import load_terminology

    load_knowledge()
    load_terminology()
    gc.collect()
    gc.freeze()  # what is looked through for garbage would be copied into every child


class Trial:
    """A child that runs the stages of tests, with a file mutated or with none."""

    def __init__(
        self, stages: Sequence[Sequence[str]], seconds: int, mutated: tuple[str, str] | None = None
    ) -> None:
        self._wait_until = time.monotonic() + seconds * _WAITING
        self.cpu_seconds = 0.0
        self._pid = os.fork()
        if not self._pid:
            _run(stages, seconds, mutated)

    def outcome(self) -> Outcome | None:
        """How it ended; None while it runs."""
        pid, status, used = os.wait4(self._pid, os.WNOHANG)
        if not pid:
            if time.monotonic() < self._wait_until:
                return None
            self.stop()
            return "timeout"
        self.cpu_seconds = used.ru_utime + used.ru_stime
        code = os.waitstatus_to_exitcode(status)
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return "timeout"
        return {_SURVIVED: "survived", _UNRUNNABLE: "unrunnable"}.get(code, "killed")  # type: ignore[return-value]

    def stop(self) -> None:
        """End it, with whatever its tests have started."""
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except ProcessLookupError:  # it has no group of its own yet
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _run(stages: Sequence[Sequence[str]], seconds: int, mutated: tuple[str, str] | None) -> None:
    code = _KILLED
    try:
        os.setpgid(0, 0)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        code = _import(*mutated) if mutated else _SURVIVED
        done: list[str] = []
        for stage in stages:
            if code != _SURVIVED:
                break
            code = _tests(stage, done)
            done += stage
    finally:
        os._exit(code)


def _import(file: str, source: str) -> int:
    """A mutant that can't even be imported is no fault that a person would leave behind."""
    name = ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")
    assert name not in sys.modules, f"{name} is loaded already"
    sys.meta_path.insert(0, _Mutated(name, file, source))
    try:
        importlib.import_module(name)
    except BaseException:
        return _UNRUNNABLE
    return _SURVIVED


def _tests(stage: Sequence[str], done: Sequence[str]) -> int:
    return pytest.main(
        [
            "-o", "addopts=", "--disable-plugin-autoload", "-p", "hypothesispytest",
            "-p", "no:cacheprovider", "--hypothesis-profile=unshrunk",
            "-x", "-q", "--no-header", "--no-summary", "--tb=no",
            *(f"--ignore={path}" for path in done), *stage,
        ]
    )  # fmt: skip


class _Mutated(SourceFileLoader):
    """Finds one module, and loads it from the mutated source."""

    def __init__(self, name: str, file: str, source: str) -> None:
        super().__init__(name, str(Path(file).resolve()))
        self._source = source

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)
