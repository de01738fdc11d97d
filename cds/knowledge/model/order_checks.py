"""A sign that an order is a mistake."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from cds.knowledge.model.base import Fact, Texts


class OrderCheck(Fact):
    """One check, with its severity and its numbers by name."""

    name: str
    severity: Literal["critical", "warning", "info"]
    numbers: dict[str, Decimal] = Field(default_factory=dict)
    names: Texts = ()
    """drugs or phrases that the check looks for"""
