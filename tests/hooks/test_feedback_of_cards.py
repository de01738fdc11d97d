"""Whose card it is: known by its uuid, by any worker, with the audit and without it."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

import hooktools
import pytest
from sqlalchemy import delete, select

from cds.hooks.app import create_app
from cds.hooks.issued import MOST_SUGGESTIONS, Issuer, belongs, uuid_in
from cds.hooks.request import HookResponse
from cds.hooks.store import Store
from cds.settings import Settings
from cds.store.audit import Shown, write
from cds.store.feedback import Addressee
from cds.store.tables import feedback, shown_card
from tests.replaced import replace

SELECT, SIGN = hooktools.SERVICES["order-select"], hooktools.SERVICES["order-sign"]
NORTH, SOUTH = "https://north.example.org", "https://south.example.org"
STRANGE = "4e0a3a1e-3283-4575-ab82-028d55fe2719"


@pytest.fixture
def settings(tmp_path):
    clients = [hooktools.client(iss=NORTH), hooktools.client(iss=SOUTH)]
    return {
        "base_url": hooktools.BASE,
        "clients": clients,
        "database_url": f"sqlite:///{tmp_path}/f.sqlite",
        "audit_key": "a secret that workers share",
    }


class Worker:
    """One process of the service; `dropped`: the rows of its audit never arrive."""

    def __init__(self, settings, *, dropped=False, **changes):
        given = Settings(**settings | changes)
        self.store = Store(given)
        if dropped:
            self.store.shown = lambda *_given: None
        self.client = create_app(given, hooktools.one_card, self.store).test_client()

    def show(self, path=SELECT, **claims):
        card = hooktools.shown(self.client, path, **{"iss": NORTH} | claims)
        self.store.drain()
        return card

    def tell(self, card, path=SELECT, message=None, **claims):
        url = f"{path}/feedback"
        text = hooktools.token(url, **{"iss": NORTH} | claims)
        body = message or hooktools.overridden(card)
        return self.client.post(url, json=body, headers=hooktools.bearer(text))

    def cards(self):
        with self.store.database.transaction() as connection:
            return connection.execute(select(shown_card)).all()


def refused_card(response):
    return response.status_code == 400 and hooktools.expressions(response) == ["feedback[0].card"]


@pytest.mark.parametrize("dropped", [False, True], ids=["audited", "row dropped"])
def test_a_card_is_known_at_every_worker_and_to_its_client_alone(settings, dropped):
    one, two = Worker(settings, dropped=dropped), Worker(settings)
    card = one.show(tenant="a")
    assert len(one.cards()) == (0 if dropped else 1)
    for worker in (two, one):
        assert worker.tell(card, tenant="a").status_code == 200
        assert refused_card(worker.tell(card, tenant="b"))
        assert refused_card(worker.tell(card))
        assert refused_card(worker.tell(card, iss=SOUTH, tenant="a"))
        assert refused_card(worker.tell(card, SIGN, tenant="a"))
    with one.store.database.transaction() as connection:
        assert len(connection.execute(select(feedback)).all()) == 1


@pytest.mark.parametrize(
    "text", ["c", "../..", "0", "null", STRANGE, str(UUID(int=0)), f"{{{STRANGE}}}"]
)
def test_FB_4_another_card_is_refused_by_name(settings, text):
    worker = Worker(settings)
    assert refused_card(worker.tell({"uuid": text}))


def test_each_strange_card_of_a_message_is_named_and_none_is_kept(settings):
    worker = Worker(settings)
    good, other = worker.show(), worker.show(iss=SOUTH)
    entries = [hooktools.overridden(card)["feedback"][0] for card in (good, other, good, other)]
    response = worker.tell(None, message={"feedback": entries})
    assert response.status_code == 400
    assert hooktools.expressions(response) == ["feedback[1].card", "feedback[3].card"]
    with worker.store.database.transaction() as connection:
        assert connection.execute(select(feedback)).all() == []


def test_a_card_is_known_however_its_uuid_is_written_back(settings):
    worker = Worker(settings, dropped=True)
    card = worker.show()
    for form in (card["uuid"].upper(), f"urn:uuid:{card['uuid']}", f"URN:UUID:{card['uuid']}"):
        assert worker.tell({"uuid": form}).status_code == 200
    with worker.store.database.transaction() as connection:
        assert connection.execute(select(feedback.c.card)).scalars().all() == [card["uuid"]]


def test_after_a_start_with_another_key_the_audit_knows_the_card(settings):
    before = Worker(settings)
    card, other = before.show(), before.show(iss=SOUTH)
    after = Worker(settings, audit_key="another")
    assert after.tell(card).status_code == 200
    assert refused_card(after.tell(other))
    assert refused_card(after.tell(card, SIGN))
    accepted = {"outcome": "accepted", "acceptedSuggestions": [{"id": str(uuid4())}]}
    strange = after.tell(card, message=hooktools.overridden(card, **accepted))
    assert hooktools.expressions(strange) == ["feedback[0].acceptedSuggestions[0].id"]
    with before.store.database.transaction() as connection:
        connection.execute(delete(shown_card))
    assert refused_card(after.tell(card))
    assert before.tell(card).status_code == 200


def test_a_card_of_the_time_before_clients_were_stored_is_known_by_its_organisation(settings):
    worker = Worker(settings)
    old = str(uuid4())
    row = Shown(old, "ketamine-order-select", "a", "h", "dose", "info", ("iv",), "v", 5)
    write(worker.store.database, [row])
    accepted = {"outcome": "accepted", "acceptedSuggestions": [{"id": str(uuid4())}]}
    message = hooktools.overridden({"uuid": old}, **accepted)
    assert worker.tell(None, message=message, tenant="a").status_code == 200
    assert refused_card(worker.tell({"uuid": old}, tenant="b"))


def test_where_nobody_is_asked_who_they_are_cards_are_known_too(settings):
    worker = Worker(settings | {"auth": "off"}, dropped=True)
    card = hooktools.shown(worker.client)
    url = f"{SELECT}/feedback"
    assert worker.client.post(url, json=hooktools.overridden(card)).status_code == 200
    strange = Worker(settings).show()
    assert refused_card(worker.client.post(url, json=hooktools.overridden(strange)))


def test_a_long_or_odd_name_in_the_settings_costs_no_row_of_the_audit(settings):
    odd = hooktools.client(iss=NORTH, tenant="x\0\x1b" + "y" * 300)
    worker = Worker(settings | {"clients": [odd]})
    card = worker.show()
    assert [len(row.tenant) for row in worker.cards()] == [200]
    assert worker.tell(card).status_code == 200


TO = Addressee("s", "c", "t")


def test_a_uuid_is_one_of_rfc_9562_and_can_t_be_made_without_the_key():
    issuer = Issuer(b"key")
    made = {issuer.new(TO) for _ in range(1000)}
    assert len(made) == 1000
    for uuid in made:
        assert (UUID(uuid).version, UUID(uuid).variant) == (8, "specified in RFC 4122")
        assert issuer.proves(uuid, TO)
        assert not Issuer(b"other").proves(uuid, TO)
        for other in (replace(TO, service="t"), replace(TO, client=None), replace(TO, tenant="")):
            assert not issuer.proves(uuid, other)
    uuid = made.pop()
    for place, digit in enumerate(uuid):
        if digit not in "-":
            forged = uuid[:place] + format(int(digit, 16) ^ 1, "x") + uuid[place + 1 :]
            assert not issuer.proves(forged, TO)


def test_parts_can_t_be_shifted_into_each_other():
    issuer = Issuer(b"key")
    assert not issuer.proves(issuer.new(Addressee("a", "bc", None)), Addressee("ab", "c", None))
    assert not issuer.proves(issuer.new(Addressee("a", None, "b")), Addressee("a", "b", None))
    assert not issuer.proves(issuer.new(Addressee("a", "None", None)), Addressee("a", None, None))


def test_suggestions_belong_to_their_card():
    issuer = Issuer(b"key")
    cards = tuple(hooktools.card() for _ in range(2))
    answer = issuer.issued(HookResponse(cards), TO)
    for card, other in (answer.cards, answer.cards[::-1]):
        assert all(belongs(each["uuid"], card["uuid"]) for each in card["suggestions"])
        assert not any(belongs(each["uuid"], other["uuid"]) for each in card["suggestions"])
        last = str(uuid5(UUID(card["uuid"]), str(MOST_SUGGESTIONS - 1)))
        assert belongs(last, card["uuid"])
        beyond = str(uuid5(UUID(card["uuid"]), str(MOST_SUGGESTIONS)))
        assert not belongs(beyond, card["uuid"])


def test_nothing_but_the_uuids_of_an_answer_changes():
    card = hooktools.card()
    (issued,) = Issuer(b"key").issued(HookResponse((card,)), TO).cards

    def bare(told):
        kept = {name: value for name, value in told.items() if name != "uuid"}
        kept["suggestions"] = [{**each, "uuid": None} for each in told["suggestions"]]
        return kept

    assert bare(issued) == bare(card)
    assert list(issued) == list(card)


@pytest.mark.parametrize(
    "text", ["", "x", f"{{{STRANGE}}}", STRANGE.replace("-", ""), f"{STRANGE} ", "urn:uuid:"]
)
def test_what_is_no_uuid(text):
    assert uuid_in(text) is None
