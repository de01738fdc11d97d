"""What is on record and was not understood, under the name that the chart gives it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from cds.chart.entries import Source
from cds.fhir.record.skipped import CUT_OFF
from cds.history.model.course import MedicationCourse
from cds.limits import UNREADABLE

OVERLONG = "a text that is too long to be read"
"""in place of what the chart calls something"""
DID_NOT_COME = "entries of the list did not come"
"""why drugs are not known of which it is only known that there are some"""


class UnreadDrug(Struct, frozen=True):
    """A drug on record of which nobody can tell what it is: it may be any that a rule asks for."""

    name: str
    """what the chart calls it: chart text; empty: nothing"""
    code: str
    """of a code system that the tables do not know; may be empty"""
    why: str
    """quotes nothing"""
    courses: tuple[MedicationCourse, ...]
    """when it is or was taken, as far as the record tells; they name no drug and no class"""
    source: Source

    @property
    def current(self) -> bool | None:
        """Taken on the day; None when that cannot be told."""
        states = {course.current for course in self.courses}
        return True if True in states else None if None in states else False

    @property
    def state(self) -> Literal["not seen", "not readable", "not recognised"]:
        """It did not come; the file ends in it; or its name or code means nothing here."""
        if self.why == DID_NOT_COME:
            return "not seen"
        return "not readable" if self.why == CUT_OFF else "not recognised"

    @property
    def uncounted(self) -> bool:
        """It stands for any number of drugs: what a list lacks."""
        return self.state != "not recognised"

    @property
    def label(self) -> str:
        """`“Zolmex 40” (123)`: chart text."""
        return _label(self.name, self.code, self.source)

    def lasted(self, days: int) -> bool:
        """Whether it may have been taken for so many days."""
        open_ended = any(c.current is not False or not c.segments for c in self.courses)
        ends = [c.segments[-1] for c in self.courses if c.segments]
        unknown = any(s.end_basis == "unknown" or s.end == s.start for s in ends)
        known = sum(s.days for c in self.courses for s in c.segments)
        return open_ended or unknown or known >= days


class UnreadEntry(Struct, frozen=True):
    """A diagnosis, allergy or procedure of which nobody can tell what it is, or not all of it; or a
    result of a known kind whose value can't be read."""

    kind: Literal["condition", "allergy", "procedure", "result"]
    name: str
    """what the chart calls it: chart text; empty: nothing. Of a result what its value says"""
    code: str
    """of a code system that the tables do not know; may be empty. Of a result its kind"""
    why: str
    """quotes nothing"""
    source: Source
    when: date | None = None
    """the day of a result"""
    in_part: bool = False
    """some of it was understood, and counts"""

    @property
    def label(self) -> str:
        """`“Ketalr” (4711)`: chart text."""
        return _label(self.name, self.code, self.source)


def _label(name: str, code: str, source: Source) -> str:
    """What the chart calls it, and its code; an id means nothing to a reader, unless there is
    nothing else by which to find it."""
    if name == UNREADABLE:
        return f"{OVERLONG} ({', '.join(source)})"
    if name:
        return f"“{name}” ({code})" if code else f"“{name}”"
    return f"code {code}" if code else "an entry without a name"
