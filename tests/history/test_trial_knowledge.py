"""The bars, factors and thresholds are those of the research digests, value by value."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Fact

Row = TypeVar("Row", bound=Fact)
pytestmark = pytest.mark.shared

READ_SINCE = ("agomelatine", "dextromethorphan-bupropion")
"""recalled in the digest, and read for the updates (N3.07, N3.14)"""


def digest(shared_dir: Path, name: str) -> Any:
    text = (shared_dir / "clinical" / f"{name}.yaml").read_text()
    return yaml.load(text, Loader=yaml.CBaseLoader)


def number(text: object) -> Decimal | None:
    return None if text in (None, "null") else Decimal(str(text))


def of_digest(rows: Iterable[Row]) -> dict[str, Row]:
    """Those that a digest has, by its own name for them."""
    return {row.basis[0]: row for row in rows if row.basis[0].startswith(("psy:", "pain:"))}


def test_antidepressants(shared_dir: Path, knowledge: Knowledge) -> None:
    ours = of_digest(knowledge.antidepressant_trials.values())
    for row in digest(shared_dir, "psychiatric")["adequate_trials"]:
        mine = ours.pop(f"psy:adequate_trials/{row['generic']}")
        assert (mine.min_daily_dose_mg, mine.strict_daily_dose_mg, mine.drug_class) == (
            number(row["min_daily_dose_mg"]),
            number(row["strict_daily_dose_mg"]),
            row["class"],
        )
        assert (mine.min_weeks, mine.strict_weeks) == (4, 6)
        if mine.id in READ_SINCE:
            assert (mine.status, row["status"]) == ("seen", "recalled")
            continue
        assert (mine.status, list(mine.sources)) == (row["status"], row["sources"])
        assert bool(mine.unverified) or "recalled_part" not in row
    assert ours == {}


def test_pain_treatments(shared_dir: Path, knowledge: Knowledge) -> None:
    ours = list(knowledge.pain_trials.values())
    for row in digest(shared_dir, "pain-safety")["adequate_trials"]:
        found = [f for f in ours if (f.group, f.drug) == (row["group"], row["drug"])]
        assert found, row
        for mine in found:
            assert mine.drug_class == row["class"]
            assert mine.min_daily_dose == number(row["min_daily_dose"])
            if not mine.id.endswith("quarterly"):
                assert mine.min_weeks == number(row["min_weeks"])
            assert mine.status == row["dose_flag"]


def test_opioid_factors(shared_dir: Path, knowledge: Knowledge) -> None:
    ours = of_digest(row for row in knowledge.mme_factors.values() if not row.superseded)
    for row in digest(shared_dir, "pain-safety")["mme_factors"]:
        mine = ours.pop(f"pain:mme_factors/{row['opioid']}-{row['route']}")
        assert (mine.factor, mine.factor_set) == (number(row["factor"]), row["set"])
    assert ours == {}


def test_opioid_tolerance(shared_dir: Path, knowledge: Knowledge) -> None:
    fda = digest(shared_dir, "pain-safety")["opioid_thresholds"]["fda_opioid_tolerant"]
    wanted = {(r["drug"], r["route"]): Decimal(r["value"]) for r in fda["any_of"] if "drug" in r}
    rows = [r for r in knowledge.opioid_thresholds.values() if r.kind == "fda_tolerant"]
    assert {(r.ingredient, r.routes[0]): r.value for r in rows} == wanted
    assert {r.min_days for r in rows} == {int(fda["duration_days_min"])}


def test_augmentation(shared_dir: Path, knowledge: Knowledge) -> None:
    ours = of_digest(knowledge.augmentation.values())
    for row in digest(shared_dir, "psychiatric")["augmentation_trials"]:
        mine = ours.pop(f"psy:augmentation_trials/{row['generic']}")
        low, high = (
            (mine.level_strict, mine.level_high)
            if mine.level_kind
            else (mine.min_daily_dose, mine.max_daily_dose)
        )
        assert f"{low}-{high}" in row["range"]
        assert mine.min_weeks == int(row["min_weeks"])
    assert ours == {}
