"""Tables of written instructions with their right readings, and how a reading compares.

    python tests/dosage/instruction_rows.py [TABLE.yaml …]     right, unknown and wrong, by kind

The notation stands at the head of the tables. `right`: the same numbers, or rightly none.
`unknown`: no number where a careful pharmacist reads one. `wrong`: another number, a number where
she would call back, or regular where it is as needed.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import yaml

from cds.dosage.read import read_dosages
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.phase import Phase
from cds.history.medications.strength import Product
from cds.units import Quantity
from tests.replaced import replace

Row = Mapping[str, Any]
Result = Literal["right", "unknown", "wrong"]
HERE = Path(__file__).parent
_CLOSE = Fraction(1, 1000)


def rows(paths: Sequence[Path] = ()) -> Iterator[Row]:
    """Every row of the tables of this folder, or of others in the same notation."""
    for path in paths or sorted(HERE.glob("instructions_*.yaml")):
        for row in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["cases"]:
            yield {"kind": path.stem, **row}


_MOST_OF_AN_OPIOID = 100
"""ug/h of one patch; others of more are changed daily"""


def product_of(row: Row) -> Product:
    """The product of a row: a 50 mg tablet unless it names another; `drug` are the names of it."""
    names = frozenset(re.findall("[a-z0-9]+", str(row.get("drug", "")).lower()))
    return replace(_product(row.get("product", {})), names=names)


def _product(told: Any) -> Product:
    if isinstance(told, str):  # as `fentanyl 25 mcg/h, 72 hours`
        rate = told.split()[1]
        return Product(Quantity(Decimal(rate), "ug/h"), form="Transdermal System", rate_kept=True)
    form = told.get("form", "tablet")
    if "ug_per_h" in told:
        rate = Decimal(str(told["ug_per_h"]))
        opioid = rate <= _MOST_OF_AN_OPIOID
        return Product(Quantity(rate, "ug/h"), form="Transdermal System", rate_kept=opioid)
    if "mg_per_ml" in told:
        return Product(Quantity(Decimal(str(told["mg_per_ml"])), "mg/mL"), form=form)
    per = {"spray": "/{spray}", "puff": "/{spray}", "drop": "/{drop}"}.get(form, "")
    return Product(Quantity(Decimal(str(told.get("mg", 50))), f"mg{per}"), form=form)


def read(row: Row) -> tuple[Phase, ...]:
    return phases_of(read_dosages([{"text": row["sig"]}]), product_of(row))


def told(row: Row, phases: Sequence[Phase]) -> str:
    """The row, and what was read, to look at."""
    said = [(str(p.low), str(p.high), str(p.up_to), p.as_needed, p.days) for p in phases]
    return f"{dict(row)}\n         {said}"


def compare(row: Row, phases: Sequence[Phase]) -> Result:
    """How a reading of the row's text compares with the right one."""
    product = product_of(row)
    numbers = any(p.low or p.up_to for p in phases)
    if "unknown" in row:
        return "wrong" if numbers else "right"
    first = phases[0]
    if row.get("as_needed"):
        if first.low is not None or len(phases) > 1:
            return "wrong"
        if first.as_needed is not True:
            return "unknown"
        return _same(first.up_to, row.get("up_to"), product)
    if first.as_needed is True:
        return "wrong" if first.up_to else "unknown"
    if "phases" in row:
        return _compare_phases(row["phases"], phases, product)
    if "worn" in row:
        results = {_worn(row["worn"], first, product)}
    else:
        results = {_one(row["low"], row["high"], first, product)}
    if "extra_as_needed" in row:
        results.add(_same(first.up_to, row["extra_as_needed"], product))
    if len(phases) > 1 or first.days:
        return "wrong"
    return _worst(results)


def _compare_phases(right: Sequence[Any], phases: Sequence[Phase], product: Product) -> Result:
    if phases[0].low is None and len(phases) == 1:
        return "unknown"
    if len(right) != len(phases):
        return "wrong"
    results: set[Result] = set()
    for (units, days), phase in zip(right, phases, strict=True):
        results.add(_one(units, units, phase, product))
        results.add("right" if phase.days == days else "wrong")
    return _worst(results)


def _one(low: Any, high: Any, phase: Phase, product: Product) -> Result:
    if product.rate_kept:  # a patch: how many a day
        used = phase.units_per_day
        return "unknown" if phase.low is None else "right" if _near(used, high) else "wrong"
    if phase.low is None:
        return "right" if Fraction(str(low)) == 0 else "unknown"
    return _worst({_same(phase.low, low, product), _same(phase.high, high, product)})


def _worn(patches: Any, phase: Phase, product: Product) -> Result:
    """How many patches give the rate at one time."""
    if phase.high is None:
        return "unknown"
    assert product.strength is not None
    rate = Fraction(phase.high.to("ug/h").value) / Fraction(product.strength.value)
    return "right" if _near(rate, patches) else "wrong"


def _same(found: Quantity | None, units: Any, product: Product) -> Result:
    if found is None:
        return "right" if units is None else "unknown"
    if units is None:
        return "wrong"
    assert product.strength is not None
    return (
        "right"
        if _near(Fraction(found.value) / Fraction(product.strength.value), units)
        else "wrong"
    )


def _near(found: Fraction | None, units: Any) -> bool:
    return found is not None and abs(found - Fraction(str(units))) <= _CLOSE


def _worst(results: set[Result]) -> Result:
    return next(r for r in ("wrong", "unknown", "right") if r in results)  # type: ignore[return-value]


def _main() -> None:
    paths = [Path(name) for name in sys.argv[1:]]
    tally: dict[str, Counter[str]] = {}
    for row in rows(paths):
        phases = read(row)
        result = compare(row, phases)
        tally.setdefault(row["kind"], Counter())[result] += 1
        if result != "right":
            print(f"{result:8} {told(row, phases)}")
    for kind, counts in [*tally.items(), ("all", sum(tally.values(), Counter()))]:
        share = ", ".join(f"{counts[r]} {r}" for r in ("right", "unknown", "wrong"))
        print(f"{kind:24} {share}")


if __name__ == "__main__":
    _main()
