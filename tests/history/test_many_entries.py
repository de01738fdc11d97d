"""A chart of twice as many entries takes about twice the work, whatever they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from cds.api import load, read_chart
from cds.chart.medication.entry import Kind, Substance
from cds.fhir.record.patient_record import gather
from cds.history.build import build_history
from cds.history.medications.ends import Windows, _Orders, _same_strength
from cds.history.medications.intake import Intake
from cds.history.medications.phase import Phase
from cds.history.medications.regimens import Regimens
from cds.terminology.model import Certainty
from cds.units import Quantity
from cds.wire import Json
from tests.rows import check_each
from tests.work import calls_made

DAY = date(2026, 6, 1)
ENGINE = load()
DRUG = {"text": "sertraline 50 mg tablet"}


def day(number: int) -> str:
    return (DAY - timedelta(days=number)).isoformat()


def order(number: int, **more: object) -> Json:
    return {
        "resourceType": "MedicationRequest", "id": f"r{number}", "status": "completed",
        "intent": "order", "medicationCodeableConcept": DRUG, "authoredOn": day(number % 200),
        "dosageInstruction": [{"text": "1 tablet daily"}],
        "dispenseRequest": {"expectedSupplyDuration": {"value": 30, "unit": "d"}}, **more,
    }  # fmt: skip


def dispense(number: int) -> Json:
    return {
        "resourceType": "MedicationDispense", "id": f"d{number}", "status": "completed",
        "medicationCodeableConcept": DRUG, "whenHandedOver": day(number % 900),
        "daysSupply": {"value": 30},
    }  # fmt: skip


def given(number: int) -> Json:
    return {
        "resourceType": "MedicationAdministration", "id": f"a{number}", "status": "completed",
        "medicationCodeableConcept": {"text": "ketamine 50 mg/mL"},
        "effectiveDateTime": day(number * 20),
        "dosage": {"dose": {"value": 35, "unit": "mg"}},
    }  # fmt: skip


CHARTS: dict[str, Callable[[int], list[Json]]] = {
    "renewals of one order": lambda most: [order(n) for n in range(most)],
    "dispenses and the orders that they fill": lambda most: [
        entry for n in range(most // 2) for entry in (order(n), dispense(n))
    ],
    "doses weeks apart": lambda most: [given(n) for n in range(most)],
}


def test_work_grows_with_the_chart_and_no_faster() -> None:
    def check(name: str) -> None:
        few, many = (
            read_chart(ENGINE, gather(CHARTS[name](most), patient_id="p")) for most in (100, 400)
        )
        build_history(few, ENGINE.knowledge, DAY)
        once = calls_made(lambda: build_history(few, ENGINE.knowledge, DAY))
        four_times = calls_made(lambda: build_history(many, ENGINE.knowledge, DAY))
        assert four_times < once * 5.5

    check_each(CHARTS, check)


def intakes(random: Random, most: int) -> list[Intake]:
    """Intakes of one drug in the order of their dates, some of which name each other."""
    made: list[Intake] = []
    for number in range(most):
        kind: Kind = random.choice(["request", "dispense"])
        strength = random.choice([None, Quantity(Decimal(50), "mg"), Quantity(Decimal(25), "mg")])
        dose = random.choice([None, Quantity(Decimal(50), "mg/d"), Quantity(Decimal(100), "mg/d")])
        made.append(
            Intake(
                kind=kind,
                ref=f"R/{number}",
                status="completed",
                substance=Substance(
                    "sertraline", "oral", frozenset(), frozenset(), None, frozenset(),
                    Certainty.CODE, strength,
                ),
                evidence="ordered",
                phases=(Phase(dose, dose, as_needed=random.choice([True, False, None])),),
                start=DAY - timedelta(days=random.randrange(40) * 20),
                stated_end=random.choice([None, DAY - timedelta(days=random.randrange(900))]),
                part_of=frozenset(random.sample([i.ref for i in made], min(len(made), 1)))
                if random.random() < 0.2
                else frozenset(),
            )
        )  # fmt: skip
    return made


def test_regimens_are_numbered_as_by_comparing_each_with_each() -> None:
    for seed in range(200):
        listed = intakes(Random(seed), 12)
        regimens = Regimens(listed)
        numbers: list[int] = []
        for place, intake in enumerate(listed):
            same = (
                numbers[at]
                for at, other in enumerate(listed[:place])
                if other.kind == intake.kind and regimens.same(other, intake)
            )
            numbers.append(next(same, place))
        assert [number for _, number in regimens.numbered(listed)] == numbers


def test_a_dispense_fills_the_order_that_it_would_by_asking_each() -> None:
    windows = Windows.of(ENGINE.knowledge)
    for seed in range(200):
        listed = intakes(Random(seed), 14)
        orders = [one for one in listed if one.kind == "request"]
        found = _Orders(listed)
        for dispense in (one for one in listed if one.kind == "dispense"):
            named = [o for o in orders if o.ref in dispense.part_of]
            fitting = [
                o
                for o in orders
                if -windows.open_order <= (o.start - dispense.start).days <= windows.joins
                and (o.stated_end is None or o.stated_end >= dispense.start)
                and _same_strength(o, dispense)
            ]
            best = max(
                fitting, key=lambda o: (o.start <= dispense.start, o.start, o.ref), default=None
            )
            assert found.filled_by(dispense, windows) is (named[0] if named else best)
            if named or best:
                found.fill(named[0] if named else best, dispense)
