"""Honest clients at work, with a few of the other kind among them."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from tests.soak import judge
from tests.soak.cast import FHIR_OF, Call, Client, Token
from tests.soak.hostile_sample import Sample, samples
from tests.soak.ledger import Card, Ledger, Sent
from tests.soak.weather import Weather
from tests.soak.wire import Reply, Wire, head, opened, reset

LYING = "FHIR lies about totals"
LOOKING_S = 3.0
"""before a user says something of a card; what was shown may be written until then"""
REASON = {"system": "urn:ketamine-cds:override-reason", "code": "local-protocol"}
JSON = {"Content-Type": "application/json"}
REFUSED = frozenset({401})


@dataclass(slots=True)
class Stage:
    """What all clients of one leg share."""

    port: int
    clients: Mapping[str, Client]
    calls: Sequence[Call]
    whole: Mapping[Call, bytes]
    """what an undisturbed service answers, without its ids"""
    foreign: Mapping[str, Sequence[bytes]]
    """for each patient, what marks the others"""
    weather: Weather
    ledger: Ledger
    rate: float
    """requests a second of all actors together"""
    actors: int
    refuses: bool
    """whether no token is let in while their memory is away"""
    over: threading.Event = field(default_factory=threading.Event)


class Actor(threading.Thread):
    """A user with a connection, who does one thing after the other."""

    def __init__(self, stage: Stage, seed: int) -> None:
        super().__init__(daemon=True)
        self.stage, self.chance = stage, random.Random(seed)
        self.ledger, self.weather = stage.ledger, stage.weather
        self.wire = Wire(stage.port)
        self.hostile: Iterator[Sample] = samples(seed)

    def run(self) -> None:
        acts = [act for act, weight in ACTS.items() for _ in range(weight)]
        while not self.stage.over.wait(
            self.chance.expovariate(self.stage.rate / self.stage.actors)
        ):
            if self.chance.random() < 0.3:
                self.wire.close()  # another worker may get the next
            self.chance.choice(acts)(self)
        self.wire.close()

    def send(
        self, client: Client, path: str, body: bytes | None, token: Token | None = None,
        **headers: str,
    ) -> Reply:  # fmt: skip
        """Send with a token, new unless given, and keep account of it."""
        token = token or client.token(path)
        method = "GET" if body is None else "POST"
        sent = JSON | headers | {"Authorization": f"Bearer {token.text}"}
        reply = self.wire.send(method, path, sent, body)
        account(self.stage, token, client.name, reply)
        return reply

    def blame(
        self, kind: str, wrong: Iterator[str], reply: Reply, what: object, whole: bytes = b""
    ) -> None:
        """Note what is wrong with a reply, and what it was."""
        self.ledger.count(kind, reply.broken or str(reply.status))
        for fault in wrong:
            phase = self.weather.name_at(reply.begun)
            seen = judge.difference(reply.body, whole) if whole else repr(reply.body[:160])
            said = f"{phase}; {what}; {reply.seconds:.2f} s; {seen}"
            self.ledger.breach(f"{kind}: {fault}", said)

    def during(self, reply: Reply) -> frozenset[str]:
        weather = self.weather.during(reply.begun - 0.1, reply.ended)
        return weather | {"refusing"} if self.stage.refuses and "memory" in weather else weather


def account(stage: Stage, token: Token, client: str, reply: Reply) -> None:
    """Who was let in by a token."""
    stage.ledger.spend(token, client)
    if 200 <= reply.status < 500 and reply.status not in (401, 408, 429, 431):
        away = "memory" in stage.weather.during(reply.begun - 0.1, reply.ended)
        stage.ledger.accepted(token.jti, away and not stage.refuses)


def call(actor: Actor, chosen: Call | None = None) -> Reply:
    """One honest call, and what its cards are."""
    stage = actor.stage
    chosen = chosen or actor.chance.choice(stage.calls)
    client = stage.clients[chosen.client]
    ident = uuid4().hex
    reply = actor.send(client, chosen.path, chosen.body(), **{"X-Request-Id": ident})
    weather = actor.during(reply)
    lied = stage.weather.throughout(reply.begun, reply.ended, LYING)
    whole, foreign = stage.whole[chosen], stage.foreign[chosen.patient]
    kind = f"call, {chosen.way}"
    wrong = judge.of_call(chosen, reply, whole, foreign, weather, FHIR_OF[client.name], lied)
    actor.blame(kind, wrong, reply, chosen, whole if reply.status == 200 else b"")
    if reply.status == 200:
        if reply.headers.get("x-request-id") != ident:
            stage.ledger.breach("the answer to another request", str(chosen))
        stage.ledger.cards(chosen, list(_cards(chosen, reply)))
    if chosen.way == "prefetch" and client.name != "shaky" and reply.status == 200:
        stage.ledger.took(stage.weather.name_at(reply.begun), reply.seconds)
    return reply


def _cards(chosen: Call, reply: Reply) -> Iterator[Card]:
    for card in json.loads(reply.body)["cards"]:
        suggestions = tuple(one["uuid"] for one in card.get("suggestions", ()))
        yield Card(card["uuid"], chosen.client, chosen.service, suggestions, reply.ended)


def feedback(actor: Actor) -> None:
    """What a user did with a card that was shown; once more with another outcome, sometimes."""
    card = actor.ledger.card(LOOKING_S)
    if card is None:
        return
    client = actor.stage.clients[card.client]
    item = _outcome(actor, card)
    sent = Sent(item["outcome"], item["outcomeTimestamp"])
    card.sent.append(sent)
    actor.ledger.talked_about(card)
    path = f"/cds-services/{card.service}/feedback"
    body = json.dumps({"feedback": [item]}).encode()
    for _ in range(2):
        reply = actor.send(client, path, body)
        weather = actor.during(reply)
        if reply.status == 400 and not card.acknowledged and _may_be_unknown(actor, card):
            actor.ledger.count("feedback", "400, what was shown was not kept")
            return
        actor.blame("feedback", judge.of_feedback(reply, weather, client.name), reply, card.uuid)
        if reply.status == 200:
            sent.acknowledged = True
            break
        time.sleep(0.3)
    if actor.chance.random() < 0.4:
        actor.ledger.give_back(card)


def _may_be_unknown(actor: Actor, card: Card) -> bool:
    """Whether a kill or a store out of reach may have cost the record of what was shown."""
    weather = actor.weather.during(card.shown - 1, card.shown + LOOKING_S)
    return bool(weather & {"broken", "store"})


def _outcome(actor: Actor, card: Card) -> dict[str, object]:
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    item: dict[str, object] = {"card": card.uuid, "outcomeTimestamp": moment}
    if card.suggestions and actor.chance.random() < 0.5:
        return item | {"outcome": "accepted", "acceptedSuggestions": [{"id": card.suggestions[0]}]}
    client = actor.stage.clients[card.client]
    remark = (
        f"{client.patients[0].mark} called"  # the free text is not kept, unless a site wants it
    )
    return item | {"outcome": "overridden",
                   "overrideReason": {"reason": REASON, "userComment": remark}}  # fmt: skip


def strange_feedback(actor: Actor) -> None:
    """About a card that nobody was shown, or somebody else was: refused."""
    client = actor.chance.choice(list(actor.stage.clients.values()))
    card = actor.ledger.card(LOOKING_S)
    other = card if card is not None and card.client != client.name else None
    if card is not None:
        actor.ledger.give_back(card)
    item = _outcome(actor, other or Card(str(uuid4()), client.name, "", (), 0.0))
    item |= {"outcome": "overridden", "overrideReason": {"reason": REASON}}
    item.pop("acceptedSuggestions", None)
    service = other.service if other else "ketamine-order-select"
    body = json.dumps({"feedback": [item]}).encode()
    reply = actor.send(client, f"/cds-services/{service}/feedback", body)
    whose = "of another client's card" if other else "of no card"
    wrong = judge.of_refusal(reply, frozenset({400}), actor.during(reply))
    actor.blame(f"feedback {whose}", wrong, reply, "")


def replay(actor: Actor) -> None:
    """A token that was used before."""
    found = actor.ledger.spent_token(actor.chance.randrange(1000))
    if found is None:
        return
    token, name = found
    body = json.dumps({"hook": "x"}).encode() if token.path != "/cds-services" else None
    reply = actor.send(actor.stage.clients[name], token.path, body, token)
    # the first sending may never have arrived: the ledger knows whether it was let in twice;
    # and one from before their memory began is refused with 503, whenever it comes
    refusing = frozenset({"refusing"} if actor.stage.refuses else ())
    wrong = judge.broken(reply, actor.during(reply) | refusing)
    actor.blame("used token", wrong, reply, "")


def discovery(actor: Actor) -> None:
    client = actor.chance.choice(list(actor.stage.clients.values()))
    reply = actor.send(client, "/cds-services", None)
    weather = actor.during(reply)
    excused = reply.status == 401 and (client.name == "shaky" and "shaky" in weather)
    wanted = frozenset({200, 401} if excused else {200})
    actor.blame("discovery", judge.of_refusal(reply, wanted, weather), reply, client.name)


def status(actor: Actor) -> None:
    """What an operator's probes ask; `/readyz` tells of what is away."""
    path = actor.chance.choice(["/healthz", "/healthz", "/readyz", "/metrics"])
    reply = actor.wire.send("GET", path, {})
    weather = actor.during(reply)
    excused = (
        path == "/readyz" and reply.status == 503 and not weather.isdisjoint({"store", "memory"})
    )
    wrong = iter(()) if excused else judge.broken(reply, weather)
    actor.blame(path, wrong, reply, path)


def hostile(actor: Actor) -> None:
    """A request that no client should send, with a good token."""
    name, path, body, packed = next(actor.hostile)
    coding = {"Content-Encoding": "gzip"} if packed else {}
    reply = actor.send(actor.stage.clients["inline"], path, body, **coding)
    weather = actor.during(reply)
    wrong = judge.of_refusal(
        reply, frozenset({200, 400, 404, 408, 412, 413, 415, 422, 431}), weather
    )
    actor.blame("hostile", wrong, reply, name)


def stranger(actor: Actor) -> None:
    """No token, or one that was tampered with."""
    client = actor.chance.choice(list(actor.stage.clients.values()))
    path = actor.chance.choice(actor.stage.calls).path
    text = client.token(path).text
    forged = actor.chance.choice(["", "a.b.c", text[:-8] + "AAAAAAAA", client.token("/x").text])
    headers = JSON | {"Authorization": f"Bearer {forged}"}
    reply = actor.wire.send("POST", path, headers, b"{}")
    wrong = judge.of_refusal(reply, REFUSED, actor.during(reply))
    actor.blame("bad token", wrong, reply, "")


def cut(actor: Actor) -> None:
    """A client that goes away in the middle of its request, or of the answer."""
    chosen = actor.chance.choice(actor.stage.calls)
    token, body = actor.stage.clients[chosen.client].token(chosen.path), chosen.body()
    text = head(chosen.path, token.text, len(body)) + body
    amid_answer = actor.chance.random() < 0.5
    try:
        connection = opened(actor.stage.port, 5)
        connection.sendall(text if amid_answer else text[: actor.chance.randrange(1, len(text))])
        if amid_answer:
            connection.recv(1)
        reset(connection)
    except OSError:
        pass  # which is for the honest calls to complain of
    actor.ledger.count("cut off by the client", "amid answer" if amid_answer else "amid request")


ACTS = {
    call: 60, feedback: 14, strange_feedback: 2, replay: 5, discovery: 3, status: 4, hostile: 4,
    stranger: 3, cut: 3,
}  # fmt: skip
"""what an actor does, and how often"""
