"""A small share of the hostile shapes in each run; `make fuzz` sends a hundred thousand."""

from __future__ import annotations

import random

import hostile
import hostile_shapes
import hostile_values
import pytest
from hostile_values import Shape


@pytest.fixture(scope="module")
def bench():
    return hostile.Bench()


def test_small_shapes_of_every_kind(bench):
    chance = random.Random(20)
    kinds = [*hostile_shapes.KINDS, *[hostile_values.anywhere] * 30]
    for kind in kinds:
        cost = bench.cost(kind(chance, 3_000))
        assert not cost.excessive, str(cost)


LARGE = {
    "digits": ("doseQuantity.value", hostile_values.NUMBERS["digits with a point"], 1_000_000),
    "an exponent": ("doseQuantity.value", hostile_values.NUMBERS["a long exponent"], 1_000_000),
    "a unit": ("doseQuantity.unit", hostile_values.TEXTS["square brackets"], 150_000),
    "marks": ("note[0].text", hostile_values.TEXTS["marks of two classes"], 9_500),
    "codings": ("medicationCodeableConcept.coding", hostile_values.HOLDERS["codings"], 1_000_000),
    "nothing": ("extension.org.example", hostile_values.HOLDERS["objects"], 3_000_000),
    "a note": ("note[0].text", hostile_values.TEXTS["cues"], 9_500),
    "denials": ("note[0].text", hostile_values.TEXTS["versions"], 9_500),
    "words": ("dosageInstruction[0].text", hostile_values.TEXTS["instructions"], 1_000_000),
    "versions": ("subject.reference", hostile_values.TEXTS["versions"], 1_000_000),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_values(bench, name):
    place, value, size = LARGE[name]
    cost = bench.cost(hostile_values.at(place, value(size)))
    assert not cost.excessive, str(cost)


def test_what_is_too_dear_would_be_noticed(bench, monkeypatch):
    def slow(shape):
        sum(range(20_000_000))
        return 200, b"x"

    monkeypatch.setattr(bench, "_call", slow)
    monkeypatch.setattr(hostile, "MOST_CPU_S", 0.2)
    assert bench.cost(Shape("slow", b"")).excessive
    held = []

    def hold(shape):
        held.append(b"x" * 90_000_000)
        return 200, b""

    monkeypatch.setattr(bench, "_call", hold)
    assert bench.cost(Shape("large", b"")).memory > 60_000_000
    monkeypatch.setattr(bench, "_call", lambda shape: (500, b"failed"))
    assert bench.cost(Shape("failing", b"")).excessive
