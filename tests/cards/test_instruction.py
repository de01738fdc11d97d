"""One instruction: in words, and whether an order says just that. And the draft that it changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from made import REF, dose, drafts, mg, order

from cards.drafts import Drafts
from cards.instruction import Instruction
from cards.patch import quantity, with_instruction
from cds.orders.model import Order
from cds.units import Quantity
from cds.wire import Json
from tests.replaced import replace
from tests.rows import check_each

MEANT = Instruction(
    "intravenous", mg("35"), None, Decimal(40), sessions_per_week=Decimal(2), sessions=6
)
READ = order(
    route="intravenous", dose=mg("35"), duration_min=Decimal(40), sessions_per_week=Decimal(2),
    sessions=6,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "35 mg IV over 40 min, 2 per week, 6 sessions"),
        ({"sessions": 1}, "35 mg IV over 40 min, 2 per week, 1 session"),
        ({"sessions": 2}, "35 mg IV over 40 min, 2 per week, 2 sessions"),
        ({"sessions": None, "sessions_per_week": None}, "35 mg IV over 40 min"),
        ({"sessions_per_week": Decimal("0.5")}, "35 mg IV over 40 min, 1 per 2 weeks, 6 sessions"),
        ({"sessions_per_week": Decimal("0.25")}, "35 mg IV over 40 min, 1 per 4 weeks, 6 sessions"),
        ({"sessions_per_week": Decimal("0.3")}, "35 mg IV over 40 min, 0.3 per week, 6 sessions"),
        ({"sessions_per_week": Decimal(1)}, "35 mg IV over 40 min, 1 per week, 6 sessions"),
        ({"rate": Quantity(Decimal("52.5"), "mg/h")},
         "35 mg IV over 40 min, 2 per week, 6 sessions"),
        ({"dose": None, "rate": Quantity(Decimal("5"), "ug/kg/min")},
         "5 mcg/kg/min IV over 40 min, 2 per week, 6 sessions"),
        ({"dose": mg("35.50"), "route": "oral", "duration_min": None},
         "35.5 mg oral, 2 per week, 6 sessions"),
        ({"route": None}, "35 mg over 40 min, 2 per week, 6 sessions"),
        ({"route": "intraosseous"}, "35 mg IO over 40 min, 2 per week, 6 sessions"),
        ({"route": "intramuscular"}, "35 mg IM over 40 min, 2 per week, 6 sessions"),
        ({"route": "subcutaneous"}, "35 mg SC over 40 min, 2 per week, 6 sessions"),
        ({"route": "intranasal", "devices": 1, "duration_min": None},
         "35 mg intranasally (1 device of 28 mg, 5 min apart), 2 per week, 6 sessions"),
        ({"route": "intranasal", "devices": 2, "duration_min": None},
         "35 mg intranasally (2 devices of 28 mg, 5 min apart), 2 per week, 6 sessions"),
    ],
)  # fmt: skip
def test_in_words(changes: dict[str, Any], words: str) -> None:
    assert str(replace(MEANT, **changes)) == words


@pytest.mark.parametrize(
    ("changes", "timed"),
    [
        ({}, True), ({"duration_min": None}, False), ({"duration_min": None, "dose": None}, True),
        ({"duration_min": None, "route": "intraosseous"}, False),
        ({"duration_min": None, "route": "intramuscular"}, True),
    ],
)  # fmt: skip
def test_a_dose_by_vein_has_a_time(changes: dict[str, Any], timed: bool) -> None:
    assert replace(MEANT, **changes).timed is timed


def test_of_a_proposal() -> None:
    assert Instruction.proposed(dose(dose_mg=Decimal("35.1"), rounded_mg=Decimal(35))) == replace(
        MEANT, rate=Quantity(Decimal("52.50"), "mg/h")
    )
    nasal = dose(route="intranasal", devices=2, dose_mg=Decimal(56), duration_min=Decimal(15))
    assert Instruction.proposed(nasal) == Instruction(
        "intranasal", mg("56"), None, None, Decimal(2), 6, devices=2
    )
    no_time = dose(duration_min=None)
    assert Instruction.proposed(no_time).rate is None


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True), ({"as_needed": True}, False), ({"pca": True}, False),
        ({"test_dose": True}, False), ({"dose_high": mg("40")}, False),
        ({"rate_high": mg("40", "mg/h")}, False),
    ],
)  # fmt: skip
def test_of_an_order(changes: dict[str, Any], holds: bool) -> None:
    of = Instruction.of(replace(READ, rate=mg("52.5", "mg/h"), **changes))
    assert of == (replace(MEANT, rate=mg("52.5", "mg/h")) if holds else None)


SAME: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({}, {"dose": mg("35.35")}, True),  # to within 1 %
    ({}, {"dose": mg("35.36")}, False),
    ({}, {"dose": mg("34.65")}, True),
    ({}, {"dose": mg("34.64")}, False),
    ({}, {"dose": mg("0.035", "g")}, True),
    ({}, {"dose": mg("35", "mL")}, False),
    ({}, {"dose": None}, False),
    ({"dose": None}, {"dose": None}, True),
    ({"dose": None}, {}, False),
    ({}, {"rate": mg("52.5", "mg/h")}, False),
    ({"rate": mg("52.5", "mg/h")}, {"rate": mg("52.5", "mg/h")}, True),
    ({"rate": mg("52.5", "mg/h")}, {"rate": mg("0.875", "mg/min")}, True),
    ({"rate": mg("52.5", "mg/h")}, {}, False),
    ({}, {"route": "intramuscular"}, False),
    ({}, {"route": None}, False),
    ({}, {"duration_min": Decimal(41)}, False),
    ({}, {"duration_told": Decimal(2)}, False),
    ({}, {"sessions_per_week": Decimal(3)}, False),
    ({}, {"sessions_per_week": None, "single": True}, True),
    ({"sessions_per_week": None}, {"sessions_per_week": Decimal(3)}, True),
    ({}, {"sessions": 5}, False),
    ({}, {"sessions": None}, False),
    ({"sessions": None}, {"sessions": 5}, True),
    ({}, {"other_dosages": (READ,)}, False),
    ({}, {"dose_high": mg("40")}, False),
    ({}, {"dose_per_kg": mg("0.5", "mg/kg")}, False),
    ({}, {"contradictory": True}, False),
    ({}, {"max_dose_per_administration": mg("40")}, False),
    ({}, {"max_dose_per_period": (mg("40"), mg("1", "d"))}, False),
    ({}, {"max_dose_per_lifetime": mg("40")}, False),
    ({}, {"as_needed": True}, False),
    ({}, {"pca": True}, False),
    ({}, {"test_dose": True}, False),
    ({}, {"method": "push"}, False),
    ({}, {"method": "bolus"}, False),
    ({}, {"method": "infusion"}, True),
    ({}, {"problems": ("reasonCode[0] is odd",)}, True),
    ({}, {"problems": ("dose is odd",)}, False),
    ({"devices": 2}, {"pack_quantity": 2}, True),
    ({"devices": 2}, {"pack_quantity": 3}, False),
    ({"devices": 2}, {"pack_quantity": None}, True),
    ({"devices": None}, {"pack_quantity": 3}, True),
]


def test_what_an_order_says() -> None:
    def check(row: tuple[dict[str, Any], dict[str, Any], bool]) -> None:
        meant, read, same = row
        assert replace(MEANT, **meant).is_read_in(replace(READ, **read)) is same

    check_each(SAME, check)


# --- the draft that it changes --------------------------------------------------------------------

UCUM = {"system": "http://unitsofmeasure.org"}
IV = {
    "coding": [{"system": "http://snomed.info/sct", "code": "47625008",
                "display": "Intravenous route"}],
    "text": "Intravenous route",
}  # fmt: skip
SAID = {
    "text": str(MEANT),
    "route": IV,
    "doseAndRate": [{"doseQuantity": {"value": 35, "unit": "mg", "code": "mg"} | UCUM}],
    "timing": {
        "repeat": {"duration": 40, "durationUnit": "min", "frequency": 2, "period": 1,
                   "periodUnit": "wk", "count": 6}
    },
}  # fmt: skip
ONCE = replace(MEANT, sessions=None, sessions_per_week=None)

DOSAGES: list[tuple[str, Instruction, Json, Json]] = [
    ("nothing", MEANT, {}, {}),
    ("what says another dose goes", MEANT,
     {"text": "x", "_text": {}, "doseQuantity": {}, "doseSimpleQuantity": {}, "doseRange": {},
      "rateQuantity": {}, "rateSimpleQuantity": {}, "rateRange": {}, "rateRatio": {}, "method": {},
      "maxDosePerAdministration": {}, "maxDosePerPeriod": {}, "maxDosePerLifetime": {},
      "asNeeded": True, "asNeededBoolean": True, "_asNeededBoolean": {},
      "asNeededCodeableConcept": {}, "asNeededFor": [], "doseAndRate": [{"type": {}}, {}]}, {}),
    ("what is unknown stays", MEANT, {"sequence": 1, "x": 2}, {"sequence": 1, "x": 2}),
    ("its route stays", MEANT, {"route": {"text": "IV"}}, {"route": {"text": "IV"}}),
    ("a site of the route stays", MEANT, {"site": {"text": "left antecubital vein"}},
     {"site": {"text": "left antecubital vein"}}),
    ("a site of another goes", MEANT, {"site": {"text": "left Deltoid"}}, {}),
    ("a nostril", MEANT, {"site": {"coding": [{"display": "Left nostril"}]}}, {}),
    ("a place of no route stays", MEANT, {"site": {"text": "PICC"}}, {"site": {"text": "PICC"}}),
    ("what the patient is told stays", MEANT, {"patientInstruction": "Rest afterwards"},
     {"patientInstruction": "Rest afterwards"}),
    ("but not an amount", MEANT, {"patientInstruction": "Take 20 mg"}, {}),
    ("nor a rate", MEANT, {"patientInstruction": "at 10 mg/h"}, {}),
    ("nor a time", MEANT, {"patientInstruction": "over 2 hours"}, {}),
    ("nor how often", MEANT, {"patientInstruction": "three times a day"}, {}),
    ("nor that it is pushed", MEANT, {"patientInstruction": "IV push"}, {}),
    ("what stands beside, without amounts", MEANT,
     {"additionalInstruction": [{"text": "Take 20 mg"}, {"text": "Rest"}]},
     {"additionalInstruction": [{"text": "Rest"}]}),
    ("nothing is left of it", MEANT, {"additionalInstruction": [{"text": "Take 20 mg"}]}, {}),
    ("times of day go where it says how often", MEANT,
     {"timing": {"code": {"text": "BID"}, "event": ["2026-01-01"],
                 "repeat": {"dayOfWeek": ["mon"], "timeOfDay": ["08:00"], "when": ["HS"],
                            "offset": 5, "frequencyMax": 3, "periodMax": 2, "countMax": 8,
                            "boundsDuration": {}, "boundsRange": {}, "durationMax": 50}}}, {}),
    ("a course keeps its beginning and loses its end", MEANT,
     {"timing": {"repeat": {"boundsPeriod": {"start": "2026-01-01", "end": "2026-02-01"}}}},
     {"timing": {"repeat": SAID["timing"]["repeat"]  # type: ignore[index]
                 | {"boundsPeriod": {"start": "2026-01-01"}}}}),
    ("of nothing but an end, nothing", MEANT,
     {"timing": {"repeat": {"boundsPeriod": {"end": "2026-02-01"}}}}, {}),
    ("where it does not say how often, the timing stays", ONCE,
     {"timing": {"code": {"text": "BID"}, "event": ["2026-01-01"],
                 "repeat": {"frequency": 3, "duration": 9, "durationUnit": "h", "count": 4,
                            "boundsPeriod": {"end": "2026-02-01"}}}},
     {"text": str(ONCE),
      "timing": {"code": {"text": "BID"}, "event": ["2026-01-01"],
                 "repeat": {"frequency": 3, "duration": 40, "durationUnit": "min", "count": 4,
                            "boundsPeriod": {"end": "2026-02-01"}}}}),
    ("how many, and not how often", replace(MEANT, sessions_per_week=None),
     {"timing": {"code": {"text": "BID"}, "event": ["2026-01-01"],
                 "repeat": {"dayOfWeek": ["mon"], "count": 4}}},
     {"text": "35 mg IV over 40 min, 6 sessions",
      "timing": {"code": {"text": "BID"},
                 "repeat": {"duration": 40, "durationUnit": "min", "dayOfWeek": ["mon"],
                            "count": 6}}}),
    ("every other week", replace(MEANT, sessions_per_week=Decimal("0.5")), {},
     {"text": "35 mg IV over 40 min, 1 per 2 weeks, 6 sessions",
      "timing": {"repeat": SAID["timing"]["repeat"]  # type: ignore[index]
                 | {"frequency": 1, "period": 2}}}),
    ("a rate beside it", replace(MEANT, rate=mg("52.5", "mg/h")), {},
     {"doseAndRate": [{**SAID["doseAndRate"][0],  # type: ignore[index]
                       "rateQuantity": {"value": Decimal("52.5"), "unit": "mg/h", "code": "mg/h"}
                       | UCUM}]}),
    ("no time and no course", Instruction("oral", mg("35")), {},
     {"text": "35 mg oral", "timing": ..., "route": ...}),
    ("an unknown route", Instruction("rectal", mg("35"), duration_min=Decimal(40)), {},
     {"text": "35 mg rectal over 40 min", "route": ...,
      "timing": {"repeat": {"duration": 40, "durationUnit": "min"}}}),
]  # fmt: skip


def test_what_a_dosage_becomes() -> None:
    def check(row: tuple[str, Instruction, Json, Json]) -> None:
        _, meant, sent, becomes = row
        changed = with_instruction({"dosageInstruction": [sent, {"text": "second"}]}, meant)
        expected = {k: v for k, v in (SAID | becomes).items() if v is not ...}
        assert changed == {"dosageInstruction": [expected]}

    check_each(DOSAGES, check, name=lambda row: row[0])


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [
        ({"text": {}, "renderedDosageInstruction": "x", "effectiveDosePeriod": {}}, {}),
        ({"dispenseRequest": {"quantity": {}, "initialFill": {}, "expectedSupplyDuration": {},
                              "numberOfRepeatsAllowed": 2}}, {}),
        ({"dispenseRequest": {"quantity": {}, "performer": {}}},
         {"dispenseRequest": {"performer": {}}}),
        ({"note": [{"text": "x"}], "id": "a"}, {"note": [{"text": "x"}], "id": "a"}),
    ],
)  # fmt: skip
def test_what_a_draft_becomes(sent: Json, becomes: Json) -> None:
    assert with_instruction(sent, MEANT) == becomes | {"dosageInstruction": [SAID]}


@pytest.mark.parametrize(
    ("had", "told", "has"),
    [(None, "", None), (None, "Fast.", "Fast."), ("Rest", "Fast.", "Rest"),
     ("Take 20 mg", "Fast.", "Fast.")],
)  # fmt: skip
def test_what_the_patient_is_told(had: str | None, told: str, has: str | None) -> None:
    sent = {"patientInstruction": had} if had else {}
    (changed,) = with_instruction({"dosageInstruction": [sent]}, MEANT, told)["dosageInstruction"]
    assert changed.get("patientInstruction") == has


def test_a_quantity_in_ucum() -> None:
    assert quantity(Decimal("2.50"), "mg") == {"value": Decimal("2.50"), "unit": "mg",
                                               "code": "mg"} | UCUM  # fmt: skip
    assert quantity(Decimal("2.0"), "sprays", "{spray}")["code"] == "{spray}"
    assert type(quantity(Decimal("2.0"), "mg")["value"]) is int


# --- whether it can be offered --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "meant", "offered"),
    [
        (drafts(), MEANT, True),
        (drafts(), replace(MEANT, duration_min=None), False),
        (drafts(note=[{"text": "give 10 mg IV over 5 min"}]), MEANT, False),
        (Drafts(drafts().sent), MEANT, False),
        (drafts(resourceType="ServiceRequest"), MEANT, False),
    ],
)
def test_an_update(kept: Drafts, meant: Instruction, offered: bool) -> None:
    action = kept.update(REF, meant, "Fills in", "Rest.")
    assert (action is not None) is offered
    if action is not None:
        assert (action.type, action.description) == ("update", f"Fills in: {meant}")
        assert action.resource == with_instruction(kept.sent[REF], meant, "Rest.")
        assert "dosageInstruction" not in kept.sent[REF]


@pytest.mark.parametrize(
    ("kept", "what"),
    [
        (drafts(note=[{"text": "give 10 mg IV over 5 min"}]), "a note of the order"),
        (drafts(medicationCodeableConcept={"text": "ketamine 15 mg IV over 60 min"}),
         "the name of what is ordered"),
        (Drafts(drafts().sent), "the name of what is ordered"),
    ],
)  # fmt: skip
def test_what_says_otherwise(kept: Drafts, what: str) -> None:
    assert kept.says_otherwise(REF, MEANT) == what


def test_which_are_drafts() -> None:
    assert REF in drafts()
    assert "MedicationRequest/z" not in drafts()
    assert None not in drafts()


def test_an_order_reads_as_it_was_meant() -> None:
    """The reader and the writer agree."""
    kept = drafts()
    assert kept.read is not None
    read: Order = kept.read(with_instruction(kept.sent[REF], MEANT))
    assert MEANT.is_read_in(read)
