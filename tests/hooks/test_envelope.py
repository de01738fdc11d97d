"""One body, read in two steps: the envelope of every call, the prefetch of those about our drugs.

The table says what each oddity of a body costs an order for ketamine, and another order: what is
no JSON is refused for both, what is wrong with the prefetch alone concerns only the first.
"""

from __future__ import annotations

import json

import hooktools
import pytest

from benchmarks import payloads
from cds.fhir.queries import QUERIES
from cds.hooks.envelope import read_envelope
from cds.hooks.prefetch_text import PrefetchText
from cds.runtime import open_service
from cds.settings import Settings
from tests.work import calls_made

URL = hooktools.SERVICES["order-select"]
OTHER_DRUG = {
    "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076"}],
    "text": "lisinopril 10 mg oral tablet",
}
REFUSED, READ = 400, 200


@pytest.fixture(scope="module")
def client():
    return hooktools.app(open_service(Settings(auth="off")).respond).test_client()


def body(*, ours: bool, **members):
    """A request about ketamine, or about a drug that has nothing to do with it."""
    whole = hooktools.request()
    if not ours:
        draft = whole["context"]["draftOrders"]["entry"][0]["resource"]
        draft["medicationCodeableConcept"] = OTHER_DRUG
    return whole | members


def post(client, raw):
    return client.post(URL, data=raw, content_type="application/json")


def answered(client, raw, ours):
    """The status; an unrelated order that is answered has no card."""
    response = post(client, raw)
    if response.status_code == READ and not ours:
        assert response.get_json() == {"cards": []}
    if response.status_code == REFUSED:
        hooktools.outcome(response)
    return response.status_code


DEEP = "[" * 5_000 + "]" * 5_000

NO_JSON = {
    "a value that breaks off": '{"resourceType":',
    "a literal of none": "nul",
    "NaN": "NaN",
    "a trailing comma in an object": '{"a":1,}',
    "a trailing comma in a list": '{"a":[1,]}',
    "a leading nought": '{"a":01}',
    "a plus": '{"a":+1}',
    "a number without an end": '{"a":1.}',
    "an exponent without digits": '{"a":1e}',
    "a raw line break in a text": '{"a":"\n"}',
    "an escape of nothing": '{"a":"\\x"}',
    "half a surrogate": '{"a":"\\ud800"}',
    "the second half of a surrogate": '{"a":"\\udc00"}',
    "half a surrogate as a name": '{"\\ud800":1}',
    "too deep": DEEP,
    "bytes that are no UTF-8": b'{"a":"\xff"}',
    "such bytes in a name": b'{"\xff":1}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "a text of more bytes than it says": b'{"a":"\xe2\x82"}',
    "two values": '{} "a": 1',
}
PLACES = ("prefetch", "prefetch.patient", "prefetch.item1", "extension", "other")


def put(text, place, *, ours):
    """The request with a raw text in a place of it."""
    member, _, key = place.partition(".")
    whole = body(ours=ours)
    if key:
        whole[member][key] = "HERE"
    else:
        whole[member] = "HERE"
    raw = text if isinstance(text, bytes) else text.encode()
    return json.dumps(whole).encode().replace(b'"HERE"', raw)


@pytest.mark.parametrize("ours", [True, False], ids=["ketamine", "unrelated"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
def test_ERR_1_what_is_no_json_is_refused_wherever_it_stands(client, text, place, ours):
    assert answered(client, put(text, place, ours=ours), ours) == REFUSED


def test_the_prefetch_of_an_unrelated_order_is_not_looked_at(client, monkeypatch):
    """Whatever its size: checked to be JSON, it stays the text that it came in."""
    looked = []
    for name in ("read", "holding"):
        monkeypatch.setattr(PrefetchText, name, lambda *_, name=name: looked.append(name) or {})
    assert answered(client, json.dumps(body(ours=False)), ours=False) == READ
    assert looked == []
    post(client, json.dumps(body(ours=True)))
    assert looked == ["read"]


def test_an_unrelated_order_takes_as_many_steps_whatever_the_chart(client):
    small, large = (payloads.unrelated(payloads.today(), size) for size in ("small", "large"))
    assert len(large) > 100 * len(small)
    post(client, small)
    steps = calls_made(lambda: post(client, small))
    assert abs(calls_made(lambda: post(client, large)) - steps) <= MORE_BLOCKS


MORE_BLOCKS = 50
"""calls by which a longer body may be received, searched and let go"""


def test_only_keys_that_may_hold_a_medication_are_looked_at_for_one():
    whole = referring(KETAMINE, "procedures")
    text = read_envelope(json.dumps(whole).encode())["prefetch"]
    assert text.holding("Medication") == {"procedures": whole["prefetch"]["procedures"]}
    assert text.read() == whole["prefetch"], "and the others afterwards"
    assert text.read() == whole["prefetch"], "as often as it is asked for"


@pytest.mark.parametrize("value", ["[]", '"Medication"', "7", '{"medicationRequests":7}'])
def test_what_hides_the_medication_of_an_order_is_refused_by_name(client, value):
    whole = json.dumps(referring(KETAMINE) | {"prefetch": "HERE"}).replace('"HERE"', value)
    response = post(client, whole)
    assert response.status_code == REFUSED
    [issue, *_] = response.get_json()["issue"]
    assert issue["expression"][0].startswith("prefetch")


@pytest.mark.parametrize("value", ["null", "{}", '{"item1":"Medication","patient":null}'])
def test_an_order_whose_medication_did_not_come_says_so_whatever_came_instead(client, value):
    whole = json.dumps(referring(KETAMINE) | {"prefetch": "HERE"}).replace('"HERE"', value)
    response = post(client, whole)
    assert response.status_code == READ
    [card] = response.get_json()["cards"]
    assert card["summary"] == "The drug of this order is not readable"


PREFETCHED = [
    # value of `prefetch`, the status for ketamine, the field that is named
    ("null", 412, "prefetch.patient"),
    ("{}", 412, "prefetch.patient"),
    ("[]", REFUSED, "prefetch"),
    ('"none"', REFUSED, "prefetch"),
    ("7", REFUSED, "prefetch"),
    ("9" * 5_000, REFUSED, "prefetch"),
    ("1e99999", REFUSED, "prefetch"),
    ('{"patient":"Patient/p1"}', REFUSED, "prefetch.patient"),
    ('{"patient":[]}', REFUSED, "prefetch.patient"),
    ('{"patient":7}', REFUSED, "prefetch.patient"),
    ('{"patient":{"resourceType":"Condition"}}', REFUSED, "prefetch.patient"),
    ('{"patient":{"resourceType":7}}', REFUSED, "prefetch.patient"),
    ('{"observations":{"resourceType":"Patient"}}', REFUSED, "prefetch.observations"),
    ('{"observations":{"entry":[]}}', REFUSED, "prefetch.observations"),
    ('{"observations":{"resource":"Bundle"}}', REFUSED, "prefetch.observations"),
    ('{"item1":7,"patient":null}', 412, "prefetch.patient"),
    ('{"patient":"wrong","patient":null}', 412, "prefetch.patient"),
    ('{"patient":null,"patient":"wrong"}', REFUSED, "prefetch.patient"),
    ('{"pat\\u0069ent":"wrong"}', REFUSED, "prefetch.patient"),
]


@pytest.mark.parametrize(("value", "status", "field"), PREFETCHED)
def test_ERR_7_what_is_wrong_with_a_prefetch_concerns_our_orders_alone(
    client, value, status, field
):
    response = post(client, put(value, "prefetch", ours=True))
    assert response.status_code == status
    assert hooktools.expressions(response) == [field]
    assert answered(client, put(value, "prefetch", ours=False), ours=False) == READ


@pytest.mark.parametrize("key", QUERIES)
def test_ERR_7_each_key_is_named(client, key):
    response = post(client, put("[]", f"prefetch.{key}", ours=True))
    assert response.status_code == REFUSED
    assert hooktools.expressions(response) == [f"prefetch.{key}"]
    assert answered(client, put("[]", f"prefetch.{key}", ours=False), ours=False) == READ


def test_several_wrong_keys_are_all_named(client):
    value = '{"conditions":{"resourceType":"Patient"},"patient":{"resourceType":"Bund"}}'
    response = post(client, put(value, "prefetch", ours=True))
    assert set(hooktools.expressions(response)) == {"prefetch.conditions", "prefetch.patient"}


@pytest.mark.parametrize("ours", [True, False])
def test_a_wrong_envelope_is_refused_with_all_that_is_wrong(client, ours):
    """Of a call that can't be answered anyway, the sender learns everything."""
    wrong = body(ours=ours, hookInstance="1", prefetch={"patient": "Patient/p1"})
    response = post(client, json.dumps(wrong))
    assert response.status_code == REFUSED
    assert set(hooktools.expressions(response)) == {"hookInstance", "prefetch.patient"}
    wrong = body(ours=ours, prefetch={"patient": {"resourceType": "Condition"}})
    wrong["context"]["selections"] = ["MedicationRequest/other"]
    response = post(client, json.dumps(wrong))
    assert response.status_code == REFUSED
    assert hooktools.expressions(response) == ["context.selections", "prefetch.patient"]


@pytest.mark.parametrize("ours", [True, False], ids=["ketamine", "unrelated"])
@pytest.mark.parametrize(
    "form",
    {
        "as it is": b"%s",
        "a byte order mark": b"\xef\xbb\xbf%s",
        "white space around": b"\r\n\t %s \n",
        "white space after a byte order mark": b"\xef\xbb\xbf \n%s",
    }.items(),
    ids=lambda form: form[0],
)
def test_what_stands_around_a_body(client, form, ours):
    raw = form[1] % json.dumps(body(ours=ours)).encode()
    assert answered(client, raw, ours) == READ


@pytest.mark.parametrize("ours", [True, False], ids=["ketamine", "unrelated"])
@pytest.mark.parametrize(
    "form", [b"\xef\xbb\xbf\xef\xbb\xbf%s", b" \xef\xbb\xbf%s", b"%s x", b"%s %s", b"[%s]"]
)
def test_ERR_1_what_must_not_stand_around_a_body(client, form, ours):
    raw = form.replace(b"%s", json.dumps(body(ours=ours)).encode())
    assert answered(client, raw, ours) == REFUSED


NUMBERS = [
    "9" * 5_000,
    "-" + "9" * 5_000,
    "1e999999999",
    "0." + "3" * 500,
    "1e-400",
    "1e" + "9" * 99,
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda text: f"{text[:4]}-{len(text)}")
@pytest.mark.parametrize("ours", [True, False], ids=["ketamine", "unrelated"])
@pytest.mark.parametrize("place", ["extension", "prefetch.patient", "prefetch.item1", "other"])
def test_an_absurd_number_costs_nothing_else_its_use(client, place, number, ours):
    value = f'{{"resourceType":"Patient","id":"p1","x":{number}}}'
    assert answered(client, put(value, place, ours=ours), ours) == READ


@pytest.mark.parametrize("member", ["hook", "context", "prefetch"])
@pytest.mark.parametrize("ours", [True, False], ids=["ketamine", "unrelated"])
def test_the_last_of_a_member_that_is_named_twice(client, member, ours):
    raw = json.dumps(body(ours=ours)).encode()
    assert answered(client, b'{"%s": "wrong", %s' % (member.encode(), raw[1:]), ours) == READ
    again = b'%s, "%s": "wrong"}' % (raw[:-1], member.encode())
    only_prefetch = member == "prefetch" and not ours
    assert answered(client, again, ours) == (READ if only_prefetch else REFUSED)


@pytest.mark.parametrize("ours", [True, False], ids=["ketamine", "unrelated"])
def test_a_name_that_is_written_in_escapes_is_that_name(client, ours):
    raw = json.dumps(body(ours=ours)).replace('"hook":', '"\\u0068ook":')
    assert answered(client, raw, ours) == READ


def medication_draft(reference):
    draft = hooktools.draft()
    del draft["medicationCodeableConcept"]
    return draft | {"medicationReference": {"reference": reference}}


KETAMINE = {
    "resourceType": "Medication",
    "id": "m1",
    "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "6130"}],
             "text": "ketamine"},
}  # fmt: skip


def referring(medication, key="medicationRequests"):
    """A request whose draft names its drug by a Medication of the prefetch."""
    whole = hooktools.request()
    whole["context"]["draftOrders"]["entry"][0]["resource"] = medication_draft("Medication/m1")
    asked_for = {"resourceType": QUERIES[key].resource_type, "id": "one", "status": "cancelled"}
    entries = [{"resource": one} for one in (asked_for, medication)]
    whole["prefetch"][key] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    return whole


@pytest.mark.parametrize("key", [key for key, query in QUERIES.items() if query.is_search])
def test_a_medication_is_looked_for_in_every_key_of_the_prefetch(client, key):
    assert post(client, json.dumps(referring(KETAMINE, key))).get_json()["cards"]


def test_a_medication_is_found_whose_type_is_written_in_escapes(client):
    raw = json.dumps(referring(KETAMINE)).replace('"Medication"', '"\\u004dedication"')
    assert post(client, raw).get_json()["cards"]


def test_an_unrelated_medication_of_a_prefetch_that_is_wrong_elsewhere(client):
    whole = referring(KETAMINE | {"code": OTHER_DRUG})
    whole["prefetch"]["patient"] = "Patient/p1"
    response = post(client, json.dumps(whole))
    assert (response.status_code, response.get_json()) == (READ, {"cards": []})
    whole = referring(KETAMINE)
    whole["prefetch"]["patient"] = "Patient/p1"
    response = post(client, json.dumps(whole))
    assert response.status_code == REFUSED
    assert hooktools.expressions(response) == ["prefetch.patient"]
