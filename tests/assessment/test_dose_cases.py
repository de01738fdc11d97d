"""The rows of `dose_cases.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from order_cases import case, offering
from test_dose import OFFERED, met

from cds.assessment.case import Case
from cds.assessment.dose import propose
from cds.assessment.model import Candidacy, Criterion, DoseProposal, Finding
from cds.assessment.order_check.situation import Situation
from cds.history.model.unread import UnreadEntry
from cds.knowledge.load import Knowledge
from cds.knowledge.model.regimens import Regimen
from cds.units import Quantity, plain, written
from tests.replaced import replace
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).with_name("dose_cases.yaml"))
ORDERS = {"esketamine by the US label": {"order": "", "product": "esketamine device"}}


@pytest.mark.parametrize("part", TABLE)
def test_doses(part: str) -> None:
    ordered = ORDERS.get(part, {"order": "IV"})
    check_each([ordered | row for row in TABLE[part]], check, name=lambda row: str(row["name"]))


def check(row: Mapping[str, Any]) -> None:
    judged = tuple(map(candidacy, row.get("judged", [{"row": "psy:trd-unipolar"}])))
    found = tuple(Finding(**{"basis": ()} | finding) for finding in row.get("found", ()))
    proposals = propose(Situation.of(case_of(row)), judged, found)
    expected = row["doses"] if "doses" in row else [row["dose"]]
    assert [said(dose, wanted) for dose, wanted in zip(proposals, expected, strict=False)] == (
        expected
    )
    assert len(proposals) == len(expected), [dose.regimen for dose in proposals]


def candidacy(told: Mapping[str, Any]) -> Candidacy:
    criteria = tuple(Criterion(**{"id": "", "basis": ()} | c) for c in told.get("criteria", ()))
    fields = {key: tuple(told[key]) for key in ("basis", "source") if key in told}
    rest = {key: told[key] for key in told.keys() - {"row"}}
    return met(told["row"], **rest | fields | {"criteria": criteria})


def case_of(row: Mapping[str, Any]) -> Case:
    drug = "esketamine" if "esketamine" in row.get("product", "") else "ketamine"
    past = [{"drug": drug} | session for session in row.get("past", ())]
    made = case({**row, "past": past}, knowing(row.get("knows", {})))
    unread = tuple(UnreadEntry(kind, "x", "", "", ()) for kind in row.get("unread", ()))
    unseen = dict.fromkeys(row.get("unseen", ()), "not answered")
    answered = made.history.answered | frozenset(row.get("answered", ()))
    history = replace(made.history, unread_entries=unread, unavailable=unseen, answered=answered)
    return replace(made, history=history)


def knowing(changes: Mapping[str, Mapping[str, Any]]) -> Knowledge:
    """The knowledge with other numbers of some regimens."""
    known = offering(*OFFERED.regimens, *changes)
    changed = {
        ident: Regimen.model_validate(known.regimens[ident].model_dump() | dict(fields))
        for ident, fields in changes.items()
    }
    return replace(known, regimens=OFFERED.regimens | changed)


def said(dose: DoseProposal, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a row asks for, in its words."""
    return {field: value(dose, field, expected) for field, expected in wanted.items()}


def value(dose: DoseProposal, field: str, expected: Any) -> Any:
    if field == "why_has":
        return expected if expected in (dose.why_not or "") else dose.why_not
    found = getattr(dose, field)
    if isinstance(found, Decimal) and expected is not None:
        return expected if plain(found) == str(expected) else plain(found)
    if isinstance(found, Quantity):
        return written(found)
    return list(found) if isinstance(found, tuple) else found
