"""Observations: the number is right, or it is not there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.fhir.record.skipped import DATED_LATER, Skipped
from tests.charts.fhir import LOINC, SNOMED, concept, observation, on_day, quantity, record

WEIGHT, HEIGHT, PHQ9, BP = "29463-7", "8302-2", "44261-6", "85354-9"


@pytest.fixture
def read(terminology):
    def reader(*resources, skipped=None):
        return on_day(record(*resources), terminology, skipped).observations

    return reader


@pytest.mark.parametrize(
    ("loinc", "value", "kind", "expected", "unit"),
    [
        (WEIGHT, quantity(Decimal("70.2"), "kg", "kg"), "body_weight", "70.2", "kg"),
        (WEIGHT, quantity(70200, "g", "g"), "body_weight", "70.2", "kg"),
        (WEIGHT, quantity(100, "lbs", "[lb_av]"), "body_weight", "45.359237", "kg"),
        (WEIGHT, quantity(100, "lb"), "body_weight", "45.359237", "kg"),
        (HEIGHT, quantity(Decimal("1.75"), "m", "m"), "body_height", "175", "cm"),
        (HEIGHT, quantity(70, "in", "[in_i]"), "body_height", "177.8", "cm"),
        ("8480-6", quantity(128, "mmHg", "mm[Hg]"), "blood_pressure_systolic", "128", "mm[Hg]"),
        ("8867-4", quantity(72, "beats/minute", "{beats}/min"), "heart_rate", "72", "/min"),
        ("59408-5", quantity(97, "%", "%"), "oxygen_saturation", "97", "%"),
        ("8310-5", quantity(Decimal("98.6"), "degF", "[degF]"), "body_temperature", "37", "Cel"),
        ("1742-6", quantity(41, "IU/L", "IU/L"), "alt", "41", "U/L"),
        ("1975-2", quantity(Decimal("34.2"), "umol/L", "umol/L"), "bilirubin_total", "2", "mg/dL"),
        ("2160-0", quantity(Decimal("88.4"), "umol/L", "umol/L"), "creatinine_serum", "1", "mg/dL"),
        ("1751-7", quantity(38, "g/L", "g/L"), "albumin_serum", "3.8", "g/dL"),
        ("33914-3", quantity(61, "mL/min/1.73m2"), "egfr", "61", "mL/min/{1.73_m2}"),
        ("3016-3", quantity(2, "uIU/mL", "u[IU]/mL"), "tsh", "2", "m[IU]/L"),
        ("6301-6", quantity(1, None), "inr", "1", "1"),
        (PHQ9, quantity(14, "{score}", "{score}"), "phq9_total", "14", "{score}"),
        (PHQ9, quantity(14, "(score)"), "phq9_total", "14", "{score}"),
        (PHQ9, quantity(14, None), "phq9_total", "14", "{score}"),
    ],
)
def test_a_value_comes_in_the_canonical_unit(read, loinc, value, kind, expected, unit):
    (fact,) = read(observation(loinc, valueQuantity=value))[kind]
    assert (fact.value, fact.unit, fact.problem) == (Decimal(expected), unit, None)


@pytest.mark.parametrize(
    ("loinc", "amount", "written", "expected"),
    [
        ("1975-2", "51.3", "μmol/L", "3"),
        ("1975-2", "51.3", "umol/l", "3"),
        ("1975-2", "51.3", "micromol/L", "3"),
        ("1975-2", "51.3", "mcmol/L", "3"),
        ("1975-2", "3", "MG/DL", "3"),
        ("1975-2", "3", "mg%", "3"),
        ("1975-2", "3", "mg/100 mL", "3"),
        ("1751-7", "22", "g/l", "2.2"),
        ("1751-7", "2.2", "GM/DL", "2.2"),
        ("1751-7", "2.2", "gm%", "2.2"),
        ("6301-6", "2.4", "RATIO", "2.4"),
        ("6301-6", "2.4", "inr", "2.4"),
        ("777-3", "58", "K/UL", "58"),
        ("777-3", "58", "X10E3/UL", "58"),
        ("777-3", "58", "x10(3)/mcL", "58"),
        ("777-3", "58", "10^3/mm^3", "58"),
        ("777-3", "58", "Thousand/uL", "58"),
        ("777-3", "58000", "/cu.mm", "58"),
        ("777-3", "0.58", "lakh/cumm", "58"),
        ("777-3", "58", "Giga/L", "58"),
        ("1975-2", "3", "g/dL", None),
        ("777-3", "58", "fL", None),
    ],
)
def test_a_unit_is_known_by_its_spelling(read, loinc, amount, written, expected):
    value = quantity(Decimal(amount), written)
    ((fact,),) = read(observation(loinc, valueQuantity=value)).values()
    assert fact.value == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("loinc", "value", "kind", "problem"),
    [
        (WEIGHT, quantity(70, None), "body_weight", "no unit"),
        (WEIGHT, quantity(70, "cm", "cm"), "body_weight", "the unit does not fit"),
        (WEIGHT, quantity(70, "stone"), "body_weight", "the unit does not fit"),
        (WEIGHT, quantity(154, "lb", "kg"), "body_weight", "unit code and unit text differ"),
        (WEIGHT, quantity(154, "cm", "kg"), "body_weight", "unit code and unit text differ"),
        (WEIGHT, quantity(7000, "kg", "kg"), "body_weight", "implausible: 7000 kg"),
        (WEIGHT, quantity(Decimal("0.2"), "kg", "kg"), "body_weight", "implausible: 0.2 kg"),
        (WEIGHT, quantity(-70, "kg", "kg"), "body_weight", "implausible: -70 kg"),
        (WEIGHT, {"unit": "kg"}, "body_weight", "the value is not a number"),
        (WEIGHT, quantity("70", "kg"), "body_weight", "the value is not a number"),
        (WEIGHT, quantity(70, "kg") | {"comparator": ">"}, "body_weight", "only a bound is given"),
        ("8480-6", quantity(120, None), "blood_pressure_systolic", "no unit"),
        (PHQ9, quantity(28, "{score}"), "phq9_total", "implausible: 28 {score}"),
        (PHQ9, quantity(14, "mg"), "phq9_total", "the unit does not fit"),
    ],
)
def test_a_doubtful_value_is_a_problem_and_never_a_number(read, loinc, value, kind, problem):
    (fact,) = read(observation(loinc, valueQuantity=value))[kind]
    assert (fact.value, fact.problem) == (None, problem)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"valueInteger": 14}, "14"),
        ({"valueString": "14"}, "14"),
        ({"valueString": "14 of 27"}, None),
        ({"valueCodeableConcept": {"text": "14"}}, "14"),
        ({"valueBoolean": True}, None),
        ({}, None),
    ],
)
def test_a_score_may_be_an_integer_or_a_written_number(read, fields, expected):
    (fact,) = read(observation(PHQ9, **fields))["phq9_total"]
    assert fact.value == (Decimal(expected) if expected else None)
    assert (fact.problem is None) == (expected is not None)


@pytest.mark.parametrize(
    ("written", "expected"), [("7/10", "7"), ("7 / 10", "7"), ("70/100", None), ("6/7", None)]
)
def test_a_pain_score_may_say_what_it_is_out_of(read, written, expected):
    (fact,) = read(observation("72514-3", valueString=written))["pain_severity_nrs"]
    assert fact.value == (Decimal(expected) if expected else None)


def test_a_coded_answer_to_item_9_is_its_score(read):
    several_days = concept(LOINC, "LA6569-3", "Several days")
    (fact,) = read(observation("44260-8", valueCodeableConcept=several_days))["phq9_item9"]
    assert fact.value == 1
    # an answer of the PHQ is no weight
    assert read(observation(WEIGHT, valueCodeableConcept=several_days))["body_weight"][0].problem


def test_blood_pressure_stands_in_the_components(read):
    facts = read(
        observation(
            BP,
            component=[
                {"code": concept(LOINC, "8480-6"), "valueQuantity": quantity(142, "mmHg")},
                {"code": concept(LOINC, "8462-4"), "valueQuantity": quantity(91, "mmHg")},
            ],
        )
    )
    assert {kind: found[0].value for kind, found in facts.items()} == {
        "blood_pressure_systolic": 142,
        "blood_pressure_diastolic": 91,
    }


def test_an_absent_component_says_why(read):
    facts = read(
        observation(
            BP,
            component=[
                {
                    "code": concept(LOINC, "8480-6"),
                    "dataAbsentReason": concept("x", "not-performed"),
                }
            ],
        )
    )
    assert facts["blood_pressure_systolic"][0].problem == "data absent: not-performed"


def test_a_total_on_the_panel_is_the_total(read):
    facts = read(observation("44249-1", valueInteger=17))
    assert facts["phq9_total"][0].value == 17
    assert "phq9_panel" not in facts


@pytest.mark.parametrize(
    ("status", "counts", "preliminary"),
    [
        ("final", True, False),
        ("amended", True, False),
        ("corrected", True, False),
        ("preliminary", True, True),
        ("unknown", True, True),
        (None, True, False),
        ("entered-in-error", False, None),
        ("cancelled", False, None),
        ("registered", False, None),
    ],
)
def test_status_decides_whether_it_counts(read, status, counts, preliminary):
    skipped = []
    resource = observation(WEIGHT, status=status, valueQuantity=quantity(70, "kg"))
    facts = read(resource, skipped=skipped).get("body_weight", ())
    assert bool(facts) == counts
    assert [s.reason for s in skipped] == ([] if counts else [status])
    if counts:
        assert facts[0].preliminary is preliminary


MOMENT = "2026-11-10T08:00:00Z"


@pytest.mark.parametrize(
    ("reports", "left"),
    [
        ([("preliminary", MOMENT, 61), ("final", MOMENT, 62)], [62]),
        ([("preliminary", MOMENT, 61), ("corrected", MOMENT, 63)], [63]),
        ([("final", MOMENT, 62), ("amended", MOMENT, 63)], [63]),
        ([("preliminary", MOMENT, 61)], [61]),
        ([("final", MOMENT, 61), ("final", MOMENT, 62)], [61, 62]),
        # another moment, or a day on which the moment is not known
        ([("preliminary", MOMENT, 61), ("final", "2026-11-10T09:00:00Z", 62)], [62, 61]),
        ([("preliminary", "2026-11-10", 61), ("final", "2026-11-10", 62)], [61, 62]),
        # what can't be read replaces nothing
        ([("final", MOMENT, 62), ("corrected", MOMENT, None)], [62, None]),
    ],
)
def test_a_later_report_of_the_same_moment_replaces_the_earlier(read, reports, left):
    weights = [
        observation(WEIGHT, f"o{n}", when, status=status, valueQuantity=quantity(value, "kg"))
        for n, (status, when, value) in enumerate(reports)
    ]
    assert [fact.value for fact in read(*weights)["body_weight"]] == left


PREGNANT = {"coding": [{"system": SNOMED, "code": "77386006", "display": "Pregnant"}]}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("REPRO STAT", PREGNANT, True),  # the value is the finding, whatever the code is
        ("STATUS AT VISIT", PREGNANT, True),
        ("Partner status", PREGNANT, False),
        ("Family planning", PREGNANT, False),
        ("Fetal status", PREGNANT, False),
        ("REPRO STAT", {"text": "Pregnant"}, False),  # words under a name that nobody knows
        ("Pregnancy st", {"text": "Pregnant"}, True),
        ("REPRO STAT", {"coding": [{"system": SNOMED, "code": "10828004"}]}, False),
        ("POC urine pregnancy", {"text": "POSITIVE"}, True),
    ],
)
def test_a_positive_answer_under_a_local_code(read, name, value, found):
    local = {"coding": [{"system": "urn:local", "code": "77"}], "text": name}
    facts = read(observation("", valueCodeableConcept=value) | {"code": local})
    said = {word for kind in facts.values() for fact in kind for word in fact.concept}
    assert bool(said & {"pregnant", "positive"}) is found


HIGH = {"blood_pressure_systolic": 190, "blood_pressure_diastolic": 115}


def test_each_reading_of_a_string_counts(read):
    facts = read(observation("85354-9", valueString="190/115, repeat 188/110 after 5 min"))
    assert {fact.value for fact in facts["blood_pressure_systolic"]} == {190, 188}
    assert {fact.value for fact in facts["blood_pressure_diastolic"]} == {115, 110}


@pytest.mark.parametrize("written", ["190-115", "190/115?", "refused", "115/190"])
def test_a_pressure_that_cannot_be_read_is_seen(read, written):
    (fact,) = read(observation("85354-9", valueString=written))["blood_pressure_systolic"]
    assert fact.problem
    assert fact.value is None


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Blood pressure", "128/76",
         {"blood_pressure_systolic": 128, "blood_pressure_diastolic": 76}),
        ("BP", "188 / 112 mmHg", {"blood_pressure_systolic": 188, "blood_pressure_diastolic": 112}),
        ("BP", "128/76 mm[Hg]", {"blood_pressure_systolic": 128, "blood_pressure_diastolic": 76}),
        ("BP", "128", {}),
        ("BP", "see flowsheet 12/24", {}),
        ("BP", "190/115 (L arm)", HIGH), ("BP", "190/115 sitting", HIGH),
        ("BP", "190 over 115", HIGH), ("BP", "BP 190/115", HIGH), ("BP", "190/115*", HIGH),
        ("BP", "H 190/115", HIGH), ("BP", "190/115 (140)", HIGH), ("BP", "190/115 [HH]", HIGH),
        ("BP", "BP: 190/115 HR 88", HIGH), ("BP", "190/115 @ 0900", HIGH),
        ("BP left arm", "190/115", HIGH), ("Blood pressure, sitting, right arm", "190/115", HIGH),
        ("Arterial blood pressure", "190/115", HIGH), ("Vital signs - BP", "190/115", HIGH),
        ("BP", "190/P", {"blood_pressure_systolic": 190}),
        ("BP", "190 palp", {}), ("BP", "115/190", {}), ("BP", "12/24/2026", {}),
        ("BP", "190-115", {}), ("BP", "190/115?", {}), ("BP", "~190/115", {}),
        ("BP", ">190/115", {}), ("BP", "190/115 yesterday", {}), ("BP", "goal 140/90", {}),
        ("BP", "180/100-190/110", {}), ("BP", "not taken", {}),
        ("BP goal", "140/90", {}), ("Pain left arm", "8", {}), ("Pulse left arm", "88", {}),
        ("Weight", "128/76", {}),
        ("Weight", "82 kg", {"body_weight": 82}),
        ("Weight", "82.5 Kgs", {"body_weight": Decimal("82.5")}),
        ("Body weight", "180 lb", {"body_weight": Decimal("81.6466266")}),
        ("Weight", "11 st 4 lb", {"body_weight": Decimal("71.66759446")}),
        ("Weight", "11 st 14 lb", {}),
        ("Weight", "82", {}),
        ("Weight", "82 cm", {}),
        ("Weight", "82 kg or 84 kg", {}),
        ("Weight", "lost 82 kg", {}),
        ("Urine drug screen", "Positive for cocaine and THC", {"uds_cocaine": "positive",
         "uds_cannabinoids": "positive"}),
        ("Drug screen, urine", "POSITIVE: benzodiazepines", {"uds_benzodiazepines": "positive"}),
        ("Urine drug screen", "Presumptive positive for PCP", {"uds_phencyclidine": "positive"}),
        ("Urine drug screen", "positive for kratom, cocaine",
         {"uds_panel": "positive", "uds_cocaine": "positive"}),
        ("Urine drug screen", "Positive control: negative", {}),
        ("Urine drug screen", "Positive: see comment", {}),
        ("Urine drug screen", "Positive", {"uds_panel": "positive"}),
        ("Urine drug screen", "Negative", {"uds_panel": "negative"}),
        ("Urine drug screen", "not positive for cocaine", {}),
        ("Urine drug screen", "Cocaine: POSITIVE", {"uds_cocaine": "positive"}),
        ("Urine drug screen", "Cocaine - Positive; Opiates - Negative",
         {"uds_cocaine": "positive", "uds_opiates": "negative"}),
        ("Urine drug screen", "THC Positive, Cocaine Positive",
         {"uds_cannabinoids": "positive", "uds_cocaine": "positive"}),
        ("Urine drug screen", "Cocaine (Positive)", {"uds_cocaine": "positive"}),
        ("UDS 10 panel", "cocaine POS, others neg", {"uds_cocaine": "positive"}),
        ("UDS", "Amphetamine: NEG; Opiates: POS; Ketamine: POSITIVE; THC neg",
         {"uds_amphetamines": "negative", "uds_opiates": "positive", "uds_ketamine": "positive",
          "uds_cannabinoids": "negative"}),
        ("UDS", "Cocaine: not detected\nTHC: detected",
         {"uds_cocaine": "negative", "uds_cannabinoids": "positive"}),
        ("UDS", "Negative for cocaine, THC; positive: opiates",
         {"uds_cocaine": "negative", "uds_cannabinoids": "negative", "uds_opiates": "positive"}),
        ("UDS", "Positive for cocaine, negative for THC",
         {"uds_cocaine": "positive", "uds_cannabinoids": "negative"}),
        ("UDS", "All negative", {"uds_panel": "negative"}),
        ("UDS", "No substances detected", {"uds_panel": "negative"}),
        # a positive of nothing is none
        ("UDS", "Positive for none", {"uds_panel": "negative"}),
        ("UDS", "Positive for: nothing", {"uds_panel": "negative"}),
        ("UDS", "positive: none", {"uds_panel": "negative"}),
        ("UDS", "None positive", {"uds_panel": "negative"}),
        ("UDS", "Not positive", {}),
        ("UDS", "No positives", {"uds_panel": "negative"}),
        ("UDS", "Nothing detected", {"uds_panel": "negative"}),
        ("UDS", "negative for all", {"uds_panel": "negative"}),
        ("UDS", "NEGATIVE FOR ALL DRUGS TESTED", {"uds_panel": "negative"}),
        ("UDS", "Neg x 10", {"uds_panel": "negative"}),
        ("UDS", "Positive for none, see comment", {}),
        ("UDS", "no growth", {}),
        ("UDS", "Positive: cocaine, opiates. Negative: THC",
         {"uds_cocaine": "positive", "uds_opiates": "positive", "uds_cannabinoids": "negative"}),
        ("UDS", "Cocaine: false positive; THC neg", {}),
        ("UDS", "Cocaine: presumptively positive, THC neg",
         {"uds_cocaine": "positive", "uds_cannabinoids": "negative"}),
        ("UDS", "THC, Cocaine Positive", {}),
        ("UDS", "Cocaine Positive, THC", {}),
        ("UDS", "Cocaine non-detected", {}),
        ("UDS", "no cocaine detected", {}),
        ("UDS", "Possible cocaine positive", {}),
        ("UDS", "Cocaine positive; cocaine negative", {}),
        ("UDS", "Control: positive; cocaine: negative", {}),
        ("UDS", "Blood: positive", {}),
        ("Note", "Cocaine: POSITIVE", {}),
        ("Urine drug screen", "see scan", {}),
    ],
)  # fmt: skip
def test_a_panel_whose_results_stand_in_one_string(read, name, value, found):
    facts = read(observation("", valueString=value) | {"code": {"text": name}})
    told = {
        kind: next(iter(fact.concept), fact.value)
        for kind, listed in facts.items()
        for fact in listed
        if fact.problem is None and (fact.concept or fact.value is not None)
    }
    assert told == found


@pytest.mark.parametrize(
    ("written", "had"),
    [("see scan", False), ("THC, Cocaine Positive", False), ("Cocaine Positive; THC neg", True),
     ("Indeterminate", True), ("Negative", True), ("Positive for kratom", True)],
)  # fmt: skip
def test_a_drug_screen_that_was_not_understood_was_not_had(read, written, had):
    """It stays in the chart and is named with its problem; a usable result it is not."""
    (screen,) = read(observation("", valueString=written) | {"code": {"text": "UDS"}})["uds_panel"][
        :1
    ]
    assert (screen.problem is None) is had


def test_an_interpretation_is_a_result_beside_words_that_are_none(read):
    screen = observation(
        "", valueString="see comment", interpretation=[{"coding": [{"code": "POS"}]}]
    )
    (fact,) = read(screen | {"code": {"text": "UDS"}})["uds_panel"]
    assert (fact.problem, fact.interpretation) == (None, "POS")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Cocaine", {"uds_cocaine": "positive"}),
        ("Ketamine", {"uds_ketamine": "positive"}),
        ("Alcohol", {"uds_ethanol": "positive"}),
        ("Blood alcohol", {"blood_ethanol": "positive"}),
        ("Ketamine cutoff", {}),
        ("Specimen validity", {}),
    ],
)
def test_components_of_a_drug_screen_by_local_names(read, name, found):
    part = {"code": {"text": name}, "valueString": "POSITIVE"}
    facts = read(observation("", component=[part]) | {"code": {"text": "UDS"}})
    told = {kind: next(iter(fact.concept)) for kind, (fact,) in facts.items() if fact.concept}
    assert told == found
    alone = read(observation("", component=[part]) | {"code": {"text": "Chemistry"}})
    assert not any(kind.startswith("uds_") for kind in alone)


def test_newest_first_and_undated_last(read):
    def weight(ident, when, value):
        return observation(WEIGHT, ident, when, valueQuantity=quantity(value, "kg"))

    facts = read(
        weight("a", None, 60),
        weight("b", "2026-11-10T08:00:00Z", 61),
        weight("c", "2026-11-10T18:00:00Z", 62),
        weight("d", "2026-11", 63),
        weight("e", "2026-11-20", 64),
        weight("f", "2026-11-23", 99),
    )["body_weight"]
    assert [fact.value for fact in facts] == [64, 62, 61, 63, 60]


def test_the_time_may_be_a_period_an_instant_or_the_issue(read):
    def at(**time):
        resource = observation(WEIGHT, when=None, valueQuantity=quantity(70, "kg"), **time)
        return str(read(resource)["body_weight"][0].when)

    assert at(effectivePeriod={"start": "2026-11-01", "end": "2026-11-02"}) == "2026-11-01"
    assert at(effectivePeriod={"end": "2026-11-02"}) == "2026-11-02"
    assert at(effectiveInstant="2026-11-03T10:00:00Z") == "2026-11-03"
    assert at(issued="2026-11-04T10:00:00Z") == "2026-11-04"


def test_the_same_result_twice_is_one_fact_on_both_resources(read):
    value = quantity(70, "kg")
    facts = read(
        observation(WEIGHT, "b", valueQuantity=value),
        observation(WEIGHT, "a", valueQuantity=value),
    )["body_weight"]
    assert [fact.source for fact in facts] == [("Observation/a", "Observation/b")]


@pytest.mark.parametrize(
    ("loinc", "fields", "kind", "expected"),
    [
        (
            "2106-3",
            {"valueCodeableConcept": concept(SNOMED, "10828004")},
            "hcg_urine_qualitative",
            {"positive"},
        ),
        (
            "2106-3",
            {"valueCodeableConcept": concept(LOINC, "LA6577-6")},
            "hcg_urine_qualitative",
            {"negative"},
        ),
        ("2106-3", {"valueString": "Negative"}, "hcg_urine_qualitative", {"negative"}),
        ("2106-3", {"valueString": "not done"}, "hcg_urine_qualitative", set()),
        (
            "2118-8",
            {"interpretation": [concept("v3", "POS")]},
            "hcg_serum_qualitative",
            {"positive"},
        ),
        (
            "2118-8",
            {"valueString": "negative", "interpretation": [concept("v3", "POS")]},
            "hcg_serum_qualitative",
            set(),
        ),
        (
            "21198-7",
            {"valueQuantity": quantity(25, "m[IU]/mL")},
            "hcg_serum_quantitative",
            {"positive"},
        ),
        ("21198-7", {"valueQuantity": quantity(24, "m[IU]/mL")}, "hcg_serum_quantitative", set()),
        (
            "21198-7",
            {"valueQuantity": quantity(4, "mIU/mL")},
            "hcg_serum_quantitative",
            {"negative"},
        ),
        (
            "21198-7",
            {"valueQuantity": quantity(5, "mIU/mL") | {"comparator": "<"}},
            "hcg_serum_quantitative",
            {"negative"},
        ),
        (
            "82810-3",
            {"valueCodeableConcept": concept(SNOMED, "77386006")},
            "pregnancy_status",
            {"pregnant"},
        ),
        (
            "82810-3",
            {"valueCodeableConcept": concept(SNOMED, "60001007")},
            "pregnancy_status",
            {"not_pregnant"},
        ),
        (
            "82810-3",
            {"valueCodeableConcept": concept(LOINC, "LA4489-6")},
            "pregnancy_status",
            {"unknown"},
        ),
    ],
)
def test_answers_are_normalised_or_empty(read, loinc, fields, kind, expected):
    (fact,) = read(observation(loinc, **fields))[kind]
    assert fact.concept == expected


def test_a_limit_without_a_unit_has_the_unit_of_its_value(read):
    limits = [{"low": {"value": 0.1}, "high": {"value": 0.5}}]
    (fact,) = read(observation("1751-7", valueQuantity=quantity(4, "g/dL"), referenceRange=limits))[
        "albumin_serum"
    ]
    assert (fact.lower_limit, fact.upper_limit) == (Decimal("0.1"), Decimal("0.5"))


def test_upper_limit_comes_in_the_canonical_unit(read):
    limits = [{"low": quantity(10, "g/L", "g/L"), "high": quantity(50, "g/L", "g/L")}]
    (fact,) = read(observation("1751-7", valueQuantity=quantity(4, "g/dL"), referenceRange=limits))[
        "albumin_serum"
    ]
    assert (fact.lower_limit, fact.upper_limit) == (1, 5)


def test_two_different_limits_are_no_limit(read):
    limits = [{"high": quantity(40, "U/L")}, {"high": quantity(50, "U/L")}]
    (fact,) = read(observation("1742-6", valueQuantity=quantity(4, "U/L"), referenceRange=limits))[
        "alt"
    ]
    assert fact.upper_limit is None


ITEMS = (
    "44250-9",
    "44255-8",
    "44259-0",
    "44254-1",
    "44251-7",
    "44258-2",
    "44252-5",
    "44253-3",
    "44260-8",
)


def form(answers: dict[str, int], status: str = "completed"):
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": status,
        "authored": "2026-11-01",
        "item": [
            {"linkId": f"/{code}", "answer": [{"valueInteger": score}]}
            for code, score in answers.items()
        ],
    }


def test_nine_items_make_a_total(read):
    facts = read(form(dict.fromkeys(ITEMS, 2)))
    assert facts["phq9_total"][0].value == 18
    assert facts["phq9_item9"][0].value == 2


def test_eight_items_make_no_total_but_item_9_counts(read):
    facts = read(form(dict.fromkeys(ITEMS[1:], 1)))
    assert "phq9_total" not in facts
    assert facts["phq9_item9"][0].value == 1


def test_a_form_in_progress_does_not_count(read):
    assert read(form(dict.fromkeys(ITEMS, 2), "in-progress")) == {}


QUESTION = "/44260-8"


def filled_in(*given: tuple[str, dict[str, Any]], **fields: Any) -> dict[str, Any]:
    items = [{"linkId": link, "answer": [answer]} for link, answer in given]
    return form({}) | {"item": items} | fields


NINE = [(f"/{code}", {"valueInteger": 1}) for code in ITEMS]
LOCAL = {"valueCoding": {"system": "urn:local", "code": "often"}}
NOT_A_NUMBER = "the value is not a number"


@pytest.mark.parametrize(
    ("resource", "total", "item_9", "unread"),
    [
        # understood
        (filled_in(*NINE), 9, 1, None),
        (filled_in(("/44261-6", {"valueInteger": 22})), 22, None, None),
        # scores that can't be, as of an Observation
        (filled_in(("/44261-6", {"valueInteger": 222})), "implausible: 222 {score}", None, None),
        (filled_in(("/44261-6", {"valueInteger": -1})), "implausible: -1 {score}", None, None),
        (filled_in((QUESTION, {"valueInteger": 7})), None, "implausible: 7 {score}", None),
        (filled_in(*NINE[1:], ("/44250-9", {"valueInteger": 9})),
         "one answer: implausible: 9 {score}", 1, None),
        # answers that can't be read
        (filled_in(("/44261-6", {"valueString": "moderate to severe"})), NOT_A_NUMBER, None, None),
        (filled_in((QUESTION, LOCAL)), None, NOT_A_NUMBER, None),
        (filled_in(*NINE[1:], ("/44250-9", LOCAL)), f"one answer: {NOT_A_NUMBER}", 1, None),
        # forms of which no question is known: by local ids, of something else, empty
        (filled_in(("phq-total", {"valueInteger": 22})), None, None, "no question"),
        (filled_in(*((f"q{n}", answer) for n, (_, answer) in enumerate(NINE))), None, None,
         "no question"),
        (filled_in(("/69725-0", {"valueInteger": 2})), None, None, "no question"),
        (form({}), None, None, "no question"),
        (form({}) | {"item": None}, None, None, "no question"),
        # not filled in, whatever it asks
        (filled_in(*NINE, status="in-progress"), None, None, "form is in-progress"),
        (filled_in(("q1", {"valueInteger": 1}), status="entered-in-error"), None, None,
         "form is entered-in-error"),
    ],
)  # fmt: skip
def test_a_form_tells_its_scores_or_why_it_has_none(terminology, resource, total, item_9, unread):
    skipped: list[Skipped] = []
    facts = on_day(record(resource), terminology, skipped).observations
    for kind, expected in (("phq9_total", total), ("phq9_item9", item_9)):
        found = [fact.problem or fact.value for fact in facts.get(kind, ())]
        assert found == ([expected] if expected is not None else [])
    said = [(one.resource, one.reason) for one in skipped]
    assert len(said) == (unread is not None)
    assert all(ref == "QuestionnaireResponse/q1" and unread in why for ref, why in said)


def test_a_form_that_is_dated_later_is_not_there_yet(terminology):
    skipped: list[Skipped] = []
    on_day(record(form({}) | {"authored": "2026-12-24"}), terminology, skipped)
    assert [one.reason for one in skipped] == [DATED_LATER]


@pytest.mark.parametrize("final_first", [True, False])
def test_of_a_preliminary_and_a_final_copy_the_final_one_counts(terminology, final_first):
    copies = [
        observation(WEIGHT, ident, status=status, valueQuantity=quantity(70, "kg", "kg"))
        for ident, status in (("a", "final"), ("b", "preliminary"))
    ]
    facts = on_day(record(*copies[:: 1 if final_first else -1]), terminology).observations
    (fact,) = facts["body_weight"]
    assert fact.preliminary is False
    assert fact.source == ("Observation/a", "Observation/b")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "coding",
                    "code",
                    "system",
                    "value",
                    "unit",
                    "text",
                    "start",
                    "end",
                    "type",
                    "high",
                    "status",
                    "comparator",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "status",
                "effectiveDateTime",
                "effectivePeriod",
                "issued",
                "valueQuantity",
                "valueString",
                "valueCodeableConcept",
                "valueInteger",
                "component",
                "interpretation",
                "dataAbsentReason",
                "referenceRange",
            ]
        ),
        json_values,
    )
)
def test_no_shape_of_json_breaks_the_reader(terminology, fields):
    resource = {"resourceType": "Observation", "code": concept(LOINC, WEIGHT)} | fields
    for found in on_day(record(resource), terminology).observations.values():
        for fact in found:
            assert (fact.value is None) or (fact.problem is None)
