"""Numbers with their unit, and the rules of limits: what does not fit is refused on loading."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds.knowledge.load import Knowledge, KnowledgeError, validated
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.order_checks import AnyOrderCheck, ConcentrationMismatch, ImDoseByIv
from cds.knowledge.model.predicates.combined import parts_of
from cds.knowledge.model.predicates.facts import OnRecordFor

CHECK = {
    "id": "im-dose-by-iv", "name": "x", "severity": "critical", "status": "seen",
    "above": "4.5 mg/kg",
}  # fmt: skip
LIMIT = {
    "id": "new", "name": "x", "status": "seen", "routes": ["oral"], "given": "any",
    "metric": "mg/kg", "when": {"situation": {"treatment": "true"}},
}  # fmt: skip


def checked(entry: dict[str, Any]) -> Any:
    (fact,) = validated("file.yaml", [entry], AnyOrderCheck)
    return fact


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"above": "4.5"}, "above: .*has no unit: write `4.5 mg/kg`"),
        ({"above": "4.5 mg/h"}, "above: .*'mg/h' cannot be read as 'mg/kg'"),
        ({"above": "much mg/kg"}, "above: .*is no number"),
        ({"above": "4.5 lumps"}, "above: .*unknown unit"),
        ({"abov": "4.5 mg/kg"}, "abov: Extra inputs"),
        ({"id": "im-dose-by-vein"}, "does not match any of the expected tags"),
        ({"severity": "grave"}, "severity: Input should be"),
    ],
)
def test_a_number_of_a_check_is_refused_where_it_does_not_fit(
    changed: dict[str, str], why: str
) -> None:
    with pytest.raises(KnowledgeError, match=rf"file\.yaml: im-dose-by.*{why}"):
        checked(CHECK | changed)


def test_a_missing_number_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="above: Field required"):
        checked({name: value for name, value in CHECK.items() if name != "above"})


@pytest.mark.parametrize(
    ("written", "value"),
    [("4.5 mg/kg", "4.5"), ("0.0045 g/kg", "4.5"), ("4500 mcg/kg", "4.5")],
)
def test_a_number_is_kept_in_the_unit_of_its_field(written: str, value: str) -> None:
    assert checked(CHECK | {"above": written}).above == Decimal(value)


def test_a_share_is_written_in_percent(knowledge: Knowledge) -> None:
    check = knowledge.the(ConcentrationMismatch)
    assert (check.tolerance, check.critical_from) == (Decimal("0.05"), Decimal("0.25"))
    assert check.model_dump(mode="json")["tolerance"] == "5 %"


def test_what_is_shown_of_a_check_can_be_loaded_again(knowledge: Knowledge) -> None:
    for check in knowledge.order_checks.values():
        assert checked(check.model_dump(mode="json", exclude_none=True)) == check
    assert knowledge.the(ImDoseByIv).model_dump(mode="json")["above"] == "4.5 mg/kg"


@pytest.mark.parametrize(
    "when",
    [
        {"situation": {"famlies": "seizure"}},
        {"situation": {"families": "seizures"}},
        {"situation": {"settings": "ward"}},
        {"situation": {"uses": "surgery"}},
        {"situatoin": {"treatment": "true"}},
        {"situation": {}, "none": []},
    ],
    ids=str,
)
def test_a_rule_of_a_limit_is_refused_where_it_is_misspelt(when: dict[str, Any]) -> None:
    with pytest.raises(KnowledgeError, match=r"file\.yaml: new: when"):
        list(validated("file.yaml", [LIMIT | {"when": when}], Limit))


def test_a_route_of_a_limit_is_refused_where_it_is_misspelt() -> None:
    with pytest.raises(KnowledgeError, match=r"file\.yaml: new: routes"):
        list(validated("file.yaml", [LIMIT | {"routes": ["iv"]}], Limit))


def test_every_role_is_filled_once(knowledge: Knowledge) -> None:
    roles = [role for limit in knowledge.limits.values() for role in limit.roles]
    assert len(roles) == len(set(roles)) == 6
    usual = [r.role for r in knowledge.regimens.values() if r.role is not None]
    assert len(usual) == len(set(usual)) == 3


INDICATION = {
    "id": "new", "name": "x", "short": "x", "family": "pain", "stance": "weak", "effect": "x",
    "counter": "x", "next_step": "x", "status": "seen",
}  # fmt: skip
DIAGNOSED = {"condition": {"sets": "fibromyalgia"}}
FOR_LONG = {"on_record_for": {"months": "3"}}


@pytest.mark.parametrize(
    "when",
    [
        FOR_LONG,
        {"all": [{"judgement": {}}, {"any": [FOR_LONG]}]},
        {"none": [FOR_LONG]},
        {"at_least": {"number": "1", "of": [FOR_LONG]}},
        {"together": {"within_days": "9", "of": [FOR_LONG]}},
        {"unexplained": {"when": FOR_LONG, "unless": {"judgement": {}}}},
        {"unexplained": {"when": {"judgement": {}}, "unless": FOR_LONG}},
        {"part": {"id": "p", "label": "x", "when": FOR_LONG}},
    ],
    ids=str,
)
def test_how_long_is_asked_of_the_indications_own_diagnoses(when: dict[str, Any]) -> None:
    """However deep it stands; elsewhere it has to say of what."""
    asked = {"id": "c", "label": "x", "when": when}
    applies = {"id": "a", "label": "x", "when": DIAGNOSED}
    whole = INDICATION | {"applies": applies, "criteria": [asked], "trigger_when": [when]}
    (read,) = validated("file.yaml", [whole], Indication)
    assert isinstance(read, Indication)
    found = [
        part
        for one in (read.criteria[0], *read.trigger_when)
        for part in parts_of(one)
        if isinstance(part, OnRecordFor)
    ]
    assert [test.of for test in found] == [read.conditions] * 2
    for entry, model in (
        (INDICATION | {"criteria": [asked]}, Indication),
        (LIMIT | {"when": when}, Limit),
    ):
        with pytest.raises(KnowledgeError, match="on_record_for says of what"):
            list(validated("file.yaml", [entry], model))
