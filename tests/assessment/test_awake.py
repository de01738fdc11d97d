"""What is not asked says nothing: rules that sleep, and diagnoses and drugs that are looked up."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from safety_patients import case, draft, rows

from cds.assessment import partners
from cds.assessment.case import Case
from cds.assessment.contraindications import contraindications
from cds.assessment.diagnosis import ever, is_reason, named_by_reason
from cds.assessment.fitting import fit, fit_of, fitting
from cds.assessment.rules import awake, evaluate
from cds.chart.entries import Condition
from cds.knowledge.load import Knowledge
from cds.knowledge.model.contraindications import Contraindication
from cds.knowledge.model.predicates import read_predicate
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.knowledge.model.predicates.treatment import DrugTest
from cds.terminology.codes import systems
from tests.charts import entries
from tests.replaced import replace
from tests.rows import check_each

TABLE = [*rows("contraindications.yaml"), *rows("interactions.yaml")]
ANEURYSM = {"condition": {"sets": "aneurysmal_vascular_disease"}}
ILL = {"conditions": [{"icd10": "I71.4", "text": "aneurysm"}, {"icd10": "F30.9", "text": "mania"}]}


def name(row: dict[str, Any]) -> str:
    return f"{row['row']} {row['name']}"


def test_a_rule_that_sleeps_would_neither_hold_nor_miss_anything(knowledge: Knowledge) -> None:
    slept = 0

    def check(row: dict[str, Any]) -> None:
        nonlocal slept
        made = case(row)
        for facts in (knowledge.contraindications, knowledge.interactions):
            woken = [rule for _, rules in awake(facts.values(), made) for rule in rules]
            for rule in (rule for entry in facts.values() for rule in entry.rules):
                if not any(rule is each for each in woken):
                    slept += 1
                    answer = evaluate(rule.when, made)
                    assert (answer.met, answer.missing) == (False, frozenset()), rule.basis

    check_each(TABLE, check, name)
    assert slept > 100 * len(TABLE)  # most of them, for most patients


def test_every_rule_is_awake_where_a_list_was_not_seen(knowledge: Knowledge) -> None:
    """It may miss something, which is said."""
    every = [rule for entry in knowledge.interactions.values() for rule in entry.rules]
    made = case({})
    for key in ("conditions", "medicationRequests", "observations"):
        history = replace(made.history, answered=made.history.answered - {key})
        found = awake(knowledge.interactions.values(), replace(made, history=history))
        assert [rule for _, rules in found for rule in rules] == every


def test_a_rule_that_stands_in_no_knowledge_file_is_judged_too(knowledge: Knowledge) -> None:
    (kept,) = knowledge.contraindications["aneurysm"].rules[:1]
    rule = kept.model_copy(update={"when": read_predicate(ANEURYSM), "unless": None})
    own: Contraindication = knowledge.contraindications["aneurysm"].model_copy(
        update={"id": "own", "rules": (rule,)}
    )
    mine = replace(knowledge, contraindications={**knowledge.contraindications, "own": own})
    found = {finding.id for finding in contraindications(replace(case(ILL), knowledge=mine))}
    assert {"aneurysm", "own"} <= found


def inside(value: object) -> Iterator[ConditionTest | DrugTest]:
    if isinstance(value, ConditionTest | DrugTest):
        yield value
    if isinstance(value, BaseModel):
        value = tuple(value.__dict__.values())
    if isinstance(value, tuple):
        for each in value:
            yield from inside(each)


def test_all_that_the_knowledge_asks_for_is_gathered(knowledge: Knowledge) -> None:
    asked = {test for _, fact in knowledge.facts() for test in inside(fact)}
    assert asked == knowledge.asked.every
    assert asked == {*knowledge.asked.diagnoses, *knowledge.asked.drugs}
    assert len(asked) > 200


def diagnoses(knowledge: Knowledge) -> Iterator[Condition]:
    """Those of the tables, and one for each thing by which a test tells a diagnosis."""
    for row in TABLE:
        yield from case(row).history.conditions
    for test in knowledge.asked.diagnoses:
        for names in (test.sets, test.unconfirmed_sets, test.except_sets, test.not_sets):
            for each in names:
                yield entries.condition(each)
                yield entries.condition(*test.sets, *test.unconfirmed_sets, each)
        for code in (*test.icd10cm, *test.unconfirmed_icd10cm, *test.except_icd10cm):
            icd = ((systems.ICD10CM, code),)
            yield entries.condition(codes=icd)
            yield entries.condition(*test.sets, codes=icd)
            yield entries.condition(titled=icd)
        for number in (*test.snomed, *test.except_snomed):
            yield entries.condition(*test.sets, codes=((systems.SNOMED, number),))
    for words in ("septic shock", "eclampsia", "no eclampsia", "umbilical cord prolapse"):
        yield entries.condition(display=words)
        yield entries.condition(display=words, codes=((systems.ICD10CM, "R69"),))


def test_a_diagnosis_is_found_by_all_that_it_fits_and_nothing_else(knowledge: Knowledge) -> None:
    def check(fact: Condition) -> None:
        each = {test: fit(test, fact) for test in knowledge.asked.diagnoses}
        expected = {test: how for test, how in each.items() if how is not None}
        assert fitting(knowledge.asked, fact) == expected

    check_each(diagnoses(knowledge), check)


def test_an_overlong_text_is_read_and_not_remembered(knowledge: Knowledge) -> None:
    long = entries.condition(display="septic shock " + "in a long story " * 200)
    assert fitting(knowledge.asked, long) is not fitting(knowledge.asked, long)
    assert fitting(knowledge.asked, long) == fitting(knowledge.asked, long) != {}


def test_a_test_of_ones_own_is_answered_as_one_of_the_knowledge(knowledge: Knowledge) -> None:
    known, own = knowledge.contraindications["aneurysm"].rules[0].when, read_predicate(ANEURYSM)
    assert isinstance(own, ConditionTest)
    assert own not in knowledge.asked.every
    made = case(ILL)
    (fact,) = ever(own, made)
    assert (fact.display, fit_of(own, fact, knowledge.asked)) == ("aneurysm", "confirmed")
    assert isinstance(known, ConditionTest)
    assert fact in ever(known, made)


def test_a_reason_is_looked_up_as_a_diagnosis_is(knowledge: Knowledge) -> None:
    made = case(ILL)
    assert named_by_reason(replace(made, order=None)) == {}
    own = read_predicate(ANEURYSM)
    order = replace(draft(1, "ketamine"), reason_sets=frozenset({"aneurysmal_vascular_disease"}))
    asked = replace(made, order=order)
    assert isinstance(own, ConditionTest)
    assert is_reason(own, asked)
    fitted = {test for test, how in named_by_reason(asked).items() if how == "confirmed"}
    assert fitted == {test for test in knowledge.asked.diagnoses if is_reason(test, asked)} != set()


def test_drugs_are_looked_up_as_each_test_by_itself_finds_them(knowledge: Knowledge) -> None:
    def check(row: dict[str, Any]) -> None:
        made = case(row)
        drugs = [draft(number, drug) for number, drug in enumerate(row.get("medications", ()))]
        made = replace(made, drafts=(*made.drafts, *drugs))
        for test in knowledge.asked.drugs:
            own = test.model_copy()
            assert own not in knowledge.asked.every
            for look in (partners.taken, partners.drafted):
                assert [*look(test, made)] == [*look(own, made)]

    check_each(rows("interactions.yaml"), check, name)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: {"history": replace(made.history, conditions=())},
        lambda made: {"knowledge": replace(made.knowledge)},
        lambda made: {"site": made.site.model_copy()},
    ],
    ids=["another history", "another knowledge", "another protocol"],
)
def test_what_was_found_is_kept_for_the_same_facts_only(
    change: Callable[[Case], dict[str, Any]],
) -> None:
    made = case(ILL)
    assert contraindications(made)
    assert replace(made, order=None).known is made.known
    other = replace(made, **change(made))
    assert other.known is not made.known
    assert not other.known.answers


def test_a_case_that_was_pickled_knows_nothing_yet_and_says_the_same() -> None:
    made = case(ILL)
    said = contraindications(made)
    again: Case = pickle.loads(pickle.dumps(made))
    assert made.known.answers
    assert not again.known.answers
    assert contraindications(again) == said


def test_two_predicates_that_ask_the_same_are_two() -> None:
    """Each keys what was found of it, by itself and not by all that it says."""
    one, other = read_predicate(ANEURYSM), read_predicate(ANEURYSM)
    assert one not in (other, one.model_copy())
    assert len({one, other}) == 2


def test_words_tell_apart_what_one_local_code_names() -> None:
    """Many systems write all that is not coded under one code of their own."""
    codes = (("urn:oid:1.2.36.1", "OTHER"),)
    harmless, shock = (
        Condition(frozenset(), words, "active", "confirmed", "other", (f"Condition/{n}",), codes)
        for n, words in enumerate(("itchy nose", "septic shock"))
    )
    made = case({})
    for conditions in ((harmless, shock), (shock, harmless)):
        history = replace(made.history, conditions=conditions)
        found = contraindications(replace(made, history=history))
        assert ("Condition/1",) in [finding.source for finding in found], conditions
