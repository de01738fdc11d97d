"""Facts that hold a dose inside them, as plain ones: for who looks for doses and not for steps.

A reader may take `repeat 70 mg` or `increase by 10 mg to 70 mg` as one piece. In a draft order each
amount is to be judged, however it is joined to its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cds.dosage.words.facts import MASSES, Fact

_HOLDING = frozenset({"repeat_dose", "change_by", "pattern", "in_turn"})


def unfolded(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts, with what is inside of them laid out; amounts that can't be are `bad`."""
    if _HOLDING.isdisjoint([fact.kind for fact in facts]):
        return tuple(facts)
    return tuple(plain for fact in facts for plain in _plain(fact))


def _plain(fact: Fact) -> Iterator[Fact]:
    value = fact.value
    if fact.kind == "repeat_dose":
        yield fact._replace(kind="repeat", value=value.repeat)
        yield fact._replace(kind="dose", value=value.dose)
    elif fact.kind == "change_by" and value.target is not None and value.target.unit != "1":
        yield fact
        yield fact._replace(kind="change_to", value=value.sign)
        yield fact._replace(kind="dose", value=value.target)
    elif fact.kind in ("pattern", "in_turn") and value[-1] in MASSES:
        yield fact
        yield fact._replace(kind="bad", value="several amounts")
    else:
        yield fact
