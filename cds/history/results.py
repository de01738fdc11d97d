"""Results on a day: by kind, the newest first, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

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
    return {
        kind: tuple(sorted(_in_force(map(_one, once.values())), key=_newest_first))
        for kind, once in found.items()
    }


def _in_force(results: Iterable[Result]) -> Iterator[Result]:
    """Without those that a final or a corrected report of the same moment replaces.

    A report that could not be read replaces nothing.
    """
    listed = list(results)
    if not any(result.preliminary or result.corrected for result in listed):
        yield from listed
        return
    best: dict[datetime | None, int] = {}
    for result in listed:
        if result.problem is None:
            best[result.instant] = max(_rank(result), best.get(result.instant, 0))
    for result in listed:
        if result.instant is None or _rank(result) >= best.get(result.instant, 0):
            yield result


def _rank(result: Result) -> int:
    return 0 if result.preliminary else 2 if result.corrected else 1


def _one(same: Sequence[Result]) -> Result:
    """The same result from several resources is one that rests on all of them."""
    if len(same) == 1:
        return same[0]
    final = next((result for result in same if not result.preliminary), same[-1])
    return replace(final, source=tuple(sorted({ref for one in same for ref in one.source})))


def _newest_first(result: Result) -> tuple[object, ...]:
    if result.when is None:
        return (1, 0, 0.0, result.source)
    moment = result.instant.timestamp() if result.instant else float("-inf")
    return (0, -result.when.toordinal(), -moment, result.source)
