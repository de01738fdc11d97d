"""What of a fact is signed, and the digest that stands for it.

Signed is what makes a card say or do something else: values, rule, sources, evidence rows, grade,
status, the days on which it holds. Not signed are its note and `next_review`, which change nothing
for a patient, and what a field leaves at its default, so that a release that knows one more field
does not unsign all facts. `0.50` and `0.5` are one value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cds.knowledge.model.base import Fact, Record
from cds.knowledge.model.predicates.base import Predicate

NOT_SIGNED = ("note", "next_review")


def digest(subject: str, fact: Fact) -> str:
    """`sha256:…` of the content of a fact, its subject and id included."""
    content = {name: value for name, value in _told(fact).items() if name not in NOT_SIGNED}
    text = json.dumps({f"{subject}/{fact.id}": content}, sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _told(record: Record) -> dict[str, Any]:
    """The fields that say something else than their default."""
    return {
        name: _plain(value)
        for name, field in type(record).model_fields.items()
        if (value := getattr(record, name)) != field.get_default(call_default_factory=True)
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it. Numbers are text, so that the type that holds one does not count."""
    match value:
        case Predicate():
            return {value.name: _told(value)}
        case Record():
            return _told(value)
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case tuple() | list():
            return [_plain(part) for part in value]
        case frozenset() | set():
            return sorted(map(str, value))
        case bool() | str() | None:
            return value
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
    return str(value)
