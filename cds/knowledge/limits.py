"""A limit on a dose or rate in one context."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Limit(Fact):
    """A limit on a dose or rate in one context."""
