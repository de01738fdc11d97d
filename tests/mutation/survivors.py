"""The survivors that somebody has looked at, and what was found of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from mutants import Identity, Mutant

FILE = Path(__file__).with_name("survivors.yaml")
Judgement = Literal["equivalent", "accepted"]
"""No answer can differ; or one may, and no test of it is worth its keep."""


class Judged(NamedTuple):
    judgement: Judgement
    why: str


def judged_survivors() -> dict[Identity, Judged]:
    """By identity. An entry says file, function, operator, the line before and after, and why."""
    entries: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        (e["file"], e["function"], e["operator"], e["before"], e["after"]): Judged(
            e["judgement"], e["why"]
        )
        for e in entries
    }


def gone(judged: Mapping[Identity, Judged], mutants: Iterable[Mutant]) -> list[Identity]:
    """The judged that stand in files of these mutants, and are none of them any more."""
    mutants = list(mutants)
    there = {m.identity for m in mutants if any(m.place == i[:4] for i in judged)}
    files = {m.file for m in mutants}
    return [identity for identity in judged if identity[0] in files and identity not in there]
