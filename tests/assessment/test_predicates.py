"""The answers to predicates: three states, and what each test looks at."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safety_patients import case

from cds.assessment.contraindications import contraindications
from cds.assessment.liver import LiverState, liver_state
from cds.assessment.rules import evaluate, said
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates import read_predicate

MET: dict[str, Any] = {"person": {"age_at_least": "18"}}
NOT_MET: dict[str, Any] = {"person": {"age_below": "18"}}
UNKNOWN: dict[str, Any] = {"person": {"sex": "female"}}
ADULT: dict[str, Any] = {"person": {"age": 40, "sex": "unknown"}}
PARTS = {"met": MET, "not_met": NOT_MET, "unknown": UNKNOWN}


def state(trigger: dict[str, Any], row: dict[str, Any] | None = None) -> str:
    return evaluate(read_predicate(trigger), case(row or ADULT)).state


@pytest.mark.parametrize("name", ["met", "not_met", "unknown"])
def test_the_three_states(name: str) -> None:
    assert state(PARTS[name]) == name


@pytest.mark.parametrize(
    ("how", "parts", "expected"),
    [
        ("all", ["met", "met"], "met"),
        ("all", ["met", "unknown"], "unknown"),
        ("all", ["unknown", "not_met"], "not_met"),
        ("any", ["not_met", "met", "unknown"], "met"),
        ("any", ["not_met", "unknown"], "unknown"),
        ("any", ["not_met", "not_met"], "not_met"),
        ("none", ["not_met", "not_met"], "met"),
        ("none", ["unknown", "not_met"], "unknown"),
        ("none", ["unknown", "met"], "not_met"),
        ("at_least", ["met", "not_met", "met"], "met"),
        ("at_least", ["met", "not_met", "unknown"], "unknown"),
        ("at_least", ["met", "not_met", "not_met"], "not_met"),
        ("at_least", ["unknown", "not_met", "unknown"], "unknown"),
        ("at_least", ["unknown", "not_met"], "not_met"),
    ],
)
def test_combinations(how: str, parts: list[str], expected: str) -> None:
    assert state(combined(how, parts)) == expected


def combined(how: str, parts: list[str]) -> dict[str, Any]:
    of = [PARTS[part] for part in parts]
    return {how: {"number": 2, "of": of} if how == "at_least" else of}


@pytest.mark.parametrize(
    ("when", "unless", "expected"),
    [
        ("met", "met", "not_met"),
        ("met", "unknown", "met"),
        ("met", "not_met", "met"),
        ("unknown", "met", "unknown"),
        ("not_met", "not_met", "not_met"),
    ],
)
def test_only_what_is_known_explains(when: str, unless: str, expected: str) -> None:
    trigger = {"unexplained": {"when": PARTS[when], "unless": PARTS[unless]}}
    assert state(trigger) == expected


@given(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=5), st.randoms())
def test_the_order_of_parts_does_not_matter(parts: list[str], random: Any) -> None:
    shuffled = [*parts]
    random.shuffle(shuffled)
    for how in ("all", "any", "none", "at_least"):
        assert state(combined(how, parts)) == state(combined(how, shuffled))


@pytest.mark.parametrize("trigger", [{}, {**MET, "liver": {"child_pugh": "B"}}])
def test_a_trigger_is_exactly_one_thing(trigger: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        read_predicate(trigger)


ANEURYSM = {"condition": {"icd10cm": ["I71"], "status": "any"}}
ACTIVE = {"condition": {"icd10cm": ["J06"]}}
ACUTE = {"condition": {"icd10cm": ["J06"], "acute": "true"}}
SETS = {"condition": {"sets": ["glaucoma"], "except_icd10cm": ["H42"]}}


@pytest.mark.parametrize(
    ("trigger", "found", "expected"),
    [
        (ANEURYSM, {"icd10": "I71.4", "status": "resolved"}, "met"),
        (ANEURYSM, {"icd10": "i714"}, "met"),
        (ANEURYSM, {"icd10": "I70.0"}, "not_met"),
        (ACTIVE, {"icd10": "J06.9", "status": "recurrence"}, "met"),
        (ACTIVE, {"icd10": "J06.9", "status": "unknown"}, "met"),
        (ACTIVE, {"icd10": "J06.9", "status": "remission"}, "not_met"),
        (ACUTE, {"icd10": "J06.9", "status": "active"}, "met"),
        (ACUTE, {"icd10": "J06.9", "status": "unknown", "days_ago": 42}, "met"),
        (ACUTE, {"icd10": "J06.9", "status": "unknown", "days_ago": 43}, "not_met"),
        (ACUTE, {"icd10": "J06.9", "status": "unknown", "undated": True}, "met"),
        (SETS, {"icd10": "H40.1110"}, "met"),
        (SETS, {"icd10": "H42"}, "not_met"),
    ],
)
def test_diagnoses(trigger: dict[str, Any], found: dict[str, Any], expected: str) -> None:
    assert state(trigger, {"conditions": [found]}) == expected


def test_a_diagnosis_that_was_not_looked_for_is_unknown() -> None:
    row = {"unanswered": ["conditions"]}
    answer = evaluate(read_predicate(ANEURYSM), case(row))
    assert (answer.state, answer.missing) == ("unknown", {"conditions"})


def test_what_was_found_is_carried_along() -> None:
    row = {"conditions": [{"icd10": "I71.4", "status": "unknown", "undated": True, "text": "AAA"}]}
    (match,) = evaluate(read_predicate(ANEURYSM), case(row)).matches
    assert match.what == "AAA (date unknown, status not recorded)"
    assert match.source == ("Condition/0",)


def test_remarks_are_never_cut_off() -> None:
    text = said("x" * 500, "2024-01-01", "matched by its text")
    assert len(text) <= 120
    assert text.endswith("(2024-01-01, matched by its text)")


def test_units_that_do_not_fit_are_not_compared() -> None:
    limit = {"kind": "heart_rate", "op": ">", "value": "1", "unit": "mm[Hg]"}
    trigger = {"result": {"within_days": "1", "thresholds": limit}}
    assert state(trigger, {"observations": [{"kind": "heart_rate", "value": 90}]}) == "unknown"


# --- the liver ---------------------------------------------------------------------------------

CIRRHOSIS = {"icd10": "K74.60"}


def liver(row: dict[str, Any], knowledge: Knowledge) -> LiverState:
    return liver_state(case(row).history, knowledge)


def labs(bilirubin: str, albumin: str, inr: str, days_ago: int = 9) -> list[dict[str, Any]]:
    kinds = {"bilirubin_total": bilirubin, "albumin_serum": albumin, "inr": inr}
    return [{"kind": k, "value": v, "days_ago": days_ago} for k, v in kinds.items()]


@pytest.mark.parametrize(
    ("values", "signs", "points", "said"),
    [
        # three to nine points of the laboratory, and two to six of signs that nobody told
        (("1.9", "3.6", "1.6"), [], (5, 9), "class A or B"),
        (("2", "3.6", "1.6"), [], (6, 10), "class A to C"),
        (("2", "3.5", "1.6"), [], (7, 11), "class B or C"),
        (("3", "2.8", "2.3"), [], (8, 12), "class B or C"),
        (("3.1", "2.7", "1.6"), [], (9, 13), "class B or C"),
        (("3.1", "2.7", "1.7"), [], (10, 14), "class C"),
        (("3.1", "2.7", "2.4"), [], (11, 15), "class C"),
        (("3.1", "2.7", "1.0"), [{"icd10": "R18.8"}], (10, 13), "class C"),
        (("2.5", "3", "1.0"), [{"icd10": "R18.8"}], (8, 11), "class B or C"),
    ],
)  # fmt: skip
def test_child_pugh(
    values: tuple[str, str, str],
    signs: list[dict[str, Any]],
    points: tuple[int, int],
    said: str,
    knowledge: Knowledge,
) -> None:
    row = {"conditions": [CIRRHOSIS, *signs], "observations": labs(*values)}
    found = liver(row, knowledge)
    assert (found.points_low, found.points_high) == points
    assert f"{said}:" in found.why
    assert found.child_pugh == (said[-1] if len(said) == len("class C") else None)


@pytest.mark.parametrize(
    ("values", "signs", "asked"),
    [
        (("2.5", "3", "1.9"), [], ", ask for ascites and encephalopathy"),
        (("2.5", "3", "1.0"), [{"icd10": "R18.8"}], ", ask for encephalopathy"),
        (("3.1", "2.7", "1.7"), [], ", ascites and encephalopathy not known"),  # class C anyhow
    ],
)
def test_signs_that_would_tell_the_class_are_asked_for(
    values: tuple[str, str, str], signs: list[dict[str, Any]], asked: str, knowledge: Knowledge
) -> None:
    row = {"conditions": [CIRRHOSIS, *signs], "observations": labs(*values)}
    assert asked in liver(row, knowledge).why


def test_missing_values_leave_the_class_open(knowledge: Knowledge) -> None:
    row = {"conditions": [CIRRHOSIS], "observations": labs("1", "4", "1")[:1]}
    found = liver(row, knowledge)
    assert (found.child_pugh, found.points_low, found.points_high) == (None, 5, 13)
    assert found.missing == ("albumin_serum", "inr")


def test_old_values_do_not_count(knowledge: Knowledge) -> None:
    row = {"conditions": [CIRRHOSIS], "observations": labs("1", "4", "1", days_ago=91)}
    assert liver(row, knowledge).child_pugh is None


@pytest.mark.parametrize(
    "drug", ["warfarin 5 mg", "Jantoven", "Eliquis 5 mg", "Sintrom", "Xarelto"]
)
def test_an_inr_under_an_anticoagulant_scores_anything(drug: str, knowledge: Knowledge) -> None:
    row = {"conditions": [CIRRHOSIS], "observations": labs("1", "4", "2.8"), "medications": [drug]}
    found = liver(row, knowledge)
    assert (found.points_low, found.points_high) == (5, 11)
    assert "INR not counted, " in found.why


def test_without_liver_disease_there_is_no_class(knowledge: Knowledge) -> None:
    assert liver({"observations": labs("9", "1", "4")}, knowledge) == LiverState(False)
    assert liver({"unanswered": ["conditions"]}, knowledge).chronic_disease is None


# --- code sets beside the checkout -------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("I71.4", "psy:C1"), ("I67.1", "psy:C1"), ("I72.0", "psy:C1"), ("I72.9", "psy:C1"),
        ("Q28.2", "psy:C2"), ("Q27.30", "psy:C2"), ("Q28.0", "psy:C2"), ("I61.9", "psy:C3"),
        ("I69.10", "psy:C3"), ("F20.9", "psy:C12"), ("F25.0", "psy:C12"), ("F32.3", "psy:C13"),
        ("F31.2", "psy:C14"), ("N30.10", "psy:C25"), ("G30.9", "psy:C26"), ("E05.90", "psy:C27"),
        ("J44.9", "psy:C28"),
    ],
)  # fmt: skip
def test_the_codes_of_the_research_fire(code: str, row: str, shared_dir: Any) -> None:
    assert code.split(".")[0] in (shared_dir / "clinical" / "psychiatric.yaml").read_text()
    patient = case({"conditions": [{"icd10": code}]})
    assert row in {b for finding in contraindications(patient) for b in finding.basis}


@pytest.mark.parametrize("code", ["I77.0", "F32.5", "O86.0", "O90.6", "Z39.2", "R18.0", "E80.1"])
def test_near_codes_stop_nothing(code: str) -> None:
    patient = case({"conditions": [{"icd10": code}], "person": {"sex": "female", "age": 55}})
    assert not contraindications(patient)


@pytest.mark.parametrize(
    ("code", "current"),
    [("O26.90", True), ("Z33.1", True), ("Z34.00", True), ("O86.0", False), ("Z39.2", False)],
)
def test_pregnancy_codes(code: str, current: bool, terminology: Any) -> None:
    concept = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]}
    assert ("pregnancy_current" in terminology.condition(concept).sets) is current
