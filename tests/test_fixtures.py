"""The fixture patients are valid FHIR, current, and do not age."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

import fhir_fixtures
from fhir_fixtures import make


def test_the_files_are_what_the_stories_write() -> None:
    folder = Path(fhir_fixtures.__file__).parent
    for path, text in make.written().items():
        assert (folder / path).read_text() == text, f"{path}: run python -m fhir_fixtures.make"


@pytest.mark.parametrize("path", sorted(make.written()))
def test_every_file_is_valid_r4(path: str) -> None:
    text = make.written()[path]
    kind = "MedicationRequest" if path.startswith("orders/") else "Bundle"
    get_fhir_model_class(kind).model_validate_json(text)


@pytest.mark.parametrize("days", [0, 1, 400, 5000])
def test_a_weight_taken_twelve_days_ago_is_always_twelve_days_old(days: int) -> None:
    as_of = fhir_fixtures.ANCHOR + timedelta(days=days)
    bundle = fhir_fixtures.load("ash", as_of)
    weights = [
        entry["resource"]["effectiveDateTime"][:10]
        for entry in bundle["entry"]
        if entry["resource"].get("code", {}).get("text") == "Body weight"
    ]
    assert [as_of - date.fromisoformat(day) for day in weights] == [timedelta(days=12)]


def test_every_patient_has_an_order_and_a_line_in_the_index() -> None:
    index = (Path(fhir_fixtures.__file__).parent / "README.md").read_text()
    for name in fhir_fixtures.names():
        assert name in make.ORDERS
        assert f"| {name} |" in index
