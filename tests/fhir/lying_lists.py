"""Answers to a search that are not whole, and those that only look so: by how they tell it."""

from __future__ import annotations

from typing import Any

from tests.fhir.faulty_server import PATIENT, about, searchset

BASE = "https://ehr.example.org/fhir/"
QUERY = f"{BASE}AllergyIntolerance?patient={PATIENT}"
Json = dict[str, Any]


def allergies(*numbers: int) -> list[Json]:
    return [about("AllergyIntolerance", f"a-{n}") for n in numbers]


def listed(*numbers: int, total: object = None, **links: str) -> Json:
    """A searchset of some allergies that says how many there are."""
    bundle = searchset(allergies(*numbers), **links)
    return bundle if total is None else {**bundle, "total": total}


def entries(*entry: object, **more: object) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(entry), **more}


def match(resource: Json, mode: str | None = "match") -> Json:
    return {"resource": resource} | ({"search": {"mode": mode}} if mode else {})


def outcome(severity: str = "warning") -> Json:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": "processing"}],
    }


def labelled(resource: Json, code: str = "SUBSETTED", kind: str = "tag") -> Json:
    """A resource, or a Bundle, that says that some of its content was taken out."""
    return {**resource, "meta": {kind: [{"code": code}]}}


def people(*numbers: int) -> list[Json]:
    return [{"resourceType": "Practitioner", "id": f"p-{n}"} for n in numbers]


ONE, TWO = (match(one) for one in allergies(1, 2))
DRUG = {"resourceType": "Medication", "id": "m-1"}
SICK = match(about("Condition", "c-1"))
INCLUDING = f"{QUERY}&_include=AllergyIntolerance:recorder"
NARROWED = "it answers a narrower search"
SHORTENED = "its entries are shortened"
UNNAMED_PAGE = "a further page has no usable address"
WITHOUT = "an entry came without its content"

HOLED: dict[str, tuple[Json, str]] = {
    "total above the entries": (listed(1, 2, total=3), "2 of 3 entries came"),
    "total as text": (listed(1, total="57"), "1 of 57 entries came"),
    "total as a number with a fraction of nothing": (listed(1, total=2.0), "1 of 2 entries came"),
    "total at the most that is believed": (listed(1, total=1_000_000), "1 of 1000000 entries came"),
    "total and no entry": (listed(total=2), "0 of 2 entries came"),
    "only a count": (entries(total=1) | {"entry": None}, "0 of 1 entries came"),
    "total of a collection": (listed(1, total=2) | {"type": "collection"}, "1 of 2 entries came"),
    "total without a type": (
        {"resourceType": "Bundle", "total": 2, "entry": [ONE]}, "1 of 2 entries came",
    ),
    "an include counts for no match": (
        entries(ONE, match(DRUG, "include"), total=3), "1 of 3 entries came",
    ),
    "includes count for no match": (
        entries(ONE, match(DRUG, "include"), match({**DRUG, "id": "m-2"}, "include"), total=2),
        "1 of 2 entries came",
    ),
    "includes that nobody asked for are not counted": (
        entries(ONE, *(match(one, "include") for one in people(1, 2)), total=3),
        "1 of 3 entries came",
    ),
    "includes of another kind than was asked for are not counted": (
        entries(
            ONE, match(people(1)[0], "include"), total=2,
            link=[{"relation": "self", "url": f"{QUERY}&_include=MedicationRequest:medication"}],
        ),
        "1 of 2 entries came",
    ),
    "includes that are fewer than what lacks": (
        entries(
            ONE, match(people(1)[0], "include"), total=3,
            link=[{"relation": "self", "url": INCLUDING}],
        ),
        "1 of 3 entries came",
    ),
    "an outcome explains one that lacks, not two": (
        entries(ONE, match(outcome(), "outcome"), total=3), "1 of 3 entries came",
    ),
    "two outcomes on a page explain nothing": (
        entries(ONE, *[match(outcome(), "outcome")] * 2, total=3), "1 of 3 entries came",
    ),
    "a label of the Bundle": (labelled(entries(ONE)), SHORTENED),
    "a policy took something out": (labelled(entries(ONE), "REDACTED", "security"), SHORTENED),
    "an inner Bundle is not whole": (
        entries(match(listed(1, total=2), None)), "1 of 2 entries came",
    ),
    "an inner Bundle is a page": (
        entries(match(listed(1, next=f"{BASE}?page=2"), None)), "a further page did not come",
    ),
    "an entry without a resource": (entries(ONE, {"fullUrl": f"{BASE}x/1"}), WITHOUT),
    "an entry of nothing": (entries(ONE, {}), WITHOUT),
    "an entry that is null": (entries(ONE, None), WITHOUT),
    "an entry that is text": (entries(ONE, "a-2"), WITHOUT),
    "an entry of a number": (entries(ONE, {"resource": 3}), WITHOUT),
    "a resource without its type": (entries(ONE, {"resource": {"id": "a-2"}}), WITHOUT),
    "an entry that failed": (
        entries(ONE, {"response": {"status": "403 Forbidden"}}), WITHOUT,
    ),
    "two entries without a resource": (
        entries({}, ONE, {}), "2 entries came without their content",
    ),
    "entries nested too deeply": (
        entries(match(entries(match(entries(match(entries(match(entries(ONE)))))))),),
        "nested too deeply",
    ),
    "entries that are no list": (entries() | {"entry": "none"}, "its entries can't be read"),
    "next without a url": (
        entries(ONE, link=[{"relation": "next"}]), UNNAMED_PAGE,
    ),
    "next with an empty url": (entries(ONE, link=[{"relation": "next", "url": ""}]), UNNAMED_PAGE),
    "next with a number": (entries(ONE, link=[{"relation": "next", "url": 2}]), UNNAMED_PAGE),
    "two next pages": (
        entries(ONE, link=[{"relation": "next", "url": f"{BASE}?p={n}"} for n in (2, 3)]),
        UNNAMED_PAGE,
    ),
    "a page that is not the first": (
        listed(1, previous=f"{BASE}?p=1"), "its first page did not come",
    ),
    "a page that is not the first, by its old name": (
        listed(1, prev=f"{BASE}?p=1"), "its first page did not come",
    ),
    "self says what was left out": (listed(1, self=f"{QUERY}&clinical-status=active"), NARROWED),
    "self says since when": (listed(1, self=f"{QUERY}&_lastUpdated=gt2026"), NARROWED),
    "self says which": (listed(1, self=f"{QUERY}&_id=a-1"), NARROWED),
    "self asks for a filter": (listed(1, self=f"{QUERY}&_filter=x"), NARROWED),
    "self asks for a summary": (listed(1, self=f"{QUERY}&_summary=true"), SHORTENED),
    "self asks for elements": (listed(1, self=f"{QUERY}&_elements=id"), SHORTENED),
    "resources that say they are shortened": (
        entries(match(labelled(allergies(1)[0]))), SHORTENED,
    ),
    "one of several says that it is shortened": (
        entries(ONE, TWO, match(labelled(allergies(3)[0]))), SHORTENED,
    ),
    "one that a policy shortened": (
        entries(ONE, match(labelled(allergies(2)[0], "REDACTED", "security"))), SHORTENED,
    ),
    "one that a policy hides in part": (
        entries(ONE, match(labelled(allergies(2)[0], "MASKED", "security"), None)), SHORTENED,
    ),
}  # fmt: skip
"""what came, and what is said of it"""

HOLED_WHERE_ASKED: dict[str, tuple[Json, str]] = {
    "others without a mode are no matches": (
        entries(*(match(one, None) for one in (*allergies(1), *people(1, 2))), total=3),
        "1 of 3 entries came",
    ),
    "others are no matches, though they say so": (
        entries(ONE, *map(match, people(1, 2)), total=3), "1 of 3 entries came",
    ),
    "a diagnosis is no allergy": (entries(ONE, SICK, total=2), "1 of 2 entries came"),
}  # fmt: skip
"""the same where it is known what was asked for: in a file they are a list of everything"""

WHOLE: dict[str, Json] = {
    "no total": listed(1, 2),
    "total of the entries": listed(1, 2, total=2),
    "total of none": listed(total=0),
    "total below the entries": listed(1, 2, total=0),
    "total below nothing": listed(1, total=-1),
    "total beyond belief": listed(1, total=1_000_001),
    "total as large as a number may be": listed(1, total=2_147_483_647),
    "total of thirty digits": listed(1, total=10**30),
    "total with a fraction": listed(1, total=1.5),
    "total that is words": listed(1, total="many"),
    "total that is true": listed(1, total=True),
    "total in a list": listed(1, total=[1]),
    "an estimate": listed(1, total=9, self=f"{QUERY}&_total=estimate"),
    "no count wanted": listed(1, total=9, self=f"{QUERY}&_total=none"),
    "an include beside the total": entries(ONE, match(DRUG, "include"), total=1),
    "an include in the total": entries(
        ONE, TWO, match(people(1)[0], "include"), total=3,
        link=[{"relation": "self", "url": INCLUDING}],
    ),
    "an include without a mode in the total": entries(
        ONE, TWO, match(people(1)[0], None), total=3,
        link=[{"relation": "self", "url": INCLUDING}],
    ),
    "includes of any kind in the total": entries(
        ONE, *(match(one, "include") for one in people(1, 2)), total=3,
        link=[{"relation": "self", "url": f"{QUERY}&_include=*"}],
    ),
    "what leads to it in the total": entries(
        ONE, match({"resourceType": "Provenance", "id": "v"}, "include"), total=2,
        link=[{"relation": "self", "url": f"{QUERY}&_revinclude=Provenance:target"}],
    ),
    "an include and an outcome in the total": entries(
        ONE, match(people(1)[0], "include"), match(outcome(), "outcome"), total=3,
        link=[{"relation": "self", "url": INCLUDING}],
    ),
    "entries without a mode": entries(*(match(one, None) for one in allergies(1, 2)), total=2),
    "an include without a mode beside the total": entries(ONE, match(DRUG, None), total=1),
    "an include that is shortened": entries(ONE, match(labelled(people(1)[0]), "include")),
    "one that came along without a mode and is shortened": entries(
        ONE, match(labelled(people(1)[0]), None)
    ),
    "a tag that says something else": entries(match(labelled(allergies(1)[0], "ACTIONABLE"))),
    "labels that are none": entries(
        match({**allergies(1)[0], "meta": {"tag": [{"code": ["SUBSETTED"]}, 7], "security": "x"}}),
        meta=[{"tag": "SUBSETTED"}],
    ),
    "the same entry twice, counted twice": entries(ONE, ONE, TWO, total=3),
    "an outcome beside the total": entries(ONE, match(outcome(), "outcome"), total=1),
    "an outcome in the total": entries(ONE, match(outcome(), "outcome"), total=2),
    "an outcome without a mode in the total": entries(ONE, match(outcome(), None), total=2),
    "nothing but an outcome, counted": entries(match(outcome("information"), "outcome"), total=1),
    "inner Bundles that are whole": entries(match(listed(1, total=1)), match(listed(2, total=1))),
    "entries under their limit": listed(1, total=1, self=f"{QUERY}&_count=50&_sort=date"),
    "self with a page": listed(1, self=f"{QUERY}&page=1&_total=accurate&_summary=false"),
    "self at a base in capitals": listed(1, self="https://ehr.example.org/api/FHIR/R4?_getpages=7"),
    "self at another base in capitals": listed(1, self="https://ehr.example.org/FHIR?_getpages=7"),
    "previous is itself": listed(1, self=QUERY, previous=QUERY),
    "self without the patient": listed(1, self=f"{BASE}AllergyIntolerance?_count=50"),
    "other links": listed(1, first=QUERY, last=QUERY, alternate=QUERY),
}  # fmt: skip
