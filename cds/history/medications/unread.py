"""Drugs on record that could not be read: when they are taken, though not what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace

from cds.chart.medication.entry import Medication, Substance
from cds.chart.medication.resource import KINDS
from cds.fhir.record.skipped import CUT_OFF, Skipped
from cds.history.medications.courses import medication_courses
from cds.history.model.course import MedicationCourse
from cds.history.model.unread import DID_NOT_COME, UnreadDrug
from cds.knowledge.load import Knowledge
from cds.limits import UNREADABLE
from cds.terminology.model import Certainty

NOT_RECOGNISED = "drug not recognised"
_CUT_OFF = "what was cut off"
_MISSING = "further entries"


def unread_drugs(
    medications: Iterable[Medication], knowledge: Knowledge, as_of: date
) -> tuple[UnreadDrug, ...]:
    """Each drug once, by its name, else its code; those that name nothing one by one."""
    entries: dict[str, list[Medication]] = {}
    for entry in medications:
        if entry.unread:
            entries.setdefault(_key(entry), []).append(entry)
    found = [
        replace(entry, substances=(_nameless(key),))
        for key, same in entries.items()
        for entry in same
    ]
    courses: dict[str, list[MedicationCourse]] = {}
    for course in medication_courses(found, knowledge, as_of, []) if found else ():
        courses.setdefault(course.ingredient, []).append(course)
    return tuple(_drug(entries[key][0], tuple(same)) for key, same in sorted(courses.items()))


def cut_off_drugs(left_out: Iterable[Skipped]) -> tuple[UnreadDrug, ...]:
    """What was cut off where drugs may have stood: one drug that may be any, taken for any time."""
    lost = sorted(
        {one.resource for one in left_out if one.cut_off and one.resource in ("Resource", *KINDS)}
    )
    return (_any_drugs(_CUT_OFF, CUT_OFF, lost),) if lost else ()


def missing_drugs(kinds: Iterable[str]) -> tuple[UnreadDrug, ...]:
    """What did not come of lists of these resources, as what was cut off."""
    lost = sorted(KINDS.keys() & set(kinds))
    return (_any_drugs(_MISSING, DID_NOT_COME, lost),) if lost else ()


def _any_drugs(name: str, why: str, source: Sequence[str]) -> UnreadDrug:
    refs = tuple(source)
    course = MedicationCourse("", frozenset(), "unknown", (), None, refs, undated=True)
    return UnreadDrug(name, "", why, (course,), refs)


def _drug(entry: Medication, courses: tuple[MedicationCourse, ...]) -> UnreadDrug:
    product = entry.product
    return UnreadDrug(
        name=", ".join(entry.unread_parts) or product.display,
        code=next((code for _, code in product.codes if code != product.display), ""),
        why=product.problem or NOT_RECOGNISED,
        courses=courses,
        source=tuple(dict.fromkeys(ref for course in courses for ref in course.drug_source)),
    )


def _key(entry: Medication) -> str:
    product = entry.product
    name = ", ".join(entry.unread_parts) or product.display
    if name == UNREADABLE:  # two of them need not be one
        return entry.ref
    return name.casefold() or "".join(map("|".join, product.codes)) or entry.ref


def _nameless(key: str) -> Substance:
    return Substance(
        ingredient=key,
        route=None,
        classes=frozenset(),
        product_ingredients=frozenset(),
        form=None,
        flags=frozenset(),
        certainty=Certainty.TEXT,
        strength=None,
    )
