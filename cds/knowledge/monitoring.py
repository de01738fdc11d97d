"""A step of work-up, monitoring or process."""

from __future__ import annotations

from cds.knowledge.base import Fact


class MonitoringItem(Fact):
    """A step of work-up, monitoring or process."""
