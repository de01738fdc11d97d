"""The courses of every drug on record: one ingredient by one route, without long gaps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

from cds.allowance import check
from cds.chart.medication.entry import Medication
from cds.chart.medication.stop_reason import Stop
from cds.fhir.record.skipped import Skipped
from cds.history.medications.ends import Windows, settle
from cds.history.medications.from_entries import intakes_of, medication_dates
from cds.history.medications.intake import Intake
from cds.history.medications.line import Line, line_of
from cds.history.model.course import MedicationCourse, Segment
from cds.knowledge.load import Knowledge
from cds.terminology.model import Certainty

_CONFLICT = "one source says that it was stopped, another that it goes on"
_UNKNOWN_ROUTE = "unknown"


def medication_courses(
    medications: Iterable[Medication],
    knowledge: Knowledge,
    as_of: date,
    skipped: list[Skipped],
) -> tuple[MedicationCourse, ...]:
    """All courses up to `as_of`, by ingredient, route and date; undated ones last of their drug.

    What does not count (entered in error, cancelled, not taken, not recognised) goes to `skipped`.
    """
    windows = Windows.of(knowledge)
    courses: list[MedicationCourse] = []
    for intakes in _by_ingredient(intakes_of(medications, as_of, skipped)):
        for route, same in sorted(_by_route(intakes).items()):
            courses += _courses(settle(same, windows, as_of), route, windows)
    return tuple(courses)


def first_medication_record(medications: Iterable[Medication], as_of: date) -> date | None:
    """The earliest date of any medication that counts, of whatever drug."""
    return min(medication_dates(medications, as_of), default=None)


def _by_ingredient(intakes: Iterable[Intake]) -> list[list[Intake]]:
    groups: dict[str, list[Intake]] = {}
    for intake in intakes:
        groups.setdefault(intake.substance.ingredient, []).append(intake)
    return [groups[name] for name in sorted(groups)]


def _by_route(intakes: Iterable[Intake]) -> dict[str, list[Intake]]:
    """A drug whose route is not written goes with the only route that the chart has for it."""
    groups: dict[str, list[Intake]] = {}
    for intake in intakes:
        groups.setdefault(intake.substance.route or _UNKNOWN_ROUTE, []).append(intake)
    if len(groups) == 2 and _UNKNOWN_ROUTE in groups:
        nameless = groups.pop(_UNKNOWN_ROUTE)
        route = next(iter(groups))
        groups[route] = sorted(
            [*groups[route], *nameless], key=lambda i: (i.start or date.max, i.kind, i.ref)
        )
    return groups


def _courses(intakes: Sequence[Intake], route: str, windows: Windows) -> list[MedicationCourse]:
    line = line_of(intakes, windows)
    runs = _runs(line.segments, windows.gap)
    courses = [
        _course(run, within, route, line, last=run is runs[-1])
        for run, within in zip(runs, _within(intakes, runs), strict=True)
    ]
    undated = [i for i in intakes if i.start is None]
    return [*courses, *([_course((), undated, route, line)] if undated else [])]


def _runs(segments: Sequence[Segment], gap: int) -> list[tuple[Segment, ...]]:
    runs: list[list[Segment]] = []
    for segment in segments:
        if runs and (segment.start - runs[-1][-1].end).days <= gap:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return [tuple(run) for run in runs]


def _within(intakes: Iterable[Intake], runs: Sequence[Sequence[Segment]]) -> list[list[Intake]]:
    """Of each run the intakes that begin in it, or take their dose up again there after a written
    pause."""
    starts = [run[0].start for run in runs]
    within: list[list[Intake]] = [[] for _ in runs]
    for intake in intakes:
        begins = [intake.start]
        if len(intake.phases) > 1:
            begins += [stretch.start for stretch in intake.stretches()]
        places = {bisect_right(starts, day) - 1 for day in begins if day is not None}
        for place in sorted(places - {-1}):
            if any(
                day is not None and starts[place] <= day <= runs[place][-1].end for day in begins
            ):
                within[place].append(intake)
    return within


def _course(
    run: tuple[Segment, ...],
    intakes: Sequence[Intake],
    route: str,
    line: Line,
    *,
    last: bool = True,
) -> MedicationCourse:
    check()
    substances = [intake.substance for intake in intakes]
    current, conflict = _current(intakes)
    if current and not last:
        current = False  # the order that is in force has paused since
    ended = _stop(intakes, run) if current is not True else None
    notes = [note for intake in intakes for note in intake.notes]
    notes += line.notes if run else ()
    notes += [_CONFLICT] if conflict else []
    return MedicationCourse(
        ingredient=substances[0].ingredient,
        classes=frozenset().union(*(s.classes for s in substances)),
        route=route,
        segments=run,
        current=current,
        source=tuple(dict.fromkeys(ref for intake in intakes for ref in intake.sources)),
        product_ingredients=frozenset().union(*(s.product_ingredients for s in substances)),
        forms=frozenset(s.form for s in substances if s.form),
        flags=frozenset().union(*(s.flags for s in substances)),
        certainty=(
            Certainty.TEXT
            if any(s.certainty is Certainty.TEXT for s in substances)
            else Certainty.CODE
        ),
        as_needed=_as_needed(intakes),
        covered_days=_covered(intakes, run),
        stop_reason=ended.kind if ended is not None else None,
        stop_text=ended.text if ended is not None else None,
        stop_use=ended.use if ended is not None else None,
        reason_sets=frozenset().union(*(intake.reason_sets for intake in intakes)),
        notes=tuple(dict.fromkeys(notes)),
        unread=tuple(unread for intake in intakes for unread in intake.unread),
        undated=not run,
        contradiction=tuple(dict.fromkeys(line for s in substances for line in s.contradiction)),
    )


def _current(intakes: Sequence[Intake]) -> tuple[bool | None, bool]:
    """Whether the drug is taken now, and whether the sources contradict each other on it."""
    states = {intake.current for intake in intakes}
    if True not in states:
        return (None if None in states else False), False
    current = [i for i in intakes if i.current]
    stopped = any(all(_contradicts(ended, going) for going in current) for ended in intakes)
    return (None if stopped else True), stopped


def _contradicts(ended: Intake, going: Intake) -> bool:
    """A later source of another kind says that the same order or product was stopped.

    A dose that was given in full stops nothing.
    """
    if not ended.over or ended.kind == going.kind or "dispense" in (ended.kind, going.kind):
        return False
    if ended.kind == "administration":
        return False
    strengths = {ended.substance.strength, going.substance.strength}
    said = ended.asserted or (ended.end if ended.end_basis == "stated" else None)
    affirmed = going.asserted or going.start
    same = len(strengths) == 1 or None in strengths
    return same and said is not None and affirmed is not None and said > affirmed


def _as_needed(intakes: Sequence[Intake]) -> bool | None:
    told = {intake.as_needed for intake in intakes}
    if False in told:
        return False
    return True if told == {True} else None


def _stop(intakes: Sequence[Intake], run: Sequence[Segment]) -> Stop | None:
    """Why the last intake of the course was stopped, when it says so."""
    reasons = [i for i in intakes if i.stopped is not None]
    if not run:
        return reasons[-1].stopped if reasons else None
    last = max((i.end for i in intakes if i.end is not None), default=None)
    return next((i.stopped for i in reversed(reasons) if i.end is None or i.end == last), None)


def _covered(intakes: Sequence[Intake], run: Sequence[Segment]) -> int | None:
    """Days of the course that dispenses cover; None without any dispense."""
    fills = [fill for intake in intakes for fill in intake.fills]
    fills += [
        (i.start, i.end)
        for i in intakes
        if i.kind == "dispense" and i.start is not None and i.end is not None
    ]
    fills = [(start, end) for start, end in fills if end > start]
    if not fills or not run:
        return None
    covered = 0
    for segment in run:
        reached = segment.start
        for start, end in sorted(fills):
            begin, finish = max(start, reached), min(end, segment.end)
            if finish > begin:
                covered += (finish - begin).days
                reached = finish
    return covered
