"""The feedback endpoint: what users did with cards."""

from __future__ import annotations

import re
from datetime import datetime

from cds.hooks import schema
from cds.hooks.errors import InvalidRequest, Issue
from cds.store.feedback import Feedback
from cds.wire import Json


def read_feedback(document: Json, *, comments: bool) -> list[Feedback]:
    """Check and read a feedback message; free text is dropped unless `comments`.

    Raises InvalidRequest with an issue for each fault.
    """
    issues = schema.issues("feedback", document)
    if issues:
        raise InvalidRequest(*issues)
    return [_one(number, given, comments) for number, given in enumerate(document["feedback"])]


def _one(number: int, given: Json, comments: bool) -> Feedback:
    override = given.get("overrideReason") or {}
    reason = override.get("reason") or {}
    return Feedback(
        card=given["card"],
        outcome=given["outcome"],
        outcome_at=_instant(number, given["outcomeTimestamp"]),
        suggestions=tuple(one["id"] for one in given.get("acceptedSuggestions") or ()),
        reason_system=reason.get("system"),
        reason_code=reason.get("code"),
        comment=override.get("userComment") if comments else None,
    )


def _instant(number: int, text: str) -> datetime:
    """RFC 3339, with any number of digits in the second."""
    fraction = re.sub(r"\.(\d+)", lambda digits: f".{digits[1][:6]:0<6}", text.upper())
    try:
        return datetime.fromisoformat(fraction.replace("Z", "+00:00"))
    except (ValueError, OverflowError):
        path = f"feedback[{number}].outcomeTimestamp"
        raise InvalidRequest(Issue(f"{path} is no point in time.", path)) from None
