"""A text of any length takes a time that grows with its length, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cds.chart.medication.stop_reason import stop_reason
from cds.chart.places import place_in
from cds.chart.product import Product
from cds.dates import parse_when
from cds.dosage.dose_units import dose_unit
from cds.dosage.read import read_dosage
from cds.dosage.route import method_of, route_of
from cds.fhir.record.references import reference_key
from cds.fhir_json import as_quantity_object, display
from cds.terminology.answers import answer, scored
from cds.terminology.codes import systems
from cds.terminology.codes.diagnosis_marks import marked
from cds.terminology.model import DrugMatch
from cds.terminology.text.certainty import CONDITIONS, affirms
from cds.terminology.text.diluent_names import is_diluent
from cds.terminology.text.written_drug import read_written
from cds.units import UnitError, parse_unit
from tests.work import processor_seconds

LENGTH = 100_000
SECONDS = 1.5
"""of the processor, on a slow machine: each takes a tenth of it or less; what grew with the square
took several"""
PIECES = ["a", "1", "1/", "mg/", " ", "no ", "?", "{", "[", "/", ".", "-", "1.", "1,", "a b ",
          "; ", "\n", "½", "1 mg/", "10 mg ", "1 tab ", "every ", "Patient/", "urn:",
          "no ketamine; ", "denies ketamine, no ", "ketamine? "]  # fmt: skip
KETAMINE = re.compile(r"\bketamine\b")


def unit(text: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(text)


READERS: dict[str, Callable[[str], object]] = {
    "a unit": unit,
    "the unit of a dose": dose_unit,
    "an instruction": lambda text: read_dosage({"text": text}),
    "a route": lambda text: route_of({"text": text}),
    "a method": lambda text: method_of({"text": text}),
    "a date": parse_when,
    "a reference": reference_key,
    "a code system": systems.canonical,
    "a name": lambda text: display({"text": text}),
    "a quantity": as_quantity_object,
    "an answer": answer,
    "a score": lambda text: scored({"text": text}),
    "a place": place_in,
    "a diluent": is_diluent,
    "a product": read_written,
    "a dose form": lambda text: Product(form=text).formed(DrugMatch((), frozenset())),
    "a reason": lambda text: stop_reason(None, [text]),
    "the mark of a diagnosis": lambda text: marked(
        {"coding": [{"system": systems.ICD10, "code": text}]}
    ),
    "what is said of a word": lambda text: affirms(KETAMINE, text, CONDITIONS),
}


def taken(read: Callable[[str], object], text: str) -> float:
    return processor_seconds(lambda: read(text))


@pytest.mark.parametrize("name", READERS)
def test_a_long_text(name: str) -> None:
    READERS[name]("x")
    for piece in PIECES:
        text = (piece * LENGTH)[:LENGTH]
        assert max(taken(READERS[name], text), taken(READERS[name], text + "!")) < SECONDS, piece


@pytest.mark.parametrize("kind", ["drug", "condition", "observation", "procedure", "substance"])
def test_a_long_name(terminology, kind: str) -> None:
    find = getattr(terminology, kind)
    find({"text": "x"})
    for piece in PIECES:
        text = (piece * LENGTH)[:LENGTH]
        for concept in (text, {"coding": [{"system": "s", "code": text, "display": text}]}):
            assert taken(find, concept) < SECONDS, piece


def test_a_cue_speaks_of_what_is_near_in_a_long_text_too() -> None:
    filler = "Seen in clinic today, slept well. " * 100
    assert affirms(KETAMINE, f"{filler} Has had ketamine. {filler}", CONDITIONS)
    assert not affirms(KETAMINE, f"{filler} No ketamine. {filler} Denies ketamine.", CONDITIONS)
    assert affirms(KETAMINE, f"No ketamine. {filler} Then ketamine. {filler}", CONDITIONS)
