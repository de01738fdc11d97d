"""Every row of the research digests stands in the knowledge, with its own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Fact
from tests.knowledge.digest_sources import our_source

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def pain(shared_dir: Path) -> Any:
    return yaml.safe_load((shared_dir / "clinical" / "pain-safety.yaml").read_text())


@pytest.fixture(scope="module")
def psychiatric(shared_dir: Path) -> Any:
    return yaml.safe_load((shared_dir / "clinical" / "psychiatric.yaml").read_text())


def by_basis(facts: Any) -> dict[str, Any]:
    """By the rows of the digests; the updates are none of them."""
    named = ((row, fact) for fact in facts.values() for row in fact.basis)
    return {row: fact for row, fact in named if row.startswith(("psy:", "pain:"))}


def cites(fact: Fact, theirs: Sequence[str]) -> bool:
    """What the digest cites; with the updates, theirs as well."""
    ours = {our_source(each) for each in theirs}
    updated = any(row.startswith("upd:") for row in fact.basis)
    return ours <= set(fact.sources) if updated else ours == set(fact.sources)


def number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def test_limits(knowledge: Knowledge, pain: Any) -> None:
    known = by_basis(knowledge.limits)
    names = {
        "ok_min": "ok_min", "ok_max": "ok_max", "warn_below": "warn_below",
        "warn_above": "warn_above", "second_warn_above": "warn_again_above",
        "stop_above": "stop_above", "abs_warn_mg": "warn_above_mg", "abs_stop_mg": "stop_above_mg",
        "week_stop_mg": "stop_above_mg_per_week",
    }  # fmt: skip
    for row in pain["order_errors"]["bounds"]:
        limit = known[f"pain:limits/{row['id']}"]
        for theirs, ours in names.items():
            assert getattr(limit, ours) == number(row.get(theirs)), (row["id"], theirs)
        assert cites(limit, row["source"])
        assert limit.status == row["flag"]


def test_order_checks(knowledge: Knowledge, pain: Any, psychiatric: Any) -> None:
    known = by_basis(knowledge.order_checks)
    severity = {"stop": "critical", "warn": "warning", "info": "info"}
    for row in pain["order_errors"]["rules"]:
        check = known[f"pain:{row['id']}"]
        assert check.severity == severity[row["severity"]]
        assert cites(check, row["source"])
    for row in psychiatric["order_checks"]:
        check = known[f"psy:{row['id']}"]
        assert cites(check, row["sources"])
        assert check.status == row["status"]
        assert check.severity in row["level"] or row["level"].startswith("critical if")


def test_regimens(knowledge: Knowledge, pain: Any, psychiatric: Any) -> None:
    known = by_basis(knowledge.regimens)
    for row in psychiatric["regimens"]:
        regimen = known[f"psy:{row['id']}"]
        assert f"psy:{row['indication']}" in regimen.indications
        assert regimen.status == row["status"]
        assert cites(regimen, row["sources"])
        numeric = row.get("numeric", {})
        values = numeric.get("dose_values") or numeric.get("session_doses") or []
        if values and len(values) == 1:
            assert regimen.dose == number(values[0])
        if numeric.get("session_doses"):
            assert {number(v) for v in values} == set(regimen.session_doses)
        minutes = numeric.get("infusion_minutes")
        if regimen.suggests == "dose" and minutes:
            assert regimen.duration_min == number(minutes)
    for row in pain["regimens"]:
        regimen = known[f"pain:{row['id']}"]
        assert regimen.status == row["flag"]
        assert cites(regimen, row["source"])
        unread = "recalled" in (row["flag"], row.get("dose_flag"), row.get("duration_flag"))
        assert not (unread and (regimen.dose_verified or regimen.suggests == "dose"))


def test_contexts_and_weight_rules(knowledge: Knowledge, pain: Any, psychiatric: Any) -> None:
    known = by_basis(knowledge.contexts)
    for row in pain["non_infusion_orders"]:
        context = known[f"pain:{row['id']}"]
        assert cites(context, row["source"])
        if row["unit"] == "mg/kg":
            assert (context.dose_low, context.dose_high) == (
                number(row["dose_low"]), number(row["dose_high"]),
            )  # fmt: skip
    weights = by_basis(knowledge.weight_rules)
    ours = {row for row in weights if row.startswith("psy:")}
    assert {f"psy:{row['id']}" for row in psychiatric["weight_basis"]} == ours


def test_ratios(knowledge: Knowledge, pain: Any) -> None:
    known = by_basis(knowledge.parameters)
    for row in pain["order_errors"]["signature_ratios"]:
        parameter = known[f"pain:signature_ratios/{row['ratio']}"]
        if row["ratio"] != "weight_kg":
            assert parameter.value == number(row["ratio"])
