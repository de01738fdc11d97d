"""A dose that stands outside the dosage: in the medication's name, or in a note."""

from __future__ import annotations

from typing import Any

import pytest
from test_read_order import on_the_wire, plain_draft, written

from cds.orders.model import Order
from cds.orders.read import read_order
from cds.terminology.lookup import Terminology

IV = {"route": {"text": "intravenous"}}
FORTY = {"text": "40 mg IV over 40 min"}


def order(terminology: Terminology, name: str, *notes: str, dosage: Any = None) -> Order:
    draft = plain_draft() | {"medicationCodeableConcept": {"text": name}}
    draft["note"] = [{"text": note} for note in notes]
    draft["dosageInstruction"] = [dosage] if dosage else []
    return read_order(on_the_wire(draft), terminology)


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
