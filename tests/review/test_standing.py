"""What signatures are worth on a day, and what of a fact they are of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from cds.knowledge.load import Knowledge
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.review.content import digest
from cds.knowledge.review.ledger import Ledger, Signature, standing
from tests.rows import check_each, read_table

ROWS = read_table(Path(__file__).with_name("standing.yaml"))
FACT = Parameter(id="example", value=Decimal(5), unit="d", meaning="x", status="seen")
BEFORE = FACT.model_copy(update={"value": Decimal(4)})


def test_a_signature_is_worth_what_the_table_says() -> None:
    check_each(ROWS, _as_told, name=lambda row: row["name"])


def _as_told(row: dict[str, Any]) -> None:
    fact = FACT.model_copy(update={"next_review": row.get("fact_next_review")})
    ledger = Ledger(tuple(map(_signature, row["signed"])))
    found = standing("parameters", fact, ledger, row.get("day", date(2026, 12, 1)))
    assert found.state == row["state"]
    assert found.words == row.get("words", found.words)


def _signature(signed: dict[str, Any]) -> Signature:
    return Signature(
        fact=signed.get("fact", "parameters/example"),
        digest=digest("parameters", BEFORE if signed["of"] == "before" else FACT),
        reviewed_by=signed["by"],
        role=signed["role"],
        reviewed_on=signed["date"],
        decision=signed.get("decision", "accepted"),
        remark=signed.get("remark"),
        next_review=signed.get("next"),
    )


SIGNED: dict[str, tuple[dict[str, Any], bool]] = {
    # what is written otherwise: whether the fact is another one for it
    "a value": ({"value": "6"}, True),
    "the same value": ({"value": "5.0"}, False),
    "a unit": ({"unit": "wk"}, True),
    "words of it": ({"meaning": "y"}, True),
    "a source": ({"sources": "DESIGN"}, True),
    "a row of evidence": ({"basis": "local:example"}, True),
    "its status": ({"status": "recalled"}, True),
    "what of it was not read": ({"unverified": "the unit"}, True),
    "its grade": ({"grade": "B"}, True),
    "the day from which it holds": ({"effective": "2026-01-01"}, True),
    "its last day": ({"until": "2026-12-31"}, True),
    "what it replaces": ({"supersedes": "older"}, True),
    "a default, written out": ({"supersedes": []}, False),
    "its note": ({"note": "see also y"}, False),
    "its next review": ({"next_review": "2027-01-01"}, False),
}


def test_what_is_signed_of_a_fact() -> None:
    written = {"id": "example", "value": "5", "unit": "d", "meaning": "x", "status": "seen"}

    def check(row: tuple[str, tuple[dict[str, Any], bool]]) -> None:
        _, (change, another) = row
        changed = Parameter.model_validate(written | change)
        assert (digest("parameters", changed) != digest("parameters", FACT)) is another

    check_each(SIGNED.items(), check, name=lambda row: row[0])


def test_a_rule_is_signed_with_all_that_it_asks(knowledge: Knowledge) -> None:
    limit = knowledge.limits["iv_bolus_analgesic"]
    said = limit.model_dump(mode="json", exclude_none=True)
    assert digest("limits", Limit.model_validate(said)) == digest("limits", limit)
    said["when"]["all"][0]["situation"]["treatment"] = False
    assert digest("limits", Limit.model_validate(said)) != digest("limits", limit)
    del said["when"]["all"][0]["situation"]["treatment"]
    assert digest("limits", Limit.model_validate(said)) != digest("limits", limit)


def test_the_same_questions_asked_otherwise_are_another_rule(knowledge: Knowledge) -> None:
    limit = knowledge.limits["iv_bolus_analgesic"]
    said = limit.model_dump(mode="json", exclude_none=True)
    asked = said["when"].pop("all")
    digests = {
        digest("limits", Limit.model_validate(said | {"when": {joint: asked}}))
        for joint in ("all", "any", "none")
    }
    assert len(digests) == 3


def test_facts_of_two_subjects_are_two() -> None:
    assert digest("parameters", FACT) != digest("limits", FACT)


def test_no_two_facts_have_one_digest(knowledge: Knowledge) -> None:
    digests = [digest(subject, fact) for subject, fact in knowledge.facts()]
    assert len(set(digests)) == len(digests)


def test_a_site_s_own_signatures_stand_before_those_of_a_release() -> None:
    def of(fact: str, by: str) -> Signature:
        signed = {"by": by, "role": "committee", "date": date(2026, 11, 3), "of": "now"}
        return _signature(signed | {"fact": fact})

    site = Ledger((of("limits/a", "hospital"),))
    release = Ledger((of("limits/a", "project"), of("limits/b", "project")))
    both = site.over(release)
    assert [s.reviewed_by for s in both.of("limits", "a")] == ["hospital"]
    assert [s.reviewed_by for s in both.of("limits", "b")] == ["project"]
