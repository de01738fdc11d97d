"""The feedback endpoint: what users did with cards."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cds.hooks import schema
from cds.hooks.errors import InvalidRequest, Issue
from cds.hooks.issued import uuid_in
from cds.store.feedback import Feedback
from cds.store.texts import blank, storable
from cds.wire import Json

MOST_COMMENT = 10_000


def read_feedback(document: Json, *, comments: bool) -> list[Feedback]:
    """Check and read a feedback message; free text is dropped unless `comments`.

    Raises InvalidRequest with an issue for each fault.
    """
    issues = schema.issues("feedback", document)
    if issues:
        raise InvalidRequest(*issues)
    return [_one(number, given, comments) for number, given in enumerate(document["feedback"])]


def _one(number: int, given: Json, comments: bool) -> Feedback:
    path = f"feedback[{number}]"
    override = given.get("overrideReason") or {}
    reason = override.get("reason") or {}
    comment = override.get("userComment") if comments else None
    return Feedback(
        card=_uuid(f"{path}.card", given["card"]),
        outcome=given["outcome"],
        outcome_at=_instant(f"{path}.outcomeTimestamp", given["outcomeTimestamp"]),
        suggestions=tuple(
            _uuid(f"{path}.acceptedSuggestions[{place}].id", one["id"])
            for place, one in enumerate(given.get("acceptedSuggestions") or ())
        ),
        reason_system=_said(f"{path}.overrideReason.reason.system", reason.get("system")),
        reason_code=_said(f"{path}.overrideReason.reason.code", reason.get("code")),
        comment=comment and storable(comment, MOST_COMMENT),
    )


def _said(path: str, text: str | None) -> str | None:
    if text is not None and blank(text):
        raise InvalidRequest(Issue(f"{path} is blank.", path))
    return text


def _uuid(path: str, text: str) -> str:
    uuid = uuid_in(text)
    if uuid is None:
        raise InvalidRequest(Issue(f"{path} is none that this service gave.", path))
    return uuid


def _instant(path: str, text: str) -> datetime:
    """RFC 3339, with any number of digits in the second, and with leap seconds, in UTC."""
    fraction = re.sub(r"\.(\d+)", lambda digits: f".{digits[1][:6]:0<6}", text.upper())
    plain, leap = re.subn(r"(:\d\d):60", r"\1:59", fraction)
    try:
        if plain[11:13] == "24":  # some versions of Python take it for the next day
            raise ValueError
        moment = datetime.fromisoformat(plain.replace("Z", "+00:00")).astimezone(UTC)
        if leap and (moment.hour, moment.minute) != (23, 59):
            raise ValueError
        return moment + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        raise InvalidRequest(Issue(f"{path} is no point in time of the calendar.", path)) from None
