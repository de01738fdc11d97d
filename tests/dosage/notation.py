"""Words read, in the short notation of `words.yaml`."""

from __future__ import annotations

from cds.dosage.model import Amount, Span, Step, Take, Words


def in_notation(words: Words) -> str:
    """`1 {tablet} x 2 for 7 d then 2 {tablet} x 2`; `?` where the amount is not written."""
    return " then ".join(map(_step, words.steps))


def _step(step: Step) -> str:
    said = " + ".join(map(_take, step.takes))
    if step.days is not None:
        said += f" for {step.days} d"
    if step.until is not None or step.until_unread:
        said += f" until {step.until or '?'}"
    if step.max_per_day is not None:
        said += f" max {_amount(step.max_per_day)}"
    if step.max_times_per_day is not None:
        said += f" max {step.max_times_per_day} times"
    return said


def _take(take: Take) -> str:
    said = _amount(take.amount) if take.amount else "?"
    if take.mass is not None:
        kind = {True: " in all", False: " each", None: ""}[take.mass_is_total]
        said += f" ({_amount(take.mass)}{kind})"
    said += f" x {_span(take.per_day) if take.per_day else '?'}"
    return said + " as needed" if take.as_needed else said


def _amount(amount: Amount) -> str:
    return f"{_span(amount.span)} {amount.unit}"


def _span(span: Span) -> str:
    return str(span.low) if span.low == span.high else f"{span.low}-{span.high}"
