"""Whether all is as before a fault: asked with real calls, of each worker."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.soak import judge
from tests.soak.cast import Call
from tests.soak.each_worker import at_each_worker
from tests.soak.ledger import Sent
from tests.soak.traffic import LOOKING_S
from tests.soak.world import World


def asks(world: World, client: str, way: str) -> bool:
    """Whether a client's call is answered right now, and as by an undisturbed service."""
    stage = world.stage
    chosen = next(
        c for c in stage.calls if (c.client, c.way, c.hook) == (client, way, "order-select")
    )
    return _right(world, chosen)


def _right(world: World, chosen: Call) -> bool:
    client = world.stage.clients[chosen.client]
    reply = world.probe.send(client, chosen.path, chosen.body())
    return reply.status == 200 and judge.unnamed(reply.body) == world.stage.whole[chosen]


def serves(world: World) -> bool:
    """All workers are there and answer, by prefetch and by FHIR access."""
    return world.whole() and at_each_worker(
        world, lambda: asks(world, "inline", "prefetch") and asks(world, "inline", "server")
    )


def stores(world: World) -> bool:
    """Feedback is kept, and `/readyz` says so."""

    def here() -> bool:
        ready = world.probe.wire.send("GET", "/readyz", {}).status == 200
        return ready and _keeps(world)

    return at_each_worker(world, here) and serves(world)


def _keeps(world: World) -> bool:
    card = world.ledger.card(LOOKING_S)
    if card is None:
        return True
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    sent = Sent("overridden", moment)
    card.sent.append(sent)
    world.ledger.talked_about(card)
    item = {"card": card.uuid, "outcome": "overridden", "outcomeTimestamp": moment}
    body = json.dumps({"feedback": [item]}).encode()
    client = world.clients[card.client]
    reply = world.probe.send(client, f"/cds-services/{card.service}/feedback", body)
    sent.acknowledged = reply.status == 200
    return reply.status in (200, 400)


def remembers(world: World) -> bool:
    """A token that was used at one worker is refused at each of them."""
    client = world.clients["inline"]
    token = client.token("/cds-services")

    def status() -> int:
        return world.probe.send(client, token.path, None, token).status

    return status() == 200 and at_each_worker(world, lambda: status() == 401)


def south_answers(world: World) -> bool:
    """Each worker has its own opinion of a server."""
    return at_each_worker(
        world, lambda: asks(world, "steady", "server") and asks(world, "inline", "prefetch")
    )


def shaky_is_trusted(world: World) -> bool:
    """Each worker fetches keys by itself."""
    return at_each_worker(world, lambda: asks(world, "shaky", "prefetch"))
