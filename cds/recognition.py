"""What becomes of the entries of charts: recognised, of no relevance to any rule, unread.

Nothing that could identify a person leaves: kinds, systems, codes and reasons that quote no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from cds.chart.entries import (
    NO_RESULT,
    Allergy,
    Chart,
    Condition,
    Procedure,
    Result,
    ServiceRequest,
    Unread,
)
from cds.chart.medication.entry import Medication
from cds.chart.unread import NOT_RECOGNISED
from cds.fhir.record.skipped import Skipped
from cds.terminology.model import Certainty

NO_CODE = "(words only)"
"""system of an entry without a code, or of which only the words tell"""
_NO_VALUE = "a result without a usable value"
KINDS = {
    "drugs": ("MedicationRequest", "MedicationStatement", "MedicationDispense",
              "MedicationAdministration", "MedicationOrder"),
    "diagnoses": ("Condition",),
    "allergies": ("AllergyIntolerance",),
    "procedures": ("Procedure",),
    "results": ("Observation", "QuestionnaireResponse"),
}  # fmt: skip
"""What entries are of, by resourceType."""


class Outcome(StrEnum):
    """What became of an entry."""

    CODE = "by code"
    TEXT = "by words"
    IRRELEVANT = "irrelevant"
    """read; no rule asks about it"""
    UNREAD = "unread"
    """not understood: it might have told something"""
    SET_ASIDE = "set aside"
    """says nothing of the patient: refuted, cancelled, entered in error, no longer open"""


class Seen(Struct, frozen=True):
    """One entry, as far as it is counted."""

    kind: str
    """resourceType"""
    outcome: Outcome
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code)"""
    why: str = ""
    """of what is unread; quotes no chart text"""
    known: bool = False
    """its code told what it is, and something else of it could not be read"""

    @property
    def system(self) -> str:
        return self.codes[0][0] if self.codes and self.outcome != Outcome.TEXT else NO_CODE


class Recognition(Struct, frozen=True):
    """Entries of any number of charts, counted."""

    outcomes: Counter[tuple[str, str, Outcome]]
    """(kind, system, outcome)"""
    codes: Counter[tuple[str, str, str, Outcome]]
    """(kind, system, code, outcome) of all that no code of the tables tells"""
    reasons: Counter[tuple[str, str]]
    """(kind, why) of what is unread"""

    def shares(self) -> Iterator[tuple[str, int, Counter[Outcome]]]:
        """(what the entries are of, how many say something, what became of these): recognised,
        irrelevant or unread, and nothing else."""
        for name, kinds in KINDS.items():
            became = Counter[Outcome]()
            for (kind, _, outcome), count in self.outcomes.items():
                if kind in kinds and outcome is not Outcome.SET_ASIDE:
                    became[outcome] += count
            yield name, became.total(), became


def recognition(charts: Iterable[Chart]) -> Recognition:
    """What becomes of the entries of some charts."""
    outcomes = Counter[tuple[str, str, Outcome]]()
    codes = Counter[tuple[str, str, str, Outcome]]()
    reasons = Counter[tuple[str, str]]()
    left_out = Counter[Skipped]()
    for chart in charts:
        left_out |= Counter(chart.left_out)  # each chart of a file says what the file left out
        for (system, code), count in chart.unknown_observations.items():
            named = system if code else NO_CODE
            outcomes["Observation", named, Outcome.IRRELEVANT] += count
            if code:
                codes["Observation", system, code, Outcome.IRRELEVANT] += count
        for seen in _entries(chart):
            _count(seen, outcomes, codes, reasons)
    for skipped, count in left_out.items():
        for _ in range(count):
            _count(_skipped(skipped.resource.partition("/")[0], skipped), outcomes, codes, reasons)
    return Recognition(outcomes, codes, reasons)


def _count(
    seen: Seen,
    outcomes: Counter[tuple[str, str, Outcome]],
    codes: Counter[tuple[str, str, str, Outcome]],
    reasons: Counter[tuple[str, str]],
) -> None:
    outcomes[seen.kind, seen.system, seen.outcome] += 1
    if not seen.known and seen.outcome not in (Outcome.CODE, Outcome.SET_ASIDE):
        codes.update((seen.kind, system, code, seen.outcome) for system, code in seen.codes)
    if seen.why:
        reasons[seen.kind, seen.why] += 1


def _entries(chart: Chart) -> Iterator[Seen]:
    yield from map(_medication, chart.medications)
    for entries in (chart.conditions, chart.procedures, chart.allergies, chart.services):
        yield from map(_coded, entries)
    yield from map(_result, chart.results)
    yield from map(_unread, chart.unread)


def _medication(entry: Medication) -> Seen:
    kind = entry.ref.partition("/")[0]
    if entry.standing.void:
        return _skipped(kind, Skipped(entry.ref, entry.standing.why or ""))
    if entry.denied:
        return Seen(kind, Outcome.SET_ASIDE)
    match = entry.product.match
    if match is None and entry.other:
        return Seen(kind, Outcome.IRRELEVANT, entry.product.codes)
    if match is None:
        why = entry.product.problem or "drug not recognised"
        return Seen(kind, Outcome.UNREAD, entry.product.codes, why)
    if match.code is not None:
        return Seen(kind, Outcome.CODE, (match.code,))
    return Seen(kind, _by(match.certainty), entry.product.codes)


def _coded(entry: Condition | Procedure | Allergy | ServiceRequest) -> Seen:
    kind = entry.source[0].partition("/")[0]
    if isinstance(entry, ServiceRequest) and not entry.open:
        return Seen(kind, Outcome.SET_ASIDE)
    known = bool(entry.sets)
    if isinstance(entry, Allergy):
        known = known or bool(entry.ingredients or entry.classes)
    elif isinstance(entry, Procedure):
        known = known or entry.ketamine is not None
    if not isinstance(entry, ServiceRequest) and entry.not_understood:
        return Seen(kind, Outcome.UNREAD, entry.codes, NOT_RECOGNISED[kind])
    return Seen(kind, _by(entry.certainty) if known else Outcome.IRRELEVANT, entry.codes)


def _result(entry: Result) -> Seen:
    kind = entry.source[0].partition("/")[0]
    codes = (entry.code,) if entry.code is not None else ()
    if entry.problem is not None and entry.problem != NO_RESULT:
        return Seen(kind, Outcome.UNREAD, codes, _NO_VALUE, entry.certainty is Certainty.CODE)
    return Seen(kind, _by(entry.certainty), codes)


def _unread(entry: Unread) -> Seen:
    return _skipped(entry.kind, Skipped(entry.reference, entry.why))


def _skipped(kind: str, skipped: Skipped) -> Seen:
    lost = skipped.lost
    return Seen(kind, Outcome.UNREAD if lost else Outcome.SET_ASIDE, (), skipped.reason * lost)


def _by(certainty: Certainty) -> Outcome:
    return Outcome.CODE if certainty is Certainty.CODE else Outcome.TEXT
