"""A reason not to give ketamine, or to take care."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Contraindication(Fact):
    """A reason not to give ketamine, or to take care."""
