"""Results on a day: by kind, the newest first, each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from cds.chart.entries import NO_RESULT, Result
from cds.history.dated import up_to

_Same = tuple[object, ...]


def results_on(results: Iterable[Result], as_of: date) -> dict[str, tuple[Result, ...]]:
    """Results up to `as_of`, by kind, newest first and those without a date last."""
    found: dict[str, dict[_Same, Result]] = {}
    for result in up_to(results, as_of):
        if result.problem != NO_RESULT:
            _keep(found.setdefault(result.kind, {}), result)
    return {kind: tuple(sorted(once.values(), key=_newest_first)) for kind, once in found.items()}


def _keep(of_kind: dict[_Same, Result], result: Result) -> None:
    """The same result from two resources is one that rests on both."""
    same = (result.when, result.instant, result.value, result.concept, result.problem)
    known = of_kind.get(same)
    if known is None:
        of_kind[same] = result
        return
    final = known if not known.preliminary else result
    of_kind[same] = replace(final, source=tuple(sorted({*known.source, *result.source})))


def _newest_first(result: Result) -> tuple[object, ...]:
    if result.when is None:
        return (1, 0, 0.0, result.source)
    moment = result.instant.timestamp() if result.instant else float("-inf")
    return (0, -result.when.toordinal(), -moment, result.source)
