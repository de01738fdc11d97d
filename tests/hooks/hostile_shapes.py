"""Requests that take more than one value to be dear to read: many drafts, chains, circles, copies,
gzip, answers of a FHIR server. Those of one value are in `hostile_values`.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import Any

import hooktools
from hostile_chart import resources
from hostile_values import ORDER_SELECT, SIGN, VALUES, Json, Shape, _message, _places, _put

from cds.fhir.queries import KEY_OF_TYPE


def _draft(number: int, **more: Any) -> Json:
    return hooktools.draft(f"d{number}") | more


def _many(make: Callable[[int], Json], size: int, most: int = 10**6) -> list[Json]:
    """As many as fit."""
    one = len(json.dumps(make(10**5)))
    return [make(n) for n in range(max(1, min(most, size // (one + 2))))]


def _session(
    drafts: list[Json], selections: list[str] | None = None, path: str = ORDER_SELECT
) -> Json:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}
    hook = "order-sign" if path == SIGN else "order-select"
    changes: Json = {"draftOrders": bundle}
    if path != SIGN:
        chosen = selections or [f"MedicationRequest/{drafts[0].get('id')}"]
        changes["selections"] = chosen
    return hooktools.request(hook, **changes)


def drafts(chance: random.Random, size: int) -> Shape:
    """Many drafts, alike or not, of which one, several or all are selected."""
    same = chance.choice(["each its own", "one id", "no id", "unrelated"])
    text = chance.choice(["35 mg IV over 40 min", "1 tablet daily", ""])

    def made(number: int) -> Json:
        draft = _draft(0 if same == "one id" else number)
        if same == "no id":
            del draft["id"]
        if same == "unrelated":
            draft["medicationCodeableConcept"] = {"text": f"lisinopril {number} mg"}
        if text:
            draft["dosageInstruction"] = [{"text": text}]
        return draft

    most = chance.choice([200, 4_000, 10**6])
    listed = _many(made, size // 2, most)
    path = chance.choice([ORDER_SELECT, ORDER_SELECT, SIGN])
    every = [f"MedicationRequest/{one.get('id', 'undefined')}" for one in listed]
    chosen = chance.choice([every, every[:1], every[:1] * len(every), ["MedicationRequest/none"]])
    name = f"{len(listed)} drafts, {same}, {len(chosen)} selected, {path[-4:]}"
    return Shape(name, json.dumps(_session(listed, chosen, path)).encode(), path)


def dosages(chance: random.Random, size: int) -> Shape:
    """Many dosages in one order."""
    texts = ["1 tablet daily", "35 mg IV over 40 min", "take {n} mg in week {n}", "max {n} per day"]
    text, sequence = chance.choice(texts), chance.random() < 0.5

    def made(number: int) -> Json:
        one: Json = {"text": text.replace("{n}", str(number))}
        return one | ({"sequence": number} if sequence else {})

    listed = _many(made, size)
    order = hooktools.draft() | {"dosageInstruction": listed}
    name = f"{len(listed)} dosages: {text}"
    if chance.random() < 0.5:
        return Shape("draft of " + name, json.dumps(_session([order])).encode())
    body = hooktools.request()
    body["prefetch"]["medicationRequests"] = _searchset([order | {"status": "active"}])
    return Shape("order on record of " + name, json.dumps(body).encode())


_WORDS = (
    "ketamine mg iv over 40 minutes then twice weekly for 0.5 mg/kg may repeat if needed daily x"
    " 1-2 every 6 h until increase by to max per day and or not with in 100 mL NS q4h prn . ; , / ("
    " ) infuse bolus mon wed home stop half"
)


def _told(chance: random.Random, length: int) -> str:
    """What is read as an instruction, word by word, and means nothing."""
    if chance.random() < 0.3:
        return " ".join(f"{chance.randrange(1, 99)} mg" for _ in range(length // 6))
    return " ".join(chance.choices(_WORDS.split(" "), k=length // 5))


def many_words(chance: random.Random, size: int) -> Shape:
    """Words of dosing, no two texts alike: in one draft or in many, in any field."""
    count, length = chance.choice([1, 5, 40, 200]), chance.choice([60, 190, 1_900, 9_900])
    of_each = max(1, min(199, size // (count * length)))
    service = chance.random() < 0.3
    fields = (
        ["coding", "orderDetail", "note"] if service else ["coding", "dosageInstruction", "note"]
    )
    field = chance.choice(fields)

    def made(number: int) -> Json:
        texts = [_told(chance, length) for _ in range(of_each)]
        order: Json = _draft(number)
        if service:
            del order["medicationCodeableConcept"]
            order |= {"resourceType": "ServiceRequest", "code": {"text": "ketamine infusion"}}
        if field == "coding":
            codings = [{"system": "urn:x", "code": t[:9], "display": t} for t in texts]
            return order | {"code" if service else "medicationCodeableConcept": {"coding": codings}}
        return order | {field: [{"text": text} for text in texts]}

    listed = [made(number) for number in range(count)]
    path = chance.choice([ORDER_SELECT, SIGN])
    every = [f"{one['resourceType']}/{one['id']}" for one in listed]
    name = f"{count} drafts of {of_each} texts of {length} in {field}, {path[-4:]}"
    return Shape(name, json.dumps(_session(listed, every, path)).encode(), path)


def far_letters(chance: random.Random, size: int) -> Shape:
    """One letter of a far alphabet in a long text: Python takes four bytes for each of the rest."""
    message, places = _message("order-select")
    holder, key, path = chance.choice([one for one in places if isinstance(one[0][one[1]], str)])
    text = b'"' + b"a" * size + chance.choice([b"\\ud83d\\ude00", "\U0001f600".encode()]) + b'"'
    return Shape(f"a far letter at {path}", _put(message, holder, key, text))


def _searchset(listed: list[Json]) -> Json:
    entries = [{"resource": one} for one in listed]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def _key_of(kind: str) -> str:
    return KEY_OF_TYPE.get(kind, "conditions")


def charts(chance: random.Random, size: int) -> Shape:
    """Many resources of a type, tiny or whole, under ids of their own, one id or none."""
    whole = chance.choice(resources())
    kind = whole["resourceType"]
    base = (
        whole if chance.random() < 0.5 else {"resourceType": kind, "subject": whole.get("subject")}
    )
    ids = chance.choice(["own ids", "one id", "no id", "one id and other days", "one id, versions"])

    def made(number: int) -> Json:
        one = {**base, "id": f"r{number}" if ids == "own ids" else "r"}
        if ids == "no id":
            del one["id"]
            one["note"] = [{"text": str(number)}]
        if ids == "one id and other days":
            one["code"] = {"text": f"thing {number}"}
            one["effectiveDateTime"] = f"{1000 + number % 9000}-01-01"
        if ids == "one id, versions":
            one["meta"] = {"versionId": str(number)}
        return one

    listed = _many(made, size)
    key = _key_of(kind)
    return _prefetched(f"{len(listed)} {kind}, {ids}", chance, {key: _searchset(listed)})


def _prefetched(name: str, chance: random.Random, prefetch: Json) -> Shape:
    hook = chance.choice(["order-select", "order-select", "patient-view"])
    body = hooktools.request(hook)
    body["prefetch"] |= prefetch
    return Shape(f"{name}, {hook}", json.dumps(body).encode(), hooktools.SERVICES[hook])


LINKS = [
    ("MedicationRequest", "basedOn"), ("MedicationRequest", "priorPrescription"),
    ("MedicationRequest", "reasonReference"), ("MedicationRequest", "medicationReference"),
    ("Observation", "hasMember"), ("Observation", "derivedFrom"), ("Procedure", "partOf"),
    ("Procedure", "reasonReference"), ("MedicationStatement", "partOf"),
    ("MedicationStatement", "basedOn"), ("MedicationAdministration", "request"),
    ("MedicationAdministration", "reasonReference"), ("Condition", "evidence"),
    ("MedicationDispense", "authorizingPrescription"), ("ServiceRequest", "basedOn"),
]  # fmt: skip


def links(chance: random.Random, size: int) -> Shape:
    """Chains, circles and stars of references; or each to all."""
    kind, name = chance.choice(LINKS)
    whole = next((one for one in resources() if one["resourceType"] == kind), {})
    form = chance.choice(["chain", "circle", "itself", "star", "all"])
    one = len(json.dumps(whole)) + 60
    count = max(2, size // one) if form != "all" else max(2, int((size / 40) ** 0.5))

    def target(number: int) -> Any:
        ends = {"chain": number + 1, "circle": (number + 1) % count, "itself": number, "star": 0}
        if form == "all":
            return [{"reference": f"{kind}/r{n}"} for n in range(count)]
        reference = {"reference": f"{kind}/r{ends[form]}"}
        return (
            reference
            if name in ("priorPrescription", "request", "medicationReference")
            else [reference]
        )

    listed = []
    for number in range(count):
        made = {**whole, "resourceType": kind, "id": f"r{number}", name: target(number)}
        if name == "medicationReference":
            made.pop("medicationCodeableConcept", None)
        listed.append(made)
    draft = hooktools.draft() | {"basedOn": [{"reference": f"{kind}/r0"}], name: target(0)}
    body = _session([draft])
    body["prefetch"][_key_of(kind)] = _searchset(listed)
    return Shape(f"{form} of {count} {kind}.{name}", json.dumps(body).encode())


def medications_inside(chance: random.Random, size: int) -> Shape:
    """Mixtures of mixtures: each Medication names many, some levels deep."""
    depth, wide = chance.choice([(2, 200), (3, 60), (4, 30), (30, 2), (3, 1000)])
    wide = max(1, min(wide, size // (60 * depth)))
    listed = [
        {
            "resourceType": "Medication", "id": f"m{level}", "code": {"text": f"mix {level}"},
            "ingredient": [{"itemReference": {"reference": f"Medication/m{level + 1}"}}] * wide,
        }
        for level in range(depth)
    ]  # fmt: skip
    draft = hooktools.draft() | {"medicationReference": {"reference": "Medication/m0"}}
    del draft["medicationCodeableConcept"]
    entries = [draft, *listed]
    return Shape(f"{depth} mixtures of {wide}", json.dumps(_session(entries)).encode())


def mixtures_of_each_other(chance: random.Random, size: int) -> Shape:
    """Many drafts, each for another of many Medications that are mixed of one another."""
    wide = chance.choice([2, 10, 49])
    count = max(2, min(3_000, size // (60 + 50 * wide)))
    drafts = [
        {key: value for key, value in _draft(n).items() if key != "medicationCodeableConcept"}
        | {"medicationReference": {"reference": f"Medication/m{n % count}"}}
        for n in range(min(250, max(1, size // 400)))
    ]
    listed = [
        {"resourceType": "Medication", "id": f"m{n}", "ingredient": [
            {"itemReference": {"reference": f"Medication/m{chance.randrange(count)}"}}
            for _ in range(wide)
        ]}
        for n in range(count)
    ]  # fmt: skip
    body = _session(drafts, [f"MedicationRequest/{one['id']}" for one in drafts])
    body["prefetch"]["medicationRequests"] = _searchset(listed)
    name = f"{len(drafts)} drafts of {count} mixtures of {wide} others"
    return Shape(name, json.dumps(body).encode())


def packed(chance: random.Random, size: int) -> Shape:
    """gzip: many members, bombs, cut short, with something behind."""
    body = json.dumps(hooktools.request()).encode()
    kind = chance.choice(
        ["members", "empty members", "bomb", "cut", "behind", "plain", "long names"]
    )
    whole = gzip.compress(body)
    if kind == "members":
        raw = b"".join(gzip.compress(body[n : n + 1], 1) for n in range(min(len(body), size // 21)))
    elif kind == "empty members":
        raw = gzip.compress(b"") * max(1, size // 20) + whole
    elif kind == "bomb":
        squeezer = zlib.compressobj(9, wbits=31)
        parts = [squeezer.compress(b" " * 10**6) for _ in range(min(2_000, max(1, size // 1_000)))]
        raw = b"".join([*parts, squeezer.flush()])
    elif kind == "cut":
        raw = whole[: chance.randrange(len(whole))]
    elif kind == "behind":
        raw = whole + chance.choice([b"\x00", b"x", b"\x1f\x8b"]) * size
    elif kind == "long names":
        raw = b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * size + b"\x00" + whole[10:]
    else:
        raw = b"x" * size
    return Shape(f"gzip: {kind}, {len(raw)} bytes", raw, gzip=True)


def selected(chance: random.Random, size: int) -> Shape:
    """Selections of many forms, most of which name nothing."""
    one = chance.choice(
        [
            "d0",
            "MedicationRequest/d0",
            "https://a.example/MedicationRequest/d0",
            "urn:uuid:d0",
            "x" * 1000,
            "/" * 1000,
            "MedicationRequest/none",
            " d0 ",
        ]
    )
    count = max(1, size // (len(one) + 4))
    body = _session([_draft(0)], [one] * count)
    return Shape(f"{count} selections {one[:30]}", json.dumps(body).encode())


def named_codings(chance: random.Random, size: int) -> Shape:
    """A concept of very many codings, at each place that has one."""
    system, code = chance.choice(
        [("http://www.nlm.nih.gov/research/umls/rxnorm", "{n}"), ("http://loinc.org", "{n}-1"),
         ("http://hl7.org/fhir/sid/icd-10-cm", "F33.{n}"), ("http://snomed.info/sct", "3734{n}"),
         ("urn:oid:{n}", "a"), ("urn:local", "ketamine {n} mg")]
    )  # fmt: skip

    def made(number: int) -> Json:
        n = str(number)
        display = f"thing {n} mg"
        return {
            "system": system.replace("{n}", n),
            "code": code.replace("{n}", n),
            "display": display,
        }

    concept = {"coding": _many(made, size)}
    message, places = _message("order-select")
    spots = [p for p in places if isinstance(p[0][p[1]], dict) and "coding" in p[0][p[1]]]
    holder, key, path = chance.choice(spots)
    name = f"{len(concept['coding'])} codings of {system[:24]} at {path}"
    return Shape(name, _put(message, holder, key, json.dumps(concept).encode()))


def server_answers(chance: random.Random, size: int) -> Shape:
    """What a FHIR server says to every question: all answers together are of that size."""
    size //= 3
    body = hooktools.request()
    body["fhirServer"] = "https://ehr.example.org/fhir"
    del body["prefetch"]["conditions"], body["prefetch"]["observations"]
    kind = chance.choice([*VALUES, "bundle"])
    if kind == "bundle":
        made = charts(chance, size)
        found = json.loads(made.body)["prefetch"]
        biggest = max(found.values(), key=lambda one: len(one.get("entry", ())))
        answer, kind = json.dumps(biggest).encode(), made.name
    else:
        listed = [hooktools.PATIENT, *resources()]
        message = _searchset(listed)
        holder, key, path = chance.choice(list(_places(message)))
        answer, kind = _put(message, holder, key, VALUES[kind](size)), f"{kind} at {path}"
    return Shape(f"FHIR answer: {kind}", json.dumps(body).encode(), answer=answer)


def key_sets(chance: random.Random, size: int) -> Shape:
    """What the host of a client's keys answers."""
    message = {"keys": [hooktools.jwk("ES384"), hooktools.jwk("RS384")]}
    holder, key, path = chance.choice(list(_places(message)))
    kind = chance.choice(list(VALUES))
    answer = _put(message, holder, key, VALUES[kind](min(size, 250_000)))
    return Shape(f"keys: {kind} at {path}", b"", keys=answer)


def tokens(chance: random.Random, size: int) -> Shape:
    """A signed token of which one part is odd."""
    message = {
        "head": {"alg": "ES384", "kid": "ES384", "typ": "JWT", "jku": hooktools.JKU},
        "claims": hooktools.claims(ORDER_SELECT) | {"tenant": "t", "nbf": 1, "sub": "s"},
    }
    part, name = chance.choice([(p, n) for p, held in message.items() for n in held])
    kind = chance.choice(list(VALUES))
    parts = {}
    for one, held in message.items():
        raw = json.dumps(held).encode()
        parts[one] = _put(held, held, name, VALUES[kind](min(size, 9_000))) if one == part else raw
    unsigned = f"{hooktools.segment(parts['head'])}.{hooktools.segment(parts['claims'])}"
    signed = hooktools.signed(unsigned)
    body = json.dumps(hooktools.request()).encode()
    return Shape(f"token: {kind} at {part}.{name}", body, token=signed)


Kind = Callable[[random.Random, int], Shape]
KINDS: list[Kind] = [
    drafts, dosages, many_words, far_letters, charts, links, medications_inside,
    mixtures_of_each_other, packed, selected, named_codings, server_answers, key_sets, tokens,
]  # fmt: skip
