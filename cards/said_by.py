"""What another finding says, or more of it, is not said a second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds.assessment.model import SEVERITY_ORDER, Finding

SAID_BY: Mapping[str, tuple[str, ...]] = {
    "severity-low-or-unknown": ("missing-depression-scale",),
    "pregnancy-not-excluded": ("missing-pregnancy-test",),
    "unsupervised-ketamine": ("order-home-supply",),
    "unsupervised-esketamine": ("order-esketamine-home",),
    "alcohol": ("acute-intoxication",),
    "bipolar-disorder": ("bipolar-outside-labels",),
    "psychotic-depression": ("psychotic-features",),
    "trd-lifetime-only": ("trd-met",),
}
"""A finding → those that say the same thing, or more of it"""

_SAID_OF_AN_ENTRY: Mapping[str, tuple[str, ...]] = {
    "second-ketamine-order": ("order-duplicate",),
    "second-esketamine-order": ("order-duplicate",),
    "esketamine-and-ketamine": ("ketamine-and-esketamine",),
    "order-duplicate": ("ketamine-and-esketamine", "esketamine-and-ketamine"),
    "course-concurrent": ("ketamine-and-esketamine", "esketamine-and-ketamine"),
}
"""The same of findings about other orders: only where they are about the same ones"""


def said(finding: Finding, among: Sequence[Finding]) -> bool:
    """Whether one of these says it. A stop is never left to a warning."""
    by, of_an_entry = SAID_BY.get(finding.id, ()), _SAID_OF_AN_ENTRY.get(finding.id, ())
    if by and any(other.id in by for other in among):
        return True
    if not of_an_entry:
        return False
    sayers = [
        other
        for other in among
        if other.id in of_an_entry
        and SEVERITY_ORDER[other.severity] <= SEVERITY_ORDER[finding.severity]
    ]
    about = set().union(*(_orders(other) for other in sayers))
    return bool(sayers) and _orders(finding) <= about


def _orders(finding: Finding) -> set[str | None]:
    """The orders that it is about; the weight that a dose was computed with is none."""
    return {ref for ref in finding.source if not ref.startswith("Observation/")} | {finding.order}


def not_said_yet(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those that another of them says."""
    return [finding for finding in findings if not said(finding, findings)]
