"""A body, read in two steps: the envelope now, the prefetch when an order turns out to be ours.

Nearly every order has nothing to do with us and is dismissed by what the envelope says of it. Its
prefetch, which is nearly all of the body, is checked to be JSON and then left: that takes a tenth
of the time and none of the memory that reading it would.
"""

from __future__ import annotations

from cds.hooks.errors import BodyTooDense, InvalidRequest, Issue
from cds.hooks.members import members, texts
from cds.hooks.prefetch_text import PREFETCH, PrefetchText
from cds.limits import LARGEST_BODY, LARGEST_ENVELOPE
from cds.wire import DENSEST, Json, decode, is_dense, memory_of, utf_8

_MEMBERS = ("hook", "hookInstance", "context", "fhirServer", "fhirAuthorization", "extension")
_body = members("Body", (*_MEMBERS, PREFETCH))


def read_envelope(body: bytes) -> Json:
    """The members of a hook call that mean something; its `prefetch` as a PrefetchText.

    Raises InvalidJson, InvalidRequest for what is no object, and BodyTooDense for an envelope that
    would take too much memory.
    """
    text = utf_8(body)
    parts = texts(_body, text)
    if parts is None:
        raise _no_object(text)
    prefetch = parts.pop(PREFETCH, None)
    sizes = {name: memory_of(part) for name, part in parts.items()}
    taken = sum(sizes.values())
    if min(taken, DENSEST * sum(map(len, parts.values()))) > LARGEST_ENVELOPE:
        raise BodyTooDense(max(sizes, key=lambda name: sizes[name]))
    document = {name: decode(bytes(part)) for name, part in parts.items()}
    if prefetch is not None:
        document[PREFETCH] = PrefetchText(prefetch, LARGEST_BODY - taken)
    return document


def _no_object(text: bytes) -> Exception:
    if is_dense(text):
        return BodyTooDense(None)
    decode(text)  # it may be no JSON either
    return InvalidRequest(NO_OBJECT)


NO_OBJECT = Issue("The body is JSON, but not an object.", code="structure")
