"""Which steps of a session are told of whom: by place, by whose labels hold, by route."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from treatment_cases import case, ill, order

from cds.assessment.workup import workup
from cds.chart.encounter_entry import Encounter
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from tests.replaced import replace
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "session_steps.yaml")


def _told(row: dict[str, Any]) -> str:
    draft = order(row["drug"], **{k: row[k] for k in ("route", "setting") if k in row})
    site = SiteProtocol(jurisdiction=row.get("site", "us"))
    asked = case(draft, conditions=[ill("mdd_any")], site=site)
    if "encounter" in row:
        encounter = Encounter(encounter_class=row["encounter"])
        asked = replace(asked, history=replace(asked.history, encounter=encounter))
    steps = next(f for f in workup(asked) if f.id.startswith("process-"))
    return " | ".join(name for phase in steps.params.values() if isinstance(phase, tuple)
                      for name in phase)  # fmt: skip


def test_steps_by_place(knowledge: Knowledge) -> None:
    def check(row: dict[str, Any]) -> None:
        told = _told(row)
        items = knowledge.monitoring
        for ident in row.get("told", ()):
            assert items[ident].name in told
        for ident in row.get("untold", ()):
            assert items[ident].name not in told
        named = [*row.get("told", ()), *row.get("untold", ())]
        assert any(row["row"] in items[ident].basis for ident in named)

    check_each(TABLE, check, lambda row: row["name"])


def test_the_telemedicine_rule_ends_and_a_question_takes_its_place(knowledge: Knowledge) -> None:
    rule = knowledge.monitoring["telehealth-prescribing"]
    question = knowledge.monitoring["telehealth-rule-ended"]
    assert rule.until == date(2026, 12, 31)
    assert question.effective == rule.until + timedelta(days=1)
    assert question.supersedes == (rule.id,)


def test_depressed_breathing_joined_the_boxed_warning(knowledge: Knowledge) -> None:
    before, since = (
        knowledge.on(day).monitoring["boxed-warning-esketamine"].name
        for day in (date(2023, 10, 17), date(2023, 10, 18))
    )
    assert since.replace(" depressed breathing,", "") == before != since
