"""Signs of current suicidality on a record. A sign asks for an assessment; none proves safety."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from cds.assessment.case import Case
from cds.chart.entries import Condition, Result

SignKind = Literal["item9", "cssrs", "ideation", "attempt"]

_POSITIVE = frozenset({"positive", "yes"})


class Sign(Struct, frozen=True):
    """One sign, with the day it is known from."""

    kind: SignKind
    text: str
    when: date | None
    source: tuple[str, ...]


def signs(case: Case) -> tuple[Sign, ...]:
    """Every sign that counts as current, by kind."""
    found = (*_scores(case), *_ideation(case), *_attempts(case))
    seen = {sign.kind for sign in found}
    return (*found, *(sign for sign in _reason(case) if sign.kind not in seen))


def _reason(case: Case) -> tuple[Sign, ...]:
    """Suicidality as what the order is for."""
    order = case.order
    if order is None:
        return ()
    named: tuple[tuple[str, SignKind, str], ...] = (
        ("suicide_attempt_or_self_harm", "attempt", "a suicide attempt or self-harm"),
        ("suicidal_ideation", "ideation", "suicidal ideation"),
    )
    return tuple(
        Sign(kind, f"the order's reason is {words}", case.as_of, (order.ref,))
        for name, kind, words in named
        if name in order.reason_sets
    )


def _scores(case: Case) -> tuple[Sign, ...]:
    window = int(case.knowledge.parameters["suicidality-score-days"].value)
    threshold = case.knowledge.parameters["suicidality-item9"].value
    found = []
    item9 = case.history.latest("phq9_item9", within_days=window)
    if item9 is not None and item9.value is not None and item9.value >= threshold:
        text = f"PHQ-9 item 9 was {item9.value} on {item9.when}"
        found.append(Sign("item9", text, item9.when, item9.source))
    screen = case.history.latest("cssrs", within_days=window)
    if screen is not None and _is_positive(screen):
        text = f"C-SSRS positive on {screen.when}"
        found.append(Sign("cssrs", text, screen.when, screen.source))
    return tuple(found)


def _is_positive(screen: Result) -> bool:
    if screen.concept:
        return bool(screen.concept & _POSITIVE)
    return screen.interpretation == "POS" or (screen.value is not None and screen.value > 0)


def _ideation(case: Case) -> tuple[Sign, ...]:
    return tuple(
        Sign("ideation", f"suicidal ideation on record ({_dated(fact)})", fact.when, fact.source)
        for fact in case.history.conditions_in("suicidal_ideation")
        if fact.active is not False
    )


def _attempts(case: Case) -> tuple[Sign, ...]:
    """Attempts are events: a recent one counts even when its entry is closed."""
    window = int(case.knowledge.parameters["recent-attempt-days"].value)
    found = []
    for fact in case.history.conditions_in("suicide_attempt_or_self_harm"):
        undated_but_open = fact.when is None and fact.active is not False
        recent = fact.when is not None and (case.as_of - fact.when).days <= window
        if not fact.history_of and (recent or undated_but_open):
            text = f"suicide attempt or self-harm on record ({_dated(fact)})"
            found.append(Sign("attempt", text, fact.when, fact.source))
    return tuple(found)


def _dated(fact: Condition) -> str:
    when = fact.when.isoformat() if fact.when else "undated"
    return f"{when}, {fact.doubt}" if fact.doubt else when
