"""What a clinician may answer to a card."""

from __future__ import annotations

import pytest

from cards.model import Card, Sender, override_reasons
from cds.knowledge.load import Knowledge

REPAIRED = "repair-excluded"


@pytest.mark.parametrize(
    ("kind", "rules", "offered"),
    [
        ("stop", ("aneurysm",), True),
        ("stop", ("pregnancy", "aneurysm"), True),
        ("safety", ("aneurysm-repair",), True),
        ("stop", ("arteriovenous-malformation",), False),
        ("stop", ("pregnancy",), False),
        ("safety", (), False),
    ],
)
def test_a_repaired_aneurysm_may_be_answered(
    kind: str, rules: tuple[str, ...], offered: bool
) -> None:
    card = Card(kind, "x", "warning", (), rules)  # type: ignore[arg-type]  # as the table has it
    sent = Sender().json(card)["overrideReasons"]
    codes = [reason["code"] for reason in sent]
    assert (codes[0] == REPAIRED) is offered
    assert codes.count(REPAIRED) == int(offered)
    assert len(codes) >= 3
    assert all(reason["system"] and reason["display"] for reason in sent)


def test_the_findings_that_are_named_exist(knowledge: Knowledge) -> None:
    for ident in knowledge.contraindications:
        override_reasons(Card("stop", "x", "critical", "", (ident,)))
    assert {"aneurysm", "aneurysm-repair"} <= set(knowledge.contraindications)
