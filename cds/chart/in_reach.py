"""How much of the orders of one session is read: no more than there is time for.

The longest field of the longest order is left out first, so that what an ordinary order says is
read beside any other. In place of what is left out stands what tells every reader that something
was there: the drug counts as unread, no dose is taken from the rest, the draft is not changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cds.fhir_json import LEFT_OUT, as_object
from cds.limits import LONGEST_FIELD, MOST_NAMED, MOST_NOTED, MOST_TOLD
from cds.wire import Json

_NAMES = ("medicationCodeableConcept", "code")
_READ_AS_ONE = (
    (_NAMES, MOST_NAMED),
    (("dosageInstruction",), MOST_TOLD),
    (("orderDetail", "note"), MOST_NOTED),
)
_READ = ("text", "display", "patientInstruction")
_OBJECT = 10
"""characters that take as long to read as an object without any: a coding, a quantity"""
_LONG = 200
"""characters of a name beyond which each counts three times: any of its words may begin a drug's"""


def in_reach(entries: Sequence[Json]) -> list[Json]:
    """The orders, or the Bundle entries that hold them, without what is too much to be read.

    The same objects where nothing is. To be asked for a session as a whole.
    """
    orders = [as_object(entry.get("resource")) or entry for entry in entries]
    beyond: dict[int, Json] = {}
    for fields, room in _READ_AS_ONE:
        for number, name in _beyond(orders, fields, room):
            left = LEFT_OUT[0] if name in _NAMES else LEFT_OUT
            beyond[number] = {**beyond.get(number, orders[number]), name: left}
    return [
        entry if n not in beyond else _with(entry, beyond[n]) for n, entry in enumerate(entries)
    ]


def _with(entry: Json, order: Json) -> Json:
    return {**entry, "resource": order} if as_object(entry.get("resource")) else order


def _beyond(orders: Sequence[Json], fields: Sequence[str], room: int) -> Iterator[tuple[int, str]]:
    """(number, field) of what is left out, the shortest fields having been given room first."""
    sizes = [
        (_size(order[name], _LONG if name in _NAMES else None), number, name)
        for number, order in enumerate(orders)
        for name in fields
        if order.get(name)
    ]
    if sum(size for size, *_ in sizes) <= min(room, LONGEST_FIELD):  # of nearly every session
        return
    for size, number, name in sorted(sizes):
        room -= size
        if room < 0 or size > LONGEST_FIELD:
            yield number, name


def _size(value: object, long: int | None) -> int:
    """Characters of the texts in it, those that are long thrice, and what its objects are worth."""
    size, waiting = 0, [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            size += _OBJECT
            texts = [text for name in _READ if isinstance(text := node.get(name), str)]
            size += sum(_weight(text, long) for text in texts)
            waiting += (inner for inner in node.values() if isinstance(inner, list | dict))
        elif isinstance(node, str):
            size += _weight(node, long)
    return size


def _weight(text: str, long: int | None) -> int:
    return 3 * len(text) if long is not None and len(text) > long else len(text)
