"""Doses charted as given, beside orders and without: what is taken on the day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from medication_charts import chart, record

from cds.history.medications.courses import medication_courses
from cds.history.medications.on_day import dose_on
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import load_terminology
from tests.charts.reading import medications_of

AS_OF = date(2026, 11, 22)
TABLE = yaml.load(
    (Path(__file__).parent / "tables" / "doses_given.yaml").read_text(), Loader=yaml.CBaseLoader
)
_CURRENT = {"yes": True, "no": False, "unknown": None}


def said(course: Any, day: date) -> tuple[str, str]:
    dose = dose_on(course, day, AS_OF)
    nothing = "unknown" if dose.regular else "none"
    regular = nothing if dose.low is None else str(dose.low)
    if dose.high != dose.low:
        regular += f" to {dose.high}"
    return regular, str(dose.as_needed or "none")


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["name"])
def test_the_day(case: dict[str, Any]) -> None:
    entries = medications_of(record(chart(case)), load_terminology())
    (course,) = medication_courses(entries, load_knowledge(), AS_OF, [])
    assert said(course, AS_OF) == (case["today"], case.get("needed", "none"))
    assert course.current is _CURRENT[case["current"]]
    if "yesterday" in case:
        assert said(course, AS_OF - timedelta(1))[0] == case["yesterday"]
