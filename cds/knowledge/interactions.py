"""A drug whose combination with ketamine matters."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Interaction(Fact):
    """A drug whose combination with ketamine matters."""
