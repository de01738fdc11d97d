"""A rule of response, stopping, maintenance or spacing."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import ConditionSets, ObservationKind, Percent, Purposes

ResponseKind = Literal[
    "response", "remission", "partial", "onset", "offset", "relapse", "stop", "keep-on", "review",
    "maintenance", "predictor", "expected", "concurrent", "spacing", "lapse", "repeat",
]  # fmt: skip


class ResponseRule(Fact):
    """One rule. Which fields are set depends on `kind`; the course reads them by kind."""

    kind: ResponseKind
    text: str
    """the rule in a few words"""
    scale: ObservationKind | None = None
    """observation kind that is judged"""
    scale_name: str | None = None
    purposes: Purposes = ("psychiatric", "pain")
    drug: Literal["ketamine", "esketamine"] | None = None
    condition_sets: ConditionSets = ()
    """only for patients with one of these"""
    fall_percent: Percent | None = None
    """response: a fall of the score from the baseline of at least this; stop: of less than this"""
    fall_percent_below: Percent | None = None
    """partial: and of less than this"""
    score_at_most: Decimal | None = None
    score_below: Decimal | None = None
    main: bool = False
    """of several remission rules of one scale, the one that names the state"""
    after_sessions: int | None = None
    from_day: int | None = None
    """days since the first session of the course"""
    to_day: int | None = None
    """exclusive"""
    fades_after_days: int | None = None
    per_week: int | None = None
    """sessions in any seven days"""
    late_after_days: int | None = None
    """a longer pause while this phase lasts is named; lapse: treatment has to be taken up again"""
    when_late: str | None = None
    """what may be done then; missing: the usual question why"""
