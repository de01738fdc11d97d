"""Whether all is as before a fault: asked with real calls, of whichever worker takes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.soak import judge
from tests.soak.cast import Call
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
    world.probe.wire.close()  # whichever worker takes the next connection
    reply = world.probe.send(client, chosen.path, chosen.body())
    return reply.status == 200 and judge.unnamed(reply.body) == world.stage.whole[chosen]


def serves(world: World) -> bool:
    """All workers are there and answer, by prefetch and by FHIR access."""
    return world.whole() and asks(world, "inline", "prefetch") and asks(world, "inline", "server")


def stores(world: World) -> bool:
    """Feedback is kept, and `/readyz` says so, whichever worker is asked."""
    for _ in range(8):
        world.probe.wire.close()
        if world.probe.wire.send("GET", "/readyz", {}).status != 200:
            return False
    return serves(world) and all(_keeps(world) for _ in range(4))


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
    world.probe.wire.close()
    reply = world.probe.send(client, f"/cds-services/{card.service}/feedback", body)
    sent.acknowledged = reply.status == 200
    return reply.status in (200, 400)


def remembers(world: World) -> bool:
    """A token that was used is refused, whichever worker gets it."""
    client = world.clients["inline"]
    token = client.token("/cds-services")
    got = []
    for _ in range(6):
        world.probe.wire.close()
        got.append(world.probe.send(client, token.path, None, token).status)
    return got == [200, 401, 401, 401, 401, 401]


def south_answers(world: World) -> bool:
    """Each worker has its own opinion of a server, so both are asked."""
    every = all(asks(world, "steady", "server") for _ in range(6))
    return every and asks(world, "inline", "prefetch")


def shaky_is_trusted(world: World) -> bool:
    return all(asks(world, "shaky", "prefetch") for _ in range(6))
