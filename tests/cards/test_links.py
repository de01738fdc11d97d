"""Which pages a card leads to: those of the facts that it rests on."""

from __future__ import annotations

from datetime import date

import pytest

import fhir_fixtures
from cards.links import with_facts
from cards.model import Card
from cds.api import Answer, Engine, assess, load, read_chart
from cds.wire import Json, decode
from tests.rows import check_each

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def answered(engine: Engine, patient: str, *drafts: Json) -> Answer:
    return assess(engine, read_chart(engine, fhir_fixtures.load(patient, DAY)), DAY, [*drafts])


def order(patient: str, text: str | None = None, **fields: Json) -> Json:
    """The order of a fixture patient, or the same with another instruction."""
    draft: Json = decode((fhir_fixtures.orders() / f"{patient}.json").read_bytes()) | fields
    return draft if text is None else draft | {"dosageInstruction": [{"text": text}]}


def pages(answer: Answer, rule: str) -> list[tuple[str, str]]:
    """Path and name of each page that a card with one rule leads to."""
    card = with_facts(Card("safety", "x", "info", (), (rule,)), answer.assessment)
    return [(fact.path, fact.name) for fact in card.facts]


RULES: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("ash", "candidacy:trd-unipolar:met",
     [("indications/trd-unipolar", "Treatment-resistant unipolar depression without psychosis…")]),
    ("ash", "regimen:iv-std-acute", [("regimens/iv-std-acute", "Standard IV course")]),
    ("ash", "missing-drug-screen", [("monitoring/drug-screen", "urine drug screen")]),
    ("cedar", "aneurysm",
     [("contraindications/aneurysm", "Do not give: Abdominal aortic aneurysm, without rupture…")]),
    ("fir", "opioids",
     [("interactions/opioids", "Opioid with ketamine, sedation and breathing: fentanyl…")]),
    ("ash", "no-such-rule", []),
    ("ash", "candidacy:no-such-indication:met", []),
]  # fmt: skip


def test_a_rule_leads_to_its_fact(engine: Engine) -> None:
    def check(row: tuple[str, str, list[tuple[str, str]]]) -> None:
        patient, rule, wanted = row
        assert pages(answered(engine, patient, order(patient)), rule) == wanted

    check_each(RULES, check, name=lambda row: f"{row[0]}: {row[1]}")


def test_an_order_above_two_limits_leads_to_both_by_their_names(engine: Engine) -> None:
    answer = answered(engine, "elm", order("elm", "400 mg IV over 4 hours once"))
    assert pages(answer, "order-above-limit") == [
        ("limits/iv_infusion_outpatient_pain", "outpatient infusion for pain"),
        ("limits/outpatient_session_total", "outpatient session for pain"),
    ]


def test_two_orders_lead_to_the_limit_of_each(engine: Engine) -> None:
    into_muscle = order("elm", "70 mg IM once", id="another")
    answer = answered(engine, "elm", order("elm", "400 mg IV over 4 hours once"), into_muscle)
    assert {path for path, _ in pages(answer, "order-above-limit")} >= {
        "limits/iv_infusion_outpatient_pain", "limits/im_analgesic",
    }  # fmt: skip
