"""A point on which guidelines disagree, and the default taken."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Decision(Fact):
    """A point on which guidelines disagree, and the default taken."""
