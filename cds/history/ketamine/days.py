"""One session out of the several resources that it left behind.

What was recorded for one drug on one day is one session: the administration, the billed procedure,
the dispense. Several administrations of that day (a bolus and an infusion, a change of rate) add
up, as long as their routes do not differ; two routes are two sessions. A dispense shortly before a
recorded session is the supply for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from cds.history.model.patient_state import KetamineSession
from cds.units import Quantity, UnitError


def one_per_day(given: Iterable[KetamineSession]) -> list[KetamineSession]:
    """What was recorded of one drug on one day, as one session per route."""
    days: dict[tuple[object, ...], list[KetamineSession]] = {}
    for session in sorted(given, key=lambda s: s.source):
        # without a date nothing can be told to be the same session
        key = (session.drug, session.when or session.source)
        days.setdefault(key, []).append(session)
    return [session for group in days.values() for session in _by_route(group)]


def _by_route(group: list[KetamineSession]) -> Iterator[KetamineSession]:
    routes = sorted({s.route for s in group if s.route not in ("unknown", "injectable")})
    vague = [s for s in group if s.route not in routes]
    if not routes:
        yield _united(vague, vague[0].route)
        return
    for position, route in enumerate(routes):
        same = [s for s in group if s.route == route]
        yield _united(same + vague if position == 0 else same, route)


def _united(group: list[KetamineSession], route: str) -> KetamineSession:
    """One session: administrations tell its dose and duration, the rest stand as its sources."""
    administrations = [s for s in group if s.kind == "administration"]
    told = administrations or group
    return replace(
        told[0],
        route=route,
        dose=_sum([s.dose for s in told]),
        duration_min=_longest([s.duration_min for s in told]),
        end=max((s.end for s in group if s.end is not None), default=None),
        in_progress=any(s.in_progress for s in group),
        source=tuple(sorted({ref for s in group for ref in s.source})),
    )


def _sum(doses: list[Quantity | None]) -> Quantity | None:
    """The doses together; None when one of them is not known."""
    known = [dose for dose in doses if dose is not None]
    if not known or len(known) < len(doses):
        return None
    try:
        return Quantity(
            sum((dose.to(known[0].unit).value for dose in known), Decimal(0)), known[0].unit
        )
    except UnitError:
        return None


def _longest(durations: list[Decimal | None]) -> Decimal | None:
    return max((d for d in durations if d is not None), default=None)


def with_supplies(
    given: list[KetamineSession], supplies: list[KetamineSession], window: timedelta
) -> list[KetamineSession]:
    """Sessions with the dispenses that supplied them, and dispenses that stand for themselves."""
    sources: dict[int, set[str]] = {}
    alone = []
    for supply in supplies:
        served = [
            (session.when, index)
            for index, session in enumerate(given)
            if session.drug == supply.drug
            and session.when is not None
            and supply.when is not None
            and timedelta(0) <= session.when - supply.when <= window
        ]
        if served:
            sources.setdefault(min(served)[1], set()).update(supply.source)
        else:
            alone.append(supply)
    with_sources = [
        replace(session, source=tuple(sorted({*session.source, *sources.get(index, ())})))
        for index, session in enumerate(given)
    ]
    return [*with_sources, *one_per_day(alone)]
