"""Results on a day: by kind, the newest first, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import inf

from msgspec.structs import replace

from cds.allowance import check
from cds.chart.entries import NO_RESULT, Result
from cds.history.dated import up_to

_Same = tuple[object, ...]


def results_on(results: Iterable[Result], as_of: date) -> dict[str, tuple[Result, ...]]:
    """Results up to `as_of`, by kind, newest first and those without a date last."""
    found: dict[str, dict[_Same, list[Result]]] = {}
    for result in up_to(results, as_of):
        check()
        if result.problem != NO_RESULT:
            same = (result.when, result.instant, result.value, result.concept, result.problem)
            found.setdefault(result.kind, {}).setdefault(same, []).append(result)
    return {kind: _newest_first(_in_force(_each_once(same))) for kind, same in found.items()}


def _each_once(found: Mapping[_Same, Sequence[Result]]) -> list[Result]:
    return [same[0] if len(same) == 1 else _one(same) for same in found.values()]


def _in_force(results: list[Result]) -> list[Result]:
    """Without those that a final or a corrected report of the same moment replaces.

    A report that could not be read replaces nothing.
    """
    if not [result for result in results if result.preliminary or result.corrected]:
        return results
    best: dict[datetime | None, int] = {}
    for result in results:
        if result.problem is None:
            best[result.instant] = max(_rank(result), best.get(result.instant, 0))
    return [
        result
        for result in results
        if result.instant is None or _rank(result) >= best.get(result.instant, 0)
    ]


def _rank(result: Result) -> int:
    return 0 if result.preliminary else 2 if result.corrected else 1


def _one(same: Sequence[Result]) -> Result:
    """The same result from several resources is one that rests on all of them."""
    final = next((result for result in same if not result.preliminary), same[-1])
    return replace(final, source=tuple(sorted({ref for one in same for ref in one.source})))


def _newest_first(results: Sequence[Result]) -> tuple[Result, ...]:
    """By day and moment, those without a moment last of their day; undated ones last of all."""
    dated = [
        (-r.when.toordinal(), -r.instant.timestamp() if r.instant else inf, r.source, place, r)
        for place, r in enumerate(results)
        if r.when is not None
    ]
    undated = [(r.source, place, r) for place, r in enumerate(results) if r.when is None]
    return (*(one[-1] for one in sorted(dated)), *(one[-1] for one in sorted(undated)))
