"""A claim that clinics make, and what the evidence says of it."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Claim(Fact):
    """A claim that clinics make, and what the evidence says of it."""
