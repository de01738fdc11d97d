"""Opioids taken on the day, as morphine by the CDC 2022 factors, and over time.

One factor set makes a total. What has no factor in it stands beside the total with the reason, and
is never counted as nothing. Doses as needed are listed, not added: their maximum is no intake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from cds.allowance import check
from cds.history.loads.opioid_tolerance import Tolerance, fda_tolerance
from cds.history.medications.on_day import (
    MAY_BELONG_HERE,
    MEDICATION_KEYS,
    DayDose,
    dose_on,
    part_of,
    taken_on,
    told_once,
)
from cds.history.model.course import MedicationCourse
from cds.history.model.load import NotConvertible, OpioidIntake, OpioidItem
from cds.history.model.unread import UnreadDrug
from cds.history.trials.antidepressant import UNSTATED
from cds.history.trials.exposure import dose_in
from cds.knowledge.load import Knowledge
from cds.knowledge.model.mme_factors import MmeFactor
from cds.units import Quantity, plain

_CLASSES = frozenset(
    {"opioid_full_agonist", "opioid_atypical", "opioid_partial_or_mixed_agonist", "methadone"}
)
_NO_OPIOID = frozenset({"naloxone", "naltrexone", "nalmefene", "samidorphan"})
_WITHOUT_A_ROW = frozenset(
    {
        "alfentanil", "benzhydrocodone", "dextromoramide", "dipipanone", "heroin", "levomethadone",
        "levomethadyl", "meptazinol", "normethadone", "oliceridine", "papaveretum", "paregoric",
        "pholcodine", "propoxyphene", "remifentanil", "sufentanil", "tilidine",
    }
)  # fmt: skip
"""Opioids of the drug tables that no factor table has: a product's tag alone can't tell them from
their partners (benzhydrocodone from acetaminophen)."""
_WHICH_FACTOR = "the route is not stated, and the factor depends on it"
_SETS = {"CMS2014": "the CMS table of 2014", "equianalgesic": "equianalgesic tables"}


def opioid_intake(
    courses: Sequence[MedicationCourse],
    knowledge: Knowledge,
    as_of: date,
    answered: AbstractSet[str],
    unread: Sequence[UnreadDrug] = (),
) -> OpioidIntake:
    """What is taken on `as_of`, its total in oral morphine mg/d, tolerance, and the way there.

    The total is 0 only when medication data were had and hold no opioid that may be current. It is
    None when it has a hole: an opioid whose dose could not be computed or that is perhaps taken no
    more, or an `unread` drug that may be one; `at_least` is what could be computed.
    """
    rows = [row for row in knowledge.mme_factors.values() if not row.superseded]
    known = frozenset(row.opioid for row in rows) | _WITHOUT_A_ROW
    opioids = told_once([course for course in courses if _is_opioid(course, known)])
    readings = [
        _read(course, rows, as_of)
        for course in sorted(opioids, key=lambda c: (c.ingredient, c.route, c.source))
        if taken_on(course, as_of, as_of) is not False
    ]
    days = int(knowledge.parameters["opioid-timeline-days"].value)
    if not (opioids or unread or MEDICATION_KEYS & answered):
        return OpioidIntake(None, problems=("no medication data: opioids are unknown",))
    unknown = [drug for drug in unread if drug.current is not False]
    may_be = [*opioids, *(course for drug in unread for course in drug.courses)]
    tolerance = (
        fda_tolerance(may_be, knowledge.opioid_thresholds.values(), as_of)
        if may_be
        else Tolerance(False, "no opioid on record")
    )
    sources = [*(r.course.drug_source for r in readings), *(drug.source for drug in unknown)]
    line = _timeline(opioids, may_be[len(opioids) :], rows, as_of, days)
    return OpioidIntake(
        mme_per_day=None if unknown else _total(readings),
        items=tuple(r.item for r in readings if r.item is not None),
        not_convertible=tuple(r.apart for r in readings if r.apart is not None),
        tolerant=tolerance.tolerant,
        tolerance_why=tolerance.why,
        timeline=_changes((load.day, load.total) for load in line),
        source=tuple(dict.fromkeys(ref for source in sources for ref in source)),
        problems=tuple(
            dict.fromkeys(
                (
                    *(p for r in readings for p in r.problems),
                    *(f"{drug.label}: {MAY_BELONG_HERE}" for drug in unknown),
                )
            )
        ),
        all_counted=not unknown and all(r.whole for r in readings),
        at_least=sum((r.counts for r in readings if r.counts is not None), Decimal(0)),
        timeline_at_least=_changes((load.day, load.at_least) for load in line),
    )


class _Reading(Struct, frozen=True):
    """One opioid of the day. `counts` None: present, but in no total."""

    course: MedicationCourse
    counts: Decimal | None = None
    item: OpioidItem | None = None
    apart: NotConvertible | None = None
    problems: tuple[str, ...] = ()
    hole: bool = False
    """it belongs into the total, and how much of it is not known"""
    whole: bool = False
    """all of it is in the total"""


def _is_opioid(course: MedicationCourse, known: frozenset[str]) -> bool:
    if course.ingredient in known:
        return True
    if course.ingredient in _NO_OPIOID or part_of(course, known):
        return False
    return bool(course.classes & _CLASSES)


def _read(course: MedicationCourse, rows: Sequence[MmeFactor], as_of: date) -> _Reading:
    name = course.ingredient
    factor, reason = _factor(course, rows)
    dose = dose_on(course, as_of, as_of)
    doubt: tuple[str, ...] = ()
    if taken_on(course, as_of, as_of) is None:
        doubt = (f"{name}: whether it is still taken is not known; not in the total",)
    if factor is None or factor.factor is None:
        basis, also = _other_sets(course, dose.high or dose.as_needed, rows)
        apart = NotConvertible(name, course.route, reason + also, basis, course.drug_source)
        return _Reading(course, apart=apart, problems=doubt, hole=reason == _WHICH_FACTOR)
    if doubt:
        return _Reading(course, problems=doubt, hole=dose.regular)
    problems: tuple[str, ...] = (f"{name}: {reason}",) if reason else ()
    problems += _as_needed(name, dose, factor)
    if not dose.regular:
        if dose.as_needed is None:
            return _Reading(course, problems=problems)
        item = OpioidItem(
            name, course.route, dose.as_needed, None, factor.basis, course.drug_source
        )
        return _Reading(course, item=item, problems=problems)
    amount = dose_in(dose.against, factor.unit)
    if amount is None or dose.against is None:
        unread = f"{name}: the daily dose could not be computed; not in the total"
        return _Reading(course, problems=(*problems, unread), hole=True)
    problems += tuple(f"{name}: {remark}" for remark in dose.remarks)
    if dose.low is not None and dose.high is not None and dose.high != dose.low:
        end = "the record differs: the higher one" if dose.differs else "the lower end"
        problems += (f"{name}: {dose.low} to {dose.high}; {end} is in the total",)
    mme = amount * factor.factor
    item = OpioidItem(name, course.route, dose.against, mme, factor.basis, course.drug_source)
    whole = dose.as_needed is None
    return _Reading(course, counts=mme, item=item, problems=problems, whole=whole)


def _as_needed(name: str, dose: DayDose, factor: MmeFactor) -> tuple[str, ...]:
    """What to say about doses as needed, which no total holds."""
    if dose.as_needed is None:
        return () if dose.regular else (f"{name} as needed: in no total",)
    amount = dose_in(dose.as_needed, factor.unit)
    mme = (
        "" if amount is None or factor.factor is None else f" ({plain(amount * factor.factor)} MME)"
    )
    return (
        f"{name} as needed, up to {dose.as_needed}{mme}: in no total, since the maximum is not "
        "the intake",
    )


def _factor(course: MedicationCourse, rows: Iterable[MmeFactor]) -> tuple[MmeFactor | None, str]:
    """The CDC 2022 row of a course, and what to say about it; None with the reason why not."""
    own = [row for row in rows if row.opioid == course.ingredient]
    computing = [row for row in own if row.computes]
    fitting = [row for row in computing if course.route in row.routes]
    if fitting:
        return fitting[0], ""
    barred = [row for row in own if row.factor is None and _same_route(row, course)]
    if barred:
        return None, _why_barred(barred[0])
    if course.route in UNSTATED and computing:
        if len(own) == 1:
            return computing[0], "the route is not stated; read as by mouth"
        return None, _WHICH_FACTOR
    if computing:
        return None, f"no CDC 2022 factor for the {course.route.replace('_', ' ')} route"
    return None, "not in the CDC 2022 table"


def _why_barred(row: MmeFactor) -> str:
    if "any" in row.routes:
        return "a partial agonist: in no MME total, by any route"
    return "the ratio to oral morphine varies too much by this route"


def _same_route(row: MmeFactor, course: MedicationCourse) -> bool:
    if "any" in row.routes:
        return True
    if course.route not in row.routes:
        return False
    return not row.forms or any(part in f.lower() for part in row.forms for f in course.forms)


def _other_sets(
    course: MedicationCourse, dose: Quantity | None, rows: Iterable[MmeFactor]
) -> tuple[tuple[str, ...], str]:
    """The row that says why, and what an older table would give, told apart from any total."""
    own = [row for row in rows if row.opioid == course.ingredient]
    fitting = [row for row in own if _same_route(row, course)]
    row = next(iter(fitting), None)
    if row is None:
        near = [other for other in own if course.route in other.routes] or own
        return tuple(b for other in near for b in other.basis), ""
    amount = dose_in(dose, row.unit)
    if row.factor is None or amount is None or row.factor_set not in _SETS:
        return row.basis, ""
    return row.basis, f"; {_SETS[row.factor_set]} would give {plain(amount * row.factor)} MME"


def _total(readings: Sequence[_Reading]) -> Decimal | None:
    counted = [r.counts for r in readings if r.counts is not None]
    if counted:
        return None if any(r.hole for r in readings) else sum(counted, Decimal(0))
    return None if readings else Decimal(0)


class _Load(Struct, frozen=True):
    """MME per day from a day on. `total` None: opioids were taken that could not be added."""

    day: date
    total: Decimal | None
    at_least: Decimal


def _timeline(
    opioids: Sequence[MedicationCourse],
    unread: Sequence[MedicationCourse],
    rows: Sequence[MmeFactor],
    as_of: date,
    days: int,
) -> list[_Load]:
    """The load from each day on that may change it; nothing where no opioid is on record."""
    if not opioids:
        return []
    first = as_of - timedelta(days=days)
    taken = (*opioids, *unread)
    borders = {s_day for c in taken for s in c.segments for s_day in (s.start, s.end)}
    changes = sorted({first, as_of} | {d for d in borders if first < d < as_of})
    factors = {id(c): _factor(c, rows) for c in opioids}
    return [_load_on(day, opioids, unread, factors, as_of) for day in changes]


Value = TypeVar("Value", bound=Decimal | None)


def _changes(line: Iterable[tuple[date, Value]]) -> tuple[tuple[date, Value], ...]:
    """The days on which a value changes, from the first that is not 0."""
    found: list[tuple[date, Value]] = []
    for day, value in line:
        if found and found[-1][1] == value:
            continue
        if found or value is None or value:
            found.append((day, value))
    return tuple(found)


def _load_on(
    day: date,
    opioids: Iterable[MedicationCourse],
    unread: Iterable[MedicationCourse],
    factors: Mapping[int, tuple[MmeFactor | None, str]],
    as_of: date,
) -> _Load:
    check()
    there = [course for course in opioids if taken_on(course, day, as_of) is not False]
    hole = any(taken_on(course, day, as_of) is not False for course in unread)
    amounts: list[Decimal] = []
    for course in there:
        factor, why = factors[id(course)]
        if factor is None or factor.factor is None:
            hole = hole or why == _WHICH_FACTOR
            continue
        found = dose_on(course, day, as_of)
        dose = dose_in(found.against, factor.unit)
        if dose is not None and taken_on(course, day, as_of):
            amounts.append(dose * factor.factor)
        else:
            hole = hole or found.regular
    at_least = sum(amounts, Decimal(0))
    whole = not hole and (amounts or not there)
    return _Load(day, at_least if whole else None, at_least)
