"""Reading what an order, or a drug that is taken, is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cds.chart.entries import Condition, Nameable, Procedure, ServiceRequest, Unread
from cds.chart.named import Named
from cds.chart.reasons import NO_REASONS, Reasons
from cds.dosage.model import Problem
from cds.fhir.record.references import points_inside
from cds.fhir_json import as_objects, as_text, concept_texts
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.wire import Json

_KINDS = ("Condition", "Procedure", "Observation", "ServiceRequest")
_TAKEN_BACK = frozenset({"revoked", "cancelled", "rejected"})
_FIELDS = ("reasonCode", "reasonReference", "reason")


def read_reasons(resource: Json, terminology: Terminology, named: Named) -> Reasons:
    """From reasonCode and reasonReference (R4), or `reason` as R5 and some servers send it.

    What is referred to counts as the chart has it: one that was refuted, not done or entered in
    error is no reason, and that is a problem of the order.
    """
    if not any(map(resource.get, _FIELDS)):
        return NO_REASONS
    sets: set[str] = set()
    texts: list[str] = []
    problems: list[Problem] = []
    source: list[str] = []
    codes: list[tuple[str, str]] = []
    titled: list[tuple[str, str]] = []
    concepts: list[object] = [*as_objects(resource.get("reasonCode"))]
    for node in as_objects(resource.get("reason")):
        concepts += as_objects(node.get("concept"))
    for path, reference in _references(resource):
        entry = named.entry(reference, resource, _KINDS)
        if (void := _void(entry)) is not None:
            problems.append(Problem(path, f"no reason: {void}"))
            continue
        if isinstance(entry, Condition):
            sets |= entry.sets
            codes += entry.codes
            titled += entry.titled
            texts += filter(None, [entry.display])
        concepts += _words(entry, reference)
        source += _cited(entry, reference)
    for concept in concepts:
        match = terminology.condition(concept)
        sets |= match.sets
        texts += concept_texts(concept)
        codes += codings(concept)
        titled += () if match.code is not None else terminology.titled(concept)
    text = "; ".join(dict.fromkeys(texts))
    return Reasons(
        frozenset(sets),
        text,
        tuple(problems),
        tuple(dict.fromkeys(codes)),
        tuple(dict.fromkeys(source)),
        tuple(dict.fromkeys(titled)),
    )


def reasons_in(terminology: Terminology, named: Named) -> Callable[[Json], Reasons]:
    """`read_reasons` in the chart or session that `named` leads into."""
    return lambda resource: read_reasons(resource, terminology, named)


def _references(resource: Json) -> Iterator[tuple[str, Json]]:
    for number, reference in enumerate(as_objects(resource.get("reasonReference"))):
        yield f"reasonReference[{number}]", reference
    for number, node in enumerate(as_objects(resource.get("reason"))):
        for reference in as_objects(node.get("reference")):
            yield f"reason[{number}].reference", reference


def _void(entry: Nameable | None) -> str | None:
    """How the record says that it is not so: never of what has no name, or may still come."""
    if isinstance(entry, Unread) and not entry.nameless and not entry.ahead:
        return f"{entry.kind}, {entry.why}"
    if isinstance(entry, ServiceRequest) and entry.status in _TAKEN_BACK:
        return f"ServiceRequest, {entry.status}"
    return None


def _cited(entry: Nameable | None, reference: Json) -> tuple[str, ...]:
    """What tells the reason; what the order contains is part of it."""
    if not isinstance(entry, Condition | Procedure | ServiceRequest) or points_inside(reference):
        return ()
    return entry.source


def _words(entry: Nameable | None, reference: Json) -> Iterator[Json]:
    """What it is called, as a concept to be read: by its entry, else by the reference itself.

    The entry of a Condition is read already; where no set knows it, the reference may.
    """
    if isinstance(entry, Procedure | ServiceRequest) and entry.display:
        coded = [{"system": system, "code": code} for system, code in entry.codes]
        yield {"coding": coded, "text": entry.display}
    elif isinstance(entry, Unread) and entry.name:
        yield {"text": entry.name}
    elif isinstance(entry, Condition) and entry.sets:
        return
    elif shown := as_text(reference.get("display")):
        yield {"text": shown}
