"""Where two records of one kind differ, each difference in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from pydantic import BaseModel

from cds.knowledge.in_words import NameOfCode, rule_of, values_of
from cds.knowledge.in_words.labels import label_of
from cds.knowledge.in_words.names import coded, plainly
from cds.knowledge.in_words.predicate import in_words
from cds.knowledge.in_words.units import tells_unit
from cds.knowledge.in_words.values import CODE, in_one_line
from cds.knowledge.model.declared import NameOf, declared
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.combined import AllOf, AnyOf

Texts: TypeAlias = tuple[str, ...]
_LISTING = ("all", "any")
"""kinds of predicates that are told by their parts"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One leaf of a record that is another one, or one entry of a list."""

    path: tuple[str | int, ...]
    """fields, and positions in the new one; of what is gone, in the old one"""
    within: tuple[BaseModel, ...]
    """the records that it stands in, the whole first: of both sides, old before new"""
    said: str
    old: Texts
    new: Texts

    def below(self, step: tuple[str | int, ...], where: str, *records: BaseModel) -> Difference:
        said = f"{where}: {self.said}" if where else self.said
        return Difference((*step, *self.path), (*records, *self.within), said, self.old, self.new)


def differences_in(old: BaseModel, new: BaseModel, name_of: NameOfCode) -> Iterator[Difference]:
    """Between two records of one model, field by field."""
    if _content(old) == _content(new):  # most are: to put them into words takes longer
        return
    for field in type(new).model_fields:
        before, after = getattr(old, field), getattr(new, field)
        for found in _in_field(old, new, field, before, after, name_of):
            yield found.below((), "", old, new)


def _in_field(
    old: BaseModel, new: BaseModel, field: str, before: Any, after: Any, name_of: NameOfCode
) -> Iterator[Difference]:
    label = _label(new, field)
    if isinstance(before, tuple) and isinstance(after, tuple):
        if any(isinstance(part, BaseModel) for part in (*before, *after)):
            yield from _of_parts(label, field, before, after, name_of)
        elif set(before) != set(after):
            taken = tuple(_element(old, field, each, name_of) for each in _but(before, after))
            added = tuple(_element(new, field, each, name_of) for each in _but(after, before))
            yield Difference((field,), (), f"{label}: {_listed(added, taken)}", taken, added)
    elif isinstance(before, BaseModel) and type(before) is type(after):
        for found in differences_in(before, after, name_of):
            yield found.below((field,), f"{label}{_kind(after)}")
    elif joint := _joint(before, after):
        parts = _joined(before), _joined(after)
        yield from _of_parts(f"{label} {joint}", field, *parts, name_of)
    elif isinstance(before, BaseModel) or isinstance(after, BaseModel):
        texts = _described(before, name_of), _described(after, name_of)
        yield _changed(field, label, *texts)
    elif not (tells_unit(old, field) and tells_unit(new, field)):
        texts = _text(old, field, name_of), _text(new, field, name_of)
        if texts[0] != texts[1]:  # with its unit, which another field may hold
            yield _changed(field, label, *texts)


def _joint(before: object, after: object) -> str:
    """How one question became one of several, or one of several alone; empty: it did not."""
    for one, several in ((before, after), (after, before)):
        if isinstance(several, AnyOf | AllOf) and _content(one) in map(_content, several.of):
            return "any of" if isinstance(several, AnyOf) else "all of"
    return ""


def _joined(asked: Any) -> Sequence[Any]:
    return asked.of if isinstance(asked, AnyOf | AllOf) else (asked,)


def _changed(field: str, label: str, old: str, new: str) -> Difference:
    return Difference((field,), (), f"{label} {arrow(old, new)}", (old,), (new,))


def arrow(old: str, new: str) -> str:
    """`0.5 → 0.4 mg/kg`: a unit that both have stands once."""
    amount, _, unit = old.partition(" ")
    same_unit = unit and new.partition(" ")[2] == unit and amount[:1].isdigit()
    return f"{amount} → {new}" if same_unit and new[:1].isdigit() else f"{old} → {new}"


def _listed(added: Sequence[str], taken: Sequence[str]) -> str:
    told = (("adds", added), ("takes out", taken))
    return "; ".join(f"{verb} {', '.join(texts)}" for verb, texts in told if texts)


def _but(these: Sequence[Any], those: Sequence[Any]) -> list[Any]:
    return [each for each in these if each not in those]


def _of_parts(
    label: str, field: str, before: Sequence[Any], after: Sequence[Any], name_of: NameOfCode
) -> Iterator[Difference]:
    """Between lists of records: those that are the same one are compared, the others come or go."""
    pairs, gone, come = _paired(before, after)
    for first, second in pairs:
        where = " ".join(filter(None, (label, _called(after[second]))))
        for found in differences_in(before[first], after[second], name_of):
            yield found.below((field, second), f"{where}{_kind(after[second])}")
    for at in gone:
        text = _described(before[at], name_of)
        yield Difference((field, at), (before[at],), f"{label}: takes out {text}", (text,), ())
    for at in come:
        text = _described(after[at], name_of)
        yield Difference((field, at), (after[at],), f"{label}: adds {text}", (), (text,))


def _paired(
    before: Sequence[Any], after: Sequence[Any]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Positions of what is the same part on both sides; of what is gone; of what has come.

    The same content, else the same id or row, else the next one of the same kind.
    """
    pairs: list[tuple[int, int]] = []
    gone, come = list(range(len(before))), list(range(len(after)))
    for key in (_content, _called_exactly, type):
        for first in list(gone):
            wanted = key(before[first])
            second = next((at for at in come if wanted and key(after[at]) == wanted), None)
            if second is not None:
                pairs.append((first, second))
                gone.remove(first)
                come.remove(second)
    return sorted(pairs, key=lambda pair: pair[1]), gone, come


def _content(part: Any) -> object:
    return (type(part), part.model_dump_json()) if isinstance(part, BaseModel) else part


def _called_exactly(part: Any) -> object:
    name = _called(part)
    return (type(part), name) if name else None


def _called(part: Any) -> str:
    """The id or the rows of a part, where it has some."""
    return str(getattr(part, "id", "")) or ", ".join(getattr(part, "basis", ()))


def _kind(part: object) -> str:
    """Which question it is, where that is no mere list of others."""
    named = isinstance(part, Predicate) and part.name not in _LISTING
    return f" {plainly(part.name)}" if named and isinstance(part, Predicate) else ""


def _label(record: BaseModel, field: str) -> str:
    label = label_of(type(record).__name__, field)
    return label.replace("icd10cm", "ICD-10-CM").replace("snomed", "SNOMED CT")


def _described(part: Any, name_of: NameOfCode) -> str:
    """A part in one line: what it asks, else its values and what they hold for."""
    if isinstance(part, Predicate):
        return str(in_words(part, name_of))
    if isinstance(part, BaseModel):
        rules = map(str, rule_of(part, name_of))
        return "; ".join(filter(None, (in_one_line(part, name_of), *rules)))
    return "none" if part is None else str(part)


def _text(record: BaseModel, field: str, name_of: NameOfCode) -> str:
    """A value of a record with its unit."""
    for value in values_of(record, name_of):
        if value.field == field:
            return value.text
    plain = getattr(record, field)
    if isinstance(plain, bool):
        return "yes" if plain else "no"
    if plain is None or plain == "":
        return "none"
    return plain.isoformat() if isinstance(plain, date) else str(plain)


def _element(record: BaseModel, field: str, element: object, name_of: NameOfCode) -> str:
    """One of a list; a code with its name."""
    for named in declared(type(record), field, NameOf):
        if named.kind.endswith(CODE):
            system = named.kind.removesuffix(CODE)
            return coded(system, [str(element)], name_of)[0].removeprefix(f"{system} ")
    return plainly(str(element))
