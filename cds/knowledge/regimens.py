"""A dosing regimen as studied or labelled."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Regimen(Fact):
    """A dosing regimen as studied or labelled."""
