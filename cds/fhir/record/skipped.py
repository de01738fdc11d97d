"""What was not used, and how a resource is named without quoting it."""

from __future__ import annotations

import re

from msgspec import Struct

from cds.wire import Json

_PLAIN_ID = re.compile(r"[A-Za-z0-9._:-]{1,80}\Z")
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z]{2,60}\Z")

DATED_LATER = "dated after the day of the assessment"
CUT_OFF = "cut off: no whole JSON"
ONE_SHORTENED = "it is shortened"
"""of what is no list: the patient, the encounter"""
_SET_ASIDE = frozenset(
    {
        "entered-in-error", "excluded", "refuted", "cancelled", "not-taken", "not-done", "declined",
        "intended", "draft", "preparation", "registered", "proposal", "plan", "option", DATED_LATER,
        "an order not to give the drug",
        "its words say that no drug is taken", "belongs to another patient",
    }
)  # fmt: skip
"""Reasons by which an entry says nothing about the patient, so that nothing is lost without it"""


class Skipped(Struct, frozen=True):
    """A resource that was not used, and why. The reason never quotes patient data."""

    resource: str
    """`Type/id`, or `Type` when it has no id"""
    reason: str

    @property
    def cut_off(self) -> bool:
        """Whether it is known only by where its file or line broke off."""
        return self.reason == CUT_OFF

    @property
    def lost(self) -> bool:
        """Whether it might have told something: not of what was marked as wrong or not done."""
        return self.reason.removeprefix("status ").removeprefix("intent ") not in _SET_ASIDE


def reference_of(resource: Json) -> str:
    """`Type/id`, the way a finding names a resource; the type alone without a plain id."""
    ident, kind = resource.get("id"), resource.get("resourceType")
    kind = kind if isinstance(kind, str) and _TYPE_NAME.match(kind) else "Resource"
    return f"{kind}/{ident}" if isinstance(ident, str) and _PLAIN_ID.match(ident) else kind


def skip(skipped: list[Skipped], resource: Json, reason: str) -> None:
    """Note that a resource is not used, and why."""
    skipped.append(Skipped(reference_of(resource), reason))


def is_type_name(value: object) -> bool:
    """Whether it could be the name of a FHIR resource type."""
    return isinstance(value, str) and _TYPE_NAME.match(value) is not None
