"""A product as it is supplied."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact


class Product(Fact):
    """A vial by its strength, or a nasal device."""

    drug: Literal["ketamine", "esketamine"]
    mg_per_ml: Decimal | None = None
    mg_per_device: Decimal | None = None
    sprays_per_device: int | None = None
    dilute_before_iv: bool = False
