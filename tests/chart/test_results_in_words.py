"""Results that stand in words: with a remark, with a sign, with what was not found excepted."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import load, read_chart

ENGINE = load()


def results(name: str, written: str) -> dict[str, set[str]]:
    """What each kind says, of an Observation with a string for its value."""
    observation: dict[str, Any] = {
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"text": name},
        "effectiveDateTime": "2026-11-22", "valueString": written,
    }  # fmt: skip
    found: dict[str, set[str]] = {}
    for result in read_chart(ENGINE, [observation]).results:
        found.setdefault(result.kind, set()).update(result.concept)
    return {kind: said for kind, said in found.items() if said}


@pytest.mark.parametrize(
    ("written", "said"),
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
def test_a_pregnancy_test_with_a_remark(written: str, said: str | None) -> None:
    expected = {"hcg_urine_qualitative": {said}} if said else {}
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
        ("see report", {}),
        ("Abnormal", {}),
        ("Nothing positive", {"uds_panel": {"negative"}}),
    ],
)  # fmt: skip
def test_a_drug_screen_in_a_string(written: str, expected: dict[str, set[str]]) -> None:
    assert results("Urine drug screen", written) == expected


@pytest.mark.parametrize(
    ("written", "said"),
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
def test_alcohol_as_a_bound(written: str, said: str | None) -> None:
    assert results("Ethanol", written) == ({"blood_ethanol": {said}} if said else {})
