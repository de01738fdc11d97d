"""The year in the words of a stroke, where no onset is coded."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.chart.condition import read_condition
from cds.chart.diagnosis import diagnosis
from cds.chart.entries import Condition
from cds.terminology.lookup import Terminology


@pytest.mark.parametrize(
    ("text", "more", "onset", "latest"),
    [
        ("CVA 2012", {}, date(2012, 1, 1), date(2012, 12, 31)),
        ("CVA 2012", {"recordedDate": "2026-05-01"}, date(2012, 1, 1), date(2012, 12, 31)),
        ("CVA 2012", {"onsetDateTime": "2026-05-01"}, date(2026, 5, 1), date(2026, 5, 1)),
        ("CVA 2062", {"recordedDate": "2026-05-01"}, None, None),
        ("CVA", {}, None, None),
        ("MDD 2012", {}, None, None),
    ],
)
def test_a_stroke_without_an_onset_is_of_its_written_year(
    text: str,
    more: dict[str, Any],
    onset: date | None,
    latest: date | None,
    terminology: Terminology,
) -> None:
    resource = {"resourceType": "Condition", "id": "c", "code": {"text": text}, **more}
    found = read_condition(resource, diagnosis(resource["code"], terminology), None)
    assert isinstance(found, Condition)
    assert (found.onset, found.onset_latest) == (onset, latest)
