"""However an entry is written, no stop is lost, no dose is added and nothing becomes met."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import CONTRAINDICATIONS, DAY, DRAFTS, OTHER_DRUGS, Patient, patients, sound
from rewriting import LOCAL, NAMED_BY, rewritten
from test_less_data import computed, met

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.assessment.case import Case
from cds.assessment.contraindications import contraindications
from cds.chart.condition import read_conditions
from cds.chart.diagnosis import diagnosis
from cds.chart.entries import Unread
from cds.fhir.record.patient_record import gather
from cds.history.build import build_history
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates import Predicate
from cds.knowledge.model.predicates.combined import parts_of
from cds.knowledge.model.predicates.treatment import DrugTest
from cds.knowledge.site import SiteProtocol
from cds.terminology.codes import systems
from cds.terminology.codes.tables import CodeSets, read_table
from cds.wire import decode, encode
from tests.examples import examples
from tests.replaced import replace

Json = dict[str, Any]


def told(resources: list[Json], order: Json, patient: str) -> Json:
    engine = load()
    chart = read_chart(engine, gather(decode(encode(resources)), patient_id=patient))
    report: Json = decode(encode(assess(engine, chart, DAY, [decode(encode(order))]).report()))
    return report


def stops(report: Json) -> set[str]:
    """What is critical, and what withholds the dose."""
    found = report["findings"]
    return {f["id"] for f in found if f["severity"] == "critical" or f["stops_dose"]}


def nothing_is_gained(before: Json, after: Json) -> None:
    assert stops(before) <= stops(after)
    assert computed(after) <= computed(before)
    assert met(after) <= met(before)


def rewrite_one(resources: list[Json], data: st.DataObject) -> list[Json]:
    """The chart with one of its coded entries written otherwise."""
    coded = [n for n, one in enumerate(resources) if next(rewritten(one), None) is not None]
    if not coded:
        return resources
    at = data.draw(st.sampled_from(coded))
    _, other = data.draw(st.sampled_from(list(rewritten(resources[at]))))
    return [*resources[:at], other, *resources[at + 1 :]]


@st.composite
def adverse(draw: st.DrawFn) -> Patient:
    """A clear candidate with one thing that speaks against the treatment, or asks for care."""
    patient = sound(draw(st.sampled_from(["female", "male"])))
    match draw(st.integers(0, 3)):
        case 0:
            patient.problem(*draw(st.sampled_from(CONTRAINDICATIONS)), draw(st.integers(0, 60)))
        case 1:
            patient.drug(draw(st.sampled_from(OTHER_DRUGS)), 100, None)
        case 2:
            patient.allergy("6130", "ketamine")
        case _:
            patient.pressure(0, draw(st.integers(120, 220)), draw(st.integers(60, 130)))
    return patient


@given(adverse() | patients(), DRAFTS, st.data())
@examples(20)
def test_an_entry_in_other_words_changes_nothing_for_the_better(
    patient: Patient, order: Json, data: st.DataObject
) -> None:
    changed = rewrite_one(patient.resources, data)
    nothing_is_gained(told(patient.resources, order, "p1"), told(changed, order, "p1"))


@given(st.sampled_from(fhir_fixtures.names()), st.data())
@examples(20)
def test_nor_in_a_fixture(name: str, data: st.DataObject) -> None:
    resources, order = fixture(name)
    nothing_is_gained(usual(name), told(rewrite_one(resources, data), order, name))


@cache
def fixture(name: str) -> tuple[list[Json], Json]:
    entries = fhir_fixtures.load(name, DAY)["entry"]
    order = json.loads((fhir_fixtures.orders() / f"{name}.json").read_text())
    return [entry["resource"] for entry in entries], order


@cache
def usual(name: str) -> Json:
    return told(*fixture(name), name)


def test_each_type_of_a_coded_entry_is_rewritten() -> None:
    """The table of rewritings covers what the fixtures hold."""
    for name in fhir_fixtures.names():
        for resource in fixture(name)[0]:
            if resource["resourceType"] in NAMED_BY:
                assert len(list(rewritten(resource))) >= 5, resource


TITLES = [
    (system, code, title)
    for table, system in (("icd10cm", systems.ICD10CM), ("snomed_conditions", systems.SNOMED))
    for title, codes in sorted(read_table(CodeSets, table).names.items())
    for code in codes.split()[:1]
]
REGRESSIONS = [row for row in TITLES if row[1] in ("D3500", "4926007", "237281009", "461000119108")]


def stopped_by(concept: Json, knowledge: Knowledge) -> set[str]:
    """What a diagnosis of this month stops."""
    engine = load()
    chart = read_chart(engine, [{"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01"}])
    active = {"coding": [{"code": "active"}]}
    resource = {
        "resourceType": "Condition", "id": "c", "code": concept, "clinicalStatus": active,
        "onsetDateTime": DAY.isoformat(),
    }  # fmt: skip
    found = read_conditions(resource, diagnosis(concept, engine.terminology), None)
    assert not isinstance(found, Unread)
    history = build_history(replace(chart, conditions=tuple(found)), knowledge, DAY)
    case = Case(history, None, (), knowledge, SiteProtocol())
    return {finding.id for finding in contraindications(case) if finding.stops_dose}


@pytest.mark.parametrize(
    ("system", "code", "title"), [*REGRESSIONS, *TITLES[::61]], ids=lambda value: str(value)[:40]
)
def test_the_official_title_stops_what_its_code_stops(
    knowledge: Knowledge, system: str, code: str, title: str
) -> None:
    by_code = stopped_by({"coding": [{"system": system, "code": code}]}, knowledge)
    if by_code:
        assert by_code <= stopped_by({"text": title}, knowledge)
        local = {"system": LOCAL, "code": "L-77", "display": title}
        assert by_code <= stopped_by({"coding": [local]}, knowledge)


@pytest.mark.parametrize("mention", ["? {}", "no {}", "mother: {}"])
def test_a_title_that_is_asked_denied_or_anothers_is_no_code(
    knowledge: Knowledge, mention: str
) -> None:
    for _, _, title in REGRESSIONS:
        found = load().terminology.titled({"text": mention.format(title)})
        assert found == ()


def test_each_drug_that_a_rule_names_is_known_by_its_name(knowledge: Knowledge) -> None:
    """A rule may list further names beside the one that the tables have."""
    terminology = load().terminology
    listed = [frozenset(sign.ingredients) for sign in knowledge.liver_signs.values()]
    for entry in (*knowledge.interactions.values(), *knowledge.contraindications.values()):
        for rule in entry.rules:
            listed += _drugs(rule.when)
    for names in listed:
        for name in names:
            match = terminology.drug({"text": name})
            assert match is not None, name
            assert match.names & names, name


def _drugs(asked: Predicate) -> list[frozenset[str]]:
    return [frozenset(p.ingredients) for p in parts_of(asked) if isinstance(p, DrugTest)]
