"""The line that heads the candidacy card: the verdict, and the one fact that turns it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from headline_charts import Json, asked, card_of, rows

from cards.words import say
from cds.assessment.candidacy import headline, is_worth_raising
from cds.assessment.model import Stance, Verdict
from cds.knowledge.load import load_knowledge

ROWS = list(rows())
SHOWN = [row for row in ROWS if row["says"] != "none"]
VERDICTS: tuple[Verdict, ...] = ("met", "not_met", "cannot_determine", "not_supported")
NEVER_MET: tuple[Stance, ...] = ("not_supported", "investigational")
NEVER_UNSUPPORTED: tuple[Stance, ...] = (
    "supported", "conditional", "weak", "icu_only", "perioperative",
)  # fmt: skip
UNREACHED = {
    # the labelled use is recognised from the order, which then has no candidacy
    *((verdict, "labelled") for verdict in VERDICTS),
    *((verdict, stance) for verdict in VERDICTS[:2] for stance in NEVER_MET),
    *(("not_supported", stance) for stance in NEVER_UNSUPPORTED),
}


def each(table: list[Json]) -> Any:
    named = [pytest.param(row, id=row["story"].replace(" ", "-")) for row in table]
    return pytest.mark.parametrize("row", named)


@each(ROWS)
def test_headline(row: Json) -> None:
    card = card_of(asked(row))
    if row["says"] == "none":
        assert card is None
        return
    assert card is not None
    assert card.summary == row["says"]
    assert card.indicator == ("info" if row.get("info") else "warning")
    assert row.get("names", "") in card.detail


@each(SHOWN)
def test_a_headline_is_short_whole_and_plain(row: Json) -> None:
    says = row["says"]
    assert len(says) < 140
    told = re.sub(r"“[^”]*”", "this", says)  # what the chart calls a thing may be long
    assert "…" not in told
    assert not re.search(r"[a-z]_[a-z]|\[|\bNone\b|\(\)|  |: *$|\b1 (?:trials|classes)\b", told)
    assert not re.search(r"\b(?:[2-9]|\d\d) (?:trial|class)\b", told)
    assert not {fact.id for _, fact in load_knowledge().facts() if "_" in fact.id} & {*told.split()}


@each([row for row in SHOWN if "failed" in row["says"]])
def test_no_trial_is_called_failed_on_silence(row: Json) -> None:
    counted = [t for t in asked(row).assessment.history.antidepressant_trials if t.adequate]
    silent = any(trial.outcome == "unknown" for trial in counted)
    assert ("taken as failed" in row["says"]) is silent


@each(SHOWN)
def test_a_met_verdict_that_something_turns_is_not_said_as_met(row: Json) -> None:
    answer = asked(row).assessment
    line = headline(answer.candidacy, answer.cases[0])
    turned = [caveat for caveat in line.but if caveat.turns]
    if line.candidate is not None and line.candidate.verdict == "met" and turned:
        assert not row["says"].startswith("Meets")
        assert not row.get("info")
        for caveat in turned:
            briefly = say(caveat.id, {**caveat.params, "brief": True}).summary
            assert briefly in row["says"]
        assert not any(dose.recommended for dose in answer.doses)


@each(SHOWN)
def test_no_dose_is_recommended_for_an_order_with_another_reason(row: Json) -> None:
    if row["says"].startswith("Reason given"):
        assert not any(dose.recommended for dose in asked(row).assessment.doses)


@each([row for row in ROWS if row["says"] != "none" and row.get("order") in (None, "mirtazapine")])
def test_only_what_is_worth_raising_is_raised(row: Json) -> None:
    assessment = asked(row).assessment
    trd = next(c for c in assessment.candidacy if c.indication == "trd-unipolar")
    assert is_worth_raising(trd, assessment.cases[0])


def test_every_verdict_of_every_stance_has_a_row() -> None:
    seen = set()
    for row in SHOWN:
        assessment = asked(row).assessment
        about = headline(assessment.candidacy, assessment.cases[0]).candidate
        if about is not None:
            seen.add((about.verdict, about.stance))
    stances = {indication.stance for indication in load_knowledge().indications.values()}
    every = {(verdict, stance) for verdict in VERDICTS for stance in stances}
    assert every - seen == UNREACHED
