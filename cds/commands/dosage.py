"""`ketamine-cds dosage TEXT`: how a written instruction is read, word by word, and why not."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from fractions import Fraction

import click

from cds.characters import as_seen
from cds.chart.medication.entry import Substance
from cds.chart.medication.substances import Substances
from cds.chart.product import read_named
from cds.commands.terminal import echo
from cds.dosage.model import Amount, Span, Step, Take, Words
from cds.dosage.read import in_words
from cds.dosage.words import explain, read_words
from cds.dosage.words.explain import NOT_UNDERSTOOD
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.phase import Phase
from cds.history.medications.strength import product_of
from cds.terminology.lookup import load_terminology
from cds.units import decimal, plain
from cds.wire import Json, encode

_WIDTH = 34


@click.command()
@click.argument("text")
@click.option(
    "--drug", help='The product, as "sertraline 50 MG Oral Tablet": gives the daily dose.'
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def dosage(text: str, drug: str | None, as_json: bool) -> None:
    """Read a written dosage instruction TEXT as the history does: in full, or not at all."""
    text = as_seen(text)
    substances = _substances(as_seen(drug)) if drug else ()
    names = frozenset[str]().union(*(product_of(substance).names for substance in substances))
    words = read_words(text)
    if not words.complete:
        words = read_words(text, names)
    pieces = explain(text, names)
    doses = _doses(text, substances) if drug else None
    if as_json:
        answer: Json = {
            "complete": words.complete,
            "pieces": [{"text": piece, "read_as": role} for piece, role in pieces],
            "unread": list(words.unread),
            "problem": words.problem,
            "steps": [list(_told(step)) for step in words.steps],
        }
        if doses is not None:
            answer["daily_dose"] = doses
        sys.stdout.buffer.write(encode(answer) + b"\n")
        return
    for piece, role in pieces:
        mark = role.upper() if role == NOT_UNDERSTOOD else role
        echo(f"  {piece:{_WIDTH}} {mark}")
    for line in _summary(words):
        echo(line)
    for line in doses or ():
        echo(f"{drug}: {line}")


def _summary(words: Words) -> Iterator[str]:
    if not words.complete:
        why = words.problem or ", ".join(words.unread) or "nothing is told"
        yield f"not read: {why}"
        return
    for number, step in enumerate(words.steps, 1):
        prefix = f"step {number}: " if len(words.steps) > 1 else ""
        for line in _told(step):
            yield prefix + line


def _told(step: Step) -> Iterator[str]:
    length = f", for {step.days} days" if step.days else ""
    for take in step.takes:
        yield _take(take) + length
    if step.max_per_day is not None:
        yield f"at most {_amount(step.max_per_day)} a day"
    if step.max_times_per_day is not None:
        yield f"at most {_number(step.max_times_per_day)} times a day"


def _take(take: Take) -> str:
    amount = "amount not written" if take.amount is None else _amount(take.amount)
    if take.mass is not None:
        total = {True: " in all", False: " each", None: ""}[take.mass_is_total]
        amount += f" ({_amount(take.mass)}{total})"
    often = "how often is not written" if take.per_day is None else f"{_span(take.per_day)} a day"
    return f"{amount}, {often}{', as needed' if take.as_needed else ''}"


def _amount(amount: Amount) -> str:
    unit = "" if amount.unit == "1" else " " + amount.unit.strip("{}")
    return f"{_span(amount.span)}{unit}"


def _span(span: Span) -> str:
    low, high = _number(span.low), _number(span.high)
    return low if low == high else f"{low} to {high}"


def _number(value: Fraction) -> str:
    whole = value.denominator in (1, 2, 4, 5, 8, 10, 20, 100)
    return plain(decimal(value)) if whole else str(value)


def _substances(drug: str) -> tuple[Substance, ...]:
    terminology = load_terminology()
    found = Substances(terminology).of(read_named(drug, terminology.drug))
    if not found:
        raise click.ClickException(f"the drug {drug!r} is not known")
    return found


def _doses(text: str, substances: Iterable[Substance]) -> list[str]:
    return [
        f"{substance.ingredient} {_phase(phase)}"
        for substance in substances
        for phase in phases_of((in_words(text),), product_of(substance))
    ]


def _phase(phase: Phase) -> str:
    length = f", for {phase.days} days" if phase.days else ""
    notes = f" ({'; '.join(phase.notes)})" if phase.notes else ""
    if phase.as_needed:
        up_to = f"up to {phase.up_to}" if phase.up_to else "how much at most is not told"
        return f"as needed, {up_to}{length}{notes}"
    if phase.low is None:
        return f"dose unknown{length}{notes}"
    ranged = phase.high is not None and phase.high != phase.low
    dose = f"{phase.low} to {phase.high}" if ranged else str(phase.low)
    extra = f", and up to {phase.up_to} as needed" if phase.up_to else ""
    return f"{dose}{extra}{length}{notes}"
