"""What is too long to be read is named: in `assess --json`, and on a card that it touches.

Each kind of entry with each of its fields, at the limit and above. What nobody reads is not named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import fhir_fixtures
from cds import limits
from cds.api import Answer, Engine, assess, load, read_chart
from cds.chart.identity import by_own_name
from cds.chart.overlong_fields import READ_BY_NONE, READ_BY_NONE_OF, not_read
from cds.fhir.record.patient_record import records_from_bundle
from cds.fhir.record.referred import Referred
from cds.wire import decode, encode
from tests.readers.altered import changed

Json = dict[str, Any]
Path = tuple[str | int, ...]
DAY = date(2026, 11, 24)
WHO = {"reference": "Patient/ash"}
LONG, MANY, INSTRUCTION = limits.LONGEST_TEXT, limits.MOST_LISTED, 2000


def coded(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


DOSAGE = {
    "text": "1 tablet daily", "patientInstruction": "in the morning",
    "additionalInstruction": [{"text": "with food"}], "asNeededCodeableConcept": {"text": "pain"},
    "route": {"text": "oral"}, "timing": {"code": {"text": "daily"}},
}  # fmt: skip
DRUG = {
    "id": "m", "status": "active", "intent": "order", "subject": WHO,
    "medicationCodeableConcept": {"text": "morphine 10 mg tablet"},
    "note": [{"text": "seen"}], "reasonCode": [{"text": "pain"}],
}  # fmt: skip
ENTRIES: dict[str, Json] = {
    "Condition": {
        "id": "c", "subject": WHO, "code": {"text": "Abdominal aortic aneurysm"},
        "clinicalStatus": {"text": "active"}, "category": [{"text": "problem"}],
        "severity": {"text": "mild"}, "recordedDate": "2026-01-01", "note": [{"text": "old"}],
    },
    "AllergyIntolerance": {
        "id": "a", "patient": WHO, "code": {"text": "penicillin"}, "recordedDate": "2026-01-01",
        "reaction": [{"manifestation": [{"text": "rash"}], "description": "once"}],
        "note": [{"text": "as a child"}],
    },
    "Procedure": {
        "id": "p", "subject": WHO, "status": "completed", "code": {"text": "aneurysm repair"},
        "performedDateTime": "2020-01-01", "note": [{"text": "a report"}],
    },
    "ServiceRequest": {
        "id": "s", "subject": WHO, "status": "active", "intent": "order",
        "code": coded("http://loinc.org", "2106-3", "Choriogonadotropin (pregnancy test) Urine"),
        "authoredOn": "2026-11-01", "note": [{"text": "fasting"}], "patientInstruction": "fast",
    },
    "Observation": {
        "id": "o", "subject": WHO, "status": "final", "code": {"text": "PHQ-9"},
        "effectiveDateTime": "2026-11-01", "valueString": "12", "note": [{"text": "alone"}],
        "interpretation": [{"text": "H"}], "referenceRange": [{"text": "0-4"}],
        "component": [{"code": {"text": "potassium"}, "valueString": "4 mmol/L"}],
    },
    "QuestionnaireResponse": {
        "id": "q", "subject": WHO, "status": "completed", "authored": "2026-11-01",
        "item": [{"linkId": "44261-6", "answer": [{"valueString": "12"}]}],
    },
    "Encounter": {
        "id": "e", "subject": WHO, "status": "in-progress", "class": {"code": "AMB"},
        "type": [{"text": "clinic"}], "location": [{"location": {"display": "ward"}}],
        "period": {"start": "2026-11-24"}, "reasonCode": [{"text": "visit"}],
    },
    "MedicationRequest": {**DRUG, "authoredOn": "2026-11-01", "dosageInstruction": [DOSAGE]},
    "MedicationStatement": {**DRUG, "effectiveDateTime": "2026-11-01", "dosage": [DOSAGE]},
    "MedicationDispense": {
        **DRUG, "status": "completed", "whenHandedOver": "2026-11-01", "dosageInstruction": [DOSAGE]
    },
    "MedicationAdministration": {
        **DRUG, "status": "completed", "effectiveDateTime": "2026-11-01", "dosage": DOSAGE
    },
}  # fmt: skip
WHOSE = {"subject", "patient"}
DOSAGES = [("dosageInstruction", 0), ("dosage", 0), ("dosage",)]
OTHERS = {"id", "status", "intent", "system", "code", "linkId"}
"""keys of strings that are codes or names of resources: longer than 64 characters they are none"""


def texts(node: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all texts in a resource, but for dates and what tells whose it is."""
    if isinstance(node, str):
        dated = str(path[0]).endswith(("Date", "On", "Time", "authored"))
        if not ({path[0], path[-1]} & WHOSE or path[-1] in OTHERS or dated):
            yield path
    elif isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from texts(value, (*path, key))


def unread_by_all(kind: str, field: str | int) -> bool:
    return field in READ_BY_NONE or field in READ_BY_NONE_OF.get(kind, ())


CASES = [(kind, path) for kind, entry in ENTRIES.items() for path in texts(entry)]
LISTS = [
    (kind, name)
    for kind, entry in ENTRIES.items()
    for name, value in entry.items()
    if isinstance(value, list)
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def answer(engine: Engine, *more: Json, draft: Json | None = None) -> Answer:
    bundle = decode(encode(fhir_fixtures.load("ash", DAY)))
    order = json.loads((fhir_fixtures.orders() / "ash.json").read_text())
    bundle["entry"] += [{"resource": one} for one in more]
    return assess(engine, read_chart(engine, bundle), DAY, [draft or order])


def on_cards(told: Answer) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in told.cards)


def named(told: Answer, reference: str) -> tuple[bool, bool]:
    """Whether it is said to be too long in the report, and on a card."""
    report = [one for one in told.report()["unread"] if one["resource"] == reference]
    lines = [line for line in on_cards(told).splitlines() if reference in line]
    return (
        any("too long to be read" in str(one) for one in report),
        any("oo long to be read" in line for line in lines),
    )


@pytest.mark.parametrize(("kind", "path"), CASES, ids=str)
def test_a_text(engine: Engine, kind: str, path: Path) -> None:
    entry = {"resourceType": kind, **ENTRIES[kind]}
    instruction = path[-1] == "text" and path[:-1] in DOSAGES
    for more in (0, 1):
        long = ("x" * 99 + " ") * ((INSTRUCTION if instruction else LONG) // 100) + "x" * more
        told = answer(engine, changed(entry, path, long))
        expected = bool(more) and not unread_by_all(kind, path[0])
        assert named(told, f"{kind}/{entry['id']}") == (expected, expected)


@pytest.mark.parametrize(("kind", "name"), LISTS, ids=str)
def test_a_list(engine: Engine, kind: str, name: str) -> None:
    entry = {"resourceType": kind, **ENTRIES[kind]}
    for more in (0, 1):
        told = answer(engine, {**entry, name: entry[name] * (MANY + more)})
        expected = bool(more) and not unread_by_all(kind, name)
        assert named(told, f"{kind}/{entry['id']}") == (expected, expected)


# ---- what rests on it ----------------------------------------------------------------------------


def test_no_total_is_made_over_a_dosage_that_is_too_long(engine: Engine) -> None:
    for drug, total in (
        ("morphine 10 mg tablet", lambda told: told["opioids"]["mme_per_day"]),
        ("diazepam 5 mg tablet", lambda told: told["diazepam_equivalent_mg_per_day"]),
    ):
        for text, known in (("1 tablet daily", True), ("1 tablet daily. " + "x" * LONG, False)):
            entry = {
                **DRUG, "resourceType": "MedicationRequest", "authoredOn": "2026-11-01",
                "medicationCodeableConcept": {"text": drug}, "dosageInstruction": [{"text": text}],
            }  # fmt: skip
            assert (total(answer(engine, entry).report()) is not None) is known


def test_a_list_of_dosages_that_is_too_long_has_no_total(engine: Engine) -> None:
    for more in (0, 1):
        entry = {
            **DRUG, "resourceType": "MedicationRequest", "authoredOn": "2026-11-01",
            "dosageInstruction": [{"text": "1 tablet daily"}] * (MANY + more),
        }  # fmt: skip
        told = answer(engine, entry).report()["opioids"]
        assert not more or told["mme_per_day"] is None


def test_two_that_are_too_long_are_two(engine: Engine) -> None:
    long = {"text": "x" * (LONG + 1)}
    more = [
        {"resourceType": "Condition", "id": name, "subject": WHO, "code": long} for name in "fg"
    ]
    told = answer(engine, *more)
    assert named(told, "Condition/f") == named(told, "Condition/g") == (True, True)


def test_the_name_of_one_that_is_known_by_its_code(engine: Engine) -> None:
    code = {**coded("http://hl7.org/fhir/sid/icd-10-cm", "I71.40", "AAA"), "text": "x" * (LONG + 1)}
    entry = {"resourceType": "Condition", "id": "c", "subject": WHO, "code": code}
    told = answer(engine, entry)
    assert "aneurysm" in {one["id"] for one in told.report()["findings"]}
    assert "AAA" in told.cards[0].summary + told.cards[0].detail
    assert named(told, "Condition/c") == (True, True)


# ---- what does not count -------------------------------------------------------------------------


@pytest.mark.parametrize("entry", [
    {"resourceType": "Condition", "verificationStatus": {"text": "entered-in-error"}},
    {"resourceType": "ServiceRequest", "status": "completed"},
    {"resourceType": "ServiceRequest", "code": {"text": "chest X-ray"}},
    {"resourceType": "MedicationRequest", "status": "entered-in-error"},
    {"resourceType": "AllergyIntolerance", "clinicalStatus": {"text": "resolved"}},
], ids=str)  # fmt: skip
def test_what_does_not_count_is_not_named(engine: Engine, entry: Json) -> None:
    kind = entry["resourceType"]
    entry = {**ENTRIES[kind], "note": [{"text": "x" * (LONG + 1)}], **entry}
    assert named(answer(engine, entry), f"{kind}/{entry['id']}") == (False, False)


class Recorded(dict[str, Any]):
    """A resource that remembers what was asked of it."""

    def __init__(self, resource: Json) -> None:
        super().__init__(resource)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("kind", ENTRIES)
def test_what_nobody_reads(engine: Engine, kind: str) -> None:
    """A field that a reader learns to look at is not left out any more."""
    [record] = records_from_bundle(decode(encode({"resourceType": kind, **ENTRIES[kind]})))
    asked = set()
    for given in (record.resources[kind][0], {"id": "x"}):
        seen = Recorded({**given, "resourceType": kind})
        record.resources[kind] = [seen]
        record.index = {}
        read_chart(engine, record)
        asked |= seen.asked
    unread = READ_BY_NONE | READ_BY_NONE_OF.get(kind, frozenset())
    assert "status" in asked or "code" in asked
    assert not asked & unread


# ---- drafts --------------------------------------------------------------------------------------

DRAFT_TEXTS: list[tuple[str, Any]] = [
    ("note", [{"text": "{}"}]),
    ("reasonCode", [{"text": "{}"}]),
    ("category", [{"text": "{}"}]),
    ("groupIdentifier", {"value": "{}"}),
    ("requester", {"display": "{}"}),
]


def filled(node: Any, text: str) -> Any:
    return json.loads(json.dumps(node).replace("{}", text))


def offered(told: Answer) -> bool:
    """Whether a dose can be put into the draft by one click."""
    return any("suggestions" in card and card["suggestions"] for card in told.report()["cards"]
               if "mg" in card["summary"])  # fmt: skip


@pytest.mark.parametrize(("field", "shape"), DRAFT_TEXTS, ids=str)
def test_a_text_of_a_draft(engine: Engine, field: str, shape: Any) -> None:
    order = json.loads((fhir_fixtures.orders() / "ash.json").read_text())
    for more in (0, 1):
        draft = {**order, field: filled(shape, ("x" * 99 + " ") * (LONG // 100) + "x" * more)}
        told = answer(engine, draft=draft)
        assert ("too long to be read" in on_cards(told)) is bool(more)
        assert offered(told) is not bool(more)
        assert (by_own_name([draft]) == {}) is bool(more), "no click drops what nobody read"


def test_a_dosage_of_a_draft(engine: Engine) -> None:
    order = json.loads((fhir_fixtures.orders() / "ash.json").read_text())
    for size in (INSTRUCTION + 1, LONG + 1, limits.LONGEST_DOSAGE + 1):
        dosage = {"route": {"text": "intravenous"}, "text": "x" * size}
        told = answer(engine, draft={**order, "dosageInstruction": [dosage]})
        assert "dosage: is too long to be read" in on_cards(told)
        assert not offered(told)


@pytest.mark.parametrize("field", ["code", "orderDetail"])
def test_a_service_that_may_be_for_any_drug(engine: Engine, field: str) -> None:
    draft = {"resourceType": "ServiceRequest", "id": "d", "status": "draft", "intent": "order",
             "subject": WHO, "code": {"text": "infusion"}}  # fmt: skip
    for more in (0, 1):
        named_so = {"text": ("x" * 99 + " ") * (LONG // 100) + "x" * more}
        told = answer(
            engine, draft={**draft, field: [named_so] if field == "orderDetail" else named_so}
        )
        assert ("order-drug-unread" in {rule for card in told.cards for rule in card.rules}) is (
            bool(more)
        )


def test_a_medication_that_is_referred_to() -> None:
    holder = {"resourceType": "MedicationRequest", "medicationReference": {"reference": "#m"}}
    inside = {"resourceType": "Medication", "id": "m", "code": {"text": "x" * (LONG + 1)}}
    assert not_read({**holder, "contained": [inside]}, Referred()) == (
        "contained", "medicationReference",
    )  # fmt: skip
    assert not_read(holder, Referred({"Medication/m": inside})) == ()
    apart = {**holder, "medicationReference": {"reference": "Medication/m"}}
    assert not_read(apart, Referred({"Medication/m": inside})) == ("medicationReference",)


SHORT: dict[str, tuple[Json, tuple[str, ...]]] = {
    "a list of many that say nothing": ({"category": [1] * (MANY + 1)}, ("category",)),
    "a list of as many as are read": ({"category": [1] * MANY}, ()),
    "what was left out already": ({"code": {"text": limits.UNREADABLE}}, ("code",)),
    "an instruction": (
        {"dosageInstruction": [{"text": "x" * (INSTRUCTION + 1)}]}, ("dosageInstruction",),
    ),
    "one of what it contains": (
        {"contained": [{"resourceType": "MedicationRequest",
                        "dosageInstruction": [{"text": "x" * (INSTRUCTION + 1)}]}]},
        ("contained",),
    ),
    "a narrative": ({"text": {"div": "x" * (LONG + 1)}, "code": {"text": "asthma"}}, ()),
    "many short texts": ({"reaction": [{"description": "x" * 999}] * MANY}, ()),
}  # fmt: skip


@pytest.mark.parametrize("told", SHORT.values(), ids=SHORT)
def test_a_short_resource_may_hold_what_is_not_read(told: tuple[Json, tuple[str, ...]]) -> None:
    fields, unread = told
    resource = {"resourceType": "MedicationRequest", "id": "m", **fields}
    assert not_read(resource, Referred()) == unread


def test_what_is_no_json_is_looked_at_as_well() -> None:
    """A caller of the library may hand over what no decoder would give."""
    resource = {"resourceType": "Condition", "code": {"text": "x" * (LONG + 1)}}
    assert not_read({**resource, "onsetAge": object()}, Referred()) == ("code",)
    assert not_read({**resource, "onsetString": "\ud800"}, Referred()) == ("code",)
