"""Why a drug was stopped: codes, stated words and notes."""

from __future__ import annotations

from typing import Any

import pytest

from cds.chart.medication.resource import notes_of
from cds.chart.medication.stop_reason import status_reason, stop_reason

ROWS = [
    # resource fields, kind
    ({"statusReason": {"coding": [{"code": "sintol"}]}}, "intolerance"),
    ({"statusReason": {"coding": [{"code": "salg"}]}}, "intolerance"),
    ({"statusReason": [{"coding": [{"code": "407563006"}]}]}, "intolerance"),
    ({"statusReason": {"text": "Could not tolerate it"}}, "intolerance"),
    ({"statusReason": {"text": "Nausea"}}, "intolerance"),
    ({"statusReason": {"coding": [{"display": "Lack of efficacy"}]}}, "inefficacy"),
    ({"statusReason": {"text": "No response after 8 weeks"}}, "inefficacy"),
    ({"statusReason": {"coding": [{"code": "preg"}]}}, "other"),
    ({"statusReason": {"text": "Formulary change"}}, "other"),
    ({"statusReason": {"text": "No side effects, patient's wish"}}, "other"),
    ({"note": [{"text": "Discontinued due to nausea and dizziness"}]}, "intolerance"),
    ({"note": [{"text": "Patient has seasonal rash"}]}, None),
    ({"note": [{"text": "No adverse effects. Denies side effects."}]}, None),
    ({"note": [{"text": "Tolerated well without any side effects"}]}, None),
    ({"note": [{"text": "treatment failure, switched"}]}, "inefficacy"),
    ({"note": [{"text": "take with food"}]}, None),
    ({"note": [{"text": "Feels better with food, doing well"}]}, None),
    ({"note": [{"text": "Stopped because of feeling better"}]}, "response"),
    ({"note": [{"text": "No known allergies"}]}, None),
    ({"note": [{"text": "Not taking due to side effects"}]}, "intolerance"),
    ({"note": [{"text": "Stopped due to lack of benefit, not due to nausea"}]}, "inefficacy"),
    ({"note": [{"text": "Denies hives, rash or any allergic reaction"}]}, None),
    ({"note": [{"text": "No rash but did not tolerate it"}]}, "intolerance"),
    ({"note": "not a list", "statusReason": 7}, None),
    ({}, None),
]


@pytest.mark.parametrize(("fields", "kind"), ROWS, ids=str)
def test_kind(fields: dict[str, Any], kind: str | None) -> None:
    found = stop_reason(status_reason(fields), notes_of(fields))
    assert (found and found.kind) == kind
    assert found is None or found.text or "coding" in str(fields)


STATED = [
    # words of a stated reason, kind, what for
    ("ineffective, no side effects", "inefficacy", None),
    ("no side effects, did not work", "inefficacy", None),
    ("no nausea, ineffective", "inefficacy", None),
    ("well tolerated, ineffective", "inefficacy", None),
    ("failed to respond", "inefficacy", None),
    ("no response to 20 mg", "inefficacy", None),
    ("no response to treatment", "inefficacy", None),
    ("therapy failure", "inefficacy", None),
    ("pt felt no better after 10 wks", "inefficacy", None),
    ("minimal benefit", "inefficacy", None),
    ("nil effect", "inefficacy", None),
    ("Tx failure", "inefficacy", None),
    ("d/c'd - GI upset", "intolerance", None),
    ("s/e", "intolerance", None),
    ("switched into mania", "intolerance", None),
    ("no headaches", "other", None),
    ("not covered by ins", "other", None),
    # to what it was switched is not what failed; another drug that failed is
    ("switch to SNRI d/t lack of efficacy", "inefficacy", None),
    ("switched to venlafaxine due to lack of efficacy", "inefficacy", None),
    ("changed to venlafaxine because of nausea", "intolerance", None),
    ("previous SSRI stopped due to nausea", "other", None),
    ("previous SSRI failed", "other", None),
    ("ineffective for depression", "inefficacy", "mood"),
    ("ineffective for pain, mood good", "inefficacy", "pain"),
    ("ineffective for sleep", "other", None),
    ("no effect on driving", "other", None),
    ("maybe ineffective", "other", None),
    ("?ineffective", "other", None),
    ("not sure if it worked", "other", None),
    ("suspected lack of efficacy", "other", None),
    ("not ineffective", "other", None),
    ("failed to attend", "other", None),
    ("failed prior authorization", "other", None),
    ("insurance prior auth failed", "other", None),
    ("no response to phone calls", "other", None),
    ("no response to reminder letter", "other", None),
    ("not in remission", "other", None),
    ("in remission", "response", None),
    ("effective", "response", None),
    ("good response", "response", None),
    ("no good response", "inefficacy", None),
    ("worked well", "response", None),
    ("worked well, stopped due to pregnancy", "response", None),
    ("symptoms resolved", "response", None),
    ("symptoms not resolved", "other", None),
    ("no longer depressed", "response", None),
    ("patient felt better, completed course", "response", None),
    ("feeling better", "response", None),
    ("doing well", "response", None),
    ("not feeling better", "other", None),
    ("felt better off it", "other", None),
    ("felt better without it", "other", None),
    ("completed course", "other", None),
    ("lost insurance", "other", None),
    ("moved", "other", None),
    ("not effective", "inefficacy", None),
    ("cost-effective alternative", "other", None),
    ("Improved", "response", None),
    ("not improved", "other", None),
    ("effective for pain", "response", "pain"),
    ("never taken", "not_taken", None),
    ("never started", "not_taken", None),
    ("never filled", "not_taken", None),
    ("failed to pick up", "not_taken", None),
    ("returned unused", "not_taken", None),
    ("ordered in error", "not_taken", None),
    ("wrong patient", "not_taken", None),
    ("poor adherence", "not_taken", None),
    ("not non-adherent; ineffective", "inefficacy", None),
    ("stopped after 3 days", "not_taken", None),
    ("stopped after 13 days", "not_taken", None),
    ("stopped after 14 days", "other", None),
    ("stopped after 8 weeks", "other", None),
    ("not taken with food", "other", None),
    ("intolerance to lactose", "other", None),
    ("possible rash", "intolerance", None),
    ("intolerance to the drug", "intolerance", None),
    ("allergic reaction to it", "intolerance", None),
    ("allergy to latex", "other", None),
]


@pytest.mark.parametrize(("words", "kind", "use"), STATED)
def test_a_stated_reason(words: str, kind: str, use: str | None) -> None:
    found = stop_reason(status_reason({"statusReason": {"text": words}}))
    assert found is not None
    assert (found.kind, found.use) == (kind, use)


NOTES = [
    ("If ineffective, increase to 20 mg", None),
    ("Will try bupropion if no response", None),
    ("watch for side effects", None),
    ("call if side effects", None),
    ("monitor for side effects", None),
    ("counselled on side effects", None),
    ("sertraline ineffective", None),
    ("started because sertraline was ineffective", None),
    ("previous SSRI failed", None),
    ("allergy to penicillin", None),
    ("mother had no response to this drug", None),
    ("husband: did not work for him", None),
    ("no response expected before week 4", None),
    ("did not respond to messages", None),
    ("effective 2026-01-01", None),
    ("effective", None),  # of whatever: one word of a note proves nothing
    ("escitalopram ineffective", "inefficacy"),
    ("ineffective, switched to sertraline", "inefficacy"),
    ("no response to escitalopram 20 mg", "inefficacy"),
    ("husband says it did not work", "inefficacy"),
    ("patient never took this", "not_taken"),
    ("never filled", "not_taken"),
    ("in remission since May", "response"),
]


@pytest.mark.parametrize(("words", "kind"), NOTES)
def test_a_note_speaks_of_many_things(words: str, kind: str | None) -> None:
    known = {"sertraline", "bupropion", "escitalopram"}
    found = stop_reason(None, [words], "escitalopram", lambda word: frozenset({word} & known))
    assert (found and found.kind) == kind
