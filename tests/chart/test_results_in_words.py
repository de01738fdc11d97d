"""Results that stand in words: with a remark, with a sign, with what was not found excepted."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import load, read_chart
from cds.chart.entries import Result

ENGINE = load()


def read(name: str, value: dict[str, Any]) -> tuple[Result, ...]:
    observation: dict[str, Any] = {
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"text": name},
        "effectiveDateTime": "2026-11-22", **value,
    }  # fmt: skip
    return read_chart(ENGINE, [observation]).results


def said(name: str, value: dict[str, Any]) -> dict[str, set[str]]:
    """What each kind says."""
    found: dict[str, set[str]] = {}
    for result in read(name, value):
        found.setdefault(result.kind, set()).update(result.concept)
    return {kind: answers for kind, answers in found.items() if answers}


def results(name: str, written: str) -> dict[str, set[str]]:
    """What each kind says, of an Observation with a string for its value."""
    return said(name, {"valueString": written})


def coded(code: str, text: str | None = None) -> dict[str, Any]:
    value = {"coding": [{"system": "http://snomed.info/sct", "code": code}]}
    return {"valueCodeableConcept": value | ({"text": text} if text else {})}


NEGATIVE, POSITIVE, NOT_DETECTED, NOT_PREGNANT = "260385009", "10828004", "260415000", "60001007"


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        # of two that differ, the one that may speak against treatment counts
        (NEGATIVE, "Positive", "positive"),
        (NOT_DETECTED, "POSITIVE (A)", "positive"),
        (NEGATIVE, "Positive - confirmed", "positive"),
        (NOT_PREGNANT, "Pregnant", "pregnant"),
        (POSITIVE, "Negative", "positive"),
        (NEGATIVE, "Negative", "negative"),
        (NEGATIVE, "False positive", "negative"),
        (NEGATIVE, "Not detected", "negative"),
        (NEGATIVE, "see comment", "negative"),
        ("4711", "Positive - confirmed", "positive"),
    ],
)
@pytest.mark.parametrize("kind", ["hcg_urine_qualitative", "uds_phencyclidine", "pregnancy_status"])
def test_code_and_words_of_an_answer(kind: str, code: str, text: str, expected: str) -> None:
    name = {"uds_phencyclidine": "PCP, urine", "pregnancy_status": "Pregnancy status"}
    assert said(name.get(kind, "UPT"), coded(code, text)) == {kind: {expected}}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Refused", {}), ("Pending", {}), ("Cancelled", {}), ("Not performed", {}),
        ("Specimen adulterated", {}), ("QNS", {}), ("See note", {}),
        ("Positive for cocaine", {"uds_cocaine": {"positive"}}),
        ("Negative", {"uds_panel": {"negative"}}),
    ],
)  # fmt: skip
def test_a_drug_screen_as_a_concept_is_read_as_one_in_a_string(
    written: str, expected: dict[str, set[str]]
) -> None:
    value = coded("4711", written)
    assert said("UDS", value) == expected == results("UDS", written)
    if not expected:
        assert all(result.problem for result in read("UDS", value))


def test_a_drug_that_is_found_under_the_code_of_a_negative_screen() -> None:
    assert said("UDS", coded(NEGATIVE, "Positive for cocaine")) == {
        "uds_panel": {"negative"},
        "uds_cocaine": {"positive"},
    }


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Positive - confirmed by serum", "positive"),
        ("POSITIVE (A)", "positive"),
        ("Positive [abnormal]", "positive"),
        ("positive, provider notified", "positive"),
        ("Weakly positive", "positive"),
        ("faint positive; repeat in 48 h", "positive"),
        ("+ve", "positive"),
        ("Negative (N)", "negative"),
        ("-ve", "negative"),
        ("neg.", "negative"),
        # doubted, denied, another's, or of the control line
        ("Positive?", None),
        ("False positive", None),
        ("Positive - false, see serum", None),
        ("Positive control line only: invalid", None),
        ("Positive - partner's sample", None),
        ("Positive (previous test)", None),
        ("Negative, repeat in a week", None),
        ("Negative - positive by serum", None),
        ("Not positive", None),
    ],
)
def test_a_pregnancy_test_with_a_remark(written: str, found: str | None) -> None:
    expected = {"hcg_urine_qualitative": {found}} if found else {}
    assert results("Urine pregnancy test", written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Positive for none", {"uds_panel": {"negative"}}),
        ("Positive: none", {"uds_panel": {"negative"}}),
        ("Detected: no drugs", {"uds_panel": {"negative"}}),
        ("Positive for nothing", {"uds_panel": {"negative"}}),
        ("POS: no substances found", {"uds_panel": {"negative"}}),
        ("Positive for THC only", {"uds_cannabinoids": {"positive"}}),
        ("All negative except cocaine", {"uds_cocaine": {"positive"}}),
        ("Negative except for THC and cocaine.",
         {"uds_cannabinoids": {"positive"}, "uds_cocaine": {"positive"}}),
        ("neg apart from ketamine", {"uds_ketamine": {"positive"}}),
        ("Negative other than Zolmexol", {"uds_panel": {"positive"}}),
        ("cocaine (+), THC (-)", {"uds_cocaine": {"positive"}, "uds_cannabinoids": {"negative"}}),
        ("Cocaine +ve; PCP -ve", {"uds_cocaine": {"positive"}, "uds_phencyclidine": {"negative"}}),
        ("Ketamine+, THC (-)", {"uds_ketamine": {"positive"}, "uds_cannabinoids": {"negative"}}),
        ("Opiates: POSITIVE; Ketamine: NEG",
         {"uds_opiates": {"positive"}, "uds_ketamine": {"negative"}}),
        ("+ THC", {"uds_cannabinoids": {"positive"}}),
        ("+THC, cocaine", {"uds_cannabinoids": {"positive"}, "uds_cocaine": {"positive"}}),
        ("Negative; ketamine positive", {"uds_ketamine": {"positive"}}),
        ("Negative. Ketamine: POSITIVE", {"uds_ketamine": {"positive"}}),
        ("ketamine positive", {"uds_ketamine": {"positive"}}),
        ("Negative; see report", {}),
        ("see report", {}),
        ("Abnormal", {}),
        ("Nothing positive", {"uds_panel": {"negative"}}),
    ],
)  # fmt: skip
def test_a_drug_screen_in_a_string(written: str, expected: dict[str, set[str]]) -> None:
    assert results("Urine drug screen", written) == expected


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (">300 mg/dL", "positive"),
        ("> 300 mg/dL", "positive"),
        (">= 10 mg/dL", "positive"),
        ("<10 mg/dL", "negative"),
        ("< 10 mg/dL", "negative"),
        ("180 mg/dL", "positive"),
        ("9 mg/dL", "negative"),
        ("<50 mg/dL", None),
        ("> 5 mg/dL", None),
        ("> 300", None),
    ],
)
def test_alcohol_as_a_bound(written: str, found: str | None) -> None:
    assert results("Ethanol", written) == ({"blood_ethanol": {found}} if found else {})
