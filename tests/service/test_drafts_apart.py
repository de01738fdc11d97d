"""Several drafts of one session: each is judged by itself, under whatever id it comes."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

import fhir_fixtures
from cds.api import Answer, assess, load, read_chart
from cds.assessment.assess import in_order
from cds.assessment.model import Finding
from cds.chart.identity import call_apart
from cds.wire import decode, encode

DAY = date(2026, 6, 1)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SEDATIVE = {"text": "lorazepam 1 mg tablet"}
OPIOID = {"text": "oxycodone 10 mg tablet"}


def draft(ident: str | None, mg: int, **fields: Any) -> dict[str, Any]:
    order = {
        "resourceType": "MedicationRequest", "id": ident, "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/ash"}, "authoredOn": "2026-06-01",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "238084"}]},
        "dosageInstruction": [{"text": f"{mg} mg IV over 40 minutes"}],
    }  # fmt: skip
    return {name: value for name, value in (order | fields).items() if value is not None}


def answer(*drafts: dict[str, Any]) -> Answer:
    engine = load()
    chart = read_chart(engine, decode(encode(fhir_fixtures.load("ash", DAY))))
    return assess(engine, chart, DAY, decode(encode([*drafts])))


def said(*drafts: dict[str, Any]) -> list[tuple[str, str]]:
    """(id, severity) of what is said of the orders themselves."""
    found = answer(*drafts).assessment.findings
    return sorted((f.id, f.severity) for f in found if f.kind == "order_error")


@pytest.mark.parametrize(
    ("first", "second"),
    [("a", "b"), (None, None), ("a a", "b b"), ("a a", "a a"), ("x", None), ("same", "same")],
)
@pytest.mark.parametrize("doses", [(60, 900), (900, 60), (35, 900), (60, 70)])
def test_what_is_said_of_two_orders_does_not_depend_on_their_ids(
    first: str | None, second: str | None, doses: tuple[int, int]
) -> None:
    known = said(draft("p", doses[0]), draft("q", doses[1]))
    assert said(draft(first, doses[0]), draft(second, doses[1])) == known
    assert max(doses) < 900 or "critical" in {severity for _, severity in known}


def test_each_dose_is_that_of_its_order() -> None:
    found = answer(draft(None, 35), draft(None, 60)).assessment
    assert Counter(dose.order for dose in found.doses).keys() == {o.ref for o in found.orders}
    assert len({order.ref for order in found.orders}) == 2


def test_two_other_drugs_without_an_id_are_both_said() -> None:
    def interactions(*idents: str | None) -> list[tuple[str, str]]:
        others = (
            draft(ident, 1, medicationCodeableConcept=drug)
            for ident, drug in zip(idents, (SEDATIVE, OPIOID), strict=True)
        )
        found = answer(draft(None, 35), *others).assessment.findings
        return sorted((f.id, f.severity) for f in found if f.kind == "interaction")

    assert interactions(None, None) == interactions("b", "c") != []


def test_the_same_draft_sent_twice_is_one_order() -> None:
    assert said(draft("a", 35), draft("a", 35)) == said(draft("a", 35))
    for case in answer(draft("a", 35), draft("a", 35)).assessment.cases:
        assert case.drafts == ()  # no draft stands beside itself


CALLED = {
    "ids": (["a", "b"], ["MedicationRequest/a", "MedicationRequest/b"]),
    "one without": (["a", None], ["MedicationRequest/a", "MedicationRequest"]),
    "none": ([None, None], ["MedicationRequest (1 of 2)", "MedicationRequest (2 of 2)"]),
    "unsafe": (["a a", "b b"], ["MedicationRequest (1 of 2)", "MedicationRequest (2 of 2)"]),
    "shared": (["a", "a"], ["MedicationRequest/a (1 of 2)", "MedicationRequest/a (2 of 2)"]),
}


@pytest.mark.parametrize("name", CALLED)
def test_what_drafts_are_called(name: str) -> None:
    idents, refs = CALLED[name]
    drafts = [draft(ident, number) for number, ident in enumerate(idents)]
    assert [called.ref for called in call_apart(drafts)] == refs


def test_a_full_url_that_two_drafts_have_names_neither() -> None:
    entries = [{"fullUrl": "urn:uuid:x", "resource": draft(i, n)} for n, i in enumerate("ab")]
    assert [called.shared for called in call_apart(entries)] == [{"urn:uuid:x"}] * 2


def test_of_the_same_finding_the_more_severe_counts() -> None:
    def finding(severity: Any, stops: bool = False) -> Finding:
        return Finding("x", "order_error", severity, ("r",), stops_dose=stops)

    mild, severe, stop = finding("warning"), finding("critical"), finding("critical", True)
    for listed in ([mild, severe, stop], [stop, severe, mild], [severe, stop, mild]):
        assert in_order(listed) == (stop,)
