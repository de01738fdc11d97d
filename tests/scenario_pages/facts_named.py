"""Which facts of the knowledge a case names: by rows of the research, and by ids."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from cds.knowledge.check.references import records_in
from cds.knowledge.load import load_knowledge
from tests.scenario_pages.cases import Case

_ROW = re.compile(r"(?:psy|pain|upd|local):[\w/+.-]+")
_SUBJECTS = {
    "regimen": ("regimens",),
    "default_regimen": ("regimens",),
    "knows": ("regimens",),
    "limit": ("limits",),
    "limits": ("limits",),
    "field": (),
    "findings": ("contraindications", "interactions", "candidacy_rules"),
    "absent": ("contraindications", "interactions", "candidacy_rules"),
    "against": ("contraindications", "interactions", "candidacy_rules", "response"),
    "id": ("contraindications", "interactions", "candidacy_rules"),
    "verdicts": ("indications",),
    "criteria": ("indications",),
    "why_not_for": ("indications",),
    "trials": ("antidepressant_trials", "pain_trials"),
    "no_trials": ("antidepressant_trials", "pain_trials"),
    "ingredient": ("antidepressant_trials",),
    "augmentation": ("augmentation",),
}
"""key → subjects of which it names facts, as its value or by the keys below it"""
_TELLING = (
    "contraindications",
    "interactions",
    "candidacy_rules",
    "order_checks",
    "limits",
    "indications",
)
_SECTIONS = ("order_checks", "regimens", "uses")
"""subjects after whose facts sections of tables are called"""


def named(case: Case) -> tuple[list[str], list[str]]:
    """Facts (`subject/id`) and rows, each once and sorted."""
    rows = set(_rows(case.written))
    facts = {fact for row in rows for fact in _by_row().get(row, ())}
    facts.update(_by_key(case.written))
    section = case.section.replace(" ", "_")
    for subject in _SECTIONS:
        for ident in (case.section, section):
            if ident in getattr(load_knowledge(), subject):
                facts.add(f"{subject}/{ident}")
    return sorted(facts), sorted(rows)


@lru_cache(maxsize=1)
def _by_row() -> Mapping[str, frozenset[str]]:
    """Row → facts that rest on it, in any of their parts."""
    found: dict[str, set[str]] = defaultdict(set)
    for subject, fact in load_knowledge().facts():
        for record, _ in records_in(fact):
            for row in getattr(record, "basis", ()):
                found[row].add(f"{subject}/{fact.id}")
    return {row: frozenset(facts) for row, facts in found.items()}


def told_by(row: str) -> list[str]:
    """Ids of the facts of which a card tells and that rest on a row."""
    facts = (fact.partition("/") for fact in _by_row().get(row, ()))
    return sorted(ident for subject, _, ident in facts if subject in _TELLING)


def _rows(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _rows(key)
                yield from _rows(inner)
        case list():
            for item in value:
                yield from _rows(item)
        case str() if _ROW.fullmatch(value):
            yield value


def _by_key(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _by_key(item)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        for subject in _SUBJECTS.get(key, ()):
            facts = getattr(load_knowledge(), subject)
            for ident in _texts(inner):
                ident = ident.replace("/", "-") if subject == "pain_trials" else ident
                if ident in facts:
                    yield f"{subject}/{ident}"
        yield from _by_key(inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        yield from (key for key in value if isinstance(key, str))
