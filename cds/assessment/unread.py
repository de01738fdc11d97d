"""What of the record was not understood, or is called differently by its code and its name: said
once, with what is unknown for that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.model import ChartText, Finding
from cds.assessment.result_names import kind_name
from cds.chart.entries import Overlong
from cds.chart.overlong_fields import in_words
from cds.chart.service_request import SERVICES
from cds.history.model.unread import UnreadEntry
from cds.limits import UNREADABLE

NOT_UNDERSTOOD = "not-understood"
_LISTS = {
    "allergy": "allergy list",
    "condition": "problem list",
    "procedure": "procedure list",
    "result": "results",
}
_PLACES = {
    "AllergyIntolerance": "allergy list",
    "Condition": "problem list",
    "Encounter": "encounters",
    "Observation": "results",
    "Procedure": "procedure list",
    "QuestionnaireResponse": "questionnaires",
    **dict.fromkeys(SERVICES, "orders for tests"),
}
_REASONS = frozenset({"AllergyIntolerance", "Condition", "Observation", "Procedure"})
"""kinds of entries that could tell what speaks against a treatment"""
_TOO_LONG = "too long to be read"
_STATES = ("not recognised", "understood in part", "not readable", "not seen")
_PRODUCT = re.compile(
    r"(?<=\w)\s+[\d.,]+\s*(?:mcg|mg|g|units?|unt)(?:/ml)?"
    r"\s+(?:oral|nasal|topical|injectable|ophthalmic|rectal|vaginal)"
    r"\s+(?:tablet|capsule|solution|suspension|cream|spray|ointment|gel)$",
    re.IGNORECASE,
)
"""strength and form at the end of a product's name, which do not help to recognise it"""
_ANNOTATION = re.compile(r"\s*\{[^{}]*\}")
"""what a unit code says in braces is no unit: `99 {score}`"""


def not_understood(case: Case) -> tuple[Finding, ...]:
    """One line for all of it, list by list.

    A drug that may be taken now could be a partner of any interaction rule; an allergy could be to
    the drug that is ordered; a diagnosis or a procedure could be any reason against it.
    """
    history = case.history
    drugs = [drug for drug in history.unread_drugs if drug.current is not False]
    named: dict[tuple[str, str], list[ChartText]] = {}
    for drug in drugs:
        label = replace(drug, name=_PRODUCT.sub("", drug.name)).label
        named.setdefault((drug.state, "medication list"), []).append(ChartText(label))
    for kind, where in _LISTS.items():
        for entry in (e for e in history.unread_entries if e.kind == kind):
            named.setdefault((_state(entry), where), []).append(ChartText(_label(entry)))
    lists = [
        {"state": state, "where": where, "names": names}
        for (state, where), names in sorted(named.items(), key=lambda i: _STATES.index(i[0][0]))
    ]
    named_so = {ref for drug in drugs for ref in drug.source if drug.name == UNREADABLE}
    named_so |= {e.source[0] for e in history.unread_entries if e.name == UNREADABLE}
    in_part = [one for one in history.overlong if one.reference not in named_so]
    lists += _in_part(in_part)
    if not lists:
        return ()
    sources = [drug.source for drug in drugs] + [e.source for e in history.unread_entries]
    sources += [one.source for one in in_part]
    totals = [
        name
        for name, total in (
            ("opioid", history.opioids.mme_per_day),
            ("benzodiazepine", history.sedatives.diazepam_equivalent_mg_per_day),
        )
        if total is None
    ]
    finding = Finding(
        id=NOT_UNDERSTOOD,
        kind="caution",
        severity="info",
        basis=(),
        params={
            "lists": lists,
            "drugs": bool(drugs),
            "totals": totals if drugs else [],
            "reasons": bool(history.unread_entries) or any(e.kind in _REASONS for e in in_part),
        },
        source=tuple(dict.fromkeys(chain(*sources))),
        order=case.order.ref if case.order else None,
    )
    return (finding,)


def _in_part(entries: Sequence[Overlong]) -> list[dict[str, Any]]:
    """What counts, and of which a text or a list is too long to be read."""
    by_place: dict[str, list[ChartText]] = {}
    for one in entries:
        day = f" of {one.when.isoformat()}" if one.when else ""
        fields = in_words(one.fields)
        text = f"{fields}{day} ({one.reference})"
        by_place.setdefault(_PLACES.get(one.kind, "medication list"), []).append(ChartText(text))
    return [
        {"state": _TOO_LONG, "where": where, "names": names} for where, names in by_place.items()
    ]


def _label(entry: UnreadEntry) -> str:
    """`systolic blood pressure of 2026-06-01 “190-115”` for a result."""
    if entry.kind != "result":
        return entry.label
    day = f" of {entry.when.isoformat()}" if entry.when else ""
    return f"{kind_name(entry.code)}{day} “{_ANNOTATION.sub('', entry.name)}”"


def _state(entry: UnreadEntry) -> str:
    """A name is legible, and may mean nothing to us; a value is not even legible."""
    if entry.kind == "result":
        return "not readable"
    return "understood in part" if entry.in_part else "not recognised"


def contradicted_drugs(case: Case) -> tuple[Finding, ...]:
    """Code and name of an entry disagree: one line an entry, once for all drugs that it may be."""
    courses = [course for course in case.history.medications if course.contradiction]
    said = dict.fromkeys(line for course in courses for line in course.contradiction)
    if not said:
        return ()
    finding = Finding(
        id="contradicted-drugs",
        kind="caution",
        severity="info",
        basis=(),
        params={"said": list(said)},
        source=tuple(dict.fromkeys(ref for course in courses for ref in course.source)),
        order=case.order.ref if case.order else None,
    )
    return (finding,)
