"""The whole build: CSVs in, tables out."""

from __future__ import annotations

from pathlib import Path

from cds.terminology.building.code_sets import build_code_sets
from cds.terminology.building.drugs import build_drugs
from cds.terminology.building.writer import write_table

TABLES = Path(__file__).resolve().parents[1] / "tables"


def build_tables(source: Path, out: Path = TABLES) -> dict[str, int]:
    """Write every table of the CSVs in `source` to `out`; sizes in bytes by file name."""
    out.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, table in {**build_drugs(source), **build_code_sets(source)}.items():
        path = out / f"{name}.json"
        write_table(path, table)
        sizes[path.name] = path.stat().st_size
    return sizes
