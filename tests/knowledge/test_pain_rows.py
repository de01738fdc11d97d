"""The rows of the research on pain, seizures and safety: all of them, as sure as there, and no
figure of them lost or invented."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.model.base import EvidenceRow
from tests.knowledge.digest_sources import our_source

pytestmark = pytest.mark.shared

BY_ID = (
    "indications", "treatment_failure_definitions", "regimens", "non_infusion_orders",
    "contraindications", "interactions",
)  # fmt: skip
FLAGS = ("flag", "dose_flag", "weeks_flag")
SOURCES = ("source", "sources", "dose_source", "weeks_source", "renal_source")
NO_FIGURES = {
    *SOURCES, "id", "icd10cm", "icd10cm_extra", "icd10cm_regex", "icd_note", "loinc", "atc",
    "rxnorm", "rxnorm_flag", "maps_to", "seeds",
}  # fmt: skip
"""fields with codes, which stand in the facts, and with names"""
IN_WORDS = {
    "zero": 0, "one": 1, "once": 1, "single": 1, "two": 2, "twice": 2, "three": 3, "triple": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
SAID_OTHERWISE = {
    "pain:crps_outpatient": {4},  # hours, of 240 min
    "pain:crps_outpatient_maintenance": {4},
    "pain:sci_amr": {5},
}
WITH_THE_SECTION = {
    "pain:mme_factors/": {30, 10},  # oral and parenteral morphine, in a line above them
    "pain:normalisation/": {Decimal("16.67")},  # among the conversions
    "pain:signature_ratios/": {10},  # per cent, in a line above them
}
NOT_IN_TABLES = {
    "pain:adequate_trials", "pain:normalisation/s_ketamine_potency", "pain:normalisation/hcl",
}  # fmt: skip
"""a line of the digest about a section, and two of its conversions"""


def rows_of(digest: Any) -> Iterator[tuple[str, Any]]:
    """Each row of the digest under the id that it has here."""
    errors = digest["order_errors"]
    for section in BY_ID:
        yield from ((row["id"], row) for row in digest[section])
    yield from ((f"limits/{row['id']}", row) for row in errors["bounds"])
    yield from ((row["id"], row) for row in errors["rules"])
    yield from ((f"signature_ratios/{row['ratio']}", row) for row in errors["signature_ratios"])
    for section in ("case_evidence", "seed_claims"):
        listed = errors.get(section) or digest[section]
        yield from ((f"{section}/{number}", row) for number, row in enumerate(listed, 1))
    for phase, listed in digest["monitoring"].items():
        yield from ((f"monitoring/{phase}-{number}", row) for number, row in enumerate(listed, 1))
    yield from ((f"adequate_trials/{row['drug']}", row) for row in digest["adequate_trials"])
    for row in digest["mme_factors"]:
        yield f"mme_factors/{row['opioid']}-{row['route']}", row
    yield from ((f"mme_legacy/{row['opioid']}-{row['set']}", row) for row in digest["mme_legacy"])
    for name, row in digest["opioid_thresholds"].items():
        yield f"opioid_thresholds/{name}", row
    for row in errors["products"]:
        yield f"products/{row.get('strength_mg_per_ml', 'rxcui')}", row
    cues = digest["non_infusion_recognition_cues"]["any_of"]
    yield from ((f"recognition_cues/{number}", {"cue": cue}) for number, cue in enumerate(cues, 1))
    names = ("mcg_kg_min", "mg_kg_min", "mg_min", "mg_h", "ml_h", "mg_24h")
    for name, row in zip(names, errors["normalisation"], strict=False):
        yield f"normalisation/{name}", row


@pytest.fixture(scope="module")
def digest(shared_dir: Path) -> dict[str, list[Any]]:
    text = (shared_dir / "clinical" / "pain-safety.yaml").read_text()
    found = defaultdict[str, list[Any]](list)
    for name, row in rows_of(yaml.load(text, yaml.CBaseLoader)):
        found[f"pain:{name}"].append(row)
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, EvidenceRow]:
    return {name: row for name, row in load_evidence().items() if name.startswith("pain:")}


def words(value: Any) -> str:
    if isinstance(value, dict):
        return " | ".join(words(each) for name, each in value.items() if name not in NO_FIGURES)
    if isinstance(value, list):
        return " | ".join(words(each) for each in value)
    return str(value)


def figures(text: str) -> set[Decimal]:
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)  # 1,200
    text = re.sub(r"\bx(?=\d)", "", text)  # x2.6
    text = re.sub(r"RxNorm \d{4}\b", "", text)  # a code, in the terminology
    text = re.sub(r"[A-Za-z]+\d[\w.]*|\d+-\d\b", lambda found: _unless_range(found[0]), text)
    spelled = {IN_WORDS[each] for each in re.findall(r"[a-z]+", text.lower()) if each in IN_WORDS}
    return {Decimal(each) for each in re.findall(r"\d+(?:\.\d+)?", text)} | set(
        map(Decimal, spelled)
    )


def _unless_range(text: str) -> str:
    """`cohen2018`, `G90.5` and `82810-3` are names; `3-8` are two figures."""
    return text if re.fullmatch(r"\d{1,3}-\d", text) else ""


def test_all_rows_are_here(digest: dict[str, list[Any]], ours: dict[str, EvidenceRow]) -> None:
    assert ours.keys() - digest.keys() == NOT_IN_TABLES
    assert digest.keys() - ours.keys() == set()


def test_each_is_as_sure_as_there(
    digest: dict[str, list[Any]], ours: dict[str, EvidenceRow]
) -> None:
    """Where a part was not read, it says which."""
    for name, rows in digest.items():
        flags = {row[field] for row in rows for field in FLAGS if field in row}
        if flags:
            assert ("seen" in flags) == (ours[name].status == "seen"), name
            assert flags != {"seen", "recalled"} or ours[name].unverified or len(rows) > 1, name


def test_each_cites_what_it_cites_there(
    digest: dict[str, list[Any]], ours: dict[str, EvidenceRow]
) -> None:
    for name, rows in digest.items():
        cited = {
            our_source(each) for row in rows for field in SOURCES for each in row.get(field, ())
        }
        assert set(ours[name].sources) == (cited or {"DESIGN"}), name


def test_no_figure_is_lost_and_none_invented(
    digest: dict[str, list[Any]], ours: dict[str, EvidenceRow]
) -> None:
    wrong = {}
    for name, rows in digest.items():
        row = ours[name]
        parts = (row.statement, row.population, row.unverified, *row.against, row.note)
        mine = figures(" | ".join(filter(None, parts)).replace("a score of 4 of 10", "4"))
        theirs = set[Decimal]().union(*(figures(words(each)) for each in rows))
        allowed = SAID_OTHERWISE.get(name, set()) | set().union(
            *(more for begin, more in WITH_THE_SECTION.items() if name.startswith(begin))
        )
        lost = {each for each in theirs - mine if each not in (0, 1)}
        new = {
            each
            for each in mine - theirs - allowed
            if each not in (1, 2) and not 2000 <= each <= 2030
        }
        if lost or new:
            wrong[name] = (lost, new)
    assert wrong == {}
