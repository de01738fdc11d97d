"""What a response may look like. Each rule holds for a full card, and can fail."""

from __future__ import annotations

from typing import Any

import hooktools
import pytest
from response_rules import violations

from cds.hooks import schema
from cds.hooks.request import HookResponse

DELETE = ...
SUGGESTION = ("suggestions", 0)
ACTION = (*SUGGESTION, "actions", 0)
REMOVAL = ("suggestions", 1, "actions", 0)
REASON = ("overrideReasons", 0)
LINK = ("links", 0)

BROKEN = [
    # requirement, path in the card, what stands there instead
    ("CARD-1", ("uuid",), "not-a-uuid"),
    ("CARD-1", ("uuid",), DELETE),
    ("CARD-2", ("summary",), "x" * 140),
    ("CARD-2", ("summary",), DELETE),
    ("CARD-3", ("detail",), 7),
    ("CARD-4", ("indicator",), "hard-stop"),
    ("CARD-5", ("source",), "Ketamine CDS"),
    ("CARD-6", ("suggestions",), {}),
    ("CARD-7", ("selectionBehavior",), DELETE),
    ("CARD-8", ("selectionBehavior",), "all"),
    ("CARD-9", ("overrideReasons",), ["protocol"]),
    ("CARD-10", (*REASON, "display"), DELETE),
    ("CARD-11", ("links",), {}),
    ("CARD-12", ("colour",), "red"),
    ("CARD-12", ("source", "name"), "x"),
    ("CARD-13", ("summary",), "two\nlines"),
    ("CARD-14", (*SUGGESTION, "uuid"), DELETE),
    ("CARD-15", ("detail",), "see <script>alert(1)</script>"),
    ("SRC-1", ("source", "label"), DELETE),
    ("SRC-2", ("source", "url"), "/knowledge"),
    ("SRC-3", ("source", "icon"), "icon.png"),
    ("SRC-4", ("source", "topic"), "ketamine"),
    ("COD-1", (*REASON, "code"), 12),
    ("COD-1", (*REASON, "system"), DELETE),
    ("SUG-1", (*SUGGESTION, "label"), DELETE),
    ("SUG-2", (*SUGGESTION, "uuid"), "1"),
    ("SUG-3", (*SUGGESTION, "isRecommended"), "yes"),
    ("SUG-4", ("suggestions", 1, "isRecommended"), True),
    ("SUG-5", (*SUGGESTION, "actions"), {}),
    ("SUG-6", (*SUGGESTION, "actionSelectionBehavior"), "all"),
    ("ACT-1", (*ACTION, "type"), "patch"),
    ("ACT-2", (*ACTION, "description"), DELETE),
    ("ACT-3", ACTION, {"type": "create", "description": "x"}),
    ("ACT-4", (*ACTION, "resource", "id"), DELETE),
    ("ACT-5", (*REMOVAL, "resource"), "MedicationRequest/rx1"),
    ("ACT-6", (*REMOVAL, "resourceId"), DELETE),
    ("ACT-7", (*REMOVAL, "resourceId"), "rx1"),
    ("ACT-8", (*ACTION, "resource", "subject", "reference"), "Patient/other"),
    ("LNK-1", (*LINK, "label"), DELETE),
    ("LNK-2", (*LINK, "url"), "knowledge"),
    ("LNK-3", (*LINK, "type"), "relative"),
    ("LNK-4", (*LINK, "appContext"), "x"),
    ("LNK-5", (*LINK, "autolaunchable"), "true"),
    ("EXT-1", ("extension",), []),
    ("EXT-2", ("extension",), {"timestamp": "x"}),
    ("HTTP-3", ("detail",), ""),
    ("HTTP-3", ("source", "topic"), None),
]
NOT_IN_THE_SCHEMA = {"ACT-8", "CARD-15"}
"""only the whole context, or the words, can tell"""


def broken(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A response whose card has another value at a path."""
    card = hooktools.card()
    holder: Any = card
    for step in path[:-1]:
        holder = holder[step]
    if value is DELETE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return {"cards": [card]}


def test_a_full_card_breaks_no_rule():
    response = {"cards": [hooktools.card(), hooktools.card()]}
    assert violations(response, "p1") == set()
    assert schema.faults("response", response) == []


@pytest.mark.parametrize(("rule", "path", "value"), BROKEN)
def test_HTTP_3_and_each_rule_of_a_card_can_fail(rule, path, value):
    response = broken(path, value)
    assert rule in violations(response, "p1")
    if rule not in NOT_IN_THE_SCHEMA:
        assert schema.faults("response", response) != []


def test_no_answer_is_valid_and_other_shapes_are_not():
    assert violations({"cards": []}) == set()
    assert violations([]) == violations({}) == violations({"cards": None}) == {"CALL-1"}


def test_RESP_1_system_actions_are_actions():
    assert "RESP-1" in violations({"cards": [], "systemActions": {}})
    assert "RESP-1" in violations({"cards": [], "systemActions": ["delete"]})


def test_RESP_2_no_other_member():
    assert violations({"cards": [], "card": 1}) == {"RESP-2"}


def test_EXT_1_extension_is_an_object():
    assert "EXT-1" in violations({"cards": [], "extension": [1]})


def test_EXT_2_extension_names_are_unique_worldwide():
    assert "EXT-2" in violations({"cards": [], "extension": {"note": 1}})


def test_CARD_1_and_SUG_2_no_uuid_is_given_twice():
    card = hooktools.card()
    assert {"CARD-1", "SUG-2"} <= violations({"cards": [card, card]})


def test_nothing_empty_leaves_the_service():
    assert HookResponse().json() == {"cards": []}
    client = hooktools.app(lambda request: HookResponse()).test_client()
    answer = client.post(hooktools.SERVICES["order-select"], json=hooktools.request())
    assert answer.get_json() == {"cards": []}
    assert answer.headers["Cache-Control"] == "no-store"
