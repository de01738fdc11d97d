"""One Dosage with other dates: they are read for themselves, and all else of it once."""

from __future__ import annotations

from datetime import date

import pytest

from cds.dosage import read
from cds.dosage.model import Span
from cds.dosage.read import read_dosage
from cds.wire import Json

TEXT = "1 tablet twice daily, as this test alone writes it"


def dosage(bounds: object) -> Json:
    repeat = {"frequency": 2, "period": 1, "periodUnit": "d", "boundsPeriod": bounds}
    return {"text": TEXT, "timing": {"repeat": repeat}}


def dates(bounds: object) -> tuple[date | None, date | None]:
    timing = read_dosage(dosage(bounds)).fields.timing
    assert timing.per_day == Span(2, 2)
    return timing.start and timing.start.day, timing.end and timing.end.day


def test_dates_are_read_in_every_shape() -> None:
    assert dates({"start": "2026-03-01", "end": "2026-04-02"}) == (
        date(2026, 3, 1), date(2026, 4, 2),
    )  # fmt: skip
    assert dates({"start": "2026-03-05"}) == (date(2026, 3, 5), None)
    assert dates([{"end": "2026-04-07"}]) == (None, date(2026, 4, 7))
    assert dates({}) == dates(None) == dates("2026-03-01") == (None, None)


def test_of_dosages_that_differ_in_their_dates_the_rest_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done, real = [], read.read_fields
    monkeypatch.setattr(read, "read_fields", lambda node: done.append(node) or real(node))
    found = [dates({"start": f"2021-01-{day:02d}"}) for day in range(1, 20)]
    assert found == [(date(2021, 1, day), None) for day in range(1, 20)]
    assert len(done) <= 1
