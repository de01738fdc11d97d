"""The two callers of the rules side by side: the same chart, the same predicate.

What speaks against a treatment counts what is doubtful; what speaks for it leaves that open. Where
the two fall together, candidacy loosens or safety falls silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from safety_patients import ANSWERED, draft

from cds.assessment.candidacy.criteria import judge
from cds.assessment.case import Case
from cds.assessment.rules import evaluate, fired
from cds.fhir.record.patient_record import gather
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates import read_predicate
from cds.knowledge.model.rule import Rule
from cds.knowledge.site import SiteProtocol
from cds.terminology.lookup import Terminology
from tests.charts.reading import history_of
from tests.replaced import replace
from tests.rows import check_each

DAY = date(2026, 11, 22)
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
Json = dict[str, Any]
NAMES = "http://terminology.hl7.org/CodeSystem/"


def condition(code: str | None = "F33.2", text: str = "", **said: Any) -> Json:
    """A confirmed diagnosis of 2026, active, unless said otherwise."""
    told = {"clinical": "active", "verification": "confirmed", "onset": "2026-01-10"} | said
    coding = {"coding": [{"system": ICD10, "code": code}]} if code else {}
    made: Json = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p"},
        "code": coding | ({"text": text} if text else {}),
    }
    for field, name, system in (
        ("clinical", "clinicalStatus", "condition-clinical"),
        ("verification", "verificationStatus", "condition-ver-status"),
    ):
        if told[field]:
            made[name] = {"coding": [{"system": NAMES + system, "code": told[field]}]}
    if told["onset"]:
        made["onsetDateTime"] = told["onset"]
    return made | told.get("also", {})


def result(code: str, value: float, unit: str, on: str = "2026-11-20", **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": on,
        "valueQuantity": {"value": value, "unit": unit, "code": unit, "system": UCUM},
    } | more


UCUM = "http://unitsofmeasure.org"


def phq9(value: int, on: str = "2026-11-20", **more: Any) -> Json:
    return result("44261-6", value, "{score}", on, **more)


def alt(value: int, on: str = "2026-11-20", **more: Any) -> Json:
    return result("1742-6", value, "U/L", on, **more)


RANGE = {"referenceRange": [{"high": {"value": 40, "unit": "U/L", "code": "U/L", "system": UCUM}}]}


def drug(name: str, status: str = "active", **more: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-11-01",
        "medicationCodeableConcept": {"text": name},
        "dosageInstruction": [{"text": "1 tablet daily"}],
    } | more


def allergy(text: str, verification: str | None = "confirmed", clinical: str = "active") -> Json:
    made: Json = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "code": {"text": text},
        "clinicalStatus": {
            "coding": [{"system": NAMES + "allergyintolerance-clinical", "code": clinical}]
        },
    }
    if verification:
        system = NAMES + "allergyintolerance-verification"
        made["verificationStatus"] = {"coding": [{"system": system, "code": verification}]}
    return made


DEPRESSION: Json = {"condition": {"sets": "mdd_any", "unconfirmed_sets": "depression_unspecified"}}
RECENT: Json = {"condition": {"sets": "mdd_any", "status": "any", "within_days": "183"}}
LIFELONG: Json = {"condition": {"sets": "bipolar_any", "lifelong": "true"}}
REMITTING: Json = {"condition": {"sets": "mdd_any", "ended_by": "mdd_remission"}}
TITLED: Json = {"condition": {"icd10cm": "G82"}}
SCHIZOPHRENIA: Json = {"condition": {"sets": "schizophrenia"}}
SEVERE: Json = {
    "result": {
        "window": "severity-score-days",
        "one_measure": "true",
        "thresholds": {"kind": "phq9_total", "op": ">=", "value": "15", "unit": "{score}"},
    }
}
HIGH_ALT: Json = {
    "result": {
        "within_days": "90",
        "thresholds": {"kind": "alt", "op": ">", "value": "3", "unit": "xULN"},
    }
}
LITHIUM: Json = {"drug": {"classes": "mood_stabilizer"}}
KETAMINE_ALLERGY: Json = {"allergy": {"ingredients": "ketamine"}}


UNEXPLAINED: Json = {
    "unexplained": {"when": DEPRESSION, "unless": {"condition": {"sets": "bipolar_any"}}}
}


def none(asked: Json) -> Json:
    return {"none": [asked]}


F33, F31 = condition(), condition("F31.9")

ROWS: list[tuple[str, Json, list[Json], str, str]] = [
    # what stands in the chart, what is asked; does a rule fire, and is a criterion met
    ("confirmed", DEPRESSION, [F33], "fires", "met"),
    ("provisional", DEPRESSION, [condition(verification="provisional")], "fires", "unknown"),
    ("differential", DEPRESSION, [condition(verification="differential")], "fires", "unknown"),
    ("unconfirmed", DEPRESSION, [condition(verification="unconfirmed")], "fires", "unknown"),
    ("without verification", DEPRESSION, [condition(verification=None)], "fires", "met"),
    ("refuted", DEPRESSION, [condition(verification="refuted")], "silent", "not_met"),
    ("entered in error", DEPRESSION, [condition(verification="entered-in-error")],
     "silent", "not_met"),
    ("without clinical status", DEPRESSION, [condition(clinical=None)], "fires", "unknown"),
    ("resolved", DEPRESSION, [condition(clinical="resolved")], "silent", "not_met"),
    ("past by its text", DEPRESSION, [condition(None, "History of major depression")],
     "silent", "not_met"),
    ("of the family", DEPRESSION, [condition(None, "Mother had major depression")],
     "silent", "not_met"),
    ("denied", DEPRESSION, [condition(None, "No major depression")], "silent", "not_met"),
    ("text only", DEPRESSION, [condition(None, "Major depressive disorder, recurrent")],
     "fires", "met"),
    ("suspected in words", SCHIZOPHRENIA, [condition(None, "Suspected schizophrenia")],
     "fires", "unknown"),
    ("only an unspecific code", DEPRESSION, [condition("F32.A")], "fires", "unknown"),
    ("one sure, one not", DEPRESSION, [condition(verification="provisional"), F33 | {"id": "d"}],
     "fires", "met"),
    ("no such entry", DEPRESSION, [condition("I10")], "silent", "not_met"),
    # dates
    ("recent", RECENT, [condition(onset="2026-10-01")], "fires", "met"),
    ("recent, provisional", RECENT, [condition(onset="2026-10-01", verification="provisional")],
     "fires", "unknown"),
    ("not recent", RECENT, [condition(onset="2025-10-01")], "silent", "not_met"),
    ("without a date", RECENT, [condition(onset=None)], "fires", "unknown"),
    ("with a year that may be recent", RECENT, [condition(onset="2026")], "fires", "unknown"),
    # over, and not gone
    ("lifelong", LIFELONG, [F31], "fires", "met"),
    ("lifelong, resolved", LIFELONG, [condition("F31.9", clinical="resolved")], "fires", "unknown"),
    ("in remission by status", REMITTING, [condition(clinical="remission")], "silent", "not_met"),
    ("in remission by another entry", REMITTING,
     [F33, condition("F33.42", onset="2026-06-01") | {"id": "d"}],
     "fires", "unknown"),
    ("by the title of a code", TITLED, [condition(None, "Paraplegia, unspecified")],
     "fires", "unknown"),
    ("by the code", TITLED, [condition("G82.20")], "fires", "met"),
    # the opposite: that it is not there
    ("absent", none(DEPRESSION), [condition("I10")], "fires", "met"),
    ("absence of what is there", none(DEPRESSION), [F33], "silent", "not_met"),
    # an absence speaks for nobody while it is doubtful
    ("absence of a provisional one", none(DEPRESSION), [condition(verification="provisional")],
     "fires", "unknown"),
    ("absence of a lifelong one, resolved", none(LIFELONG),
     [condition("F31.9", clinical="resolved")],
     "fires", "unknown"),
    ("unexplained", UNEXPLAINED, [F33], "fires", "met"),
    ("explained", UNEXPLAINED, [F33, F31 | {"id": "d"}], "silent", "not_met"),
    ("perhaps explained", UNEXPLAINED,
     [F33, condition("F31.9", verification="provisional") | {"id": "d"}], "fires", "unknown"),
    # combinations: doubt goes through them
    ("all, one provisional", {"all": [DEPRESSION, LIFELONG]},
     [condition(verification="provisional"), F31 | {"id": "d"}], "fires", "unknown"),
    ("all, one provisional and one absent", {"all": [DEPRESSION, LIFELONG]},
     [condition(verification="provisional")], "silent", "not_met"),
    ("any, one provisional", {"any": [DEPRESSION, LIFELONG]},
     [condition(verification="provisional")], "fires", "unknown"),
    ("any, one sure", {"any": [DEPRESSION, LIFELONG]},
     [condition(verification="provisional"), F31 | {"id": "d"}], "fires", "met"),
    ("two of them, one provisional", {"at_least": {"number": "2", "of": [DEPRESSION, LIFELONG]}},
     [condition(verification="provisional"), F31 | {"id": "d"}], "fires", "unknown"),
    # results
    ("score at the line", SEVERE, [phq9(15)], "fires", "met"),
    ("score below it", SEVERE, [phq9(14)], "silent", "not_met"),
    ("score above it", SEVERE, [phq9(16)], "fires", "met"),
    ("score on the last day of the window", SEVERE, [phq9(15, "2026-10-25")], "fires", "met"),
    ("score a day too old", SEVERE, [phq9(15, "2026-10-24")], "silent", "unknown"),
    ("score without a date", SEVERE, [phq9(15, "")], "silent", "unknown"),
    ("no score", SEVERE, [], "silent", "unknown"),
    ("score entered in error", SEVERE, [phq9(15, status="entered-in-error")], "silent", "unknown"),
    ("preliminary score", SEVERE, [phq9(15, status="preliminary")], "fires", "met"),
    ("value with its range", HIGH_ALT, [alt(121, **RANGE)], "fires", "met"),
    ("value at three times the range", HIGH_ALT, [alt(120, **RANGE)], "silent", "not_met"),
    ("value without a range", HIGH_ALT, [alt(500)], "silent", "unknown"),
    ("stale value", HIGH_ALT, [alt(500, "2026-08-23", **RANGE)], "silent", "unknown"),
    ("two of a day, one of them high", HIGH_ALT,
     [alt(121, **RANGE), alt(90, **RANGE) | {"id": "o2"}],
     "fires", "unknown"),
    # drugs
    ("taken", LITHIUM, [drug("lithium carbonate 300 mg")], "fires", "met"),
    ("on hold", LITHIUM, [drug("lithium carbonate 300 mg", "on-hold")], "fires", "unknown"),
    ("stopped", LITHIUM, [drug("lithium carbonate 300 mg", "stopped")], "silent", "not_met"),
    ("planned", LITHIUM, [drug("lithium carbonate 300 mg", intent="plan")], "silent", "not_met"),
    ("of unknown status", LITHIUM, [drug("lithium carbonate 300 mg", "unknown")],
     "fires", "unknown"),
    # allergies
    ("allergy", KETAMINE_ALLERGY, [allergy("Ketamine")], "fires", "met"),
    ("suspected allergy", KETAMINE_ALLERGY, [allergy("Ketamine", "unconfirmed")],
     "fires", "unknown"),
    ("refuted allergy", KETAMINE_ALLERGY, [allergy("Ketamine", "refuted")], "silent", "not_met"),
    ("allergy that is over", KETAMINE_ALLERGY, [allergy("Ketamine", clinical="resolved")],
     "silent", "not_met"),
]  # fmt: skip

UNSEEN: list[tuple[str, Json, str]] = [
    # a key that was not answered: never a no, for neither
    ("conditions", DEPRESSION, "unknown"),
    ("conditions", none(DEPRESSION), "unknown"),
    ("observations", SEVERE, "unknown"),
    ("observations", HIGH_ALT, "unknown"),
    ("medicationRequests", LITHIUM, "unknown"),
    ("allergies", KETAMINE_ALLERGY, "unknown"),
]


REPEATED: Json = {
    "result": {
        "within_days": "90",
        "days": "2",
        "thresholds": {"kind": "alt", "op": ">", "value": "3", "unit": "xULN"},
    }
}
HOLED: list[tuple[str, str, Json, list[Json], str, str]] = [
    # a list of which entries did not come: what is seen counts, and may not be the newest
    ("score above the line", "observations", SEVERE, [phq9(15)], "fires", "met"),
    ("score below it", "observations", SEVERE, [phq9(14)], "silent", "unknown"),
    ("value above", "observations", HIGH_ALT, [alt(121, **RANGE)], "fires", "met"),
    ("value below", "observations", HIGH_ALT, [alt(120, **RANGE)], "silent", "unknown"),
    ("value above once of two", "observations", REPEATED, [alt(121, **RANGE)],
     "silent", "unknown"),
    ("diagnosis", "conditions", DEPRESSION, [F33], "fires", "met"),
    ("another diagnosis", "conditions", DEPRESSION, [condition("I10")], "silent", "unknown"),
    ("absence", "conditions", none(DEPRESSION), [condition("I10")], "silent", "unknown"),
    ("drug", "medicationRequests", LITHIUM, [drug("lithium carbonate 300 mg")], "fires", "met"),
    ("another drug", "medicationRequests", LITHIUM, [drug("metformin 500 mg")],
     "silent", "unknown"),
    ("allergy", "allergies", KETAMINE_ALLERGY, [allergy("Ketamine")], "fires", "met"),
    ("another allergy", "allergies", KETAMINE_ALLERGY, [allergy("Latex")], "silent", "unknown"),
]  # fmt: skip


def test_of_a_list_with_a_hole_what_is_seen_counts(chart: Any) -> None:
    def check(row: tuple[str, str, Json, list[Json], str, str]) -> None:
        _, key, asked, resources, safety, candidacy = row
        case = chart(resources)
        history = replace(
            case.history, answered=ANSWERED - {key}, partial=frozenset({key}), unavailable={key: ""}
        )
        assert told(asked, replace(case, history=history)) == (safety, candidacy)

    check_each(HOLED, check, name=lambda row: row[0])


@pytest.fixture
def chart(terminology: Terminology, knowledge: Knowledge) -> Any:
    def read(resources: list[Json]) -> Case:
        person = {
            "resourceType": "Patient",
            "id": "p",
            "gender": "female",
            "birthDate": "1984-03-02",
        }
        record = gather([person, *resources])
        history = history_of(record, terminology, knowledge, DAY)
        history = replace(history, answered=ANSWERED)
        return Case(history, None, (), knowledge, SiteProtocol())

    return read


TAKES_BACK: list[tuple[str, list[Json], str]] = [
    ("nothing", [], "fires"),
    ("taken", [drug("lithium carbonate 300 mg")], "silent"),
    ("stopped", [drug("lithium carbonate 300 mg", "stopped")], "fires"),
    ("on hold", [drug("lithium carbonate 300 mg", "on-hold")], "fires"),
    ("of unknown status", [drug("lithium carbonate 300 mg", "unknown")], "fires"),
    ("planned", [drug("lithium carbonate 300 mg", intent="plan")], "fires"),
    ("ordered years ago", [drug("lithium carbonate 300 mg", authoredOn="2023-01-05")], "fires"),
]


def test_what_takes_a_rule_back_has_to_be_known(chart: Any) -> None:
    rule = Rule(
        basis=("x",),
        level="absolute",
        severity="critical",
        when=read_predicate(DEPRESSION),
        unless=read_predicate(LITHIUM),
    )

    def check(row: tuple[str, list[Json], str]) -> None:
        _, drugs, expected = row
        case = chart([F33, *drugs])
        assert ("fires" if fired([rule], case).rules else "silent") == expected

    check_each(TAKES_BACK, check, name=lambda row: row[0])
    drafted = replace(chart([F33]), drafts=(draft(1, "lithium carbonate 300 mg"),))
    assert fired([rule], drafted).rules


def test_a_graver_rule_speaks_alone_even_with_doubt(chart: Any) -> None:
    lesser = Rule(
        basis=("x",),
        level="caution",
        severity="warning",
        when=read_predicate(DEPRESSION),
        graver=read_predicate(LIFELONG),
    )
    sure, doubtful = F31 | {"id": "d"}, condition("F31.9", verification="provisional") | {"id": "d"}
    assert fired([lesser], chart([F33])).rules
    assert not fired([lesser], chart([F33, sure])).rules
    assert not fired([lesser], chart([F33, doubtful])).rules


def told(asked: Json, case: Case) -> tuple[str, str]:
    """How a rule of safety takes it, and a criterion of candidacy."""
    predicate = read_predicate(asked)
    rule = Rule(basis=("x",), level="relative", severity="warning", when=predicate)
    return "fires" if fired([rule], case).rules else "silent", judge(predicate, case).state


def test_what_is_doubtful_counts_against_and_not_for(chart: Any) -> None:
    def check(row: tuple[str, Json, list[Json], str, str]) -> None:
        _, asked, resources, safety, candidacy = row
        assert told(asked, chart(resources)) == (safety, candidacy)

    check_each(ROWS, check, name=lambda row: row[0])


def test_what_was_not_seen_is_unknown_to_both(chart: Any) -> None:
    def check(row: tuple[str, Json, str]) -> None:
        key, asked, expected = row
        case = unanswered(chart([]), key)
        assert evaluate(read_predicate(asked), case).state == expected
        assert told(asked, case) == ("silent", expected)

    check_each(UNSEEN, check, name=lambda row: f"{row[0]}: {row[1]}")


def unanswered(case: Case, key: str) -> Case:
    history = replace(case.history, answered=case.history.answered - {key})
    return replace(case, history=history)


SILENCE: list[tuple[Mapping[str, Any], str]] = [
    # the predicate says what it means that nothing is on record
    ({"procedure": {"sets": "ect"}}, "not_met"),
    ({"procedure": {"sets": "ect", "silence": "unknown"}}, "unknown"),
    ({"suicidality": {}}, "not_met"),
    ({"drug_begun": {"classes": "opioid_full_agonist", "days": "1"}}, "unknown"),
    ({"augmentation": {"at_least": "1"}}, "unknown"),
    ({"judgement": {}}, "unknown"),
]


def test_silence_means_what_the_predicate_says(chart: Any) -> None:
    case = chart([])

    def check(row: tuple[Mapping[str, Any], str]) -> None:
        asked, expected = row
        assert evaluate(read_predicate(dict(asked)), case).settled == expected

    check_each(SILENCE, check)


def test_a_draft_beside_the_order_speaks_against_and_not_for(chart: Any) -> None:
    case = replace(chart([]), drafts=(draft(1, "lithium carbonate 300 mg"),))
    assert told(LITHIUM, case) == ("fires", "unknown")
    taken = {"drug": {"classes": "mood_stabilizer", "drafts": "false"}}
    assert told(taken, case) == ("silent", "not_met")


RESTS_ON: list[tuple[str, Json, tuple[str, ...]]] = [
    ("one that is open", DEPRESSION, ("Condition/c",)),
    ("either, and one says nothing", {"any": [DEPRESSION, SEVERE]}, ("Condition/c",)),
    # a score that nobody took: nothing on record speaks for the whole
    ("both, and one says nothing", {"all": [DEPRESSION, SEVERE]}, ()),
    ("the opposite", none(DEPRESSION), ("Condition/c",)),
]


def test_what_an_open_answer_rests_on(chart: Any) -> None:
    case = chart([condition(verification="provisional")])

    def check(row: tuple[str, Json, tuple[str, ...]]) -> None:
        _, asked, source = row
        judged = judge(read_predicate(asked), case)
        assert (judged.state, judged.source) == ("unknown", source)

    check_each(RESTS_ON, check, name=lambda row: row[0])
