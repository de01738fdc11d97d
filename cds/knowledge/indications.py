"""An indication: what it is called, which conditions mean it, how good the evidence is."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Indication(Fact):
    """An indication: what it is called, which conditions mean it, how good the evidence is."""
