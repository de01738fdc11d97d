"""A rule of response, stopping or maintenance."""

from __future__ import annotations

from cds.knowledge.base import Fact


class ResponseRule(Fact):
    """A rule of response, stopping or maintenance."""
