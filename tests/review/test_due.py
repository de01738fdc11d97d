"""What wants to be looked at on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Source
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.review.content import digest
from cds.knowledge.review.due import due_on, last_good_day, outdated, warnings
from cds.knowledge.review.ledger import NOTHING_SIGNED, Ledger, Signature
from tests.replaced import replace
from tests.rows import check_each

FACT = Parameter.model_validate(
    {"id": "gap", "value": "5", "unit": "d", "meaning": "x", "status": "seen", "sources": "LABEL"}
)
LABEL = Source(id="LABEL", short="a label", citation="A label, 2025", verified=True)


def known(knowledge: Knowledge, fact: Parameter, source: Source) -> Knowledge:
    """A knowledge of one fact and its source."""
    nothing: dict[str, Any] = {subject: {} for subject in dict(knowledge.facts())}
    return replace(
        knowledge, **(nothing | {"parameters": {fact.id: fact}, "sources": {source.id: source}})
    )


AGES: dict[str, tuple[date | None, int | None, date | None]] = {
    # read on, good for months; the last day on which it may be rested on
    "a year": (date(2025, 11, 28), 12, date(2026, 11, 28)),
    "into the next year": (date(2025, 11, 28), 2, date(2026, 1, 28)),
    "to December": (date(2025, 11, 28), 1, date(2025, 12, 28)),
    "from December": (date(2025, 12, 1), 12, date(2026, 12, 1)),
    "to a shorter month": (date(2026, 1, 31), 1, date(2026, 2, 28)),
    "to a month of 30 days": (date(2026, 8, 31), 1, date(2026, 9, 30)),
    "on the last of a month": (date(2026, 8, 31), 2, date(2026, 10, 31)),
    "from a leap day": (date(2024, 2, 29), 12, date(2025, 2, 28)),
    "five years": (date(2026, 11, 1), 60, date(2031, 11, 1)),
    "beyond the calendar": (date(9999, 6, 1), 12, None),
    "of no age": (date(2025, 11, 28), None, None),
    "never read": (None, 12, None),
}


def test_the_last_day_on_which_a_source_may_be_rested_on() -> None:
    def check(row: tuple[str, tuple[date | None, int | None, date | None]]) -> None:
        _, (read_on, months, last) = row
        source = LABEL.model_copy(update={"read_on": read_on, "max_age_months": months})
        assert last_good_day(source) == last
        if last is not None:
            assert list(outdated([source], last)) == []
            assert list(outdated([source], date.fromordinal(last.toordinal() + 1))) == [source]

    check_each(AGES.items(), check, name=lambda row: row[0])


REVIEWS: dict[str, tuple[date | None, dict[str, Any] | None, list[str]]] = {
    # next review of the fact, its signature; the warnings of 2026-12-01
    "no day is named": (None, None, []),
    "tomorrow": (date(2026, 12, 2), None, []),
    "today": (date(2026, 12, 1), None, ["parameters/gap: its review is due since 2026-12-01"]),
    "yesterday": (
        date(2026, 11, 30), None, ["parameters/gap: its review is due since 2026-11-30"],
    ),
    "signed since": (date(2026, 11, 3), {}, []),
    "signed before": (
        date(2026, 11, 4), {}, ["parameters/gap: its review is due since 2026-11-04"],
    ),
    "another content was signed since": (
        date(2026, 11, 3),
        {"digest": f"sha256:{'0' * 64}"},
        ["parameters/gap: its review is due since 2026-11-03"],
    ),
    "the signature names the day": (
        None,
        {"next_review": "2026-12-01"},
        ["parameters/gap: its review is due since 2026-12-01"],
    ),
    "the signature names a later day": (None, {"next_review": "2026-12-02"}, []),
}  # fmt: skip


def test_a_fact_past_its_review_is_told(knowledge: Knowledge) -> None:
    def check(row: tuple[str, tuple[date | None, dict[str, Any] | None, list[str]]]) -> None:
        _, (next_review, signed, wanted) = row
        fact = FACT.model_copy(update={"next_review": next_review})
        due = due_on(known(knowledge, fact, LABEL), _ledger(signed), date(2026, 12, 1))
        assert list(warnings(due)) == wanted

    check_each(REVIEWS.items(), check, name=lambda row: row[0])


def _ledger(otherwise: dict[str, Any] | None) -> Ledger:
    if otherwise is None:
        return NOTHING_SIGNED
    said = {
        "fact": "parameters/gap",
        "digest": digest("parameters", FACT),
        "reviewed_by": "pharmacy",
        "role": "pharmacist",
        "reviewed_on": "2026-11-03",
        "decision": "accepted",
    }
    return Ledger((Signature.model_validate(said | otherwise),))


def test_an_old_source_is_told_where_a_fact_cites_it(knowledge: Knowledge) -> None:
    old = LABEL.model_copy(update={"read_on": date(2025, 11, 1), "max_age_months": 12})
    cited = due_on(known(knowledge, FACT, old), NOTHING_SIGNED, date(2026, 12, 1))
    assert list(warnings(cited)) == [
        "source LABEL: read on 2025-11-01, and to be read again after 12 months: is there a newer"
        " edition of a label?"
    ]
    uncited = known(knowledge, FACT.model_copy(update={"sources": ()}), old)
    assert due_on(uncited, NOTHING_SIGNED, date(2026, 12, 1)).sources == ()
