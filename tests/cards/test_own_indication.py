"""An indication and a regimen of one's own: reasons told by codes, rows of no digest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from headline_charts import card_of, rows

from cds.api import Answer, Engine, assess, load, read_chart
from cds.assessment.diagnosis import as_diagnosis
from cds.assessment.fitting import fit
from cds.fhir.record.patient_record import records_from_bundle
from cds.knowledge.load import Knowledge
from cds.knowledge.model.indications import Indication
from cds.wire import decode, encode
from tests.replaced import replace
from tests.rows import check_each
from tests.scenarios.psychiatric.chart_notation import AS_OF, bundle, draft

Json = dict[str, Any]
ICD, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
TONGUE = yaml.safe_load("""
id: tongue
basis: local:tongue
name: Glossodynia
short: tongue pain
family: pain
stance: weak
status: proposal
sources: ASH
applies:
  id: tongue-pain
  label: a current diagnosis of glossodynia
  basis: local:tongue
  when: {condition: {icd10cm: K14.6, snomed: '30731004', ordered_for: true}}
criteria:
- id: three-months
  label: pain for 3 months
  basis: local:tongue
  when: {on_record_for: {months: 3}}
effect: an example
counter: an example
next_step: an example
""")  # fmt: skip
ON_RECORD = {"icd": "K14.6", "text": "Glossodynia", "since": "2025-01-01"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """With an indication that only codes tell."""
    known = load().knowledge
    tongue = Indication.model_validate(TONGUE)
    return replace(known, indications={**known.indications, tongue.id: tongue})


def asked(knowledge: Knowledge, chart: Json, order: Json) -> Answer:
    engine: Engine = replace(load(), knowledge=knowledge)
    record = next(iter(records_from_bundle(decode(encode(bundle(chart))))))
    drafts = [decode(encode(draft("ketamine") | order))]
    return assess(engine, read_chart(engine, record), AS_OF, drafts)


def coded(system: str, code: str, text: str = "") -> Json:
    concept: Json = {"coding": [{"system": system, "code": code}]}
    return {"reasonCode": [concept | ({"text": text} if text else {})]}


MET = "Meets the entry criteria for tongue pain (weak evidence)"
OTHER = "; tongue pain criteria are met on record"
REASONS: list[tuple[str, Json, str, bool]] = [
    # what, order; headline, whether its reason is the indication
    ("ICD-10-CM", coded(ICD, "K14.6"), MET, True),
    ("ICD-10-CM without its dot", coded(ICD, "K146"), MET, True),
    ("by its object identifier", coded("urn:oid:2.16.840.1.113883.6.90", "K14.6"), MET, True),
    ("SNOMED CT", coded(SNOMED, "30731004"), MET, True),
    ("with its words", coded(ICD, "K14.6", "Glossodynia"), MET, True),
    ("a reference", {"reasonReference": [{"reference": "Condition/problems-1"}]}, MET, True),
    ("a neighbour", coded(ICD, "K14.5"), f"Reason given: “K14.5”, no rule here{OTHER}", False),
    ("other words", {"reasonCode": [{"text": "tongue tied"}]},
     f"Reason given: “tongue tied”, no rule here{OTHER}", False),
    ("none", {}, MET, False),
]  # fmt: skip


def test_a_reason_is_read_as_the_same_diagnosis_on_record(knowledge: Knowledge) -> None:
    def check(row: Any) -> None:
        _, order, headline, ordered_for = row
        answer = asked(knowledge, {"patient": {"age": 45}, "problems": [ON_RECORD]}, order)
        card = card_of(answer)
        assert card is not None
        assert card.summary == headline
        (judged,) = (c for c in answer.assessment.candidacy if c.indication == "tongue")
        assert judged.ordered_for is ordered_for

    check_each(REASONS, check, lambda row: row[0])


def test_words_that_are_the_title_of_a_code_are_perhaps_its_diagnosis(
    knowledge: Knowledge,
) -> None:
    title = {"reasonCode": [{"text": "Tension-type headache, unspecified, not intractable"}]}
    (case,) = asked(knowledge, {"patient": {"age": 45}}, title).assessment.cases
    assert case.order is not None
    assert case.order.reason_titled == ((ICD, "G44209"),)
    (test,) = knowledge.indications["tongue"].conditions
    for told, expected in [("K14.6", "unconfirmed"), ("K14.5", None)]:
        order = replace(case.order, reason_titled=((ICD, told),))
        assert fit(test, as_diagnosis(order)) == expected


FAMILIES: list[tuple[str, list[Json], Json, set[str]]] = [
    # what, problems, order; families that the order is for
    ("by its reason alone", [], coded(ICD, "K14.6"), {"chronic_pain"}),
    ("by the problem list", [ON_RECORD], {}, {"chronic_pain"}),
    ("its reason before the problem list",
     [{"icd": "F33.2", "since": "2025-10-01"}], coded(ICD, "K14.6"), {"chronic_pain"}),
    ("a reason without a rule: the problem list", [ON_RECORD], coded(ICD, "K14.5"),
     {"chronic_pain"}),
    ("neither", [], coded(ICD, "K14.5"), set()),
]  # fmt: skip


def test_what_the_order_is_for(knowledge: Knowledge) -> None:
    def check(row: Any) -> None:
        _, problems, order, families = row
        answer = asked(knowledge, {"patient": {"age": 45}, "problems": problems}, order)
        missing = [f for f in answer.assessment.findings if f.id == "order-incomplete"]
        asks = any("indication" in str(f.params) for f in missing)
        assert asks is not bool(families)

    check_each(FAMILIES, check, lambda row: row[0])


def test_a_pain_indication_of_ones_own_has_the_regimens_for_any_chronic_pain(
    knowledge: Knowledge,
) -> None:
    answer = asked(knowledge, {"patient": {"age": 45}, "problems": [ON_RECORD]}, {})
    named = {(dose.regimen, dose.why_not_for) for dose in answer.assessment.doses}
    assert named == {("chronic_generic_bolus", "tongue")}


(CRPS_AND_ONE_TRIAL,) = (r for r in rows() if r["story"].startswith("CRPS met and one trial, 35"))
DURATION: list[tuple[str, str, str]] = [
    # a pain regimen of 40 minutes for; what heads the card of CRPS and a depression
    ("no such regimen", "", "Does not meet TRD criteria on this record"),
    ("a disease that is not there", "pain:fibromyalgia",
     "Does not meet TRD criteria on this record"),
    ("one of one's own", "local:tongue", "Does not meet TRD criteria on this record"),
    ("any chronic pain", "pain:any", "Does not meet TRD criteria on this record"),
    ("CRPS itself: its duration tells nothing", "pain:crps", "Meets the entry criteria for CRPS"),
]  # fmt: skip


def test_only_regimens_for_what_is_there_say_what_an_order_looks_like(
    knowledge: Knowledge,
) -> None:
    like = knowledge.regimens["sci_amr"]
    timing = {"repeat": {"duration": 40, "durationUnit": "min"}}
    dose = {"value": 35, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    dosage = {"route": {"text": "intravenous"}, "timing": timing,
              "doseAndRate": [{"doseQuantity": dose}]}  # fmt: skip

    def check(row: Any) -> None:
        _, indication, headline = row
        changed = {"id": "new", "indications": (indication,), "duration_min": Decimal(40)}
        new = {"new": like.model_copy(update=changed)} if indication else {}
        known = replace(knowledge, regimens={**knowledge.regimens, **new})
        card = card_of(asked(known, CRPS_AND_ONE_TRIAL["chart"], {"dosageInstruction": [dosage]}))
        assert card is not None
        assert card.summary.startswith(headline)

    check_each(DURATION, check, lambda row: row[0])


MINUTES: list[tuple[int, bool]] = [
    # how long an infusion takes; whether it is that of a psychiatric regimen: of 40 minutes
    (31, False), (32, True), (40, True), (50, True), (51, False),
]  # fmt: skip


def test_a_duration_is_close_to_that_of_a_regimen_up_to_a_quarter(knowledge: Knowledge) -> None:
    timed = {i: r for i, r in knowledge.regimens.items() if r.duration_min == Decimal(40)}
    known = replace(knowledge, regimens=timed)

    def check(row: tuple[int, bool]) -> None:
        minutes, psychiatric = row
        timing = {"repeat": {"duration": minutes, "durationUnit": "min"}}
        dosage = {"route": {"text": "intravenous"}, "timing": timing}
        card = card_of(asked(known, CRPS_AND_ONE_TRIAL["chart"], {"dosageInstruction": [dosage]}))
        assert card is not None
        assert card.summary.startswith("Does not meet TRD criteria") is psychiatric

    check_each(MINUTES, check)
