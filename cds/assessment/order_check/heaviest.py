"""An order in milligrams for a patient of unknown weight: too much even for the heaviest adult.

A dose per kg falls as the weight rises. A stop that holds at the greatest plausible weight holds
for this patient, whatever the scales will say; nothing else can be said without a weight.
"""

from __future__ import annotations

from cds.assessment.model import Finding, WeightUsed
from cds.assessment.order_check.situation import Situation

_TOO_MUCH = frozenset(
    {"order-rate-too-high", "order-im-dose-by-vein", "order-mg-per-kg", "order-psychiatric-dose",
     "order-im-sc-dose", "order-nasal-or-im"}
)  # fmt: skip
_TOO_MUCH_FOR_ITS_PURPOSE = frozenset(
    {"order-infusion-as-push", "order-anaesthetic-dose", "order-above-limit", "order-unmonitored"}
)
"""Another purpose allows more: only where the order or the chart names the purpose."""


def at_heaviest(s: Situation) -> Situation | None:
    """The order judged at the heaviest plausible weight; None where a weight is known.

    Not for an order per kg: its milligrams would grow with the weight that is assumed.
    """
    if s.amounts.weight is not None or s.per_kg:
        return None
    highest = s.case.knowledge.parameters["weight-highest"].value
    if s.weight.problem == "implausible" and s.weight.latest is not None:
        highest = max(highest, s.weight.latest.value_kg)
    return s.at(WeightUsed(highest, s.case.as_of, ()))


def is_certain(s: Situation, finding: Finding) -> bool:
    """Whether a finding at the heaviest weight holds at every lower one."""
    if not finding.stops_dose:
        return False
    known = s.indicated.known or s.use is not None
    return finding.id in _TOO_MUCH or (known and finding.id in _TOO_MUCH_FOR_ITS_PURPOSE)
