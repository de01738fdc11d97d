"""Where a record says two doses: the lower counts for treatment, the higher against it, and both
are said. And what stands beside an instruction, and may turn it.

A row: the instruction, the dose for a trial and for tolerance, the dose against treatment (mg/d;
ug/h of a patch), and words of what is said of it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cds.assessment.trials import described
from cds.history.medications.on_day import dose_on
from cds.history.model.history import History
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import Terminology
from tests.charts.fhir import one_patient
from tests.charts.reading import history_of
from tests.rows import check_each

START, AS_OF = date(2026, 1, 5), date(2026, 6, 1)
OXYCODONE = "oxycodone hydrochloride 10 MG Oral Tablet"
LORAZEPAM = "lorazepam 1 MG Oral Tablet"
SERTRALINE = "sertraline 50 MG Oral Tablet"
FENTANYL = "fentanyl 0.05 MG/HR 72 HR Transdermal System"
PATIENT = {"subject": {"reference": "Patient/p"}}


def history(
    terminology: Terminology, drug: str, *dosages: Any, fills: tuple[int, int] | None = None,
    dispensed: Any = None, **more: Any,
) -> History:  # fmt: skip
    """`fills`: (tablets, days) of each of five dispenses."""
    order = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "authoredOn": str(START), "medicationCodeableConcept": {"text": drug},
        "dosageInstruction": list(dosages), **PATIENT, **more,
    }  # fmt: skip
    dispenses = [
        {
            "resourceType": "MedicationDispense", "id": f"d{n}", "status": "completed", **PATIENT,
            "medicationCodeableConcept": {"text": drug},
            "authorizingPrescription": [{"reference": "MedicationRequest/m1"}],
            "whenHandedOver": str(START + timedelta(days=30 * n)),
            "quantity": {"value": fills[0], "unit": "tablet"},
            "daysSupply": {"value": fills[1], "unit": "d"},
            "dosageInstruction": dispensed or [],
        }
        for n in range(5)
    ] if fills else []  # fmt: skip
    record = one_patient(order, *dispenses)
    return history_of(record, terminology, load_knowledge(), AS_OF)


def doses(found: History) -> tuple[float | None, float | None]:
    (course,) = found.medications
    dose = dose_on(course, AS_OF, AS_OF)
    low, against = (None if q is None else float(q.value) for q in (dose.low, dose.against))
    return low, against


def notes(found: History) -> str:
    return " | ".join(note for course in found.medications for note in course.notes)


def often(times: int, **more: Any) -> Any:
    return {"repeat": {"frequency": times, "period": 1, "periodUnit": "d", **more}}


def fields(number: float, unit: str, timing: Any, **more: Any) -> Any:
    dose = {"doseQuantity": {"value": number, "unit": unit}}
    return {"timing": timing, "doseAndRate": [dose], **more}


def most(number: int, unit: str = "mg") -> Any:
    period = {"value": 1, "unit": "d"}
    return {"maxDosePerPeriod": {"numerator": {"value": number, "unit": unit},
                                 "denominator": period}}  # fmt: skip


ABOVE, KEPT = "more is ordered than the stated maximum", "kept to the stated maximum"
LIMITS = [
    # 10 mg four times a day; at, below and above
    (fields(10, "mg", often(4), **most(40)), 40, 40, ""),
    (fields(10, "mg", often(4), **most(39)), 39, 40, ABOVE),
    (fields(10, "mg", often(4), **most(20)), 20, 40, ABOVE),
    (fields(1, "tablet", often(4), **most(2, "tablet")), 20, 40, ABOVE),
    ({"text": "10 mg q8h, NTE 20 mg/d"}, 20, 30, ABOVE),
    ({"text": "10 mg q8h, NTE 30 mg/d"}, 30, 30, ""),
    (fields(1, "tablet", often(4), text="1 tablet every 6 hours, max 20 mg per day"),
     20, 40, ABOVE),
    ({"text": "1 tablet every 6 hours", "additionalInstruction": [{"text": "max 20 mg per day"}]},
     20, 40, ABOVE),
    # a number of tablets says how often at most
    ({"text": "1 tablet every 4 hours, max 4 a day"}, 40, 40, KEPT),
    # a range that the limit cuts
    ({"text": "1 to 2 tablets every 6 hours, max 60 mg per day"}, 40, 40, KEPT),
    ({"text": "1 to 2 tablets every 6 hours, max 40 mg per day"}, 40, 40, KEPT),
    ({"text": "1 to 2 tablets every 6 hours, max 39 mg per day"}, 39, 80, ABOVE),
]  # fmt: skip


def test_a_limit_below_a_regular_schedule(terminology: Terminology) -> None:
    def check(row: tuple[Any, float, float, str]) -> None:
        dosage, low, against, told = row
        found = history(terminology, OXYCODONE, dosage)
        assert doses(found) == (low, against)
        assert told in notes(found)
        assert found.opioids.mme_per_day is not None
        assert float(found.opioids.mme_per_day) == against * 1.5
        assert any("record differs" in p for p in found.opioids.problems) is (low < against)

    check_each(LIMITS, check)


def test_what_is_taken_as_needed_is_kept_to_its_limit(terminology: Terminology) -> None:
    text = "1 tablet every 4 hours as needed, max 20 mg per day"
    (course,) = history(terminology, OXYCODONE, {"text": text}).medications
    assert str(course.segments[-1].as_needed_up_to) == "20 mg/d"


SEDATIVES = [
    # mg/d of lorazepam for the total, and what the total says
    (fields(0.5, "mg", often(2), text="1 tablet twice daily"), 2, "the record differs"),
    (fields(2, "mg", often(2), text="1 tablet twice daily"), 4, "the record differs"),
    (fields(1, "mg", often(2), text="1 tablet twice daily"), 2, None),
    ({"text": "1-2 tablets daily"}, 2, "upper end"),
    ({"text": "1 tab twice daily, pt elected to forgo"}, 2, "not understood"),
]


def test_the_diazepam_total_says_which_dose_it_holds(terminology: Terminology) -> None:
    def check(row: tuple[Any, float, str | None]) -> None:
        dosage, mg, told = row
        total = history(terminology, LORAZEPAM, dosage).sedatives
        assert total.diazepam_equivalent_mg_per_day == mg * 10
        assert (told or "") in " | ".join(total.problems)
        assert bool(total.problems) is (told is not None)

    check_each(SEDATIVES, check)


def rate(ug_per_h: int, **more: Any) -> Any:
    return {"doseAndRate": [{"rateQuantity": {"value": ug_per_h, "unit": "ug/h"}}], **more}


PATCHES = [
    # of 50 ug/h: patches of that strength, or another
    ({"text": "50 mcg/hr patch every 72 hours"}, 50),
    ({"text": "100 mcg/hr every 72 hours"}, 100),
    ({"text": "25 mcg/hr patch every 72 hours"}, None),
    ({"text": "75 mcg/hr every 72 hours"}, None),
    ({"text": "1 patch (25 mcg/hr) every 72 hours"}, None),
    (rate(50), 50),
    (rate(100), 100),
    (rate(25), None),
    (rate(25, text="25 mcg/hr patch every 72 hours"), None),
]


def test_a_patch_of_another_strength_than_the_product(terminology: Terminology) -> None:
    def check(row: tuple[Any, float | None]) -> None:
        dosage, ug_per_h = row
        found = history(terminology, FENTANYL, dosage)
        assert doses(found) == (ug_per_h, ug_per_h)
        if ug_per_h is None:
            assert found.opioids.mme_per_day is None
            assert found.opioids.tolerant is None
            assert found.opioids.problems

    check_each(PATCHES, check)


COMPUTED, DISAGREE = "computed from the quantity handed out", "sources disagree on the dose"
DAILY = {"text": "1 tablet daily"}
SUPPLIES = [
    # instruction, (tablets, days), mg/d of lorazepam, against, what is said
    (None, (60, 30), 2, 2, COMPUTED),
    ({"text": "as directed"}, (60, 30), None, 2, COMPUTED),
    ({"text": "zap 1 daily"}, (60, 30), None, None, "dose unknown"),
    ({"text": "see plan of Dr Miller"}, (60, 30), None, None, "dose unknown"),
    # a tablet a day more than is written: below, at and above
    (DAILY, (30, 30), 1, 1, ""),
    (DAILY, (59, 30), 1, 1, ""),
    (DAILY, (60, 30), 1, 2, DISAGREE),
    (DAILY, (61, 30), 1, 2.0333, DISAGREE),
    ({"text": "1 tablet twice daily"}, (60, 30), 2, 2, ""),
    ({"text": "1 tablet twice daily"}, (90, 30), 2, 3, DISAGREE),
    ({"text": "half a tablet daily"}, (29, 30), 0.5, 0.5, ""),
    ({"text": "half a tablet daily"}, (30, 30), 0.5, 1, DISAGREE),
    ({"text": "1-2 tablets daily"}, (60, 30), 1, 1, "a range is written"),
    ({"text": "2 tablets twice daily"}, (60, 30), 4, 4, ""),  # less: adherence looks at it
]


def test_what_was_handed_out_beside_the_instruction(terminology: Terminology) -> None:
    def check(row: tuple[Any, tuple[int, int], float | None, float | None, str]) -> None:
        dosage, fills, low, against, told = row
        found = history(terminology, LORAZEPAM, *([dosage] if dosage else []), fills=fills)
        assert doses(found) == (low, against)
        assert told in notes(found)
        said = " | ".join(found.sedatives.problems)
        assert bool(said) is bool(told)

    check_each(SUPPLIES, check)


def test_a_supply_on_the_order_counts_as_one_that_was_dispensed(terminology: Terminology) -> None:
    supply = {
        "quantity": {"value": 60, "unit": "tablet"},
        "expectedSupplyDuration": {"value": 30, "unit": "d"},
        "numberOfRepeatsAllowed": 11,
    }
    assert doses(history(terminology, LORAZEPAM, DAILY, dispenseRequest=supply)) == (1, 2)


def test_as_directed_with_a_supply_proves_nothing(terminology: Terminology) -> None:
    directed = {"text": "as directed"}
    (trial,) = history(terminology, SERTRALINE, directed, fills=(60, 30)).antidepressant_trials
    assert (trial.adequacy, trial.max_daily_dose_mg) == ("unknown", None)
    opioids = history(terminology, OXYCODONE, directed, fills=(120, 30)).opioids
    assert (opioids.tolerant, opioids.mme_per_day) == (None, 60)


def test_the_label_of_the_dispense_stands_in_for_the_order(terminology: Terminology) -> None:
    label = [{"text": "1 tablet daily"}]
    for order in ("zap", "as directed"):
        found = history(terminology, LORAZEPAM, {"text": order}, fills=(30, 30), dispensed=label)
        assert doses(found) == (1, 1)


def test_renewals_with_other_supplies_do_not_add_up(terminology: Terminology) -> None:
    def order(name: str, tablets: int) -> Any:
        return {
            "resourceType": "MedicationRequest", "id": name, "status": "active", "intent": "order",
            "authoredOn": str(START), "medicationCodeableConcept": {"text": LORAZEPAM}, **PATIENT,
            "dosageInstruction": [DAILY],
            "dispenseRequest": {"quantity": {"value": tablets, "unit": "tablet"},
                                "expectedSupplyDuration": {"value": 300, "unit": "d"}},
        }  # fmt: skip

    record = one_patient(order("a", 300), order("b", 600))
    assert doses(history_of(record, terminology, load_knowledge(), AS_OF)) == (1, 2)


BESIDE = [
    # what stands in the text, on the dosage, and the trial of it: mg/d, adequacy
    ({"text": "1 tablet daily"}, 50, "strict"),
    ({"text": "1 tab daily, pt elected to forgo"}, 50, "minimum"),
    ({"text": "2 tabs daily, pt elected to forgo"}, 100, "minimum"),
]


def test_words_that_were_not_understood_reach_the_trial(terminology: Terminology) -> None:
    def check(row: tuple[Any, int, str]) -> None:
        dosage, mg, adequacy = row
        found = history(terminology, SERTRALINE, dosage)
        (trial,) = found.antidepressant_trials
        assert (trial.max_daily_dose_mg, trial.adequacy) == (mg, adequacy)
        named = [unread.text for course in found.medications for unread in course.unread]
        assert named == ([] if adequacy == "strict" else [dosage["text"]])
        assert any("not understood" in remark for remark in trial.remarks) is bool(named)
        assert ("not understood" in described(trial)) is bool(named)

    check_each(BESIDE, check)


def advised(*texts: str, **more: Any) -> Any:
    return {"text": "1 tablet daily", "additionalInstruction": [{"text": t} for t in texts], **more}


ADVICE = [
    # (mg/d of each stretch)
    (advised("take with food"), [50]),
    (advised("Warning: may increase suicidal thoughts"), [50]),
    (advised("use to increase appetite"), [50]),
    (advised("increase fluid intake"), [50]),
    (advised("Do not stop suddenly; taper under supervision"), [50]),
    (advised("Do not double the dose if you miss one"), [50]),
    (advised("Avoid alcohol for 14 days"), [50]),
    (advised("take 1 tablet then lie down"), [50]),
    # it is a step
    (advised("increase to 2 tablets after 1 week"), [50, 100]),
    ({"text": "1 tablet daily", "patientInstruction": "increase to 2 tablets after 1 week"},
     [50, 100]),
    # or the dose is open
    (advised("then 2 tablets daily"), [None]),
    (advised("take 2 tablets on the first day"), [None]),
    (advised("reduce by half after a week"), [None]),
    (advised("double the dose after 1 week"), [None]),
    (advised("increase slowly as tolerated"), [None]),
    (advised("titrate to effect"), [None]),
    (fields(1, "tablet", often(1), additionalInstruction=[{"text": "titrate to effect"}]), [None]),
    (fields(1, "tablet", often(1),
            additionalInstruction=[{"text": "increase to 2 tablets after 1 week"}]), [None]),
]  # fmt: skip


def test_what_is_written_beside_the_dose_may_change_it(terminology: Terminology) -> None:
    def check(row: tuple[Any, list[int | None]]) -> None:
        dosage, stretches = row
        (course,) = history(terminology, SERTRALINE, dosage).medications
        found = [segment.daily_dose for segment in course.segments]
        assert [None if dose is None else int(dose.value) for dose in found] == stretches
        assert bool(course.unread) is (stretches == [None])

    check_each(ADVICE, check)


def test_an_end_beside_the_dose(terminology: Terminology) -> None:
    (course,) = history(terminology, SERTRALINE, advised("for 7 days then stop")).medications
    assert [(s.start, s.end) for s in course.segments] == [(START, date(2026, 1, 12))]


def test_the_patient_is_told_another_dose(terminology: Terminology) -> None:
    told = {"text": "2 tablets daily", "patientInstruction": "Take one tablet every day"}
    assert doses(history(terminology, LORAZEPAM, told)) == (1, 2)
    same = {"text": "1 tablet daily", "patientInstruction": "Take one tablet every day"}
    assert doses(history(terminology, LORAZEPAM, same)) == (1, 1)


def once(**repeat: Any) -> Any:
    return {"repeat": repeat}


SINGLE = [
    # lorazepam 1 mg: is it taken today, and on how many days was it
    (fields(1, "tablet", once(count=1)), False, 1),
    (fields(1, "tablet", often(1, count=1)), False, 1),
    (fields(1, "tablet", often(2, count=10)), False, 5),
    (fields(1, "tablet", {"code": {"text": "once"}}), False, 1),
    (fields(1, "tablet", {"code": {"coding": [{"code": "STAT"}]}}), False, 1),
    (fields(1, "tablet", {"event": ["2026-01-05T08:00:00Z"]}), False, 1),
    (fields(1, "tablet", {"event": ["2026-01-05", "2026-01-06", "2026-01-07"]}), False, 3),
    ({"text": "1 tablet once"}, False, 1),
    (fields(1, "tablet", often(1)), True, 147),
]


def test_a_single_dose_is_no_standing_drug(terminology: Terminology) -> None:
    def check(row: tuple[Any, bool, int]) -> None:
        dosage, current, days = row
        found = history(terminology, LORAZEPAM, dosage)
        (course,) = found.medications
        assert course.current is current
        assert sum(segment.days for segment in course.segments) == days
        assert (found.sedatives.diazepam_equivalent_mg_per_day == 0) is not current

    check_each(SINGLE, check)


def test_a_single_dose_comes_before_the_regular_one(terminology: Terminology) -> None:
    dosages = [fields(2, "tablet", once(count=1)), fields(1, "tablet", often(1))]
    (course,) = history(terminology, SERTRALINE, *dosages).medications
    assert [str(segment.daily_dose) for segment in course.segments] == ["100 mg/d", "50 mg/d"]
