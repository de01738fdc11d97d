"""The stop card: whatever must not happen, in one card, most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cards.drafts import Drafts
from cards.instruction import Instruction
from cards.lines import Line, line
from cards.model import Action, Card, Suggestion
from cards.parts import summary_of, told
from cards.said_by import not_said_yet
from cards.unworded import name_of
from cards.words import inert, plain_line, shorten
from cds.assessment.contraindications import CONTRADICTED
from cds.assessment.model import Finding
from cds.assessment.order_check.mistakes import as_corrected
from cds.orders.model import Order

LABEL_LIMIT = 80


def stop_card(findings: Sequence[Finding], drafts: Drafts, orders: Sequence[Order]) -> Card | None:
    """One card for all critical findings, or for what has to be clarified before it is one.

    `orders`: those for ketamine.
    """
    critical = [finding for finding in findings if finding.severity == "critical"]
    if not critical:
        return _clarifying(findings, orders)
    stopping = [finding for finding in findings if finding.stops_dose]
    told_of = not_said_yet(critical)
    if any(finding.kind != "order_error" for finding in critical):
        told_of = [_without_another_dose(finding) for finding in told_of]
    return Card(
        kind="stop",
        summary=summary_of(told_of),
        indicator="critical",
        danger=True,
        lines=(*told(told_of), *_by_hand(stopping, drafts, orders)),
        rules=tuple(finding.id for finding in critical),
        suggestions=tuple(_suggestions(stopping, drafts, [o for o in orders if o.ref in drafts])),
        order=orders[0].ref if orders else None,
    )


def bare_stop(findings: Sequence[Finding], drafts: Drafts, orders: Sequence[Order]) -> Card | None:
    """The stop without its words and corrections, for when these break: a stop is never lost."""
    critical = [finding for finding in findings if finding.severity == "critical"]
    if not critical:
        return None
    names = ", ".join(dict.fromkeys(name_of(finding) for finding in critical))
    about = {finding.order for finding in critical}
    stopped = [o for o in orders if o.ref in drafts and (None in about or o.ref in about)]
    return Card(
        kind="stop",
        summary=shorten(f"Do not give before this is cleared: {names}"),
        indicator="critical",
        danger=True,
        lines=(),
        rules=tuple(finding.id for finding in critical),
        suggestions=(_removal(stopped, "Remove the order"),) if stopped else (),
        order=orders[0].ref if orders else None,
    )


def wordless_stop(
    findings: Sequence[Finding], drafts: Drafts, orders: Sequence[Order]
) -> Card | None:
    """That there is a stop, and nothing else: it takes no help, for when that breaks."""
    rules = tuple(finding.id for finding in findings if finding.severity == "critical")
    if not rules:
        return None
    summary = "Do not give: there is a reason against it that could not be shown. See the chart"
    return Card("stop", summary, "critical", (), rules, danger=True)


def _without_another_dose(finding: Finding) -> Finding:
    """Beside "do not give" no card says which dose was meant: none may be given."""
    params = dict(finding.params)
    if "likely" in params:
        params |= {"likely": [], "meant": None}
    return replace(finding, params=params)


def _clarifying(findings: Sequence[Finding], orders: Sequence[Order]) -> Card | None:
    """A warning that asks, before all others: nothing is sure enough to take the order away."""
    asked = [finding for finding in findings if finding.id == CONTRADICTED]
    if not asked:
        return None
    return Card(
        kind="stop",
        summary=summary_of(asked),
        indicator="warning",
        lines=told(asked),
        danger=True,
        rules=tuple(finding.id for finding in asked),
        order=orders[0].ref if orders else None,
    )


def _suggestions(
    stopping: Sequence[Finding], drafts: Drafts, orders: Sequence[Order]
) -> Iterator[Suggestion]:
    """The one sensible correction, if an order is all that is wrong; or take the order away."""
    critical = [finding for finding in stopping if finding.severity == "critical"]
    if any(finding.order is None for finding in critical):
        if orders:  # the patient is the reason: none of them may be given
            yield _removal(orders, "Remove the orders" if len(orders) > 1 else "Remove the order")
        return
    stopped = [order for order in orders if any(f.order == order.ref for f in critical)]
    corrected = _correction(stopping, drafts, stopped[0]) if len(stopped) == 1 else None
    if corrected is not None:
        yield corrected
    for order in stopped:
        name = f": {plain_line(order.display)}" if len(stopped) > 1 else ""
        only = corrected is None and len(stopped) == 1
        yield _removal([order], shorten(f"Remove the order{name}", LABEL_LIMIT), recommended=only)


def _by_hand(
    stopping: Sequence[Finding], drafts: Drafts, orders: Sequence[Order]
) -> Iterator[Line]:
    """Why a correction is not offered that a note of the order contradicts."""
    for order in orders:
        meant = _meant(stopping, order) if order.ref in drafts else None
        if meant is not None and meant.timed and drafts.update(order.ref, meant, "") is None:
            what = drafts.says_otherwise(order.ref, meant)
            yield line(
                inert(f"Correct the order by hand: {what} says something else than {meant}.")
            )


def _correction(stopping: Sequence[Finding], drafts: Drafts, order: Order) -> Suggestion | None:
    meant = _meant(stopping, order)
    update = None if meant is None else drafts.update(order.ref, meant, "Corrects the draft order")
    if update is None:
        return None
    label = shorten(f"Correct the order: {meant}", LABEL_LIMIT)
    return Suggestion(label, (update,), recommended=True)


def _meant(stopping: Sequence[Finding], order: Order) -> Instruction | None:
    """Where every stop is a mistake of this order, and all of them have the same correction."""
    mistakes_only = all(finding.kind == "order_error" for finding in stopping)
    mine = [finding for finding in stopping if finding.order == order.ref]
    corrections = [finding.correction for finding in mine if finding.correction]
    if not mistakes_only or not corrections or any(c != corrections[0] for c in corrections):
        return None
    return Instruction.of(as_corrected(order, corrections[0]))


def _removal(orders: Sequence[Order], label: str, *, recommended: bool = True) -> Suggestion:
    actions = tuple(
        Action("delete", "Removes the draft order from the session", resource_id=order.ref)
        for order in orders
    )
    return Suggestion(label, actions, recommended=recommended)
