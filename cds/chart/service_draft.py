"""A ServiceRequest that is about to be placed: an infusion as a procedure, a test, another service.

One on record is read for the history elsewhere: of it only counts that it is still open.
"""

from __future__ import annotations

from msgspec import Struct

from cds.chart.asked import Asked
from cds.chart.medication.resource import notes_of
from cds.chart.reasons import Reasons
from cds.chart.standing import Standing, draft_standing
from cds.dates import When, parse_when
from cds.dosage.model import Problem, Timing
from cds.dosage.quantity import Problems, read_quantity, read_range
from cds.dosage.timing import read_timing
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_number, as_object, as_objects, as_text, concept_texts, status_code
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch
from cds.units import Quantity
from cds.wire import Json

_COUNTS = ("", "1", "{count}", "{session}", "{infusion}", "sessions", "infusions")
"""units of a quantity that is a number of sessions"""


class ServiceName(Struct, frozen=True):
    """What the service is called, and what that means."""

    names: tuple[str, ...] = ()
    """text and displays of its code"""
    details: tuple[str, ...] = ()
    """those of orderDetail"""
    procedures: frozenset[str] = frozenset()
    """procedure sets of its code"""
    tests: frozenset[str] = frozenset()
    """observation sets of its code"""
    drugs: tuple[DrugMatch, ...] = ()
    """that its names and details name"""
    words: tuple[str, ...] = ()
    """notes and what the patient is told"""


NO_SERVICE = ServiceName()


class ServiceDraft(Struct, frozen=True):
    """A draft ServiceRequest. None: not said, or not readable (then in the problems)."""

    ref: str
    standing: Standing
    status: str | None
    intent: str | None
    name: ServiceName
    codes: frozenset[str]
    """`http://loinc.org|24325-3`"""
    notes: tuple[str, ...]
    authored: When | None
    amount: Quantity | None
    amount_high: Quantity | None
    count: int | None
    """how many sessions, where the quantity is a bare number"""
    timing: Timing
    begins: When | None
    ends: When | None
    reasons: Reasons
    problems: tuple[Problem, ...]
    draft: Asked


def read_service_name(draft: Json, terminology: Terminology) -> ServiceName:
    """What a draft ServiceRequest is for, and nothing else of it."""
    concept = draft.get("code")
    details = as_objects(draft.get("orderDetail"))
    names = tuple(concept_texts(concept))
    told = tuple(text for node in details for text in concept_texts(node))
    # a test may be as short as a drug: no shorthand
    drugs = (terminology.ordered_drug({"text": t}, shorthand=False) for t in (*names, *told))
    return ServiceName(
        names=names,
        details=told,
        procedures=terminology.procedure(concept).sets,
        tests=terminology.observation(concept).sets,
        drugs=tuple(drug for drug in drugs if drug is not None),
        words=(*notes_of(draft), as_text(draft.get("patientInstruction"))),
    )


def read_service_draft(
    draft: Json, terminology: Terminology, reasons: Reasons, asked: Asked
) -> ServiceDraft:
    """The whole of it. Never raises."""
    concept, problems = draft.get("code"), Problems()
    amount, high, count = _quantity(draft, problems)
    period = as_object(draft.get("occurrencePeriod"))
    return ServiceDraft(
        ref=reference_of(draft),
        standing=draft_standing(draft),
        status=status_code(draft.get("status")),
        intent=status_code(draft.get("intent")),
        name=read_service_name(draft, terminology),
        codes=frozenset(f"{system}|{code}" for system, code in codings(concept) if system),
        notes=notes_of(draft),
        authored=parse_when(draft.get("authoredOn")),
        amount=amount,
        amount_high=high,
        count=count,
        timing=read_timing(draft.get("occurrenceTiming"), "occurrenceTiming", problems),
        begins=parse_when(period.get("start")),
        ends=parse_when(period.get("end")),
        reasons=reasons,
        problems=tuple(problems),
        draft=asked,
    )


def _quantity(
    draft: Json, problems: Problems
) -> tuple[Quantity | None, Quantity | None, int | None]:
    """(dose, upper dose, number of sessions): a bare count is the number of infusions."""
    if draft.get("quantityRange"):
        low, high = read_range(draft["quantityRange"], "quantityRange", problems)
        return low or high, high if low else None, None
    node = as_object(draft.get("quantityQuantity"))
    value = as_number(node.get("value"))
    unit = as_text(node.get("code")) or as_text(node.get("unit"))
    if node and unit in _COUNTS:
        return None, None, int(value) if value is not None and value > 0 else None
    return read_quantity(node, "quantityQuantity", problems), None, None
