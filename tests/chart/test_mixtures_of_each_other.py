"""Medications that are mixed of one another: how many are read, and what is said of the rest."""

from __future__ import annotations

import pytest

from cds.chart.product import read_product
from cds.fhir.record.referred import Referred
from cds.limits import MOST_INSIDE, MOST_INSIDE_ALL
from cds.terminology.lookup import Terminology
from cds.wire import Json
from tests.work import calls_made


def reference(number: int) -> Json:
    return {"reference": f"Medication/m{number}"}


def mixture(*of: int, name: str = "") -> Json:
    code = {"code": {"text": name}} if name else {}
    return {
        "resourceType": "Medication",
        "ingredient": [{"itemReference": reference(n)} for n in of],
        **code,
    }


def order(number: int) -> Json:
    return {"resourceType": "MedicationRequest", "medicationReference": reference(number)}


@pytest.mark.parametrize(("others", "read"), [(MOST_INSIDE - 1, True), (MOST_INSIDE, False)])
def test_the_last_of_a_mixture(terminology: Terminology, others: int, read: bool) -> None:
    index = {f"Medication/m{n}": mixture(name="saline") for n in range(1, others + 1)}
    index |= {
        "Medication/m0": mixture(*range(1, others + 1), 999),
        "Medication/m999": mixture(name="ketamine"),
    }
    match = read_product(order(0), terminology, Referred(index)).match
    assert (match is not None and "ketamine" in match.names) is read


@pytest.mark.parametrize(("room", "read"), [(1, True), (0, False)])
def test_the_last_of_a_session(terminology: Terminology, room: int, read: bool) -> None:
    referred = Referred(
        {
            "Medication/m0": mixture(1),
            "Medication/m1": mixture(name="saline"),
            "Medication/m2": mixture(3),
            "Medication/m3": mixture(name="ketamine"),
        }
    )
    for _ in range(MOST_INSIDE_ALL - room):
        read_product(order(0), terminology, referred)
    last = read_product(order(2), terminology, referred)
    assert (last.match is not None) is read
    assert bool(last.problem or last.parts)
    anew = read_product(order(2), terminology, referred.under({}))
    assert anew.match is not None


def test_many_orders_cost_no_more_than_the_mixtures_that_are_read(
    terminology: Terminology,
) -> None:
    index = {f"Medication/m{n}": mixture(*range(n + 1, n + 40)) for n in range(400)}

    def read(orders: int) -> int:
        referred = Referred(index)
        return calls_made(
            lambda: [read_product(order(n), terminology, referred) for n in range(orders)]
        )

    read(1)
    assert read(250) < 4 * read(60)
