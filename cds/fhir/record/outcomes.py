"""What an OperationOutcome among the answers to a search means for them."""

from __future__ import annotations

from cds.wire import Json


def is_failure(outcome: Json) -> bool:
    """Whether an OperationOutcome in an answer means that data are left out."""
    issues = outcome.get("issue")
    return any(
        isinstance(issue, dict)
        and (issue.get("severity") in ("fatal", "error") or issue.get("code") == "suppressed")
        for issue in (issues if isinstance(issues, list) else ())
    )
