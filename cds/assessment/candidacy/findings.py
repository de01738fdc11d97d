"""What the candidacy rules have to say beside the verdicts."""

from __future__ import annotations

from cds.assessment.candidacy import depression_rules, phenotype_rules
from cds.assessment.candidacy.rules import Asked, as_finding, holds
from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Finding

REGISTERED = (depression_rules, phenotype_rules)
"""The modules whose import registers the rules."""

SAID_BY_CANDIDACY = frozenset({"trd-met", "trd-not-met", "trd-history-missing"})
"""Findings that repeat what the candidacy card's own text says."""


def candidacy_findings(case: Case, judged: tuple[Candidacy, ...]) -> tuple[Finding, ...]:
    """The rules of groups T, S, U and P that hold, in the order of the knowledge.

    Rules about depression alone are not said of an order whose reason is of another family.
    """
    by_id = {candidate.indication: candidate for candidate in judged}
    elsewhere = _ordered_for_another_family(case, judged)
    stops = {"no": False, "psychiatric": not elsewhere, "unless_other": not _open_to_dose(judged)}
    found = []
    for entry in case.knowledge.candidacy_rules.values():
        if entry.said_by is not None or (entry.psychiatric_only and elsewhere):
            continue
        held = holds(entry, Asked(case, by_id, entry.about))
        if held is not None:
            found.append(as_finding(entry, held, case, stops[entry.stops_dose]))
    return tuple(found)


def _open_to_dose(judged: tuple[Candidacy, ...]) -> bool:
    """Whether an indication on record, or the ordered one, is met or may be."""
    on_record = [candidate for candidate in judged if candidate.source]
    ordered = [candidate for candidate in on_record if candidate.ordered_for]
    return any(c.verdict in ("met", "cannot_determine") for c in ordered or on_record)


def _ordered_for_another_family(case: Case, judged: tuple[Candidacy, ...]) -> bool:
    families = {
        case.knowledge.indications[candidate.indication].family
        for candidate in judged
        if candidate.ordered_for
    }
    return bool(families) and "psychiatric" not in families
