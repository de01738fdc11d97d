"""Every answer is a valid answer, whatever the chart says and whatever was done to it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from property_charts import (
    DAY,
    DRAFTS,
    SITES,
    Patient,
    Reply,
    draft,
    moved,
    patients,
    replied,
    sound,
    told,
)

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle
from cds.hooks import schema
from cds.wire import decode, encode
from tests.examples import examples
from tests.hooks.response_rules import violations

Json = dict[str, Any]
HOSTILE = [
    "<script>alert('evil')</script>", "<img src=x onerror=evil>", "<!-- evil -->",
    "[evil](https://evil.example/x)", "![evil](https://evil.example/x.png)",
    "https://evil.example/login", "www.evil.example", "<https://evil.example>",
    "evil\n# evil\n\n- evil\n\n    evil", "evil\r\n\r\n| evil | b |\n|---|---|\n| 1 | 2 |",
    "**evil** _evil_ ~~evil~~ `evil`", "```\nevil\n```", "evil\x00\x07\x1b[31m\u202eevil",
    "evil " * 4000, "e\u0301vil" * 300, "&lt;script&gt;evil", "{{7*7}} {% raw %} ${evil}",
    "\\[evil\\]\\(https://evil.example\\)", "evil</details><h1>evil", "evil\u2028evil\u2029evil",
    "Ketamine 500 mg IV: do not\n\n> evil", "evil@evil.example", "ftp://evil.example/x",
]  # fmt: skip
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {
    "paragraph_open", "paragraph_close", "inline", "text", "softbreak", "bullet_list_open",
    "bullet_list_close", "list_item_open", "list_item_close", "strong_open", "strong_close",
    "em_open", "em_close", "text_special",
}  # fmt: skip
"""What the cards' own wording is made of"""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
BARE_LINK = re.compile(r"(?:https?|ftp)://|www\.|[\w.]@\w+\.\w", re.IGNORECASE)


def check(reply: Reply) -> None:
    """The schema, the rules that no schema holds, and FHIR for what is suggested."""
    answer = {"cards": reply.cards}
    assert schema.faults("response", answer) == []
    assert violations(answer, "p1") == set()
    for resource in reply.resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def check_inert(reply: Reply) -> None:
    """Chart text stands on the cards as text: no element, link, image, code or heading of it."""
    for card in reply.cards:
        assert 0 < len(card["summary"]) < 140
        assert not CONTROL.search(card["summary"])
        told_in = [card.get("detail", ""), *(s["label"] for s in card.get("suggestions", ()))]
        for text in told_in:
            assert not CONTROL.search(text.replace("\n", ""))
            for token in MARKDOWN.parse(text):
                for part in [token, *(token.children or ())]:
                    assert part.type in HARMLESS or "evil" not in part.content + str(part.attrs), (
                        part.type,
                        text,
                    )
        for line in card.get("detail", "").splitlines():
            if "evil" in line:
                assert not BARE_LINK.search(line), line
                assert "<" not in line, line


@given(patients(), DRAFTS, SITES, st.sampled_from(["order-select", "order-sign", "patient-view"]))
@examples(60)
def test_every_response_fits_the_schema_and_every_resource_is_fhir(
    patient: Patient, order: Json, site: Any, hook: str
) -> None:
    check(replied(patient.resources, order, site, hook))


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each string in a resource."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from texts(item, (*path, position))
    elif isinstance(value, str) and path[-1:] not in (("resourceType",), ("reference",)):
        yield path


def put(resource: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set the value at a path."""
    for step in path[:-1]:
        resource = resource[step]
    resource[path[-1]] = value


def full() -> Patient:
    """A chart of which nearly everything is told on a card."""
    patient = sound()
    patient.problem("I71.40", "Abdominal aortic aneurysm", 10)
    patient.problem("F20.9", "Schizophrenia", 10)
    patient.drug("lorazepam 1", 100, None)
    patient.drug("theophylline 300", 100, None)
    patient.drug("fluoxetine 20", 600, 590, status="stopped", because="Nausea")
    patient.allergy("6130", "ketamine")
    patient.infusion(20, 35)
    return patient


FREE_TEXT = {"text", "display", "unit", "family", "given", "note", "div"}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: repr(text)[:30])
def test_hostile_words_in_every_text_of_a_chart_stay_words(hostile: str) -> None:
    for patient in (full(), sound()):
        resources, order = deepcopy(patient.resources), draft(route="intravenous")
        for resource in [*resources, order]:
            for path in list(texts(resource)):
                if path[-1] in FREE_TEXT or path[-2:-1] == ("given",):
                    put(resource, path, hostile)
            resource["text"] = {"status": "generated", "div": hostile}
            resource["note"] = [{"text": hostile}]
        for hook in ("order-select", "patient-view"):
            reply = replied(resources, order, hook=hook)
            assert schema.faults("response", {"cards": reply.cards}) == []
            check_inert(reply)
        # the names beside the codes: the words of the chart, so that they reach the cards
        resources = deepcopy(patient.resources)
        for resource in resources:
            for path in list(texts(resource)):
                if path[-1] in ("text", "display"):
                    value = str(resource.get("id")) if path[:1] == ("name",) else None
                    put(resource, path, value or hostile + " ketamine")
        check_inert(replied(resources, draft()))


@given(st.data(), st.sampled_from(HOSTILE))
@examples(60)
def test_a_hostile_word_in_any_one_string_stays_a_word(data: st.DataObject, hostile: str) -> None:
    """Codes, dates, units and statuses too."""
    patient, order = full(), draft(route="intravenous")
    for _ in range(3):
        resource = data.draw(st.sampled_from([*patient.resources[2:], order]))
        path = data.draw(st.sampled_from(list(texts(resource))))
        if resource is order and path == ("id",):
            continue
        put(resource, path, hostile)
    check_inert(replied(patient.resources, order))


# ---- damage ------------------------------------------------------------------------------------

ODD: list[Any] = [
    None, 5, -1, 1e20, True, "", " ", "x", "2026-02-30", "9999-99-99T99:99:99Z", [], {}, [None],
    [[]], [{}], {"coding": None}, {"coding": [None]}, {"coding": [{"code": 5}]}, {"value": "seven"},
    {"reference": 5}, {"start": 5}, ["x", 5, None], {"text": ["x"]}, {"value": 10**20, "unit": 3},
]  # fmt: skip


def damaged(chance: random.Random, resources: list[Json], times: int) -> list[Json]:
    """Values replaced and members removed, anywhere."""
    changed: list[Json] = deepcopy(resources)
    for _ in range(times):
        place: Any = chance.choice(changed)
        while isinstance(place, dict | list) and place:
            key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
            if chance.random() < 0.35 or not isinstance(place[key], dict | list):
                if chance.random() < 0.3 and isinstance(place, dict):
                    del place[key]
                else:
                    place[key] = deepcopy(chance.choice(ODD))
                break
            place = place[key]
    return changed


@cache
def fixture(name: str) -> list[Json]:
    return [entry["resource"] for entry in fhir_fixtures.load(name, DAY)["entry"]]


@pytest.mark.parametrize("name", fhir_fixtures.names())
def test_no_damage_to_a_chart_ends_in_an_error(name: str) -> None:
    chance = random.Random(name)
    [order] = [json.loads((files("fhir_fixtures") / "orders" / f"{name}.json").read_text())]
    for times in (1, 2, 5, 20, 80, 300):
        for _ in range(4):
            resources = damaged(chance, fixture(name), times)
            told(resources, [order])
            told(damaged(chance, fixture(name), 1), damaged(chance, [order], times // 20 + 1))


def test_the_service_survives_the_same_damage() -> None:
    chance = random.Random(5)
    patient = full()
    for times in (1, 3, 10, 40) * 12:
        changed = damaged(chance, patient.resources[1:], times)
        changed = [r for r in changed if isinstance(r.get("resourceType"), str)]
        check_inert(replied([patient.resources[0], *changed], draft()))


@pytest.mark.shared
def test_no_damage_to_the_charts_of_other_projects_ends_in_an_error(shared_dir: Path) -> None:
    engine, chance = load(), random.Random(11)
    small = [
        path
        for path in sorted((shared_dir / "fhir-data").rglob("*.json"))
        if "cds-requests" not in path.parts and path.stat().st_size < 60_000
    ]
    for path in small[::2]:
        bundle = decode(path.read_bytes())
        for times in (3, 60):
            for record in records_from_bundle(damaged(chance, [bundle], times)):
                day = date(2026, 11, 22)
                encode(assess(engine, read_chart(engine, record), day, [draft()]).report())


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("Condition", "code"),
        ("MedicationRequest", "medicationCodeableConcept"),
        ("MedicationDispense", "medicationCodeableConcept"),
        ("MedicationAdministration", "medicationCodeableConcept"),
        ("AllergyIntolerance", "code"),
        ("Observation", "code"),
        ("Procedure", "code"),
    ],
)
@pytest.mark.parametrize("value", [None, 5, [], {}, {"coding": [None]}, {"text": 7}], ids=str)
def test_what_could_not_be_read_is_said(kind: str, field: str, value: Any) -> None:
    """A resource whose subject is lost may have held anything."""
    patient = full()
    broken = next(r for r in patient.resources if r["resourceType"] == kind)
    broken[field] = value
    skipped = {s["resource"] for s in told(patient.resources, [draft()])["skipped"]}
    assert f"{kind}/{broken['id']}" in skipped


@pytest.mark.parametrize("ident", [None, "", 5, "a b", {}], ids=str)
def test_a_resource_without_a_proper_id_still_counts(ident: Any) -> None:
    """The danger is what matters, not the name of its resource."""
    patient = sound()
    patient.problem("I71.40", "Abdominal aortic aneurysm", 10)
    patient.resources[-1]["id"] = ident
    findings = {f["id"] for f in told(patient.resources, [draft()])["findings"]}
    assert "aneurysm" in findings


@pytest.mark.parametrize("value", [None, 5, "soon", [], {"start": None}], ids=str)
def test_a_condition_without_a_readable_date_still_counts(value: Any) -> None:
    patient = sound()
    patient.problem("I71.40", "Abdominal aortic aneurysm", 10)
    patient.resources[-1] |= {"onsetDateTime": value, "recordedDate": value}
    assert "aneurysm" in {f["id"] for f in told(patient.resources, [draft()])["findings"]}


@pytest.mark.parametrize("value", [5, "seven", None, {}, {"value": "70"}, {"value": 70}], ids=str)
def test_an_unreadable_weight_gives_no_dose(value: Any) -> None:
    patient = sound()
    for resource in patient.resources:
        coding = resource.get("code", {}).get("coding", [{}])[0]
        if coding.get("code") == "29463-7":
            resource["valueQuantity"] = value
            resource["effectiveDateTime"] = moved(1)
    result = told(patient.resources, [draft()])
    assert not [d for d in result["doses"] if d["dose_mg"] is not None]
