"""What a start loads: no more than is needed for what was asked."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from cds.lasting import lasting

ROOT = Path(__file__).parents[1]
ASSESS = """
import sys
from cds.cli import main

main(["assess", "fhir_fixtures/ash.json"], standalone_mode=False)
heavy = {"alembic", "flask", "granian", "requests", "sqlalchemy"}
print("loaded:", *sorted(heavy & set(sys.modules)))
"""


def test_assessing_a_file_needs_neither_a_server_nor_a_store() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ASSESS], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("on", [True, False])
def test_collections_pause_while_lasting_things_are_made(on: bool) -> None:
    was_on = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with lasting():
            assert not gc.isenabled()
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()
