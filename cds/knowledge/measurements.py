"""A kind of observation: canonical unit, plausible range, how long it stays usable."""

from __future__ import annotations

from cds.knowledge.base import Fact


class Measurement(Fact):
    """A kind of observation: canonical unit, plausible range, how long it stays usable."""
