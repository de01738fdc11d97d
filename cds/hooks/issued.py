"""The uuids under which cards go out: each proves to whom its card was shown.

Feedback comes back with nothing but a uuid, perhaps at another worker, before the row of the audit
is written, or after it had to be dropped. So the uuid carries the proof: a UUID of version 8, whose
last 48 bits are a keyed hash of the others, of the service, and of the client that called. The
uuids of its suggestions are made from that of the card, version 5.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from secrets import token_bytes
from uuid import UUID, uuid5

from msgspec.structs import replace

from cds.hooks.request import HookResponse
from cds.store.feedback import Addressee
from cds.store.tables import MOST_CLIENT, MOST_TENANT
from cds.store.texts import storable
from cds.wire import Json

RANDOM_BYTES = 10
PROOF_BYTES = 6
MOST_SUGGESTIONS = 100
"""of one card that are known again; more than a card has"""


def addressee(service: str, client: str | None, tenant: str | None) -> Addressee:
    """Who made a call, as it is stored too."""
    return Addressee(
        service, client and storable(client, MOST_CLIENT), tenant and storable(tenant, MOST_TENANT)
    )


class Issuer:
    """Makes uuids under a secret that all workers and machines share, and knows its own again."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"uuids of cards", hashlib.sha256)

    def issued(self, answer: HookResponse, to: Addressee) -> HookResponse:
        """An answer whose cards and suggestions go out under uuids of ours."""
        if not answer.cards:
            return answer
        names = {card["uuid"]: self.new(to) for card in answer.cards if "uuid" in card}
        return replace(
            answer,
            cards=tuple(_named(card, names) for card in answer.cards),
            shown=tuple(
                replace(card, uuid=names.get(card.uuid, card.uuid)) for card in answer.shown
            ),
        )

    def new(self, to: Addressee) -> str:
        """A uuid for a card that is shown to somebody."""
        start = bytearray(token_bytes(RANDOM_BYTES))
        start[6] = 0x80 | start[6] & 0x0F  # version 8: what the bits mean is the maker's affair
        start[8] = 0x80 | start[8] & 0x3F  # the variant of RFC 9562
        return str(UUID(bytes=bytes(start) + self._proof(bytes(start), to)))

    def proves(self, uuid: str, to: Addressee) -> bool:
        """Whether the card was shown to them, as far as its uuid tells."""
        whole = UUID(uuid).bytes
        return hmac.compare_digest(whole[RANDOM_BYTES:], self._proof(whole[:RANDOM_BYTES], to))

    def _proof(self, start: bytes, to: Addressee) -> bytes:
        whom = ascii((to.service, to.client, to.tenant)).encode()
        return hmac.digest(self._key, start + whom, hashlib.sha256)[:PROOF_BYTES]


def belongs(suggestion: str, card: str) -> bool:
    """Whether a suggestion is one of a card of ours.

    True for the cards of old, which had random uuids.
    """
    whole = UUID(card)
    if whole.version == 4:
        return True
    return any(suggestion == str(uuid5(whole, str(n))) for n in range(MOST_SUGGESTIONS))


def uuid_in(text: str) -> str | None:
    """The uuid that a client sends back, as we write it; None for what is none."""
    bare = text.lower().removeprefix("urn:uuid:")
    try:
        return bare if str(UUID(bare)) == bare else None
    except ValueError:
        return None


def _named(card: Json, names: Mapping[str, str]) -> Json:
    name = names.get(card.get("uuid", ""))
    if name is None:
        return card
    named = card | {"uuid": name}
    if suggestions := card.get("suggestions"):
        named["suggestions"] = [
            one | {"uuid": str(uuid5(UUID(name), str(number)))}
            for number, one in enumerate(suggestions)
        ]
    return named
