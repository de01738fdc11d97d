"""Orders as real charts and requests hold them: read without an error, and never by guess."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds.terminology.lookup import Terminology
from cds.wire import InvalidJson, decode
from tests.charts.reading import order_of

pytestmark = pytest.mark.shared


def orders_in(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.rglob("*.json")):
        try:
            yield from _orders(decode(path.read_bytes()))
        except InvalidJson:
            continue


def _orders(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if node.get("resourceType") in ("MedicationRequest", "ServiceRequest"):
            yield node
            return
        for value in node.values():
            yield from _orders(value)
    elif isinstance(node, list):
        for value in node:
            yield from _orders(value)


def test_every_order_of_the_collected_charts_is_read(
    shared_dir: Path, terminology: Terminology
) -> None:
    read = [
        order_of(resource, terminology)
        for folder in ("authored-r4", "cds-requests", "pain-r4", "qicore-r4", "uscore-r4")
        for resource in orders_in(shared_dir / "fhir-data" / folder)
    ]
    assert len(read) > 100
    for order in read:
        for quantity in (order.dose, order.rate, order.dose_high):
            assert quantity is None or quantity.value > 0
        for problem in order.problems:
            assert ":" in problem
