"""What of a large chart comes first, read or judged."""

from __future__ import annotations

from itertools import count

import fhir_fixtures
from cds.api import load, read_chart
from cds.chart.foremost import NOT_IN_TIME, foremost, in_turn
from cds.fhir.record.patient_record import gather
from cds.wire import Json
from tests.rows import check_each
from tests.work import calls_made, looked_at

ENGINE = load()
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def condition(ident: str, code: str | None, when: str = "2026-01-01", **more: str) -> Json:
    concept: Json = {"text": code or f"{ident} in words"}
    if code is not None:
        concept["coding"] = [{"system": ICD, "code": code}]
    status = {"coding": [{"code": more.get("status", "active")}]}
    return {
        "resourceType": "Condition", "id": ident, "code": concept, "recordedDate": when,
        "clinicalStatus": status, "subject": {"reference": "Patient/p"},
    }  # fmt: skip


def other(kind: str, ident: str) -> Json:
    return {"resourceType": kind, "id": ident, "code": {"coding": [{"code": ident}]}}


ORDERS = {
    "the newest first": (
        [condition("old", "I10", "2001-01-01"), condition("new", "E11.9")],
        "new old",
    ),
    "the present before the past": (
        [condition("over", "I10", "2026-02-01", status="resolved"), condition("now", "E11.9")],
        "now over",
    ),
    "each thing once before any again": (
        [condition("a1", "I10", "2026-03-01"), condition("a2", "I10", "2026-02-01"),
         condition("b", "I71.4", "1999-01-01")],
        "a1 b a2",
    ),
    "a code before words alone": (
        [condition("words", None, "2026-03-01"), condition("coded", "I71.4", "1999-01-01")],
        "coded words",
    ),
    "words before a code that is repeated": (
        [condition("c1", "I10", "2026-03-01"), condition("c2", "I10"), condition("words", None)],
        "c1 words c2",
    ),
    "odd fields put nothing out of order": (
        [{"resourceType": "Condition", "id": "odd", "code": [{"coding": 3}], "recordedDate": 7,
          "clinicalStatus": "active", "status": {"a": []}, "onsetDateTime": ["x"]},
         condition("sound", "I71.4")],
        "sound odd",
    ),
}  # fmt: skip


def test_order_of_reading() -> None:
    def check(name: str) -> None:
        resources, expected = ORDERS[name]
        for given in (resources, resources[::-1]):
            assert " ".join(one["id"] for one in in_turn([given])) == expected

    check_each(ORDERS, check)


def test_a_long_list_keeps_no_other_kind_waiting() -> None:
    many = [other("Observation", f"o{n}") for n in range(50)]
    one = [other("AllergyIntolerance", "a")]
    assert [r["id"] for r in in_turn([many, one])].index("a") == 1


def test_a_chart_that_is_small_enough_is_left_as_it_is() -> None:
    chart = read_chart(ENGINE, fhir_fixtures.load("ash", fhir_fixtures.ANCHOR))
    assert foremost(chart, 10_000) == chart


def test_what_is_left_out_is_unknown() -> None:
    listed = [condition(f"w{n}", None) for n in range(9)]
    record = gather([*listed, condition("aneurysm", "I71.40", "1999-01-01")], ["conditions"])
    chart = foremost(read_chart(ENGINE, record), 3)
    assert len(chart.conditions) == 3
    assert "aneurysm" in {one.source[0].partition("/")[2] for one in chart.conditions}
    assert chart.cut == ("Condition",)
    assert "conditions" not in chart.answered
    assert chart.unavailable["conditions"] == NOT_IN_TIME


def test_a_code_goes_before_what_a_hundred_words_say() -> None:
    """Words that mean the same are one thing, however each of them is put."""
    listed = [condition(f"w{n}", None, "2026-05-01") for n in range(40)]
    for number, one in enumerate(listed):
        one["code"] = {"text": f"had a stroke, seen on ward {number}"}
    asthma = condition("asthma", None, "1999-01-01")
    asthma["code"] = {"text": "asthma"}
    coded = condition("aneurysm", "I71.40", "1999-01-01")
    chart = read_chart(ENGINE, gather([*listed, asthma, coded]))
    assert sum(bool(one.sets) for one in chart.conditions) == 42
    kept = {one.source[0].partition("/")[2] for one in foremost(chart, 3).conditions}
    assert {"aneurysm", "asthma"} < kept


def test_a_letter_in_place_of_a_name_keeps_no_other_waiting() -> None:
    """It takes as long to read as a hundred names; new as it is, it is read last."""
    letters = [condition(f"letter{n}", "F33.2", f"2026-11-{n + 1:02}") for n in range(3)]
    letters[0]["code"]["text"] = "no " * 700
    letters[1]["code"]["coding"][0]["display"] = "no " * 700
    letters[2]["note"] = [{"text": "no " * 700}]
    short = condition("name", "F20.0", "2001-01-01")
    short["code"]["text"] = "x" * 2_000
    order = [one["id"] for one in in_turn([[*letters, short]])]
    assert order == ["name", "letter2", "letter1", "letter0"]


def test_of_what_was_entered_in_error_no_word_is_read() -> None:
    def chart_of(words: int, stated: str) -> int:
        wrong = condition("wrong", None)
        wrong["code"]["text"] = f"no {words} " * words
        wrong["verificationStatus"] = {"coding": [{"code": stated}]}
        return calls_made(lambda: read_chart(ENGINE, gather([wrong])))

    chart_of(9, "entered-in-error")
    few, many = (chart_of(words, "entered-in-error") for words in (10, 500))
    assert many < few + 200
    assert chart_of(501, "confirmed") > 10 * many


def test_what_was_read_in_time_is_what_the_whole_chart_says_of_it() -> None:
    """At every moment: each entry is one of the whole chart's, in its order."""
    record = gather([fhir_fixtures.load("birch", fhir_fixtures.ANCHOR)])
    whole = read_chart(ENGINE, record)
    lists = ("conditions", "results", "allergies", "procedures", "medications", "encounters")
    before = -1
    for ticks in range(0, 200, 3):
        chart = read_chart(ENGINE, record, allowance=looked_at(ticks, count().__next__))
        for name in lists:
            entries, all_of_them = getattr(chart, name), getattr(whole, name)
            places = [all_of_them.index(entry) for entry in entries]
            assert places == sorted(places)
        read = sum(len(getattr(chart, name)) for name in lists)
        assert read >= before
        before = read
        assert bool(chart.cut) == (chart.answered != whole.answered)
    assert chart == whole


def test_a_reason_is_read_with_the_order_that_names_it() -> None:
    """Wherever the cut falls: an order that was read knows what it is for."""
    order: Json = {
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "sertraline 50 mg tablet"},
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-05-01",
        "reasonReference": [{"reference": "Condition/why"}],
    }  # fmt: skip
    listed = [condition(f"c{n}", f"E11.{n}", "2026-05-01") for n in range(9)]
    record = gather([*listed, condition("why", "F33.2", "1990-01-01"), order])
    for ticks in range(2, 40):
        chart = read_chart(ENGINE, record, allowance=looked_at(ticks, count().__next__))
        for medication in chart.medications:
            assert "Condition/why" in medication.reasons.source
