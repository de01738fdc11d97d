"""Which order a draft is, and which orders it follows: an order is never its own duplicate.

The EHR may hold the same order already (under the same id, or with one of its identifiers), and the
draft may replace, renew or carry out another. All are compared by normalised keys, whatever form
the reference has: relative, absolute, versioned, `urn:uuid:` of an entry, or a logical identifier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from cds.chart.overlong_fields import overlong_fields
from cds.fhir.record.references import identifier_tokens, keys_of, own_keys
from cds.fhir.record.referred import Referred
from cds.fhir.record.shapes import in_shape
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_object, as_objects, as_text
from cds.wire import Json

ORDERS = ("MedicationRequest", "ServiceRequest")
FOLLOWS = ("priorPrescription", "basedOn", "replaces")
"""fields by which an order names those that it renews, carries out or replaces"""
_RENEWS = ("request-replaces", "StructureDefinition/replaces")
"""the same as an extension, where R4 has no such field"""
_LONGEST_LINE = 50
"""renewals that are followed back"""


class OnRecord(Protocol):
    """An order on record, as others name it and as it names others."""

    @property
    def keys(self) -> tuple[str, ...]: ...

    @property
    def followed(self) -> frozenset[str]:
        """keys of the orders that it follows"""
        ...

    @property
    def follows(self) -> frozenset[str]:
        """of these, the keys of those that it renews or replaces"""
        ...


def own_names(
    draft: Json,
    on_record: Iterable[OnRecord],
    by_key: Mapping[str, OnRecord],
    full_url: object = None,
) -> frozenset[str]:
    """The keys of this order: its own, and those of the copies of it on record.

    `by_key`: the orders on record; what stands there under the same `fullUrl` is the same order,
    and may have no other name in common with it.
    """
    names = set(keys_of(draft, full_url))
    for name in names & by_key.keys():
        names.update(by_key[name].keys)
    kind = draft.get("resourceType")
    logical = {f"{kind}?identifier={token}" for token in identifier_tokens(draft)}
    for other in on_record if logical else ():
        if not logical.isdisjoint(other.keys):
            names.update(other.keys)
    return frozenset(names)


def linked_orders(
    draft: Json,
    names: frozenset[str],
    on_record: Iterable[OnRecord],
    by_key: Mapping[str, OnRecord],
    session: Referred,
    told: Iterable[OnRecord] = (),
) -> frozenset[str]:
    """The keys of orders that this one follows, and of those on record that follow it.

    `by_key`: the orders on record; `session` leads to those that are drafted beside it, which are
    newer. An order that was renewed before is followed back to the first. `told`: statements that
    may only repeat one of these orders.
    """
    fields = [*map(draft.get, FOLLOWS), *_replaced(draft)]
    linked = set(session.keys_named(*fields, kinds=ORDERS, container=draft))
    ahead = linked & by_key.keys() - session.index.keys()
    for _ in range(_LONGEST_LINE):
        earlier = {key for ahead_key in ahead for key in by_key[ahead_key].keys}
        # what an order carries out may have others beside it: only renewals are followed
        earlier |= {key for ahead_key in ahead for key in by_key[ahead_key].follows}
        ahead = (earlier - linked) & by_key.keys()
        linked |= earlier
        if not ahead:
            break
    for other in on_record:
        if not names.isdisjoint(other.followed):
            linked.update(other.keys)
    in_line = names | linked
    for other in told:
        if not in_line.isdisjoint(other.followed):
            linked.update(other.keys)
    return frozenset(linked)


def _replaced(draft: Json) -> Iterable[object]:
    for extension in as_objects(draft.get("extension")):
        if as_text(extension.get("url")).endswith(_RENEWS):
            yield extension.get("valueReference")


class Called(Struct, frozen=True):
    """What one draft of a session is called, so that no other is taken for it."""

    ref: str
    """`Type/id`; with its number where another draft would be called the same"""
    shared: frozenset[str]
    """keys that another draft has as well: they name neither"""


def call_apart(entries: Sequence[Json]) -> list[Called]:
    """Of the drafts of one session, or the Bundle entries that they stand in, in their order.

    Two without a plain id, or different ones under one id, are two orders. The same draft with an
    id, sent twice, is one.
    """
    drafts = [as_object(entry.get("resource")) or entry for entry in entries]
    refs = [reference_of(draft) for draft in drafts]
    keys = [frozenset(own_keys(d, e.get("fullUrl"))) for d, e in zip(drafts, entries, strict=True)]
    by_ref = _holders((ref,) for ref in refs)
    by_key = _holders(keys)
    one_order = {ref for ref, alike in by_ref.items() if "/" in ref and _are_one(alike, drafts)}
    shared = frozenset(key for key, alike in by_key.items() if not _are_one(alike, drafts))
    place = {number: at for alike in by_ref.values() for at, number in enumerate(alike, 1)}
    called = []
    for number, ref in enumerate(refs):
        among = len(by_ref[ref])
        apart = among > 1 and ref not in one_order
        name = f"{ref} ({place[number]} of {among})" if apart else ref
        called.append(Called(name, keys[number] & shared))
    return called


def _holders(named: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """The places at which each name stands."""
    found: dict[str, list[int]] = {}
    for number, names in enumerate(named):
        for name in names:
            found.setdefault(name, []).append(number)
    return found


def _are_one(alike: Sequence[int], drafts: Sequence[Json]) -> bool:
    """Whether the drafts at these places are the same."""
    return all(drafts[number] == drafts[alike[0]] for number in alike[1:])


def by_own_name(drafts: Iterable[Json]) -> dict[str, Json]:
    """The drafts by `Type/id`, for suggestions that change them: in the shape that FHIR gives them.

    Drafts that share a name are left out: the wrong one could be changed; and those of which not
    all is read.
    """
    sent = [(reference_of(draft), in_shape(draft)) for draft in drafts]
    shared = Counter(name for name, _ in sent)
    return {name: draft for name, draft in sent if shared[name] == 1 and not overlong_fields(draft)}
