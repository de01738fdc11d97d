"""The maxima of a request: at each limit what is read, and above it what is said."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import hooktools
import pytest

from benchmarks import payloads
from cds import limits
from cds.chart.drafts import name_draft, read_draft_dosages
from cds.chart.identity import by_own_name
from cds.chart.medication.resource import notes_of
from cds.fhir.access import MissingData, Wanted, record_for
from cds.fhir.ordered_medications import OrderedMedications
from cds.fhir.record.patient_record import gather
from cds.fhir.record.referred import Referred
from cds.hooks import prefetch_text, schema
from cds.hooks.envelope import read_envelope
from cds.hooks.errors import BodyTooDense
from cds.limits import UNREADABLE
from cds.orders.identified import identified
from cds.runtime import open_service
from cds.settings import Settings
from cds.wire import InvalidJson, decode, encode, is_dense, memory_of
from tests.work import calls_made, processor_seconds

URL = hooktools.SERVICES["order-select"]
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(scope="module")
def client():
    return hooktools.app().test_client()


@pytest.fixture(scope="module")
def real():
    return hooktools.app(open_service(Settings(auth="off")).respond).test_client()


def session(drafts, selections=None, **prefetch):
    entries = [{"resource": draft} for draft in drafts]
    chosen = selections or [f"MedicationRequest/{draft['id']}" for draft in drafts]
    bundle = {"resourceType": "Bundle", "entry": entries}
    body = hooktools.request(selections=chosen, draftOrders=bundle)
    body["prefetch"] |= prefetch
    return body


# ---- the envelope --------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 400)])
def test_selections(client, more, status):
    count = limits.MOST_SELECTIONS + more
    body = session([hooktools.draft()], ["MedicationRequest/rx1"] * count)
    response = client.post(URL, json=body)
    assert response.status_code == status
    if status != 200:
        assert hooktools.expressions(response) == ["context.selections"]


@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 400)])
def test_drafts(client, more, status):
    drafts = [hooktools.draft(f"rx{n}") for n in range(limits.MOST_DRAFTS + more)]
    response = client.post(URL, json=session(drafts))
    assert response.status_code == status
    if status != 200:
        assert hooktools.expressions(response) == ["context.draftOrders.entry"]


@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 400)])
def test_instructions_of_all_drafts(client, more, status):
    """A list that is too long is not read, and so does not count."""
    numbers = [200, 200, 200 + more] if more <= 0 else [200, 200, 200, more]
    drafts = [
        hooktools.draft(f"rx{n}") | {"dosageInstruction": [{"text": "35 mg IV"}] * number}
        for n, number in enumerate([*numbers, limits.MOST_LISTED + 1])
    ]
    assert sum(numbers) == limits.MOST_INSTRUCTIONS + more
    response = client.post(URL, json=session(drafts))
    assert response.status_code == status
    if status != 200:
        assert hooktools.expressions(response) == ["context.draftOrders"]


def test_the_schema_has_the_number_of_drafts():
    drafts = schema.load("envelope")["$defs"]["draftOrders"]
    assert drafts["properties"]["entry"]["maxItems"] == limits.MOST_DRAFTS


def test_what_is_selected_is_found_in_linear_time(client):
    drafts = [hooktools.draft(f"rx{n}") for n in range(limits.MOST_DRAFTS)]
    body = encode(session(drafts, ["MedicationRequest/rx1"] * limits.MOST_SELECTIONS))
    spent = processor_seconds(lambda: client.post(URL, data=body, content_type="application/json"))
    assert spent < 0.3, "comparing each with each takes four times as long"


@pytest.mark.parametrize(
    ("more", "told"), [(-1, ""), (0, ""), (1, "1 further order."), (3, "3 further orders.")]
)
def test_orders_that_are_to_be_judged(real, more, told):
    ours = [hooktools.draft(f"rx{n}") for n in range(limits.MOST_OURS + more)]
    other = {"medicationCodeableConcept": {"text": "lisinopril 10 MG Oral Tablet"}}
    others = [hooktools.draft(f"other{n}") | other for n in range(10)]
    response = real.post(URL, json=session([*ours, *others]))
    assert response.status_code == 200
    text = str(response.json["cards"])
    assert ("Not judged" in text) is bool(told)
    assert told in text


def test_ketamine_is_judged_before_what_may_not_be_given_with_it(real):
    beside = {"medicationCodeableConcept": {"text": "tranylcypromine 10 MG Oral Tablet"}}
    drafts = [hooktools.draft(f"x{n}") | beside for n in range(limits.MOST_OURS)]
    cards = real.post(URL, json=session([*drafts, hooktools.draft("rx")])).json["cards"]
    alone = real.post(URL, json=session([hooktools.draft("rx")])).json["cards"]
    assert "Not judged: 1 further order." in str(cards)
    assert {card["indicator"] for card in cards} >= {card["indicator"] for card in alone}


def test_an_order_set_of_other_drugs_costs_nothing(real):
    other = {"medicationCodeableConcept": {"text": "lisinopril 10 MG Oral Tablet"}}
    drafts = [hooktools.draft(f"o{n}") | other for n in range(limits.MOST_DRAFTS)]
    body = session(drafts)
    assert real.post(URL, json=body).json["cards"] == []
    assert processor_seconds(lambda: real.post(URL, json=body)) < 1.0


@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 400)])
def test_gzip_members(client, more, status):
    raw = json.dumps(hooktools.request()).encode()
    members = gzip.compress(b"") * (limits.MOST_MEMBERS - 2 + more)
    packed = members + gzip.compress(raw[:100]) + gzip.compress(raw[100:])
    headers = {"Content-Encoding": "gzip"}
    response = client.post(URL, data=packed, content_type="application/json", headers=headers)
    assert response.status_code == status


def test_many_gzip_members_cost_what_they_are_long(client):
    packed = gzip.compress(b"") * 200_000
    headers = {"Content-Encoding": "gzip"}
    kind = "application/json"
    spent = processor_seconds(
        lambda: client.post(URL, data=packed, content_type=kind, headers=headers)
    )
    assert spent < 1


# ---- texts and lists -----------------------------------------------------------------------------


def test_what_stands_for_an_overlong_text_says_nothing(terminology):
    from cds.dosage.words import read_words, stated_in
    from cds.terminology.model import Said
    from cds.terminology.text.certainty import read

    words = read_words(UNREADABLE)
    assert not words.complete
    assert words.unread
    assert not stated_in(UNREADABLE).doses
    assert all(not clause.said for clause in read(UNREADABLE, frozenset(Said)))
    assert terminology.drug({"text": UNREADABLE}) is None
    assert not terminology.condition({"text": UNREADABLE}).sets


LONG = limits.LONGEST_TEXT


@pytest.mark.parametrize(
    ("name", "draft", "told"),
    [
        ("a drug's name", {"medicationCodeableConcept": {"text": "ketamine " + "x" * LONG}}, True),
        ("a drug's name as long as may be",
         {"medicationCodeableConcept": {"text": "ketamine " + "x" * (LONG - 9)}}, False),
        ("codings", {"medicationCodeableConcept": {"coding": [{"display": "ketamine"}] * 201}},
         True),
        ("as many as may be",
         {"medicationCodeableConcept": {"coding": [{"display": "ketamine"}] * 200}}, False),
    ],
)  # fmt: skip
def test_a_drug_that_is_too_long_to_be_read_is_no_silence(terminology, name, draft, told):
    named = name_draft(hooktools.draft() | draft, terminology, Referred({}))
    assert identified(named, terminology).drug_unread is told, name


@pytest.mark.parametrize(
    ("name", "dosages", "told"),
    [
        ("an instruction", [{"text": "500 mg IV " + "x" * LONG}], True),
        ("instructions", [{"text": "35 mg IV once"}] * 201, True),
        ("as many as may be", [{"text": "35 mg IV once"}] * 200, False),
        ("an instruction with much beside it",
         [{"text": "35 mg IV once", "extension": [{"url": "x" * 1000}] * 60}], True),
    ],
)  # fmt: skip
def test_an_instruction_that_is_too_long_is_unread(name, dosages, told):
    read = read_draft_dosages(hooktools.draft() | {"dosageInstruction": dosages})
    assert (UNREADABLE in {one.text for one in read}) is told, name
    assert all(bool(one.words.unread) is told for one in read)
    assert not told or not any(one.words.complete for one in read)


@pytest.mark.parametrize(("more", "told"), [(-1, False), (0, False), (1, True)])
def test_notes_that_are_too_long_together(more, told):
    half = limits.LONGEST_NOTES // 4
    notes = [{"text": "x" * half}] * 3 + [{"text": "x" * (half + more)}]
    read = notes_of(hooktools.draft() | {"note": notes})
    assert len(read) == 4
    assert (set(read) == {UNREADABLE}) is told


@pytest.mark.parametrize("count", [199, 200, 201])
def test_a_draft_of_which_not_all_is_read_is_not_changed(count):
    order = hooktools.draft() | {"note": [{"text": "a"}] * count}
    assert (by_own_name([order]) != {}) is (count <= limits.MOST_LISTED)


def mixture(wide, deep):
    """A draft of a Medication that is mixed from others, and those from others."""
    listed = [
        {
            "resourceType": "Medication", "id": f"m{level}", "code": {"text": f"mix {level}"},
            "ingredient": [{"itemReference": {"reference": f"Medication/m{level + 1}"}}] * wide,
        }
        for level in range(deep)
    ]  # fmt: skip
    draft = hooktools.draft() | {"medicationReference": {"reference": "Medication/m0"}}
    del draft["medicationCodeableConcept"]
    return draft, gather(listed)


def test_a_mixture_of_mixtures_is_read_up_to_a_number(terminology):
    draft, session = mixture(wide=20, deep=4)
    made = calls_made(lambda: name_draft(draft, terminology, session.referred))
    wider, large = mixture(wide=40, deep=4)
    assert calls_made(lambda: name_draft(wider, terminology, large.referred)) < 6 * made
    fetched = OrderedMedications(large, None, lambda: Referred({}))
    assert calls_made(lambda: fetched.fetch([wider])) < 40_000


@pytest.mark.parametrize("number", ["1e99999999999999999999", "9" * 28 + ".9", "1e26", "9" * 5_000])
@pytest.mark.parametrize(
    "place", ["doseQuantity", "rateQuantity", "maxDosePerPeriod", "frequency", "duration"]
)
def test_an_absurd_number_is_no_dose_and_no_failure(real, place, number):
    here = "\x01"
    dosage = {
        "text": "IV",
        "doseAndRate": [{place: {"value": here, "unit": "mg"}}],
        "maxDosePerPeriod": {
            "numerator": {"value": here, "unit": "mg"},
            "denominator": {"value": 1, "unit": "d"},
        },
        "timing": {"repeat": {place: here, "durationUnit": "min", "period": 1, "periodUnit": "d"}},
    }
    body = json.dumps(session([hooktools.draft() | {"dosageInstruction": [dosage]}]))
    raw = body.replace(json.dumps(here), number)
    response = real.post(URL, data=raw, content_type="application/json")
    assert response.status_code == 200, response.get_data()


# ---- a body as a whole ---------------------------------------------------------------------------


def test_memory_is_reckoned_before_a_body_is_read():
    assert memory_of(b"[" + b"{}," * 1_000 + b"{}]") > 64_000
    assert not is_dense(b"[" + b"{}," * 20_000 + b"{}]")
    assert is_dense(b"[" + b"{}," * 3_000_000 + b"{}]")
    assert not is_dense(b'{"a": "' + b"x" * 9_000_000 + b'"}'), "a text is no more than it is long"


@pytest.mark.parametrize(
    ("member", "field"),
    [("extension", "extension"), ("context", "context"), ("prefetch", "prefetch"), ("other", None)],
)
def test_a_list_of_nothing_is_refused_by_name(client, member, field):
    body = json.dumps(hooktools.request() | {member: "here"}).encode()
    raw = body.replace(b'"here"', b"[" + b"{}," * 900_000 + b"{}]")
    response = client.post(URL, data=raw, content_type="application/json")
    if field is None:
        assert response.status_code == 200, "what nobody asks for is passed over"
    else:
        assert response.status_code == 413
        assert hooktools.expressions(response) == [field]


def read_as_fits(raw):
    """All of a request that is read."""
    whole = read_envelope(raw)
    return whole | {"prefetch": whole["prefetch"].read()}


@pytest.mark.parametrize("raw", [b"[" + b"{}," * 900_000 + b"{}]", b'{"a":' + b"[0," * 900_000])
def test_dense_and_no_request(raw):
    with pytest.raises((BodyTooDense, InvalidJson)):
        read_as_fits(raw)


def observation(number):
    return {"resource": {"resourceType": "Observation", "id": f"o{number}", "status": "final"}}


@pytest.fixture(scope="module")
def dense():
    """A request whose observations alone are more than is read."""
    body = hooktools.request()
    body["prefetch"]["observations"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [observation(number) for number in range(100_000)],
    }
    body["prefetch"]["encounter"] = {"resourceType": "Encounter", "id": "e1"}
    return encode(body)


def test_of_a_dense_chart_is_read_what_fits(dense):
    assert is_dense(dense)
    read, whole = read_as_fits(dense), decode(dense)
    for name in whole["prefetch"].keys() - {"observations"}:
        assert read["prefetch"][name] == whole["prefetch"][name]
    assert {k: v for k, v in read.items() if k != "prefetch"} == {
        k: v for k, v in whole.items() if k != "prefetch"
    }
    some = read["prefetch"]["observations"]["entry"]
    assert some[:-1] == whole["prefetch"]["observations"]["entry"][: len(some) - 1]
    assert 10_000 < len(some) < 100_000
    record = record_for(Wanted("p1", None, read["prefetch"]), None)
    assert record.unavailable == {"observations": "it held more than is read at once"}
    assert "observations" not in record.answered
    assert record.resources["Observation"]


def hollow(number):
    """An observation that is real, and takes a hundred times what it says."""
    entry = observation(number)
    return {"resource": entry["resource"] | {"extension": [{}] * 900}}


@pytest.mark.parametrize("key", ["observations", "conditions"])
def test_real_entries_before_hollow_ones_are_read(key):
    """Two million values in a list do not cost the few that come first, nor the other keys."""
    kind = {"observations": "Observation", "conditions": "Condition"}[key]
    body = hooktools.request()
    first = [{"resource": {"resourceType": kind, "id": f"r{n}", "code": {"text": "a \\\"[{,"}}}
             for n in range(15)]  # fmt: skip
    body["prefetch"][key] = {"resourceType": "Bundle", "type": "searchset",
                             "entry": [*first, *map(hollow, range(2_200))]}  # fmt: skip
    raw = encode(body)
    assert is_dense(raw)
    read = read_as_fits(raw)["prefetch"][key]["entry"]
    assert read[:15] == first
    assert 15 < len(read) < 1_000
    record = record_for(Wanted("p1", None, read_as_fits(raw)["prefetch"]), None)
    assert record.unavailable[key] == "it held more than is read at once"
    assert key in record.partial
    assert len([one for one in record.resources[kind] if one["id"].startswith("r")]) == 15


def test_of_values_that_do_not_fit_none_is_made(monkeypatch):
    """One entry that is all the body: its end is not looked for beyond the room there is."""
    huge = b'{"resource":[' + b"{}," * 2_000_000 + b"{}]}"
    body = encode(hooktools.request() | {"prefetch": {"observations": "here", "patient": None}})
    raw = body.replace(b'"here"', b'{"type":"searchset","entry":[' + huge + b"]}")
    made, seen = [], []

    class Counting:
        finditer = staticmethod(lambda text: map(count, sign.finditer(text)))

    def count(found):
        seen.append(None)
        return found

    sign = prefetch_text._SIGN
    monkeypatch.setattr(prefetch_text, "_SIGN", Counting)
    monkeypatch.setattr(
        prefetch_text, "decode", lambda text: made.append(len(text)) or decode(text)
    )
    assert read_as_fits(raw)["prefetch"]["observations"] == prefetch_text.TOO_MUCH
    assert max(made) < 10_000
    assert 100_000 < len(seen) < 1_000_000, "of six million signs"


NOTHING = "[" + "{}," * 900_000 + "{}]"


@pytest.mark.parametrize("value", [NOTHING, f'{{"entry":{NOTHING}}}'])
def test_a_key_of_which_nothing_fits_is_not_answered(value):
    body = json.dumps(hooktools.request() | {"prefetch": {"conditions": "here", "patient": None}})
    read = read_as_fits(body.replace('"here"', value).encode())
    assert read["prefetch"]["conditions"]["resourceType"] == "OperationOutcome"
    with pytest.raises(MissingData):
        record_for(Wanted("p1", None, read["prefetch"]), None)


def test_a_usual_chart_of_nine_megabytes_is_read_nearly_whole(monkeypatch):
    monkeypatch.setitem(payloads.SIZES, "nine", (3_300, 3_300, 6_600))
    raw = payloads.unrelated(payloads.today(), "nine")
    assert len(raw) > 8_900_000
    read = read_as_fits(raw)
    kept = [len(read["prefetch"][key]["entry"]) for key in ("conditions", "medicationRequests")]
    assert kept == [3_300, 3_300]
    assert len(read["prefetch"]["observations"]["entry"]) > 2_000


def test_the_page_on_operations_has_the_limits():
    text = PAGE.read_text()
    section = text.partition("## Limits of a request")[2].partition("\n## ")[0]
    told = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", section)}
    of_limits = {name: value for name, value in vars(limits).items() if isinstance(value, int)}
    bare = {"LONGEST_KEPT", "LARGEST_BODY", "LARGEST_ENVELOPE", "LARGEST_FETCHED"}
    missing = {n for n, v in of_limits.items() if n not in bare and v not in told}
    assert not missing
