"""The bundled tables: optional parts, size, speed, and the commands around them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.commands.terminology import terminology as commands
from cds.terminology.build.run import TABLES
from cds.terminology.codes import systems
from cds.terminology.codes.tables import (
    BODY_WORDS,
    ICD_NAMES,
    LOINC_NAMES,
    OPTIONAL,
    PUBLIC,
    SNOMED_NAMES,
    TITLES,
    TableError,
)
from cds.terminology.lookup import Terminology


def _code(system: str, code: str) -> dict[str, object]:
    return {"coding": [{"system": system, "code": code}]}


def test_the_service_works_without_licensed_content(tmp_path: Path) -> None:
    for name in PUBLIC:
        shutil.copy(TABLES / f"{name}.json", tmp_path)
    bare = Terminology(tmp_path)
    assert bare.drug(_code(systems.RXNORM, "312941")) is not None
    assert bare.condition(_code(systems.ICD10CM, "F33.2"))
    assert bare.condition({"text": "MDD"})
    assert bare.procedure(_code(systems.HCPCS, "G2083"))
    assert bare.procedure({"text": "ECT"})
    for system, code in [(systems.ATC, "N06AB06"), (systems.SNOMED, "776446001")]:
        assert bare.drug(_code(system, code)) is None
    assert not bare.condition(_code(systems.SNOMED, "370143000"))
    assert not bare.procedure(_code(systems.CPT, "90870"))


def test_a_missing_public_table_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="sets is missing"):
        Terminology(tmp_path)


def test_an_unreadable_table_stops_the_start(tmp_path: Path) -> None:
    shutil.copytree(TABLES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "atc.json").write_text("{")
    with pytest.raises(TableError, match="atc"):
        Terminology(tmp_path)


def test_the_tables_are_those_named_and_small() -> None:
    files = {path.stem: path.stat().st_size for path in TABLES.glob("*.json")}
    names = {ICD_NAMES, SNOMED_NAMES, LOINC_NAMES}
    assert files.keys() == {*PUBLIC, *OPTIONAL, TITLES, BODY_WORDS, *names}
    assert sum(size for name, size in files.items() if name not in names) < 6_000_000
    assert sum(files[name] for name in names) < 4_000_000  # not read at the start


def test_public_tables_hold_no_licensed_code() -> None:
    rxnorm = (TABLES / "rxnorm.json").read_text()
    assert "776446001" not in rxnorm  # SNOMED CT: ketamine product
    assert "N01AX03" not in rxnorm  # ATC: ketamine
    assert "90870" not in (TABLES / "hcpcs.json").read_text()


def test_loading_is_little_work() -> None:
    """Some million calls in a new process, where nothing is loaded yet."""
    code = (
        "from tests.work import calls_made\n"
        "from cds.terminology.lookup import load_terminology\n"
        "print(calls_made(load_terminology))"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert 0 < int(run.stdout) < 3_000_000


def test_build_wants_one_source() -> None:
    result = CliRunner().invoke(commands, ["build"])
    assert result.exit_code == 2
    assert "--csv" in result.output
