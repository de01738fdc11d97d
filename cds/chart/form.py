"""PHQ-9 forms that were filled in, item by item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cds.chart.entries import NO_RESULT, Result, Unread
from cds.chart.measured import Measured, in_canonical_unit
from cds.chart.unread import unread
from cds.dates import When
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import (
    as_number,
    as_object,
    as_objects,
    as_text,
    child,
    first_when,
    safe_code,
    status_code,
)
from cds.knowledge.model.measurements import Measurement
from cds.terminology.answers import scored
from cds.terminology.codes.concept import codings
from cds.terminology.codes.systems import LOINC
from cds.wire import Json

_TOTAL, _ITEM_9 = "44261-6", "44260-8"
_ITEMS = frozenset(
    {
        "44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3",
        _ITEM_9,
    }
)  # fmt: skip
_KNOWN = _ITEMS | {_TOTAL}
_NOT_RECOGNISED = "no question of this form is recognised"
_COMPLETE = frozenset({"completed", "amended"})
_LOINC_AT_END = re.compile(r"(\d{4,5}-\d)\Z")
_DEEPEST = 8


def read_form(resource: Json, measurements: Mapping[str, Measurement]) -> list[Result] | Unread:
    """PHQ-9 total and item 9 of a complete form; a form of anything else is unread.

    The stated total counts, else the sum of nine answered items; with an item missing there is no
    total, and item 9 stands alone.
    """
    status = status_code(resource.get("status"))
    moment = first_when(resource, "authored")
    if status not in _COMPLETE:
        return unread(resource, f"form is {safe_code(status)}", dated=moment)
    answers = {code: value for code, value in _answers(resource, 0) if code in _KNOWN}
    if not answers:
        # It may be a PHQ-9 of local codes as well as a form that no rule asks about.
        return unread(resource, _NOT_RECOGNISED, dated=moment)
    found = []
    total, item_9 = _total(answers, measurements), None
    if _ITEM_9 in answers:
        item_9 = _read(answers[_ITEM_9], measurements["phq9_item9"])
    for kind, read in (("phq9_total", total), ("phq9_item9", item_9)):
        if read is not None:
            found.append(_score(kind, read, moment, resource))
    return found or [_score("phq9_total", Measured(problem=NO_RESULT), moment, resource)]


def _total(
    answers: Mapping[str, Decimal | None], measurements: Mapping[str, Measurement]
) -> Measured | None:
    """The total that is stated, or that nine answers add up to; None: there is none."""
    measurement = measurements["phq9_total"]
    if _TOTAL in answers:
        return _read(answers[_TOTAL], measurement)
    if not answers.keys() >= _ITEMS:
        return None
    items = [_read(answers[item], measurements["phq9_item9"]) for item in sorted(_ITEMS)]
    problem = next((f"one answer: {item.problem}" for item in items if item.problem), None)
    if problem is not None:
        return Measured(problem=problem)
    return _read(sum((item.value or Decimal(0) for item in items), Decimal(0)), measurement)


def _read(value: Decimal | None, measurement: Measurement) -> Measured:
    if value is None:
        return Measured(problem="the value is not a number")
    return in_canonical_unit(value, measurement)


def _score(kind: str, read: Measured, moment: When | None, resource: Json) -> Result:
    """One score of a form, or why it has none that can be used."""
    return Result(
        kind=kind,
        when=moment.day if moment else None,
        instant=moment.instant if moment else None,
        source=(reference_of(resource),),
        value=read.value,
        unit="{score}",
        problem=read.problem,
    )


def _answers(node: Json, depth: int) -> Iterator[tuple[str, Decimal | None]]:
    """(LOINC code, score) of the answered questions, at any depth; None: it can't be read."""
    if depth > _DEEPEST:
        return
    for item in as_objects(node.get("item")):
        code = _question(item)
        for given in as_objects(item.get("answer")):
            if code is not None:
                yield code, _value(given)
            yield from _answers(given, depth + 1)
        yield from _answers(item, depth + 1)


def _question(item: Json) -> str | None:
    for field in ("linkId", "definition"):
        found = _LOINC_AT_END.search(as_text(item.get(field)))
        if found:
            return found[1]
    named = codings(child(item, "code"))
    return next((code for system, code in named if system in ("", LOINC)), None)


def _value(given: Json) -> Decimal | None:
    for field in ("valueInteger", "valueDecimal"):
        amount = as_number(given.get(field))
        if amount is not None:
            return amount
    quantity = given.get("valueQuantity")
    if isinstance(quantity, dict):
        return as_number(quantity.get("value"))
    coding = as_object(given.get("valueCoding"))
    score = scored(coding or as_text(given.get("valueString")))
    if score is not None:
        return Decimal(score)
    for extension in as_objects(child(coding, "extension")):
        if as_text(extension.get("url")).endswith("/ordinalValue"):
            return as_number(extension.get("valueDecimal"))
    return None
