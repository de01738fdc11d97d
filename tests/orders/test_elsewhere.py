"""A dose that stands outside the dosage: in the medication's name, or in a note."""

from __future__ import annotations

from typing import Any

import pytest
from test_read_order import plain_draft, written

from cds.orders.elsewhere import is_for_home
from cds.orders.model import Order
from cds.orders.of_what import word_list
from cds.terminology.lookup import Terminology
from tests.charts.fhir import on_the_wire
from tests.charts.reading import order_of

IV = {"route": {"text": "intravenous"}}
FORTY = {"text": "40 mg IV over 40 min"}


def order(terminology: Terminology, name: str, *notes: str, dosage: Any = None) -> Order:
    draft = plain_draft() | {"medicationCodeableConcept": {"text": name}}
    draft["authoredOn"] = "2026-11-22"
    draft["note"] = [{"text": note} for note in notes]
    draft["dosageInstruction"] = [dosage] if dosage else []
    return order_of(on_the_wire(draft), terminology)


ALONE = [
    # name, notes, dosage, what the order then reads
    ("ketamine 500 mg IV push x1", (), None, {"dose": "500 mg", "method": "push", "single": True}),
    ("Ketamine gtt 3 mg/kg/min", (), None, {"rate": "3 mg/kg/min", "method": "infusion"}),
    ("ketamine", ("GIVE 5 MG/KG IV",), None, {"dose": "5 mg/kg", "route": "intravenous"}),
    ("ketamine 50 mg/mL injection", ("give 500 mg IV push",), IV, {"dose": "500 mg"}),
    ("Ketamine infusion 0.5 mg/kg over 40 minutes", (), IV,
     {"dose": "0.5 mg/kg", "duration_min": "40", "route": "intravenous"}),
    # the bag in the name is what is infused, and no dose beside its rate
    ("ketamine 250 mg in D5W 250 mL IVPB", (), {"text": "20 mL/hr for 4 hours"},
     {"dose": None, "rate": "20 mL/h", "concentration": "1 mg/mL", "volume": "250 mL"}),
    ("ketamine 500 mg in sodium chloride 0.9 % 250 mL", (), {"text": "infuse at 10 mL/hr"},
     {"dose": None, "concentration": "2 mg/mL", "diluent": "sodium chloride 0.9 %"}),
    # a strength is no dose
    ("ketamine 50 mg/mL injection", (), IV, {"dose": None}),
    ("ketamine 100 mg troche", (), None, {"dose": None}),
    ("Spravato 84 mg", (), None, {"dose": None}),
    # what is given beside it is another drug's dose
    ("ketamine", ("ondansetron 4 mg IV push before",), IV, {"dose": None}),
    ("ketamine", ("premed: midazolam 2 mg IV push x1", "vitals every 10 min"), IV,
     {"dose": None, "sessions_per_week": None}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "notes", "dosage", "reads"), ALONE, ids=str)
def test_a_dose_that_stands_only_there_is_the_dose(
    name: str, notes: tuple[str, ...], dosage: Any, reads: dict[str, Any], terminology: Terminology
) -> None:
    found = order(terminology, name, *notes, dosage=dosage)
    for field, right in reads.items():
        value = written(getattr(found, field))
        assert (str(value) if field == "duration_min" else value) == right, field
    assert found.other_dosages == ()


NAMES = [
    # name, dose (None: it is a product, and holds so much), route
    ("Ketamine 500 mg IV", "500 mg", "intravenous"),
    ("IV ketamine 500 mg", "500 mg", "intravenous"),
    ("Ketamine 2 g IV", "2 g", "intravenous"),
    ("Ketamine 500 mg IV now", "500 mg", "intravenous"),
    ("Ketamine 300 mg IM", "300 mg", "intramuscular"),
    ("Ketamine 300 mg IM injection", "300 mg", "intramuscular"),
    ("Ketamine 100 mg subcut", "100 mg", "subcutaneous"),
    ("Ketamine 20 mg intrathecal", "20 mg", "intrathecal"),
    ("Ketamine 50 mg epidural", "50 mg", "epidural"),
    ("ketamine bolus 500 mg", "500 mg", "intravenous"),
    ("Ketamine 1000 mg PO nightly", "1000 mg", "oral"),
    ("ketamine 50 mg/mL give 10 mL IV", "10 mL", "intravenous"),
    ("ketamine 100 mg oral troche", None, "sublingual"),
    ("ketamine 100 mg troche", None, "sublingual"),
    ("ketamine 100 mg tablet PO", None, "oral"),
    ("ketamine 10 mg sublingual tablet nightly", None, "sublingual"),
    ("Spravato 84 mg", None, "intranasal"),
    ("ketamine 10 mg/mL nasal spray", None, "intranasal"),
    ("ketamine 50 mg/mL injection", None, None),
    ("ketamine 50 mg/mL solution for IV or IM use", None, None),
    ("ketamine 500 mg/10 mL vial", None, None),
    ("Ketalar 500 mg/10 mL IV", None, "intravenous"),
    ("ketamine 100 mg IV vial", None, "intravenous"),
    ("ketamine (KETALAR) 10 mg/mL IV syringe 20 mg", None, "intravenous"),
    ("ketamine 100 mg oral", None, "oral"),
    ("ketamine 35 mg", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "dose", "route"), NAMES)
def test_a_name_tells_a_dose_or_what_the_product_holds(
    name: str, dose: str | None, route: str | None, terminology: Terminology
) -> None:
    found = order(terminology, name)
    assert (found.dose and written(found.dose), found.route) == (dose, route)
    assert found.problems == ()


def test_the_strength_of_a_coded_product_is_no_dose(terminology: Terminology) -> None:
    spray = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "2119387"}
    concept = {"coding": [spray], "text": "esketamine 28 mg now"}
    found = order_of(plain_draft() | {"medicationCodeableConcept": concept}, terminology)
    assert (found.dose, str(found.product_strength)) == (None, "28 mg")


def test_an_amount_in_a_name_beside_a_dose_may_be_a_vial(terminology: Terminology) -> None:
    """It is said, and not judged; with a push it is an order."""
    found = order(terminology, "Ketamine 500 mg IV", dosage=FORTY)
    assert (written(found.dose), found.other_dosages) == ("40 mg", ())
    said = "medication[x].text: names another amount than the instruction: 500 mg"
    assert found.problems == (said,)
    pushed = order(terminology, "Ketamine 500 mg IV push", dosage=FORTY)
    assert [written(other.dose) for other in pushed.other_dosages] == ["500 mg"]


def test_a_bare_amount_in_a_name_is_said_where_the_order_has_no_dose(
    terminology: Terminology,
) -> None:
    found = order(terminology, "Ketamine 500 mg", dosage=IV)
    assert found.dose is None
    assert found.problems == ("medication[x].text: names an amount that was not judged",)


@pytest.mark.parametrize(
    ("name", "judged"),
    [("Ketamine intrathecal", "intrathecal"), ("Ketamine IM", "intramuscular"),
     ("Ketamine IV", None), ("ketamine IV/IM", None),
     ("ketamine 50 mg/mL solution for intramuscular use", None)],
)  # fmt: skip
def test_another_route_in_the_name_is_judged_too_and_said(
    name: str, judged: str | None, terminology: Terminology
) -> None:
    found = order(terminology, name, dosage=FORTY)
    assert found.route == "intravenous"
    assert [other.route for other in found.other_dosages] == ([judged] if judged else [])
    assert bool(found.problems) is bool(judged)


SILENT = [
    "sibling received 5 mg/kg IM", "Mother: 5 mg/kg IV", "avoid 5 mg/kg IV",
    "5 mg/kg IV is contraindicated", "never give 5 mg/kg IM", "do not give 5 mg/kg IV push",
    "previous: 2 mg/kg IV over 40 min", "anesthesia used 2 mg/kg IV for induction in 2021",
    "patient had 5 mg/kg IM in ED 2020", "ED gave 2 mg/kg IV push last week",
    "5 mg/kg IV push, 12/2021", "tolerated 2 mg/kg IV push",
    # of another drug
    "2 mg midazolam IV push", "give 2 mg of midazolam IV push", "midazolam 2 mg IV push",
    "premed glycopyrrolate 0.2 mg IV push",
    # of a fluid
    "NS at 100 mL/h", "saline bolus 20 mL/kg", "LR at 100 mL/h", "IV fluids 75 mL/h",
    "hydrate with NS at 100 mL/h",
    "NS 500 mL bolus over 30 min", "flush with 10 mL NS over 2 min",
]  # fmt: skip


@pytest.mark.parametrize("note", SILENT)
@pytest.mark.parametrize("dosage", [FORTY, IV], ids=["beside a dose", "without a dose"])
def test_what_a_note_does_not_order_changes_nothing(
    note: str, dosage: Any, terminology: Terminology
) -> None:
    found = order(terminology, "ketamine", note, dosage=dosage)
    plain = order(terminology, "ketamine", dosage=dosage)
    assert (found.dose, found.rate, found.route) == (plain.dose, plain.rate, plain.route)
    assert (found.other_dosages, found.problems) == ((), ())


UNJUDGED = ["magnesium 50 mg/kg IV over 20 min", "potassium 20 mg IV over 2 h",
            "zzzol 2 mg/kg IV push"]  # fmt: skip


@pytest.mark.parametrize("note", UNJUDGED)
def test_an_amount_of_something_unknown_is_said_and_not_judged(
    note: str, terminology: Terminology
) -> None:
    found = order(terminology, "ketamine", note, dosage=FORTY)
    assert found.other_dosages == ()
    assert found.problems == ("note[0].text: names an amount that was not judged",)


ORDERING = [
    ("Give 500 mg IV push", "500 mg"), ("target dose 5 mg/kg IV", "5 mg/kg"),
    ("order: 500 mg IV push", "500 mg"), ("2026-11-22: give 5 mg/kg IV push", "5 mg/kg"),
    ("anesthesia will give 5 mg/kg IV push", "5 mg/kg"),
    ("patient to receive ketamine 5 mg/kg IV", "5 mg/kg"),
    ("ketamine 5 mg/kg IV push; ondansetron 4 mg IV before", "5 mg/kg"),
    ("ondansetron 4 mg IV push, then ketamine 500 mg IV push", "500 mg"),
    ("had none before. Give 5 mg/kg IV push", "5 mg/kg"),
    ("sibling received 5 mg/kg IM; give 500 mg IV push", "500 mg"),
    ("increase to 5 mg/kg IV next session", "5 mg/kg"),
]  # fmt: skip


@pytest.mark.parametrize(("note", "dose"), ORDERING)
def test_what_a_note_orders_is_judged(note: str, dose: str, terminology: Terminology) -> None:
    dosage = FORTY | {"timing": {"repeat": {"count": 6}}}
    draft = plain_draft() | {"authoredOn": "2026-11-22", "dosageInstruction": [dosage]}
    found = order_of(on_the_wire(draft | {"note": [{"text": note}]}), terminology)
    assert [written(other.dose) for other in found.other_dosages] == [dose]


def test_the_rate_of_a_bag_and_of_a_fluid_beside_it(terminology: Terminology) -> None:
    bag = order(terminology, "ketamine", dosage={"text": "40 mg in NS 100 mL IV at 150 mL/h"})
    assert (written(bag.rate), written(bag.volume)) == ("150 mL/h", "100 mL")
    beside = order(terminology, "ketamine", dosage={"text": "40 mg IV over 40 min, NS at 100 mL/h"})
    assert (written(beside.rate), beside.volume) == (None, None)


def test_a_note_that_changes_only_the_dose_leaves_the_time(terminology: Terminology) -> None:
    (other,) = order(
        terminology, "ketamine", "may increase to 1 mg/kg IV", dosage=FORTY
    ).other_dosages
    assert (written(other.dose), other.duration_min) == ("1 mg/kg", 40)


@pytest.mark.parametrize("note", ["dilute in 100 mL, infuse at 150 mL/h",
                                  "dilute to 100 mL NS and run at 150 mL/h"])  # fmt: skip
def test_how_the_dose_is_made_up_is_no_second_dose(note: str, terminology: Terminology) -> None:
    found = order(terminology, "ketamine 50 mg/mL injection", note, dosage=FORTY)
    assert (written(found.concentration), written(found.volume)) == ("0.4 mg/mL", "100 mL")
    assert (written(found.rate), found.other_dosages, found.problems) == ("150 mL/h", (), ())


BESIDE = [("additionalInstruction", [{"text": "5 mg/kg IV push"}]),
          ("patientInstruction", "5 mg/kg IV push")]  # fmt: skip


@pytest.mark.parametrize(("field", "content"), BESIDE)
def test_a_dose_beside_the_text_of_a_dosage_is_read(
    field: str, content: Any, terminology: Terminology
) -> None:
    alone = order(terminology, "ketamine", dosage=IV | {"text": "IV", field: content})
    assert (written(alone.dose), alone.method) == ("5 mg/kg", "push")
    beside = order(terminology, "ketamine", dosage=FORTY | {field: content})
    assert [written(other.dose) for other in beside.other_dosages] == ["5 mg/kg"]


TOLD_TO_THE_PATIENT = [
    # what is said of it; nothing of the same dose, a limit, what a product holds, another drug
    ("350 mg", "350 mg"), ("Take 350 mg", "350 mg"), ("100 mg lozenge nightly", "100 mg"),
    ("You will receive 350 mg of ketamine", "350 mg"), ("41 mg", "41 mg"),
    ("40 mg", None), ("You will get 40.4 mg", None), ("max 50 mg", None),
    ("no more than 50 mg", None), ("comes as 50 mg/mL", None), ("no food for 8 hours", None),
    ("paracetamol 500 mg is fine", None),
]  # fmt: skip


@pytest.mark.parametrize(("words", "named"), TOLD_TO_THE_PATIENT)
def test_an_amount_that_the_patient_is_told_is_named(
    words: str, named: str | None, terminology: Terminology
) -> None:
    found = order(terminology, "ketamine", dosage=FORTY | {"patientInstruction": words})
    said = f"patientInstruction: names another amount than the instruction: {named}"
    assert written(found.dose) == "40 mg"
    assert found.problems == ((f"dosageInstruction[0].{said}",) if named else ())


OF_OTHERS = [
    # dosages in words, what of them is this drug's, whether something is said
    (["40 mg IV over 40 min", "propofol 2 mg/kg IV for ECT"], ["40 mg"], True),
    (["40 mg IV over 40 min", "Glycopyrrolate 0.2 mg IV push before"], ["40 mg"], True),
    (["40 mg IV over 40 min", "midazolam 2 mg IV prn agitation"], ["40 mg"], True),
    (["40 mg IV over 40 min, midazolam 2 mg IV before"], ["40 mg"], True),
    (["propofol 2 mg/kg IV"], [None], True),
    (["40 mg IV over 40 min", "NS 500 mL bolus"], ["40 mg"], False),
    (["ketamine 40 mg IV over 40 min", "ketamine 10 mg IV push"], ["40 mg", "10 mg"], False),
    (["zzz 40 mg IV over 40 min"], ["40 mg"], False),
    (["40 mg in 100 mL NS IV over 40 min"], ["40 mg"], False),
    (["40 mg IV over 40 min, NS at 100 mL/h"], ["40 mg"], False),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "doses", "said"), OF_OTHERS, ids=str)
def test_an_instruction_for_another_drug_is_not_this_drugs(
    texts: list[str], doses: list[str | None], said: bool, terminology: Terminology
) -> None:
    draft = plain_draft() | {"dosageInstruction": [{"text": text} for text in texts]}
    found = order_of(on_the_wire(draft), terminology)
    read = [found.dose and written(found.dose), *(written(o.dose) for o in found.other_dosages)]
    assert read == doses
    assert bool(found.problems) is said


def test_an_order_for_another_drug_names_its_own(terminology: Terminology) -> None:
    text = "take theophylline 300 mg by mouth daily"
    found = order(terminology, "theophylline 300 mg tablet", dosage={"text": text})
    assert (found.drug, found.route, written(found.dose), found.problems) == (
        None, "oral", "300 mg", (),
    )  # fmt: skip


def test_another_dose_there_is_judged_too_and_said(terminology: Terminology) -> None:
    found = order(terminology, "ketamine", "give 500 mg IV push", dosage=FORTY)
    assert written(found.dose) == "40 mg"
    assert [written(other.dose) for other in found.other_dosages] == ["500 mg"]
    assert found.problems == ("note[0].text: names another dose than the instruction",)


@pytest.mark.parametrize(
    "note",
    ["40 mg IV over 40 min", "0.04 g IV over 40 min", "40.3 mg IV push",
     "ketamine 250 mg in 250 mL NS",
     "max 50 mg", "weight 80 kg", "call if BP above 180"],
)  # fmt: skip
def test_the_same_dose_or_none_there_changes_nothing(note: str, terminology: Terminology) -> None:
    found = order(terminology, "ketamine", note, dosage=FORTY)
    assert written(found.dose) == "40 mg"
    assert found.other_dosages == ()
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "for_home"),
    [
        ("take home", True), ("self-administer", True), ("No self-administration", False),
        ("not for home use", False), ("never for home use", False), ("no home use", False),
    ],
)  # fmt: skip
def test_what_is_denied_is_not_left_to_the_patient(text: str, for_home: bool) -> None:
    assert is_for_home(text) is for_home


def test_every_listed_word_is_the_word_as_it_is_written() -> None:
    """YAML takes a bare `no` for a truth value."""
    assert "no" in word_list("never")
