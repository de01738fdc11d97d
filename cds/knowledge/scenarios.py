"""The scenarios that name a fact: test cases in readable form, shipped with the knowledge.

`scenarios.json` is made of the tables in `tests` by `make docs` (`python -m tests.scenario_pages`),
beside the pages in `docs/scenarios`; a test compares both. It is a list of objects:

    {"id": "contraindications/abdominal-aortic-aneurysm",   page and anchor, of all the same shape
     "title": "abdominal aortic aneurysm",
     "given": ["Diagnoses: Abdominal aortic aneurysm, without rupture (I71.4)"],   lines of text
     "says": ["critical, by psy:C1"],                       what the service says
     "never": [],                                           what it must not say
     "facts": ["contraindications/aneurysm"],               `subject/id` of the facts that it names
     "rows": ["psy:C1"]}                                    rows of the evidence that it names

The page of a scenario is `docs/scenarios/{page}.md#{anchor}`. It is read when somebody asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import msgspec


class Scenario(msgspec.Struct, frozen=True):
    """A case of the tests in words."""

    id: str
    title: str
    given: tuple[str, ...]
    says: tuple[str, ...]
    never: tuple[str, ...]
    facts: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def page(self) -> str:
        """`contraindications`, of docs/scenarios/contraindications.md."""
        return self.id.partition("/")[0]

    @property
    def anchor(self) -> str:
        return self.id.partition("/")[2]


@lru_cache(maxsize=1)
def load_scenarios() -> tuple[Scenario, ...]:
    text = (files("cds.knowledge") / "scenarios.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[Scenario, ...])


def scenarios_of(subject: str, ident: str) -> tuple[Scenario, ...]:
    """Those that name the fact."""
    return _by_fact().get(f"{subject}/{ident}", ())


def scenarios_of_row(row: str) -> tuple[Scenario, ...]:
    """Those that name a row of the evidence."""
    return _by_row().get(row, ())


@lru_cache(maxsize=1)
def _by_fact() -> Mapping[str, tuple[Scenario, ...]]:
    found: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in load_scenarios():
        for fact in scenario.facts:
            found[fact].append(scenario)
    return {fact: tuple(listed) for fact, listed in found.items()}


@lru_cache(maxsize=1)
def _by_row() -> Mapping[str, tuple[Scenario, ...]]:
    found: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in load_scenarios():
        for row in scenario.rows:
            found[row].append(scenario)
    return {row: tuple(listed) for row, listed in found.items()}
