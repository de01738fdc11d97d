"""A marketed ketamine or esketamine product."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Product(Fact):
    """A marketed ketamine or esketamine product."""
