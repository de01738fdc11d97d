"""Interactions with current medication and with the other drafts, seen from either drug.

The knowledge names the partners; which rules apply depends on the form of ketamine and on its
route. No wording of any interaction asks to stop a drug abruptly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.assessment.purpose import purposes
from cds.assessment.rules import Fired, awake, fired
from cds.knowledge.model.interactions import Interaction

Drug = Literal["ketamine", "esketamine"]

_INJECTABLE = "injectable"
"""the route of a past session that only its product's form tells; rules take it as intravenous"""


def interactions(case: Case) -> tuple[Finding, ...]:
    """What the patient takes, or is about to be ordered, that matters with ketamine."""
    route = case.order.route if case.order else None
    return tuple(_found(case, case.drug, route))


def interactions_with_treatment(case: Case) -> tuple[Finding, ...]:
    """The same rules for an order of another drug, in a patient who is treated with ketamine.

    Only what that order brings in is said: what was taken before was said with the ketamine order.
    """
    order = case.order
    treatment = _treatment(case)
    if order is None or order.drug is not None or treatment is None:
        return ()
    drug, route = treatment
    # the rules look for partners of ketamine: here the partner is the order
    drafts = (order, *(d for d in case.drafts if d.ref != order.ref and d.drug is None))
    seen = replace(case, order=None, drafts=drafts)
    return tuple(
        replace(finding, order=order.ref)
        for finding in _found(seen, drug, route)
        if order.ref in finding.source
    )


def _treatment(case: Case) -> tuple[Drug, str | None] | None:
    """Form and route of the ketamine treatment under way, or drafted in this session."""
    window = case.knowledge.parameters["ketamine-treatment-days"].value
    for session in reversed(case.history.ketamine_sessions):
        last = session.end or session.when
        if session.active_order or (last is not None and (case.as_of - last).days <= window):
            route = "intravenous" if session.route == _INJECTABLE else session.route
            return session.drug, route
    for draft in case.drafts:
        if draft.drug is not None:
            return draft.drug, draft.route
    return None


def _found(case: Case, drug: Drug | None, route: str | None) -> Iterator[Finding]:
    entries = [
        entry
        for entry in case.knowledge.interactions.values()
        if not entry.silent
        and (drug or "ketamine") in entry.drugs
        and not (entry.routes and route not in entry.routes)
    ]
    for entry, rules in awake(entries, case):
        result = fired(rules, case)
        if entry.only_orders and _given(case).issuperset(result.source):
            continue
        if result.rules:
            yield _finding(entry, result, case, drug, route)


def _given(case: Case) -> set[str]:
    """The records of sessions that are over."""
    return {
        ref
        for session in case.history.ketamine_sessions
        if session.kind in ("administration", "procedure") and not session.in_progress
        for ref in session.source
    }


def _finding(
    entry: Interaction, result: Fired, case: Case, drug: Drug | None, route: str | None
) -> Finding:
    severity = min((rule.severity for rule, _ in result.rules), key=SEVERITY_ORDER.__getitem__)
    opioids, sedatives = case.history.opioids, case.history.sedatives
    diazepam = sedatives.known_mg
    limit = case.knowledge.parameters["diazepam-equivalent-response-limit"].value
    return Finding(
        id=entry.id,
        kind="interaction",
        severity=severity,
        basis=result.basis,
        params={
            "found": result.found,
            "rows": result.basis,
            "drug": drug or "ketamine",
            "route": route,
            "mme": opioids.known_mme or None,
            "mme_at_least": opioids.mme_per_day is None,
            "mme_partial": not opioids.all_counted,
            "diazepam_mg": diazepam or None,
            "diazepam_at_least": sedatives.diazepam_equivalent_mg_per_day is None,
            "diazepam_limit": limit,
            "above_limit": diazepam is not None and diazepam > limit,
            "for_mood": "psychiatric" in purposes(case),
        },
        source=result.source,
        citations=entry.sources,
        grade=entry.grade,
        verified=entry.verified,
        order=case.order.ref if case.order else None,
        stops_dose=severity == "critical",
        rank=entry.rank,
    )
