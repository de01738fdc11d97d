"""Whether a site's own limits narrow those of the knowledge, or widen them with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from difflib import get_close_matches

from cds.knowledge.load import Knowledge
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.regimens import Regimen
from cds.knowledge.site import NarrowedLimit

Told = tuple[tuple[str | int, ...], str]
_MINUTES = 60
_WORD = re.compile(r"[^\W\d_]{2}")
"""what a reason has at least: a full stop is none"""


def route_names(knowledge: Knowledge) -> tuple[str, ...]:
    """Every route that a regimen or a limit knows."""
    facts: tuple[Regimen | Limit, ...] = (
        *knowledge.regimens.values(),
        *knowledge.limits.values(),
    )
    return tuple(
        dict.fromkeys(route for fact in facts for route in fact.routes if route != "unstated")
    )


def limit_faults(limits: Iterable[NarrowedLimit], knowledge: Knowledge) -> Iterator[Told]:
    """The mistakes, each with its path below `limits`."""
    seen: set[str] = set()
    for number, local in enumerate(limits):
        if local.limit in seen:
            yield (number, "limit"), f"`{local.limit}` stands twice: put both bounds into one entry"
            continue
        seen.add(local.limit)
        limit = knowledge.limits.get(local.limit)
        if limit is None:
            yield (number, "limit"), _unknown(local.limit, knowledge)
        elif local.warn_above is None and local.stop_above is None:
            yield (number,), f"`{limit.id}` sets neither warn_above nor stop_above"
        elif hard_end(limit) is None:
            yield (number, "limit"), f"`{limit.id}` has no number of its own that could be narrowed"
        else:
            yield from (((number, name), text) for name, text in _bounds(local, limit, knowledge))


def hard_end(limit: Limit) -> Decimal | None:
    """Where no site can put its warning later: what stops, or warns again, whatever it sets."""
    ends = (limit.warn_again_above, limit.stop_above, limit.warn_above)
    return next((end for end in ends if end is not None), None)


def _unknown(given: str, knowledge: Knowledge) -> str:
    close = get_close_matches(given.replace("-", "_"), knowledge.limits, n=1)
    if close:
        return f"unknown limit `{given}`: did you mean `{close[0]}`?"
    return f"unknown limit `{given}`: the known ones are {', '.join(knowledge.limits)}"


def _bounds(local: NarrowedLimit, limit: Limit, knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """(bound, what is wrong with it)"""
    warn, stop, hard = local.warn_above, local.stop_above, hard_end(limit)
    assert hard is not None
    widened = warn is not None and limit.warn_above is not None and warn > limit.warn_above
    if stop is not None and limit.stop_above is not None and stop > limit.stop_above:
        yield "stop_above", f"past the hard limit of `{limit.id}`, {_told(limit.stop_above, limit)}"
    if warn is not None and warn > hard:
        yield "warn_above", f"past the hard limit of `{limit.id}`, {_told(hard, limit)}"
    elif widened and not _WORD.search(local.reason or ""):
        own = limit.warn_above
        assert own is not None
        yield "warn_above", f"wider than the {_told(own, limit)} of `{limit.id}`: needs a `reason`"
    if warn is not None and stop is not None and warn > stop:
        yield "warn_above", "above stop_above: the warning would never come"
    for name, bound in (("warn_above", warn), ("stop_above", stop)):
        least = _least(limit, knowledge)
        if bound is not None and least is not None and bound < least:
            yield (
                name,
                (
                    f"below the least dose that is known for `{limit.id}`, {_told(least, limit)}: "
                    "every order would pass it; to offer no dose by a route, use routes_off"
                ),
            )


def _told(value: Decimal, limit: Limit) -> str:
    return f"{value.normalize():f} {limit.metric}"


def _least(limit: Limit, knowledge: Knowledge) -> Decimal | None:
    """The lowest right value: the limit's own lower end, else the lowest regimen that it judges."""
    own = limit.warn_below or limit.ok_min
    if own is not None:
        return own
    lightest = knowledge.parameters["weight-lowest"].value
    found = [
        value
        for regimen in knowledge.regimens.values()
        if set(regimen.routes) & set(limit.routes)
        and (limit.given == "any" or limit.given in regimen.given)
        and (value := _in_metric(regimen, limit.metric, lightest)) is not None
    ]
    return min(found, default=None)


def _in_metric(regimen: Regimen, metric: str, lightest: Decimal) -> Decimal | None:
    """The least that a regimen gives to an adult, in the unit of a limit."""
    dose = next((d for d in (regimen.first_dose, regimen.dose_low, regimen.dose) if d), None)
    rate, minutes = regimen.rate_low or regimen.rate_high, regimen.duration_max_min
    minutes = minutes or regimen.duration_min
    per_kg = regimen.dose_unit == "mg/kg"
    if metric == regimen.rate_unit:
        return rate
    if metric == "mg/h" and rate is not None:
        return rate * lightest
    if metric == "mg/kg/h" and per_kg and dose is not None and minutes:
        return dose * _MINUTES / minutes
    if metric == "mg/d" and dose is not None:
        return dose * lightest if per_kg else dose
    return dose if metric == regimen.dose_unit else None
