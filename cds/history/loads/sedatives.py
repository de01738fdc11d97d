"""Benzodiazepines taken on the day, as diazepam. Z-drugs are other drugs and not among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal

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
from cds.history.model.load import SedativeIntake
from cds.history.model.unread import UnreadDrug
from cds.history.trials.antidepressant import UNSTATED
from cds.history.trials.exposure import dose_in
from cds.knowledge.load import Knowledge
from cds.knowledge.model.benzodiazepines import BenzodiazepineEquivalent
from cds.units import Quantity, plain, rounded

_CLASS = "benzodiazepine"
_DIAZEPAM_MG = Decimal(10)
_PLACES = 2
Item = tuple[str, Quantity | None, Decimal | None]


def sedative_intake(
    courses: Sequence[MedicationCourse],
    knowledge: Knowledge,
    as_of: date,
    answered: AbstractSet[str],
    unread: Iterable[UnreadDrug] = (),
) -> SedativeIntake:
    """Benzodiazepines that are or may be current, and their total as oral diazepam, mg/d.

    The total is 0 only when medication data were had and hold none. It is None when it has a hole:
    a regular benzodiazepine can't be computed, or is perhaps taken no more, or a current drug could
    not be read; `at_least` is what could be computed. Those taken as needed are listed and not
    added; alone, they leave the total None. Of a range of doses the upper end counts.
    """
    rows = {row.ingredient: row for row in knowledge.benzodiazepines.values()}
    known = frozenset(rows)
    benzodiazepines = [
        course
        for course in sorted(courses, key=lambda c: (c.ingredient, c.route, c.source))
        if course.ingredient in known or (_CLASS in course.classes and not part_of(course, known))
    ]
    present = [c for c in told_once(benzodiazepines) if taken_on(c, as_of, as_of) is not False]
    unknown = [drug for drug in unread if drug.current is not False]
    if not present and not unknown:
        if MEDICATION_KEYS & answered:
            return SedativeIntake(Decimal(0), at_least=Decimal(0))
        return SedativeIntake(None, problems=("no medication data: benzodiazepines are unknown",))
    items: list[Item] = []
    problems: list[str] = []
    regular: list[Decimal | None] = []
    for course in present:
        doses = dose_on(course, as_of, as_of)
        dose = doses.high if doses.regular else doses.as_needed
        equivalent, problem = _equivalent(course, dose, rows)
        if taken_on(course, as_of, as_of) is None:
            problem = "whether it is still taken is not known; not in the total"
            if doses.regular:
                regular.append(None)
        elif not doses.regular:
            problem = "taken as needed: in no total, since the maximum is not the intake"
        else:
            regular.append(equivalent)
            problems += [f"{course.ingredient}: {remark}" for remark in _remarks(doses)]
            if doses.as_needed is not None:
                problems.append(f"{course.ingredient}: more as needed, up to {doses.as_needed}")
        items.append((course.ingredient, dose, equivalent))
        problems += [f"{course.ingredient}: {problem}"] if problem else []
    problems += [f"{drug.label}: {MAY_BELONG_HERE}" for drug in unknown]
    computed = [value for value in regular if value is not None]
    whole = computed and len(computed) == len(regular) and not unknown
    at_least = sum(computed, Decimal(0))
    sources = [*(course.drug_source for course in present), *(drug.source for drug in unknown)]
    return SedativeIntake(
        at_least if whole else None,
        tuple(items),
        tuple(dict.fromkeys(ref for source in sources for ref in source)),
        tuple(dict.fromkeys(problems)),
        at_least,
    )


def _remarks(dose: DayDose) -> Iterator[str]:
    """What makes the dose less than certain."""
    yield from dose.remarks
    if dose.low is not None and dose.high is not None and dose.high != dose.low:
        which = "the record differs: the higher one" if dose.differs else "the upper end"
        yield f"{dose.low} to {dose.high}; {which} is in the total"


def _equivalent(
    course: MedicationCourse,
    dose: Quantity | None,
    rows: Mapping[str, BenzodiazepineEquivalent],
) -> tuple[Decimal | None, str]:
    row = rows.get(course.ingredient)
    if row is None or row.equals_diazepam_10_mg is None:
        return None, "no diazepam equivalent is known"
    if course.route not in row.routes and course.route not in UNSTATED:
        return None, f"the equivalents are for oral doses, not {course.route.replace('_', ' ')}"
    amount = dose_in(dose, "mg/d")
    if amount is None:
        return None, "the daily dose could not be computed"
    equivalent = rounded(amount * _DIAZEPAM_MG / row.equals_diazepam_10_mg, _PLACES)
    return Decimal(plain(equivalent)), ""
