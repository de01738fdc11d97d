"""The whole build: CSVs in, tables out."""

from __future__ import annotations

from pathlib import Path

from cds.terminology.build.code_sets import build_code_sets
from cds.terminology.build.drugs import named, ndc_table, rxnorm_table
from cds.terminology.build.foreign import add_foreign, atc_table, snomed_drug_table
from cds.terminology.build.writer import read_csv, write_table
from cds.terminology.codes.tables import DrugTable

TABLES = Path(__file__).resolve().parents[1] / "codes" / "data"


def build_tables(source: Path, out: Path = TABLES) -> dict[str, int]:
    """Write every table of the CSVs in `source` to `out`; sizes in bytes by file name."""
    out.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, table in {**_drug_tables(source), **build_code_sets(source)}.items():
        path = out / f"{name}.json"
        write_table(path, table)
        sizes[path.name] = path.stat().st_size
    return sizes


def _drug_tables(source: Path) -> dict[str, DrugTable | dict[str, str]]:
    """Table name → table, of the CSVs in `source`."""
    products = read_csv(source / "rxnorm_products.csv")
    rxnorm = rxnorm_table(read_csv(source / "rxnorm_ingredients.csv"), products)
    base = set(rxnorm.ingredients)
    snomed = [named(row, base) for row in read_csv(source / "snomed_medications.csv")]
    atc = [named(row, base) for row in read_csv(source / "atc_ingredients.csv")]
    add_foreign(rxnorm, [*atc, *snomed])
    known = {row["code"] for row in products}
    return {
        "rxnorm": rxnorm,
        "ndc": ndc_table(read_csv(source / "ndc_to_rxcui.csv"), known),
        "snomed_drugs": snomed_drug_table(snomed),
        "atc": atc_table(atc),
    }
