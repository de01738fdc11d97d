"""Every row of the code sets that the tables were built from, where these are at hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds.terminology.build.code_sets import LEFT_OUT
from cds.terminology.build.run import TABLES, build_tables
from cds.terminology.codes.icd import plain_icd
from cds.terminology.lookup import Terminology

pytestmark = pytest.mark.shared

LITHIUM = {"lithium carbonate": "lithium", "lithium citrate": "lithium"}
"""RxNorm files these salts as ingredients of their own; they are one drug here."""


def _rows(shared_dir: Path, name: str) -> Iterator[dict[str, str]]:
    path = shared_dir / "terminology" / name
    if not path.exists():
        pytest.skip(f"{name} is not in the research folder")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _concept(row: dict[str, str]) -> dict[str, object]:
    return {"coding": [{"system": row["system"], "code": row["code"]}]}


def _names(row: dict[str, str]) -> set[str]:
    names = row["ingredient_name"].lower().split("|")
    return {LITHIUM.get(name, name) for name in names if name}


def test_the_committed_tables_are_what_the_build_makes(shared_dir: Path, tmp_path: Path) -> None:
    build_tables(shared_dir / "terminology", tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (TABLES / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", ["rxnorm_products.csv", "rxnorm_ingredients.csv"])
def test_every_drug_row_resolves(name: str, shared_dir: Path, terminology: Terminology) -> None:
    wrong = []
    for row in _rows(shared_dir, name):
        match = terminology.drug(_concept(row))
        if match is None or not _names(row) <= match.names or match.disagreement:
            wrong.append(row["code"])
    assert not wrong


def test_every_atc_code_resolves(shared_dir: Path, terminology: Terminology) -> None:
    meant: dict[str, set[str]] = {}
    for row in _rows(shared_dir, "atc_ingredients.csv"):
        meant.setdefault(row["code"], set()).update(_names(row))
        match = terminology.drug(_concept(row))
        assert match is not None, row["code"]
    for code, names in meant.items():
        concept = {"coding": [{"system": "http://www.whocc.no/atc", "code": code}]}
        match = terminology.drug(concept)
        assert match is not None
        assert match.names <= names, code


def test_the_name_of_a_product_never_reads_as_another_drug(
    shared_dir: Path, terminology: Terminology
) -> None:
    total = unread = 0
    for row in _rows(shared_dir, "rxnorm_products.csv"):
        if row["tty"] in ("SCD", "SBD"):
            total += 1
            match = terminology.drug({"text": row["display"]})
            unread += match is None
            assert match is None or match.names <= _names(row), row["display"]
    assert unread < total / 200


@pytest.mark.parametrize("name", ["conditions.csv", "procedures.csv", "observations.csv"])
def test_every_code_is_in_its_sets(name: str, shared_dir: Path, terminology: Terminology) -> None:
    kind = name.removesuffix("s.csv")
    lookup = getattr(terminology, kind)
    missing = set()
    for row in _rows(shared_dir, name):
        unverified = row.get("verified") == "no" and "HCPCS" in row["system"]
        for name_of_set in row["set_id"].split("|"):
            left_out = plain_icd(row["code"]) in LEFT_OUT.get(name_of_set, ())
            if not (left_out or unverified) and name_of_set not in lookup(_concept(row)).sets:
                missing.add((name_of_set, row["code"]))
    assert not missing


def test_every_ndc_resolves(shared_dir: Path, terminology: Terminology) -> None:
    index = terminology._drugs.index
    for row in _rows(shared_dir, "ndc_to_rxcui.csv"):
        assert index.ndc[row["ndc11"]] == row["rxcui"]
        assert row["rxcui"] in index.rxnorm_rows
