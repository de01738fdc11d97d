"""The rules for a response that a schema can't hold: what CDS Hooks asks of cards as a whole.

`violations` names each broken requirement by its id (docs/conformance.md). Any test that has a
response may call it; `test_responses.py` shows that each rule can fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

RAW_HTML = re.compile(
    r"<\s*/?\s*(title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)\b", re.IGNORECASE
)
CARD = {
    "uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior",
    "overrideReasons", "links", "extension",
}  # fmt: skip
MEMBERS = {
    "source": {"label", "url", "icon", "topic", "extension"},
    "suggestion": {"label", "uuid", "isRecommended", "actions", "extension"},
    "action": {"type", "description", "resource", "resourceId", "extension"},
    "link": {"label", "url", "type", "appContext", "autolaunchable", "extension"},
    "coding": {"code", "system", "display", "extension"},
}
REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}\Z")
ABSOLUTE = re.compile(r"https?://[^/\s]+")


def violations(response: Any, patient_id: str | None = None) -> set[str]:
    """Ids of the requirements that a response breaks. `patient_id`: the patient in context."""
    return set(_response(response, patient_id))


def duplicate_members(text: bytes) -> bool:
    """Whether an object in a JSON text names a member twice (HTTP-5)."""

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in members]
        if len(names) != len(set(names)):
            raise ValueError("twice")
        return dict(members)

    try:
        json.loads(text, object_pairs_hook=pairs)
    except ValueError:
        return True
    return False


def _response(response: Any, patient_id: str | None) -> Iterator[str]:
    if not isinstance(response, dict) or not isinstance(response.get("cards"), list):
        yield "CALL-1"
        return
    if set(response) - {"cards", "systemActions", "extension"}:
        yield "RESP-2"
    actions = response.get("systemActions", [{"type": "create"}])
    if not isinstance(actions, list) or not all(
        isinstance(a, dict) and "type" in a for a in actions
    ):
        yield "RESP-1"
    yield from _extension(response)
    if _null_or_empty(response, allowed=("cards",)):
        yield "HTTP-3"
    seen: list[str] = []
    for card in response["cards"]:
        yield from _card(card, seen, patient_id)
    for name, rule in (("card:", "CARD-1"), ("suggestion:", "SUG-2")):
        ids = [ident for ident in seen if ident.startswith(name)]
        if len(ids) != len(set(ids)):
            yield rule


def _card(card: Any, seen: list[str], patient_id: str | None) -> Iterator[str]:
    if set(card) - CARD:
        yield "CARD-12"
    if not _uuid(card.get("uuid")):
        yield "CARD-1"
    seen.append(f"card:{card.get('uuid')}")
    summary = card.get("summary")
    if not isinstance(summary, str) or not 0 < len(summary) < 140:
        yield "CARD-2"
    elif len(summary.splitlines()) != 1:
        yield "CARD-13"
    if not isinstance(card.get("detail", ""), str):
        yield "CARD-3"
    elif RAW_HTML.search(card.get("detail", "")):
        yield "CARD-15"
    if card.get("indicator") not in ("info", "warning", "critical"):
        yield "CARD-4"
    yield from _extension(card)
    yield from _source(card.get("source"))
    yield from _suggestions(card, seen, patient_id)
    yield from _reasons(card)
    yield from _links(card.get("links", []))


def _source(source: Any) -> Iterator[str]:
    if not isinstance(source, dict):
        yield "CARD-5"
        return
    if set(source) - MEMBERS["source"]:
        yield "CARD-12"
    if not isinstance(source.get("label"), str):
        yield "SRC-1"
    for name, rule in (("url", "SRC-2"), ("icon", "SRC-3")):
        if name in source and not _url(source[name]):
            yield rule
    if "topic" in source:
        if not isinstance(source["topic"], dict):
            yield "SRC-4"
        else:
            yield from _coding(source["topic"])


def _suggestions(card: Any, seen: list[str], patient_id: str | None) -> Iterator[str]:
    suggestions = card.get("suggestions", [])
    if not isinstance(suggestions, list) or not all(isinstance(s, dict) for s in suggestions):
        yield "CARD-6"
        return
    behavior = card.get("selectionBehavior")
    if suggestions and behavior is None:
        yield "CARD-7"
    if behavior is not None and behavior not in ("at-most-one", "any"):
        yield "CARD-8"
    if (suggestions or card.get("overrideReasons")) and "uuid" not in card:
        yield "CARD-14"
    for suggestion in suggestions:
        seen.append(f"suggestion:{suggestion.get('uuid')}")
        yield from _suggestion(suggestion, patient_id)
    recommended = [s for s in suggestions if s.get("isRecommended") is True]
    if behavior == "at-most-one" and len(recommended) > 1:
        yield "SUG-4"


def _suggestion(suggestion: Any, patient_id: str | None) -> Iterator[str]:
    if "actionSelectionBehavior" in suggestion:
        yield "SUG-6"
    elif set(suggestion) - MEMBERS["suggestion"]:
        yield "CARD-12"
    if not isinstance(suggestion.get("label"), str):
        yield "SUG-1"
    if "uuid" not in suggestion:
        yield "CARD-14"
    elif not _uuid(suggestion["uuid"]):
        yield "SUG-2"
    if not isinstance(suggestion.get("isRecommended", False), bool):
        yield "SUG-3"
    actions = suggestion.get("actions", [])
    if not isinstance(actions, list) or not all(isinstance(a, dict) for a in actions):
        yield "SUG-5"
        return
    for action in actions:
        yield from _action(action, patient_id)


def _action(action: Any, patient_id: str | None) -> Iterator[str]:
    if set(action) - MEMBERS["action"]:
        yield "CARD-12"
    kind, resource = action.get("type"), action.get("resource")
    if kind not in ("create", "update", "delete"):
        yield "ACT-1"
    if not isinstance(action.get("description"), str):
        yield "ACT-2"
    is_resource = isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)
    if kind == "create" and not is_resource:
        yield "ACT-3"
    if kind == "update" and not (is_resource and resource.get("id")):
        yield "ACT-4"
    if kind == "delete" and resource is not None:
        yield "ACT-5"
    if kind == "delete" and "resourceId" not in action:
        yield "ACT-6"
    if "resourceId" in action and not REFERENCE.match(str(action["resourceId"])):
        yield "ACT-7"
    if is_resource and patient_id is not None:
        holder = resource.get("subject") or resource.get("patient") or resource.get("for") or {}
        if holder.get("reference", f"Patient/{patient_id}") != f"Patient/{patient_id}":
            yield "ACT-8"


def _reasons(card: Any) -> Iterator[str]:
    reasons = card.get("overrideReasons", [])
    if not isinstance(reasons, list) or not all(isinstance(reason, dict) for reason in reasons):
        yield "CARD-9"
        return
    for reason in reasons:
        yield from _coding(reason)
        if not reason.get("display"):
            yield "CARD-10"


def _links(links: Any) -> Iterator[str]:
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        yield "CARD-11"
        return
    for link in links:
        if set(link) - MEMBERS["link"]:
            yield "CARD-12"
        if not isinstance(link.get("label"), str):
            yield "LNK-1"
        if not _url(link.get("url")):
            yield "LNK-2"
        if link.get("type") not in ("absolute", "smart"):
            yield "LNK-3"
        if "appContext" in link and (
            link["type"] != "smart" or not isinstance(link["appContext"], str)
        ):
            yield "LNK-4"
        if not isinstance(link.get("autolaunchable", False), bool):
            yield "LNK-5"


def _coding(coding: Any) -> Iterator[str]:
    if set(coding) - MEMBERS["coding"]:
        yield "CARD-12"
    texts = [coding.get("code"), coding.get("system"), coding.get("display", "")]
    if not all(isinstance(text, str) for text in texts):
        yield "COD-1"


def _extension(holder: Any) -> Iterator[str]:
    extension = holder.get("extension")
    if extension is None:
        return
    if not isinstance(extension, dict):
        yield "EXT-1"
    elif not all("." in name for name in extension):
        yield "EXT-2"


def _null_or_empty(value: Any, allowed: tuple[str, ...] = ()) -> bool:
    if value is None or value in ("", [], {}):
        return True
    if isinstance(value, dict):
        return any(
            _null_or_empty(member) for name, member in value.items()
            if not (name in allowed and member == [])
        )  # fmt: skip
    return isinstance(value, list) and any(map(_null_or_empty, value))


def _uuid(value: Any) -> bool:
    try:
        return str(UUID(str(value))) == str(value).lower().removeprefix("urn:uuid:")
    except ValueError:
        return False


def _url(value: Any) -> bool:
    return isinstance(value, str) and ABSOLUTE.match(value) is not None
