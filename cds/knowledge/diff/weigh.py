"""How much a change of a field may do to a patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from cds.knowledge.diff.change import Weight
from cds.knowledge.model.declared import NameOf, Words, declared

OF_SUBJECT = {
    "limits": Weight.DOSE, "regimens": Weight.DOSE, "weight_rules": Weight.DOSE,
    "order_checks": Weight.DOSE, "contexts": Weight.DOSE, "products": Weight.DOSE,
    "parameters": Weight.DOSE,
    "contraindications": Weight.WARNING, "interactions": Weight.WARNING, "uses": Weight.WARNING,
    "use_signs": Weight.WARNING, "liver_signs": Weight.WARNING, "measurements": Weight.WARNING,
    "mme_factors": Weight.WARNING, "opioid_thresholds": Weight.WARNING,
    "benzodiazepines": Weight.WARNING,
    "claims": Weight.TEXT, "decisions": Weight.TEXT, "sources": Weight.SOURCE,
}  # fmt: skip
"""of what a fact of the subject does; of the others, what it asks"""
OF_SEVERITY = {"critical": Weight.STOP, "warning": Weight.WARNING, "info": Weight.ASK}
OF_FIELD = {
    "sources": Weight.SOURCE, "basis": Weight.SOURCE, "grade": Weight.SOURCE,
    "unverified": Weight.SOURCE, "note": Weight.TEXT, "next_review": Weight.REVIEW,
}  # fmt: skip
JUDGED_BY = frozenset({"unit", "level_unit", "drug_class", "drug", "route", "order_system"})
"""fields that hold a plain text, and are compared with something"""


def weight_of(subject: str, path: tuple[str | int, ...], within: Iterable[BaseModel]) -> Weight:
    """Of a change at a path of a fact, which stands in these records, the fact itself first."""
    records = tuple(within)
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    if field in OF_FIELD and subject != "sources":
        return OF_FIELD[field]
    own = OF_SUBJECT.get(subject, Weight.ASK)
    if field and any(is_text(type(record), field) for record in records):
        return max(own, Weight.TEXT)
    if own is not Weight.DOSE:
        return min((OF_SEVERITY[each] for each in _severities(records)), default=own)
    return own


def is_text(model: type[BaseModel], field: str) -> bool:
    """Whether a field is for a reader alone."""
    info = model.model_fields.get(field)
    if info is None or info.annotation not in (str, str | None) or field in JUDGED_BY:
        return False
    return not (declared(model, field, NameOf) or declared(model, field, Words))


def _severities(records: tuple[BaseModel, ...]) -> list[str]:
    """Those of the innermost record that has one; of a whole fact, those of its rules."""
    own = [str(each) for record in records if (each := getattr(record, "severity", None))]
    return own or [each for record in records for each in _of_rules(record)]


def _of_rules(record: BaseModel) -> Iterator[str]:
    for rule in getattr(record, "rules", ()):
        yield str(rule.severity)
