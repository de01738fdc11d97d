"""What an order comes to, where that is more than its fields say."""

from __future__ import annotations

from cds.assessment.amounts import Amounts
from cds.assessment.case import Case
from cds.knowledge.model.order_checks import PsychiatricDoseExtreme

BY_VEIN = frozenset({"intravenous", "intraosseous"})


def lasts_days(case: Case, amounts: Amounts) -> bool:
    """An infusion longer than any session: its rate tells, and not its total."""
    if case.order is None or case.order.route not in BY_VEIN or amounts.given != "infusion":
        return False
    hours = case.knowledge.the(PsychiatricDoseExtreme).session_below
    return amounts.duration_min is not None and amounts.duration_min >= hours * 60
