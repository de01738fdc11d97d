"""Drugs, conditions, measurements and procedures that no code names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, DrugMatch, Said
from tests.rows import check_each, read_table

HERE = Path(__file__).parent
DRUGS = read_table(HERE / "written_drugs.yaml")
CONDITIONS = read_table(HERE / "written_conditions.yaml")
Row = dict[str, Any]


def text_of(row: Row) -> str:
    return row["text"]


def _said(match: DrugMatch) -> list[str]:
    return [f"{i.name} {i.strength}" if i.strength else i.name for i in match.ingredients]


def test_a_written_drug_is_read(terminology: Terminology) -> None:
    def check(row: Row) -> None:
        match = terminology.drug({"text": row["text"]})
        assert match is not None
        assert _said(match) == row["is"]
        assert match.certainty is Certainty.TEXT
        assert set(row.get("classes", ())) <= match.classes
        assert not set(row.get("not_classes", ())) & match.classes
        assert set(row.get("flags", ())) <= match.flags
        assert match.route == row.get("route", match.route)
        assert match.pack_quantity == row.get("pack")

    check_each(DRUGS["read"], check, text_of)


def test_words_may_make_a_drug_doubtful_and_never_absent(terminology: Terminology) -> None:
    def check(row: Row) -> None:
        match = terminology.drug({"text": row["text"]})
        assert match is not None
        assert (match.names, match.doubt) == ({row["is"]}, row["doubt"])
        assert not terminology.denies_drug({"text": row["text"]})

    check_each(DRUGS["doubted"], check, text_of)


@pytest.mark.parametrize("text", DRUGS["denied"])
def test_a_clear_denial_is_a_denial(text: str, terminology: Terminology) -> None:
    assert terminology.drug({"text": text}) is None
    assert terminology.denies_drug({"text": text})


@pytest.mark.parametrize("text", ["hydroxyzin", "-", "", "stopped", "sertraline or fluoxetine"])
def test_what_is_not_understood_is_not_denied(text: str, terminology: Terminology) -> None:
    assert not terminology.denies_drug({"text": text})


def test_a_code_whose_words_deny_is_doubtful(terminology: Terminology) -> None:
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312938"}
    sure = terminology.drug({"coding": [coding], "text": "sertraline 100 mg, do not refill"})
    match = terminology.drug({"coding": [coding], "text": "Patient not taking: sertraline"})
    held = terminology.drug({"coding": [coding], "text": "sertraline 100 mg - on hold"})
    doubts = [found.doubt for found in (sure, match, held) if found is not None]
    assert doubts == [None, Said.DENIED, Said.STOPPED]


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ("ketamine infusion - do not bolus", "ketamine"),
        ("STOP ketamine", "ketamine"),
        ("no ketamine", "ketamine"),  # an order that names it is for it
        ("ketamine level", None),
        ("ketamine allergy", None),
    ],
)
def test_an_order_is_for_the_drug_that_it_names(
    text: str, drug: str | None, terminology: Terminology
) -> None:
    match = terminology.ordered_drug({"text": text})
    assert (match.names if match else None) == ({drug} if drug else None)


@pytest.mark.parametrize("text", DRUGS["none"])
def test_a_drug_is_never_guessed(text: str, terminology: Terminology) -> None:
    assert terminology.drug({"text": text}) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hydroxyzine", "hydralazine"),
        ("bupropion", "buspirone"),
        ("clonazepam", "clonidine"),
        ("fluoxetine", "fluvoxamine"),
        ("ketamine", "esketamine"),
        ("citalopram", "escitalopram"),
        ("venlafaxine", "desvenlafaxine"),
        ("lamotrigine", "lamivudine"),
        ("ketorolac", "ketamine"),
    ],
)
def test_similar_names_stay_apart(one: str, other: str, terminology: Terminology) -> None:
    for name in (one, other):
        match = terminology.drug({"text": f"{name} 10 mg"})
        assert match is not None
        assert match.names == {name}


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ("ketamine", "ketamine"),
        ("Allergy to ketamine", "ketamine"),
        ("Ketalar - anaphylaxis", "ketamine"),
        ("esketamine allergy", "esketamine"),
        ("Benzethonium chloride", "benzethonium"),
        ("No known allergies", None),
        ("not allergic to ketamine", None),
        ("no known allergy to ketamine", None),
        ("tolerates ketamine", None),
        ("mother allergic to ketamine", None),
        ("ketamine: none", None),
        ("Ketamine - severe emergence reaction, do not give", "ketamine"),
        ("allergy: ketamine - avoid", "ketamine"),
        ("ketamine not tolerated", "ketamine"),
        ("ketamine: rash, no anaphylaxis", "ketamine"),
        ("No ketamine (psychosis)", "ketamine"),
        ("ketamine: never again", "ketamine"),
        ("never ketamine", "ketamine"),
        ("ketamine - patient refuses", "ketamine"),
        ("no ketamine please, hallucinations", "ketamine"),
        ("no ketamine allergy", None),
        ("denies ketamine allergy", None),
        ("ketamine allergy ruled out", None),
        ("ketamine - tolerated without reaction", None),
        ("ketamine well tolerated", None),
        ("no known allergies except ketamine", "ketamine"),
        ("no allergy to penicillin but allergic to ketamine", "ketamine"),
        ("Bee venom", None),
        ("Ketaminallergie", "ketamine"),
        ("Ketaminunverträglichkeit", "ketamine"),
        ("keine Ketaminallergie", None),
        ("Keine bekannte Ketamin-Allergie", None),
    ],
)
def test_an_allergy_names_its_substance(
    text: str, drug: str | None, terminology: Terminology
) -> None:
    match = terminology.substance({"text": text})
    assert (match.names if match else None) == ({drug} if drug else None)


def test_a_written_condition_is_read(terminology: Terminology) -> None:
    def check(row: Row) -> None:
        match = terminology.condition({"text": row["text"]})
        if not row["sets"]:
            assert not match.sets
            return
        assert set(row["sets"]) <= match.sets
        assert not set(row.get("not", ())) & match.sets
        assert match.certainty is Certainty.TEXT

    check_each(CONDITIONS, check, text_of)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("CVA 2012", 2012),
        ("Ischaemic stroke 2010", 2010),
        ("CVA 3/2012, no residual deficit", 2012),
        ("MI 10/2026", 2026),
        ("Pregnancy 2019", 2019),
        ("pregnancy in 2019", 2019),
        ("pregnancy 2 (2015, 2018)", 2018),
        ("pre-eclampsia 2015", 2015),
        ("pregnancy", None),
        ("Stroke in March 2012, CT 2026", 2026),  # the latest, to be sure
        ("CVA 2012, recurrent", None),
        ("CVA 2012 and stroke", None),
        ("Stroke, AAA repair 2012", None),
        ("AAA 2012", None),
        ("stroke", None),
    ],
)
def test_a_stroke_is_of_the_year_written_onto_it(
    text: str, year: int | None, terminology: Terminology
) -> None:
    assert terminology.year_of({"text": text}) == year


def test_every_set_that_phrases_can_give_exists(terminology: Terminology) -> None:
    assert terminology._conditions.names.rule_sets <= terminology.set_names("condition")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Weight", "body_weight"),
        ("MADRS total", "madrs_total"),
        ("Montgomery-Åsberg Depression Rating Scale", "madrs_total"),
        ("QIDS-SR", "qids_total"),
        ("PHQ-9", "phq9_total"),
        ("PHQ-9 total score", "phq9_total"),
        ("PHQ-9 item 9 score", "phq9_item9"),
        ("Systolic Blood Pressure", "blood_pressure_systolic"),
        ("Weight loss", None),
        ("BPI interference", "bpi_interference"),
        ("Brief Pain Inventory", "bpi_severity"),
    ],
)
def test_a_written_measurement_is_read(
    text: str, kind: str | None, terminology: Terminology
) -> None:
    match = terminology.observation({"text": text})
    assert match.sets == ({kind} if kind else frozenset())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ECT session #3", "ect"),
        ("Ketamine infusion", "ketamine_administration"),
        ("Spravato treatment", "esketamine_administration"),
        ("Open repair of AAA", "aneurysm_repair"),
        ("AAA open repair", "aneurysm_repair"),
        ("AAA repair, endovascular", "aneurysm_repair"),
        ("Coil embolization of MCA aneurysm", "aneurysm_repair"),
        ("Flow diverter, ICA aneurysm", "aneurysm_repair"),
        ("Gamma knife for AVM", "vascular_malformation_repair"),
        ("AVM, CyberKnife", "vascular_malformation_repair"),
        ("AAA screening", None),
        ("AAA ultrasound", None),
        ("Hernia repair", None),
        ("Gamma knife", None),
        ("no ECT", None),
    ],
)
def test_a_written_procedure_is_read(text: str, name: str | None, terminology: Terminology) -> None:
    assert terminology.procedure({"text": text}).sets == ({name} if name else frozenset())
