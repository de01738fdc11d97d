"""Whether the values of a fact go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cds.knowledge.check.references import Told, order_faults, records_in
from cds.knowledge.check.written import Path
from cds.knowledge.model.base import Fact, Record, Source
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.measurements import Measurement
from cds.knowledge.model.predicates import Predicate
from cds.knowledge.model.predicates.combined import AtLeast
from cds.knowledge.model.predicates.facts import ResultTest, Threshold
from cds.knowledge.model.regimens import Regimen
from cds.knowledge.model.rule import Rule
from cds.units import convert, measures

Measured = Mapping[str, Any]
_TIMES_NORMAL = ("xULN", "xLLN")
_BY = {
    "infusion": ("intravenous", "subcutaneous", "intraosseous"),
    "bolus": ("intravenous", "intraosseous"),
    "bolus_and_infusion": ("intravenous", "intraosseous"),
    "nasal": ("intranasal",),
    "oral": ("oral", "sublingual", "buccal"),
}
"""the routes of a way of giving; of an injection, any that is not by mouth"""
_GRAVE = ("absolute", "relative", "contraindicated", "avoid", "major", "incompatible")
"""words of the rows for what must be decided about"""


def fact_faults(
    fact: Fact, measured: Mapping[str, Measurement], sources: Mapping[str, Source]
) -> Iterator[Told]:
    """What is wrong with its values, each with its path."""
    if not fact.sources:
        yield ("sources",), "it cites no source: add the id of one in sources.yaml"
    yield from _unread(fact, sources)
    for record, path in records_in(fact):
        yield from _below(path, order_faults(record))
        if isinstance(record, Predicate):
            yield from _below(path, _predicate_faults(record, measured))
        else:
            yield from _below(path, _record_faults(record))
    if isinstance(fact, Indication):
        ids = [criterion.id for criterion in fact.criteria]
        for number, ident in enumerate(ids):
            if ident in ids[:number]:
                yield ("criteria", number, "id"), f"the criterion `{ident}` stands twice"
    if isinstance(fact, Regimen):
        yield from regimen_faults(fact)


def _unread(fact: Fact, sources: Mapping[str, Source]) -> Iterator[Told]:
    """What is said to be seen, in sources that nobody read. Unknown ones are told as such."""
    cited = [sources[ident] for ident in fact.sources if ident in sources]
    if fact.verified and cited and not any(source.verified for source in cited):
        yield ("status",), "none of its sources was read: it is `recalled`, or a `proposal`"


def _record_faults(record: Record) -> Iterator[Told]:
    """Fields that must be there and say nothing; a rule that is told more softly than its row."""
    for field, info in type(record).model_fields.items():
        if info.is_required() and getattr(record, field) in ("", ()):
            yield (field,), "it is empty: nothing would be found by it, or said of it"
    if isinstance(record, Rule) and record.severity == "info" and record.level in _GRAVE:
        said = f"what is `{record.level}` is a warning at least: it would hardly be told"
        yield ("severity",), said


def _below(path: Path, faults: Iterator[Told]) -> Iterator[Told]:
    for at, said in faults:
        yield (*path, *at), said


def _predicate_faults(asked: Predicate, measured: Mapping[str, Measurement]) -> Iterator[Told]:
    if asked.asks_by and not any(_says(asked, field) for field in asked.asks_by):
        wanted = "it is empty" if asked.asks_by == ("of",) else f"it needs {_one_of(asked.asks_by)}"
        yield (), f"`{asked.name}` asks nothing: {wanted}"
    if isinstance(asked, AtLeast) and asked.number > len(asked.of) > 0:
        yield ("number",), f"{asked.number} of {len(asked.of)} can't hold"
    if isinstance(asked, ResultTest):
        if bool(asked.kinds) is not bool(asked.results):
            yield ("kinds",), "results are those of kinds: both, or none"
        for number, threshold in enumerate(asked.thresholds):
            kind = measured.get(threshold.kind)
            if kind is not None:
                yield from _below(("thresholds", number), threshold_faults(threshold, kind))


def _one_of(fields: tuple[str, ...]) -> str:
    return fields[0] if len(fields) == 1 else f"one of {', '.join(fields)}"


def _says(asked: Predicate, field: str) -> bool:
    value = getattr(asked, field)
    return value not in ((), None) and value != type(asked).model_fields[field].default


def threshold_faults(threshold: Threshold, kind: Measurement) -> Iterator[Told]:
    """Whether a result of the kind can be compared with it."""
    if kind.unit is None:
        yield ("kind",), f"`{kind.id}` is no number"
    elif threshold.unit not in _TIMES_NORMAL:
        if not measures(threshold.unit, kind.unit):
            yield ("unit",), f"`{kind.id}` is measured in {kind.unit}, never in {threshold.unit}"
            return
        value = convert(threshold.value, threshold.unit, kind.unit)
        if (kind.lowest is not None and value < kind.lowest) or (
            kind.highest is not None and value > kind.highest
        ):
            ends = f"{kind.lowest} to {kind.highest} {kind.unit}"
            yield ("value",), f"no `{kind.id}` is {threshold.value}: it lies within {ends}"


def regimen_faults(regimen: Regimen) -> Iterator[Told]:
    """What no dose can be made of, and what contradicts itself."""
    r = regimen
    doses = (r.dose, r.dose_low, r.dose_high, r.first_dose)
    rates = (r.rate_low, r.rate_high)
    dosed, rated = any(doses), any(rates)
    if dosed and r.dose_unit is None:
        yield ("dose_unit",), "it has a dose, and no unit"
    if rated and r.rate_unit is None:
        yield ("rate_unit",), "it has a rate, and no unit"
    per_kg = [unit for unit in (r.dose_unit, r.rate_unit) if unit and "/kg" in unit]
    if per_kg and not r.weight_based:
        yield ("weight_based",), f"what is given in {per_kg[0]} is `weight_based: true`"
    if r.weight_based and not per_kg:
        yield ("weight_based",), "its dose is not for each kg"
    if r.dose_unit == "mg" and r.max_session_mg is not None:
        for dose in (*doses, *r.session_doses):
            if dose is not None and dose > r.max_session_mg:
                yield ("max_session_mg",), f"a dose of {dose} mg is above it"
    for field in ("dose", "first_dose", "dose_low", "dose_high"):
        dose = getattr(r, field)
        if r.session_doses and dose is not None and dose not in r.session_doses:
            exist = " and ".join(map(str, sorted(r.session_doses)))
            yield (field,), f"{dose} mg can't be given: the doses that exist are {exist}"
    for number, route in enumerate(r.routes):
        by_mouth = r.given == "injection" and route in _BY["oral"]
        if by_mouth or route not in _BY.get(r.given, (route,)):
            yield ("routes", number), f"`{r.given}` is not given by `{route}`"
    if r.suggests == "dose":
        yield from _suggestion_faults(r, dosed=dosed or bool(r.session_doses), rated=rated)


def _suggestion_faults(r: Regimen, *, dosed: bool, rated: bool) -> Iterator[Told]:
    if not dosed and not rated:
        yield ("suggests",), "it suggests a dose, and has none"
    if "infusion" in r.given and r.duration_min is None:
        yield ("duration_min",), "an infusion takes time: it is missing"
    if r.dose_verified and not r.verified:
        yield ("dose_verified",), f"what is `{r.status}` was not read in its source"
