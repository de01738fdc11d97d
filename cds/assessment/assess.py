"""One patient, the orders at hand, one day: the assessment."""

from __future__ import annotations

from collections.abc import Sequence

from cds.assessment.model import Assessment
from cds.history.model import History
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def assess(
    history: History,
    selected: Sequence[Order],
    drafts: Sequence[Order],
    knowledge: Knowledge,
    site: SiteProtocol,
) -> Assessment:
    """Assess the selected orders (or, without any, the patient alone).

    `drafts` are all drafts of the session, the selected ones among them.
    """
    raise NotImplementedError
