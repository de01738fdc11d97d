"""How much of the drafts of a session is read: no more than there is time for, and what is said."""

from __future__ import annotations

import json
import random
from datetime import date
from itertools import count

import hooktools
import pytest
from hostile_shapes import ORDER_SELECT, SIGN, far_letters

from cds import limits
from cds.api import assess, load, read_chart
from cds.chart.in_reach import in_reach
from cds.dosage.words import found_in, order_steps, read_words, stated_in
from cds.dosage.words import read as words
from cds.fhir_json import LEFT_OUT
from cds.runtime import open_service
from cds.settings import Settings
from cds.wire import encode, is_dense, memory_of
from tests.replaced import replace
from tests.work import looked_at, processor_seconds

ORDERS = {"name": "code", "told": "dosageInstruction", "noted": "note"}
_OBJECT = 10


@pytest.fixture(scope="module")
def real():
    return hooktools.app(open_service(Settings(auth="off")).respond).test_client()


def order(number=0, **fields):
    return hooktools.draft(f"d{number}") | fields


def texts(length, of_each=1_000):
    """A list that counts so many characters."""
    whole, rest = divmod(length, of_each)
    sizes = [of_each] * whole + ([rest] if rest > _OBJECT else [])
    return [{"text": "x" * (size - _OBJECT)} for size in sizes]


def session(drafts, path=ORDER_SELECT):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}
    chosen = {"selections": [f"{one['resourceType']}/{one['id']}" for one in drafts]}
    chosen = {} if path == SIGN else chosen
    hook = "order-sign" if path == SIGN else "order-select"
    return hooktools.request(hook, draftOrders=bundle, **chosen)


def told(client, drafts, path=ORDER_SELECT):
    answer = client.post(path, json=session(drafts, path))
    assert answer.status_code == 200
    return answer.get_json()["cards"]


# ---- what is left out ----------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "read"), [(-20, True), (0, True), (20, False)])
def test_one_field_of_one_order(more, read):
    sent = order(dosageInstruction=texts(limits.LONGEST_FIELD + more))
    assert (in_reach([sent])[0] is sent) is read
    assert read or in_reach([sent]) == [sent | {"dosageInstruction": LEFT_OUT}]


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("dosageInstruction", limits.MOST_TOLD),
        ("note", limits.MOST_NOTED),
        ("orderDetail", limits.MOST_NOTED),
        ("medicationCodeableConcept", limits.MOST_NAMED),
    ],
)
@pytest.mark.parametrize("more", [-20, 0, 20])
def test_a_field_of_all_orders(field, most, more):
    name = field == "medicationCodeableConcept"

    def valued(length):
        return {"coding": texts(length - _OBJECT, of_each=200)} if name else texts(length)

    base = {"resourceType": "MedicationRequest"}
    sent = [base | {field: valued(most // 10)} for _ in range(9)]
    sent.append(base | {field: valued(most // 10 + more)})
    left = [one[field] for one in in_reach(sent)]
    expected = [one[field] for one in sent]
    if more > 0:
        expected[-1] = LEFT_OUT[0] if name else LEFT_OUT
    assert left == expected


@pytest.mark.parametrize(("length", "counts"), [(200, 1), (201, 3)])
def test_a_long_name_counts_three_times(length, counts):
    one = {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "x" * length}}
    fit = limits.MOST_NAMED // (counts * length + _OBJECT)
    assert in_reach([one] * fit) == [one] * fit
    *read, left = in_reach([one] * (fit + 1))
    assert read == [one] * fit
    assert left["medicationCodeableConcept"] == LEFT_OUT[0]


def test_the_longest_are_left_out_wherever_they_stand():
    long = texts(limits.LONGEST_FIELD)
    usual = [order(number, dosageInstruction=texts(150)) for number in range(200)]
    sent = [order(900, dosageInstruction=long), *usual, order(901, dosageInstruction=long)]
    left = in_reach([{"fullUrl": "urn:uuid:a", "resource": one} for one in sent])
    assert [entry["resource"] for entry in left[1:-1]] == usual
    assert left[-1]["resource"]["dosageInstruction"] == LEFT_OUT
    assert left[-1]["fullUrl"] == "urn:uuid:a"


def test_what_was_left_out_once_stays_so():
    sent = [order(dosageInstruction=texts(limits.LONGEST_FIELD + 1_000))]
    assert in_reach(in_reach(sent)) == in_reach(sent)


# ---- what is said of it --------------------------------------------------------------------------


def instructions(number, numbers=False, length=1_900):
    chance = random.Random(number)
    text = "mg iv over 40 minutes then twice weekly for 0.5 mg/kg may repeat max per day and"
    pieces = text.split(" ")
    for _ in range(number):
        if numbers:
            yield {"text": " ".join(f"{chance.randrange(1, 99)} mg" for _ in range(length // 7))}
        else:
            yield {"text": " ".join(chance.choices(pieces, k=length // 5))}


@pytest.mark.parametrize("path", [ORDER_SELECT, SIGN])
@pytest.mark.parametrize("numbers", [True, False])
def test_instructions_that_are_too_many_words_are_named(real, path, numbers):
    sent = order(dosageInstruction=list(instructions(50, numbers)))
    cards = told(real, [sent], path)
    assert "dosage: is too long to be read" in json.dumps(cards)
    offered = [one for card in cards for one in card.get("suggestions", ())]
    changed = [a["resource"] for one in offered for a in one["actions"] if a["type"] == "update"]
    assert not changed, "a draft of which not all was read is left alone"


def test_a_name_of_too_many_words_is_unread_and_the_others_are_read(real):
    long = [{"system": "urn:x", "code": f"c{n}", "display": "lisinopril " * 30} for n in range(190)]
    sent = order(1, medicationCodeableConcept={"coding": long})
    cards = told(real, [sent, order(2, dosageInstruction=[{"text": "35 mg IV over 40 min"}])])
    assert any("not readable" in card["summary"] for card in cards)
    assert len(cards) > 1


# ---- the work ------------------------------------------------------------------------------------


def test_an_instruction_is_read_once_from_however_many_sides(monkeypatch):
    text = "35 mg IV over 40 minutes then 20 mg IM twice weekly, of which no other test tells"
    scanned = []
    scan = words.scan
    monkeypatch.setattr(words, "scan", lambda *of: scanned.append(of) or scan(*of))
    for reader in (read_words, stated_in, found_in, order_steps):
        reader(text)
    whole = [of for of in scanned if of[0][-1].end == len(text)]
    assert len(whole) == 1


@pytest.mark.parametrize(
    "sent",
    [
        [order(dosageInstruction=list(instructions(20, numbers=True)))],
        [order(n, dosageInstruction=list(instructions(120))) for n in range(5)],
        [
            {
                "resourceType": "ServiceRequest", "id": f"s{n}", "status": "draft",
                "intent": "order", "subject": {"reference": "Patient/p1"},
                "code": {"text": "ketamine infusion"},
                "orderDetail": list(instructions(190, length=200)),
            }
            for n in range(20)
        ],
    ],
    ids=["numbers", "words", "details"],
)  # fmt: skip
def test_the_work_of_a_session_has_an_end(sent):
    """Seconds without an allowance; it was above five for each of them, and no end to it."""
    engine = load()
    chart = read_chart(engine, [hooktools.PATIENT])
    assert processor_seconds(lambda: assess(engine, chart, date(2026, 11, 24), sent)) < 4


def test_finding_out_what_orders_are_for_counts_in_the_time():
    """A clock that goes on with every look at it: soon there is no time for any order."""
    service = replace(open_service(Settings(auth="off")), allowance=lambda: None)
    drafts = [
        order(n, medicationCodeableConcept={"text": f"amoxicillin {n} of a kind"})
        for n in range(60)
    ]
    looks = count()
    timed = replace(service, allowance=lambda: looked_at(100, lambda: float(next(looks))))
    client = hooktools.app(timed.respond).test_client()
    summaries = [card["summary"] for card in told(client, drafts)]
    assert any("not readable" in one for one in summaries), "nobody knows what they are for"
    assert next(looks) < 1_000
    assert told(hooktools.app(service.respond).test_client(), drafts) == []


# ---- long texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["\U0001f600".encode(), b"\\ud83d\\ude00"])
def test_one_far_letter_makes_a_long_text_dear(real, letter):
    text = b'"' + b"a" * 6_000_000 + letter + b'"'
    assert is_dense(text)
    assert not is_dense(text.replace(letter, b"b"))
    raw = encode(hooktools.request() | {"extension": "here"}).replace(b'"here"', text)
    response = real.post(ORDER_SELECT, data=raw, content_type="application/json")
    assert response.status_code == 413
    assert hooktools.expressions(response) == ["extension"]


def test_far_letters_in_short_texts_are_no_more_than_others():
    chart = encode([{"resourceType": "Condition", "code": {"text": "depresión 😀"}}] * 2_000)
    assert memory_of(chart) == memory_of(chart.replace("😀".encode(), b"xxxx").replace(
        "ó".encode(), b"xx"))  # fmt: skip


def test_a_patient_that_holds_too_much_was_sent(real):
    body = hooktools.request()
    body["prefetch"]["patient"] |= {"extension": "here"}
    raw = encode(body).replace(b'"here"', b"[" + b"{}," * 900_000 + b"{}]")
    response = real.post(ORDER_SELECT, data=raw, content_type="application/json")
    assert response.status_code == 412
    issue = response.get_json()["issue"][0]
    assert issue["diagnostics"] == "Tried: it held more than is read at once"


@pytest.mark.parametrize("raw", [b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}'])
def test_no_utf_8_is_said_in_our_words(real, raw):
    response = real.post(ORDER_SELECT, data=raw, content_type="application/json")
    assert response.status_code == 400
    assert response.get_json()["issue"][0]["diagnostics"] == "JSON is not UTF-8"


def test_the_shape_of_it_is_made():
    assert far_letters(random.Random(1), 100).size > 100
