"""Whether what came back is what had to come back, in the weather that there was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from tests.soak.cast import Call
from tests.soak.wire import Reply

_UUID = re.compile(rb'"uuid":"[0-9a-f-]{36}"')
SAYS = re.compile(
    rb"(?i)not seen|not had|not read|in part|incomplete|in time|not looked|may lack|not to the end"
    rb"|another patient|not used|too low"
)
"""words by which a line says that the answer does not rest on all of the record"""
_LINE = re.compile(rb'\\n|"')

Weather = frozenset[str]


def unnamed(body: bytes) -> bytes:
    """An answer without the ids that each answer has new."""
    return _UUID.sub(b'"uuid":""', body)


def difference(body: bytes, whole: bytes) -> str:
    """The place where an answer begins to differ."""
    given = unnamed(body)
    if given == whole:
        return "no difference"
    same = next((n for n, (a, b) in enumerate(zip(given, whole, strict=False)) if a != b), 0)
    around = slice(max(0, same - 60), same + 120)
    return f"{given[around]!r} instead of {whole[around]!r}"


def says_incomplete(body: bytes, whole: bytes) -> bool:
    """Whether an answer says that something was not seen, beyond what the whole record's says."""
    return bool(_said(body) - _said(whole))


def _said(body: bytes) -> set[bytes]:
    return {line for line in _LINE.split(body) if SAYS.search(line)}


def broken(reply: Reply, weather: Weather) -> Iterator[str]:
    """Faults of the exchange itself, whatever was asked."""
    if reply.broken:
        if reply.broken == "TimeoutError" and "late" in weather:
            return
        if "broken" not in weather:
            yield f"no answer ({reply.broken})"
    elif reply.status >= 500:
        patient = "retry-after" in reply.headers
        if not (reply.status == 503 and patient and weather & {"crowd", "refusing"}):
            yield f"{reply.status}"


def of_call(
    call: Call, reply: Reply, whole: bytes, foreign: Sequence[bytes], weather: Weather,
    server: str, lied: bool,
) -> Iterator[str]:  # fmt: skip
    """What is wrong with the answer to an honest hook call.

    `whole` is the answer of an undisturbed service, `foreign` what stands in the charts of other
    patients, `server` the FHIR server of the client, `lied` whether it lied all the time.
    """
    yield from broken(reply, weather)
    if reply.broken or reply.status >= 500:
        return
    if any(mark in reply.body for mark in foreign):
        yield "data of another patient"
    asked_server = call.way != "prefetch" and server in weather
    if reply.status == 401:
        if not (call.client == "shaky" and "shaky" in weather):
            yield "401 for an honest call"
    elif reply.status == 412:
        if not asked_server:
            yield "412 without need"
    elif reply.status != 200:
        yield f"{reply.status} for an honest call"
    else:
        yield from _of_answer(call, reply.body, whole, asked_server, "late" in weather, lied)


def _of_answer(
    call: Call, body: bytes, whole: bytes, asked_server: bool, late: bool, lied: bool
) -> Iterator[str]:
    ordered = call.hook != "patient-view" and b'"cards":[]' not in whole
    if unnamed(body) == whole:
        if lied and asked_server and ordered and call.way == "server":
            yield "an incomplete list passed for complete"
    elif not (asked_server or late):
        yield "an answer that differs from the undisturbed one"
    elif ordered and not says_incomplete(body, whole):
        yield "an answer that differs and does not say what was not seen"


def of_feedback(reply: Reply, weather: Weather, client: str) -> Iterator[str]:
    """Of feedback about a card that was shown to this client."""
    if reply.status == 503 and "store" in weather:
        if "retry-after" not in reply.headers:
            yield "503 for feedback without Retry-After"
        return
    yield from broken(reply, weather)
    if reply.status == 401 and ((client == "shaky" and "shaky" in weather) or "memory" in weather):
        return
    if 200 < reply.status < 500 or reply.status == 201:
        yield f"{reply.status} for honest feedback"


def of_refusal(reply: Reply, wanted: frozenset[int], weather: Weather) -> Iterator[str]:
    """Of a request that must be refused with one of `wanted`."""
    if reply.status == 503 and "store" in weather and "retry-after" in reply.headers:
        return
    yield from broken(reply, weather)
    if reply.broken or reply.status >= 500:
        return
    if reply.status not in wanted and not (reply.status == 401 and "shaky" in weather):
        yield f"{reply.status} instead of {'/'.join(map(str, sorted(wanted)))}"
    elif reply.status >= 400 and not _is_outcome(reply.body):
        yield f"{reply.status} without an OperationOutcome"


def _is_outcome(body: bytes) -> bool:
    try:
        return bool(json.loads(body)["resourceType"] == "OperationOutcome")
    except (ValueError, TypeError, KeyError):
        return False
