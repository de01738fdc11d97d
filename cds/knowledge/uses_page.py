"""The page of uses outside elective treatment, written from the knowledge: `docs/uses.md`.

`make docs` rewrites it; a test keeps it current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from cds.knowledge.indications_page import origin, table
from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.knowledge.model.use_signs import DrugSign, UseSign
from cds.knowledge.model.uses import Use

_REASONS_TO_WAIT = {
    "hold": "hold as in elective treatment",
    "ask": "warn, where they would stop",
    "warn": "a step milder",
    "inform": "facts to know",
}


def uses_page(knowledge: Knowledge) -> str:
    """Every use with what holds in it, and every sign, as Markdown."""
    return "\n".join(_lines(knowledge)) + "\n"


def _lines(knowledge: Knowledge) -> Iterator[str]:
    yield "# What an order of ketamine is for"
    yield ""
    yield "Generated from `cds/knowledge` by `make docs`; do not edit."
    yield ""
    yield (
        "Without a sign of another use an order is elective treatment, where everything holds. "
        "One decisive sign names a use, two strong signs of different kinds do; a reason of "
        "treatment on the order outweighs its words and its place. Signs of both leave the use "
        "unclear: candidacy and dose are silent, what only treatment forbids is asked about, and "
        "one line says what was assumed. In every use an allergy, mistakes of the order and "
        "dangerous combinations are told."
    )
    yield ""
    yield from table(
        (
            "use",
            "candidacy and regimens",
            "reasons to wait",
            "silent",
            "work-up",
            "sources",
            "state",
        ),
        (_use_row(use) for use in knowledge.uses.values()),
    )
    yield from ("", "## Signs", "")
    yield from table(
        ("sign", "weight", "speaks for", "looked for", "sources", "state"),
        (_sign_row(sign, knowledge) for sign in knowledge.use_signs.values()),
    )


def _use_row(use: Use) -> tuple[str, ...]:
    judged = ", ".join(f"`{ident}`" for ident in use.indications) or "none"
    where = "" if use.tells_candidacy or not use.indications else "; not on a card"
    warned = f"; still warned of: {', '.join(use.still_warns)}" if use.still_warns else ""
    return (
        f"**{use.name}**<br>`{use.id}`",
        judged + where,
        _REASONS_TO_WAIT[use.reasons_to_wait] + warned,
        ", ".join(use.silent),
        ", ".join(use.workup),
        *origin(use),
    )


def _sign_row(sign: UseSign, knowledge: Knowledge) -> tuple[str, ...]:
    uses = ", ".join(knowledge.uses[use].name for use in sign.uses) or "elective treatment"
    return (sign.name, sign.weight, uses, "<br>".join(_looked_for(sign)), *origin(sign))


def _looked_for(sign: UseSign) -> Iterator[str]:
    if sign.words:
        yield f"words: {', '.join(sign.words)}"
    if sign.services:
        yield f"services: {', '.join(sign.services)}"
    for drug in sign.drugs:
        yield _drug(drug)
    if sign.reason is not None:
        yield f"reason: {_codes(sign.reason)}"
    if sign.diagnosis is not None:
        yield f"diagnosis of the encounter: {_codes(sign.diagnosis)}"
    for name, values in (
        ("place", sign.places), ("requester", sign.specialties), ("shape", sign.ordered_as)
    ):  # fmt: skip
        if values:
            yield f"{name}: {', '.join(values).replace('_', ' ')}"


def _drug(drug: DrugSign) -> str:
    routes = f", {' or '.join(drug.routes)}" if drug.routes else ""
    words = f", with {' or '.join(drug.words)} or a rate" if drug.words else ""
    record = ", or taken on the day" if drug.on_record else ""
    return f"drugs: {', '.join(drug.names)}{routes}{words}{record}"


def _codes(test: ConditionTest) -> str:
    return ", ".join((*test.sets, *test.icd10cm))


if __name__ == "__main__":
    sys.stdout.write(uses_page(load_knowledge()))
