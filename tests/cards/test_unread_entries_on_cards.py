"""An allergy, diagnosis or procedure that was not understood is named on the card, once."""

from __future__ import annotations

from typing import Any

import pytest
from test_unread_on_cards import DAY, ENGINE, LOCAL, ORDER, ZOLMEX, answer, text

from cds.api import assess, read_chart
from tests.charts.fhir import ICD10CM, concept, condition, on_the_wire


def allergy(substance: dict[str, Any], ident: str = "a", **fields: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "id": ident, "code": substance} | fields


def problem(code: dict[str, Any], ident: str = "x", **fields: Any) -> dict[str, Any]:
    return condition(code, ident, **fields)


def procedure(code: dict[str, Any], ident: str = "p", **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Procedure", "id": ident, "status": "completed", "code": code,
    } | fields  # fmt: skip


UNREAD = {
    "a misspelt substance": (allergy({"text": "Ketalr"}), "“Ketalr” in the allergy list"),
    "a local name": (allergy(concept(LOCAL, "4711", "K-drug")), "“K-drug” (4711) in the allergy"),
    "a local code": (allergy(concept(LOCAL, "4711")), "code 4711 in the allergy"),
    "no substance": (allergy({}), "an entry without a name in the allergy list"),
    "an anesthetic": (allergy({"text": "anesthesia"}), "“anesthesia” in the allergy list"),
    "beside a known one": (
        allergy({"text": "Penicillin, Ketalr"}), "“Penicillin, Ketalr” in the allergy list",
    ),
    "a misspelt disease": (
        problem({"text": "Szchizophrenia"}), "“Szchizophrenia” in the problem list",
    ),
    "a foreign disease": (
        problem({"text": "Anfallsleiden"}), "“Anfallsleiden” in the problem list",
    ),
    "a local disease": (
        problem(concept(LOCAL, "12", "Dx 12")), "“Dx 12” (12) in the problem list",
    ),
    "a code that says nothing": (
        problem(concept(ICD10CM, "R69", text="Hirndruckkrise")),
        "“Hirndruckkrise” (R69) in the problem list",
    ),
    "a resolved one": (
        problem({"text": "Anfallsleiden"}, status="resolved"),
        "“Anfallsleiden” in the problem list",
    ),
    "a foreign procedure": (
        procedure({"text": "Bauchaortenprothese"}), "“Bauchaortenprothese” in the procedure list",
    ),
    "a local procedure": (procedure(concept(LOCAL, "88")), "code 88 in the procedure"),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "line"), UNREAD.values(), ids=UNREAD)
def test_an_entry_is_named_once(entry: dict[str, Any], line: str) -> None:
    found = answer(entry)
    said = text(found)
    assert said.count(f"Not recognised: {line}") == 1
    assert said.count("Not recognised") == 1
    assert "contraindications not excluded" in said
    (row,) = found.report()["unread"]
    kinds = {"Condition": "condition", "Procedure": "procedure", "AllergyIntolerance": "allergy"}
    assert row["resource"] == f"{entry['resourceType']}/{entry['id']}"
    assert row["kind"] == kinds[entry["resourceType"]]
    assert "contraindications" in row["touches"]
    assert "critical" not in {card.indicator for card in found.cards}


REFUTED = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
NOTHING_TO_SAY = {
    "another drug": allergy({"text": "Penicillin - rash"}),
    "a class": allergy({"text": "sulfa drugs"}),
    "a food": allergy({"text": "Peanuts"}),
    "none": allergy({"text": "NKDA"}),
    "an allergy that is over": allergy({"text": "Ketalr"}, clinicalStatus={"text": "resolved"}),
    "a refuted allergy": allergy({"text": "Ketalr"}, **REFUTED),
    "ketamine": allergy({"text": "ketamine"}),
    "another disease": problem({"text": "GERD"}),
    "another code": problem(concept(ICD10CM, "K21.9", text="Refluxkrankheit")),
    "a denied disease": problem({"text": "no szchizophrenia"}),
    "somebody else's": problem({"text": "mother with szchizophrenia"}),
    "a refuted disease": problem({"text": "Szchizophrenia"}, **REFUTED),
    "a later disease": problem({"text": "Szchizophrenia"}, onsetDateTime="2027-01-01"),
    "another procedure": procedure({"text": "Lap chole"}),
    "one that was not done": procedure({"text": "Hirn-OP"}, status="not-done"),
    "one of ketamine": procedure({"text": "Ketamine infusion, zolk protocol"}),
}


@pytest.mark.parametrize("entry", NOTHING_TO_SAY.values(), ids=NOTHING_TO_SAY)
def test_an_entry_of_no_relevance_is_not_mentioned(entry: dict[str, Any]) -> None:
    found = answer(entry)
    assert "Not recognised" not in text(found)
    assert found.report()["unread"] == []


def test_all_lists_are_one_line() -> None:
    found = answer(
        ZOLMEX, allergy({"text": "Ketalr"}), problem({"text": "Anfallsleiden"}),
        problem({"text": "ANFALLSLEIDEN"}, "y"), procedure({"text": "Hirn-OP"}),
    )  # fmt: skip
    said = text(found)
    assert (
        "Not recognised: “Zolmex 40” (44812) in the medication list; “Ketalr” in the allergy list; "
        "“Anfallsleiden” in the problem list; “Hirn-OP” in the procedure list; interactions and "
        "opioid and benzodiazepine totals unknown; contraindications not excluded"
    ) in said
    named = {row["resource"] for row in found.report()["unread"]}
    assert {"Condition/x", "Condition/y"} <= named


@pytest.mark.parametrize("count", [1, 2, 3, 60])
def test_each_of_many_entries_is_named(count: int) -> None:
    """The summary has room for two; what could be a reason against treatment is never a number."""
    found = answer(*(problem({"text": f"Zolk {'x' * n}"}, f"z{n}") for n in range(1, count + 1)))
    said = text(found)
    assert all(f"“Zolk {'x' * n}”" in said for n in range(1, count + 1))
    assert len(found.report()["unread"]) == count


def test_a_name_of_an_entry_is_no_markup() -> None:
    chart = [allergy({"text": f"[Ketalr](http://x.org) **y{n}** <b>z</b>"}, f"a{n}") for n in "123"]
    details = "\n".join(card.detail for card in answer(*chart).cards)
    assert "Not recognised" in details
    for mark in ("[Ketalr]", "**y1**", "http://x", "<b>"):
        assert mark not in details


def test_it_is_named_whatever_the_order_is_for() -> None:
    chart = read_chart(
        ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, allergy({"text": "Ketalr"})])
    )
    sedation = ORDER | {"reasonCode": [{"text": "procedural sedation"}]}
    for draft in (ORDER, sedation, ORDER | {"medicationCodeableConcept": {"text": "Spravato"}}):
        found = assess(ENGINE, chart, DAY, [on_the_wire(draft)])
        assert "“Ketalr” in the allergy list" in text(found), draft
