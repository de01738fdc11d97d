"""What is said of a chart that was cut for want of time: what was found, and that it was cut.

What was not read is unknown. So neither a candidacy nor a dose stands beside it, nor anything that
rests on what a chart lacks.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from cds.assessment.model import Finding
from cds.history.model.history import History
from cds.history.parts import parts_of

CUT_SHORT = "cut-short"
MOST_FOUND = 8
"""facts of one finding that are named: words say the same in a hundred ways"""
_BY_TEXT = "matched by its text"
_AGAINST = ("contraindication", "interaction", "order_error", "caution")


def found_in_time(findings: Iterable[Finding], history: History) -> list[Finding]:
    """What was found in the patient or the order, and one finding that the chart was cut."""
    found = [_bounded(finding) for finding in findings if _stands(finding)]
    line = Finding(
        id=CUT_SHORT,
        kind="caution",
        severity="warning",
        basis=(),
        params={"parts": parts_of(history.cut)},
        stops_dose=True,
        rank=1,
    )
    return [*found, line]


def _bounded(finding: Finding) -> Finding:
    """Without a correction, and with a few of its facts by name, those that a code tells first."""
    facts = finding.params.get("found")
    if not isinstance(facts, tuple):
        return replace(finding, correction=None)
    told = sorted(facts, key=lambda fact: _BY_TEXT in fact)
    params = {**finding.params, "found": tuple(told), "named_at_most": MOST_FOUND}
    return replace(finding, correction=None, params=params)


def _stands(finding: Finding) -> bool:
    """Whether it warns, of something that is on record or in the order.

    That no test is on record is no finding: it may stand in what was not read.
    """
    if finding.severity == "info" or finding.kind not in _AGAINST:
        return False
    lacks = finding.workup is not None and all(ref.startswith("Patient/") for ref in finding.source)
    return finding.severity == "critical" or not lacks
