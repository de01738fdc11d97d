"""Do the tests notice a small fault? `make mutate` puts one after the other into the code.

Of each package a sample is drawn by the seed: of every module and every family of operators its
share. Exit status 1 where fewer than 90 % of a package's mutants are noticed. Those that no test
can notice (`survivors.yaml`: equivalent) are set aside, and named.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import yaml
from mutants import Identity, Mutant, drawn, mutants_of
from survivors import Judged, gone, judged_survivors
from trial import Outcome, Trial, warm

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(__file__).with_name("packages.yaml")
FLOOR = 90
Stages = Sequence[Sequence[str]]


@dataclass
class Report:
    """What became of the mutants of one package."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    survived: list[Mutant] = field(default_factory=list)
    judged: list[tuple[Mutant, Judged]] = field(default_factory=list)
    overtaken: list[Mutant] = field(default_factory=list)
    """judged to survive, and killed"""
    gone: list[Identity] = field(default_factory=list)
    """judged, and no mutant any more"""

    @property
    def noticed(self) -> int:
        return self.outcomes["killed"] + self.outcomes["timeout"]

    @property
    def tried(self) -> int:
        return self.outcomes.total()

    @property
    def rate(self) -> float:
        """Per cent of the mutants that can be noticed at all."""
        equivalent = sum(verdict.judgement == "equivalent" for _, verdict in self.judged)
        return 100 * self.noticed / max(self.tried - equivalent, 1)

    def add(self, mutant: Mutant, outcome: Outcome, verdict: Judged | None) -> None:
        self.outcomes[outcome] += 1
        if outcome != "survived":
            self.overtaken += [mutant] if verdict else []
        elif verdict:
            self.judged.append((mutant, verdict))
        else:
            self.survived.append(mutant)


def main() -> int:
    packages: dict[str, Stages] = yaml.safe_load(
        Path(__file__).with_name("packages.yaml").read_text()
    )
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", choices=packages, action="append", help="this one only")
    parser.add_argument("--sample", type=int, default=100, help="mutants of each package")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--file", default="", help="only files whose path ends so")
    parser.add_argument("--stages", type=int, default=9, help="the first so many of its tests")
    parser.add_argument("--judged", action="store_true", help="those of survivors.yaml alone")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # no child is left behind
    os.chdir(ROOT)
    warm(ROOT)
    reports = {}
    for package in chosen.package or packages:
        mutants = [m for path in sorted(Path(package).rglob("*.py")) for m in mutants_of(path)]
        mutants = [m for m in mutants if m.file.endswith(chosen.file)]
        reports[package] = _try(package, mutants, packages[package][: chosen.stages], chosen)
    _tell(reports)
    if chosen.judged:
        return int(any(report.overtaken or report.gone for report in reports.values()))
    return int(any(report.rate < FLOOR for report in reports.values()))


def _try(
    package: str, mutants: Sequence[Mutant], stages: Stages, chosen: argparse.Namespace
) -> Report:
    begun = time.monotonic()
    seconds = _seconds(package, stages)
    judged = judged_survivors()
    report = Report(gone=gone(judged, mutants))
    if chosen.judged:
        places = {identity[:4] for identity in judged}
        mutants = [m for m in mutants if m.place in places and m.identity in judged]
    for mutant, outcome in _outcomes(drawn(mutants, chosen.seed), chosen, stages, seconds):
        report.add(mutant, outcome, judged.get(mutant.identity))
        if report.survived and report.survived[-1] is mutant:
            print(f"survived  {mutant}", flush=True)
        if report.tried % 50 == 0:
            print(f"… {report.noticed} of {report.tried} noticed", flush=True)
    minutes = (time.monotonic() - begun) / 60
    print(f"{package}: {report.tried} of {len(mutants)} mutants in {minutes:.1f} min", flush=True)
    return report


def _seconds(package: str, stages: Stages) -> int:
    """How long the tests of a mutant may compute: three times as long as without a fault."""
    trial = Trial(stages, 3600)
    while (outcome := trial.outcome()) is None:
        time.sleep(0.1)
    if outcome != "survived":
        sys.exit(f"{package}: its tests fail without any fault put in")
    return 20 + 3 * int(trial.cpu_seconds)


def _outcomes(
    mutants: Iterable[Mutant], chosen: argparse.Namespace, stages: Stages, seconds: int
) -> Iterator[tuple[Mutant, Outcome]]:
    """The first of the mutants that can be run, as many as the sample holds."""
    waiting = iter(mutants)
    running: list[tuple[Mutant, Trial]] = []
    left = chosen.sample
    try:
        while True:
            for mutant in islice(waiting, min(chosen.jobs, left) - len(running)):
                running.append((mutant, Trial(stages, seconds, (mutant.file, mutant.mutated))))
            if not running:
                return
            time.sleep(0.02)
            for entry in list(running):
                outcome = entry[1].outcome()
                if outcome is not None:
                    running.remove(entry)
                if outcome not in (None, "unrunnable"):
                    left -= 1
                    yield entry[0], outcome
    finally:
        for _, trial in running:
            trial.stop()


def _tell(reports: dict[str, Report]) -> None:
    columns = ("mutants", "killed", "timeout", "survived", "judged", "rate")
    print()
    for report in reports.values():
        for mutant, verdict in report.judged:
            print(f"{verdict.judgement}  {mutant}\n    {verdict.why}")
        for mutant in report.overtaken:
            print(f"killed now, so strike it from survivors.yaml  {mutant}")
        for identity in report.gone:
            print(f"no mutant any more, so strike it from survivors.yaml  {identity}")
    print(f"\n{'package':28}" + "".join(f"{column:>10}" for column in columns))
    for package, report in reports.items():
        killed, late = report.outcomes["killed"], report.outcomes["timeout"]
        counts = (report.tried, killed, late, len(report.survived), len(report.judged))
        print(f"{package:28}" + "".join(f"{n:10}" for n in counts) + f"{report.rate:8.1f} %")


if __name__ == "__main__":
    sys.exit(main())
