"""PHQ-9 forms that were filled in, item by item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from cds.chart.entries import NO_RESULT, Result, Unread
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
_COMPLETE = frozenset({"completed", "amended"})
_LOINC_AT_END = re.compile(r"(\d{4,5}-\d)\Z")
_DEEPEST = 8


def read_form(resource: Json) -> list[Result] | Unread | None:
    """PHQ-9 total and item 9 of a complete form; None for a form of anything else.

    The stated total counts, else the sum of nine answered items; with an item missing there is no
    total, and item 9 stands alone.
    """
    answers = dict(_answers(resource, 0))
    if not answers.keys() & (_ITEMS | {_TOTAL}):
        return None
    status = status_code(resource.get("status"))
    if status not in _COMPLETE:
        return unread(resource, f"form is {safe_code(status)}")
    moment = first_when(resource, "authored")
    total, item_9 = answers.get(_TOTAL), answers.get(_ITEM_9)
    if total is None and answers.keys() >= _ITEMS:
        total = sum((answers[item] for item in _ITEMS), Decimal(0))
    found = []
    if total is not None and 0 <= total <= 27:
        found.append(_score("phq9_total", total, moment, resource))
    if item_9 is not None and 0 <= item_9 <= 3:
        found.append(_score("phq9_item9", item_9, moment, resource))
    return found or [_score("phq9_total", None, moment, resource)]


def _score(kind: str, value: Decimal | None, moment: When | None, resource: Json) -> Result:
    """One score of a form; None: it was filled in, and gives none."""
    return Result(
        kind=kind,
        when=moment.day if moment else None,
        instant=moment.instant if moment else None,
        source=(reference_of(resource),),
        value=value,
        unit="{score}",
        problem=NO_RESULT if value is None else None,
    )


def _answers(node: Json, depth: int) -> Iterator[tuple[str, Decimal]]:
    """(LOINC code, score) of the answered questions, at any depth."""
    if depth > _DEEPEST:
        return
    for item in as_objects(node.get("item")):
        code = _question(item)
        for given in as_objects(item.get("answer")):
            value = _value(given)
            if code is not None and value is not None:
                yield code, value
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
