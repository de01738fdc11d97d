"""A hook call, read: the request as the rest of the service sees it, and the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from msgspec import Struct

from cds.settings import TrustedClient
from cds.wire import Json


@dataclass(frozen=True, slots=True)
class FhirAuthorization:
    """Access to the EHR's FHIR server, for this call only. Never logged, never stored."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int
    """seconds from now"""
    scope: str
    subject: str
    patient: str | None = None
    """the only patient that it is good for, if it is bound to one"""


class Prefetch(Protocol):
    """What the EHR sent along: key → resource, or None where it says that there is no data.

    It is looked at when it is asked for. Both raise `cds.hooks.errors.HookError` for one that
    can't be read, and only then.
    """

    def read(self) -> Mapping[str, object]:
        """All keys that the service asked for."""
        ...

    def holding(self, resource_type: str) -> Mapping[str, object]:
        """At least those of them that may hold resources of a type, and none that is not sound."""
        ...

    def as_sent(self) -> Sequence[bytes | memoryview]:
        """All that `read` depends on, for who wants to know it again; to be asked before `read`."""
        ...


class NoPrefetch:
    """Nothing was sent along."""

    def read(self) -> Mapping[str, object]:
        return {}

    def holding(self, resource_type: str) -> Mapping[str, object]:
        return {}

    def as_sent(self) -> Sequence[bytes | memoryview]:
        return ()


@dataclass(frozen=True, slots=True, repr=False)
class HookRequest:
    """One call of one service. Ids are without their type: `123`, not `Patient/123`.

    It has no repr: it is patient data, and must not end up in a log.
    """

    hook: str
    hook_instance: str
    service_id: str
    user_id: str | None
    """who is at the screen; None for a hook that does not tell"""
    patient_id: str
    encounter_id: str | None = None
    draft_orders: tuple[Json, ...] = ()
    """the draft resources, in the order of the Bundle"""
    draft_entries: tuple[Json, ...] = ()
    """their Bundle entries as sent, for `fullUrl`"""
    selections: tuple[str, ...] = ()
    """as sent; most hooks have none"""
    selected_orders: tuple[Json, ...] = ()
    """the drafts that the call is about: the selected ones, or all of them where the hook does not
    tell"""
    prefetch: Prefetch = field(default_factory=NoPrefetch)
    fhir_server: str | None = None
    """base URL, without a slash at its end"""
    fhir_authorization: FhirAuthorization | None = None
    client: TrustedClient | None = None
    """who calls; None when authentication is off"""
    tenant: str | None = None
    """the organisation that the client's token, or its settings, name"""
    extension: Mapping[str, object] = field(default_factory=dict)


class ShownCard(Struct, frozen=True):
    """What the audit keeps of a card."""

    uuid: str
    kind: str
    indicator: str
    rules: tuple[str, ...]
    """ids of the findings, indications and regimens that it shows"""


class HookResponse(Struct, frozen=True):
    """The answer: cards as CDS Hooks defines them, and what the audit keeps of each."""

    cards: tuple[Json, ...] = ()
    shown: tuple[ShownCard, ...] = ()
    knowledge_version: str = ""
    system_actions: tuple[Json, ...] = ()

    def json(self) -> Json:
        body: Json = {"cards": list(self.cards)}
        if self.system_actions:
            body["systemActions"] = list(self.system_actions)
        return body


Respond: TypeAlias = Callable[[HookRequest], HookResponse]
"""What the service does with a call. May raise `cds.hooks.errors.HookError`."""
