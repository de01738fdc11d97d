"""Whether the days of the facts go together: what a fact names must be in force while it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from cds.knowledge.check.entry import Entry
from cds.knowledge.check.own_names import listed_names
from cds.knowledge.check.references import Told, names_in, records_in
from cds.knowledge.check.written import Path, Slip
from cds.knowledge.in_force import boundaries, editions_of, in_force
from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import Kind

_FOR_READERS: tuple[Kind, ...] = ("row of the knowledge",)
"""by what these name nothing is judged"""


def day_faults(entries: Sequence[Entry]) -> Iterator[Slip]:
    """Days that contradict each other, and names that nothing bears on some day."""
    dated = {id(entry.fact): entry for entry in entries if isinstance(entry.fact, Fact)}
    subjects = defaultdict[str, dict[str, Fact]](dict)
    for entry in dated.values():
        subjects[entry.subject][entry.id] = _fact(entry)
    for entry in dated.values():
        for own, said in _own_faults(entry, subjects[entry.subject]):
            yield entry.fault(own, said)
    always, naming = _names(entries), list(_naming(dated.values()))
    undated = [entry for entry in entries if id(entry.fact) not in dated]
    for since in (date.min, *boundaries([_fact(entry) for entry in dated.values()])):
        holding = [dated[id(fact)] for fact in _holding(dated.values(), since)]
        yield from _roles_twice(holding)
        then, held = _names([*holding, *undated]), set(map(id, holding))
        gone = {kind: names - then[kind] for kind, names in always.items()}
        for entry, path, kind, name in naming:
            if name in gone.get(kind, ()) and id(entry) in held:
                yield entry.fault(path, f"{kind} `{name}` is not in force {_day(since)}")


def _fact(entry: Entry) -> Fact:
    assert isinstance(entry.fact, Fact)
    return entry.fact


def _own_faults(entry: Entry, beside: Mapping[str, Fact]) -> Iterator[Told]:
    fact = _fact(entry)
    if fact.until is not None and fact.effective is not None and fact.until < fact.effective:
        yield ("until",), f"its last day is before its first, {fact.effective}"
    for number, ident in enumerate(fact.supersedes):
        other = beside.get(ident)
        if ident == fact.id:
            yield ("supersedes", number), "an edition follows the older ones by its day alone"
        elif other is None:
            yield ("supersedes", number), f"{entry.subject} has no `{ident}`"
        elif fact.id in other.supersedes:
            yield ("supersedes", number), f"`{ident}` supersedes it in turn"


def _holding(entries: Iterable[Entry], day: date) -> Iterator[Fact]:
    subjects = defaultdict[str, list[Fact]](list)
    for entry in entries:
        subjects[entry.subject].append(_fact(entry))
    for facts in subjects.values():
        yield from in_force(editions_of(facts), day).values()


def _names(entries: Iterable[Entry]) -> dict[Kind, frozenset[str]]:
    return listed_names((entry.subject, entry.raw, entry.fact) for entry in entries)


def _naming(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Path, Kind, str]]:
    """What facts name of the knowledge itself, and where."""
    for entry in entries:
        for record, path in records_in(_fact(entry)):
            for at, kind, name in names_in(record):
                if kind not in _FOR_READERS:
                    yield entry, (*path, *at), kind, name


def _day(since: date) -> str:
    return "on the first days" if since == date.min else f"from {since} on"


def _roles_twice(entries: Iterable[Entry]) -> Iterator[Slip]:
    """Roles that two facts of a subject have at once: the later one would have it alone."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for field in ("role", "roles"):
            value = getattr(entry.fact, field, None) or ()
            for role in (value,) if isinstance(value, str) else value:
                first = seen.setdefault((entry.subject, role), entry)
                if first is not entry:
                    yield entry.fault((field,), f"`{role}` is a role of `{first.id}` already")
