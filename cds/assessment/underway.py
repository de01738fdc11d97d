"""Whether a treatment with ketamine is under way."""

from __future__ import annotations

from cds.assessment.case import Case


def treatment_is_current(case: Case) -> bool:
    """A ketamine or esketamine session lately, an order that is still active, or the drug taken."""
    window = int(case.knowledge.parameters["ketamine-treatment-current"].value)
    lately = any(
        session.active_order is True
        or (session.when is not None and (case.as_of - session.when).days <= window)
        for session in case.history.ketamine_sessions
    )
    return lately or any(case.history.current_medications("ketamine", "esketamine"))
