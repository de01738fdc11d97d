"""What a Bundle says of itself as an answer, and whether all that it tells of has come.

A server tells that something is lacking by a `total` above the entries, a further page, an entry
without its resource, a `self` link that asks for less. That nothing of the kind is there makes an
answer whole: most EHRs count nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from cds.fhir.record.held import Held, resource_of, type_of
from cds.fhir.record.references import reference_key
from cds.fhir.record.shortened import SHORTENED, is_shortened
from cds.fhir.record.skipped import is_type_name
from cds.fhir_json import as_count, as_objects
from cds.wire import Json

MOST = 1_000_000
"""entries that a list may have; a `total` above it counts nothing: servers that don't know how many
there are write the largest number that they can"""
MAX_DEPTH = 4
"""Bundles in Bundles"""
NOT_READ_ON = "a further page did not come"
NO_BEGINNING = "its first page did not come"
UNNAMED_PAGE = "a further page has no usable address"
TOO_DEEP = "nested too deeply"
_WHOLE = frozenset({"false", "data"})
"""values of `_summary` that leave out nothing but words"""
_DIGITS = len(str(MOST))
_ANY = "*"
_OF_NO_TYPE = frozenset({""})


class Page(Struct, frozen=True):
    """One Bundle: what it holds, and what it says that there is."""

    matches: tuple[str, ...] = ()
    """what answers the search, by id and version"""
    included: frozenset[str] = frozenset()
    """what came along with it"""
    total: int | None = None
    """how many matches there are on all pages; None: not counted"""
    url: str | None = None
    """its `self` link"""
    following: str | None = None
    """its `next` link"""
    begun: bool = True
    """whether no page is said to come before it"""
    outcomes: int = 0
    """OperationOutcomes that tell of the search"""
    shortened: frozenset[str] = frozenset()
    """types of entries that say that they are not whole"""
    faults: tuple[str, ...] = ()
    """why something of it is lacking, whatever its total"""
    kind: str | None = None
    """the type that was searched for; None: it may be any"""
    patient: str | None = None
    """key of the patient that all of it is about; None: anybody's"""


def read_page(bundle: Json) -> Page:
    """A Bundle of any type and shape. Never raises."""
    links = list(_links(bundle))
    url = next((url for relation, url in links if relation == "self"), None)
    onward = {url for relation, url in links if relation == "next"}
    before = {url for relation, url in links if relation in ("previous", "prev")} - {url}
    wanted = dict(_parameters(url))
    held = Held(bundle)
    faults = [UNNAMED_PAGE] if None in onward or len(onward) > 1 else []
    in_few_words = "_elements" in wanted or wanted.get("_summary", "false") not in _WHOLE
    if in_few_words or is_shortened(bundle):
        faults.append(SHORTENED)
    return Page(
        matches=tuple(held.matches),
        included=frozenset(held.included),
        outcomes=held.outcomes,
        shortened=frozenset(held.shortened),
        total=_total(bundle) if wanted.get("_total", "accurate") == "accurate" else None,
        url=url,
        following=None if faults[:1] == [UNNAMED_PAGE] else next(iter(onward), None),
        begun=not before,
        faults=(*held.faults, *faults),
        kind=_type_in(url) or held.kind,
        patient=_patient_in(wanted) or held.patient,
    )


def pages_in(value: object, depth: int = 0) -> Iterator[Page]:
    """The pages of an answer: a Bundle, then those inside it."""
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        return
    if depth >= MAX_DEPTH:
        yield Page(faults=(TOO_DEEP,))
        return
    yield read_page(value)
    for entry in as_objects(value.get("entry")):
        resource = resource_of(entry)
        if resource is not None and resource["resourceType"] == "Bundle":
            yield from pages_in(resource, depth + 1)


def joined(pages: Iterable[Page]) -> list[list[Page]]:
    """Pages put to those that they lead to, and to those of the same URL: one answer a group."""
    listed = list(pages)
    same = list(range(len(listed)))
    """place of a page of the same answer, which in the end is itself"""

    def first(place: int) -> int:
        while same[place] != place:
            same[place] = place = same[same[place]]
        return place

    at: dict[str | None, int] = {}
    for place, page in enumerate(listed):
        if page.url is not None:
            same[first(place)] = first(at.setdefault(page.url, place))
    for place, page in enumerate(listed):
        if page.following in at:
            same[first(place)] = first(at[page.following])
    groups: dict[int, list[Page]] = {}
    for place, page in enumerate(listed):
        groups.setdefault(first(place), []).append(page)
    return list(groups.values())


def hole(
    pages: Sequence[Page],
    kind: str | None = None,
    *,
    asked: str | None = None,
    to_be_read_on: bool = False,
) -> str | None:
    """Why the pages of one answer are not all of it; None where nothing says that they are not.

    `kind`: the type that was searched for, of which alone there are matches; None: of any.
    `asked`: the URL of the search, where the answer does not tell it. `to_be_read_on`: the next
    page is still to come.
    """
    extra = _came_along({asked, *(page.url for page in pages)})
    kinds = [{*map(type_of, page.matches), *map(type_of, page.included)} for page in pages]
    if not any(kind in held for held in kinds):
        kind = None  # what came is another list, or none
    why = None if to_be_read_on else _uncounted(pages, kind, extra)
    if why is not None:
        return why
    faults = sorted({fault for page in pages for fault in page.faults})
    if faults:
        return faults[0]
    if kind and any(held - _OF_NO_TYPE and not held & {kind, *extra, "Bundle"} for held in kinds):
        return f"a page of it held no {kind}"
    here = {page.url for page in pages}
    if not to_be_read_on and any(p.following and p.following not in here for p in pages):
        return NOT_READ_ON
    return None if not pages or any(page.begun for page in pages) else NO_BEGINNING


def _uncounted(pages: Sequence[Page], kind: str | None, extra: Set[str]) -> str | None:
    """How many matches came, where the total says that there are more.

    Some servers count what they include, or their OperationOutcome. Either counts only where just
    that explains the total, and where it may have been counted: what the search asked for besides,
    and one outcome a page.
    """
    came: dict[str, int] = {}
    along = {name for page in pages for name in page.included}
    for page in pages:
        for name, times in Counter(page.matches).items():
            if kind is not None and type_of(name) not in (kind, ""):
                along.add(name)  # whatever its mode says
            else:
                came[name] = max(times, came.get(name, 0))  # what stands on two pages came once
    count, total = sum(came.values()), max((page.total or 0 for page in pages), default=0)
    included = sum(_ANY in extra or type_of(name) in extra for name in along)
    outcomes = sum(page.outcomes for page in pages if page.outcomes == 1)
    explained = {count + included, count + outcomes, count + included + outcomes}
    return f"{count} of {total} entries came" if count < total and total not in explained else None


def _came_along(urls: Iterable[str | None]) -> Set[str]:
    """The types that the searches ask for besides what they look for; `_ANY`: nobody knows."""
    wanted = [
        value.partition(":")[2].partition(":")[0]
        for url in urls
        for name, value in _parameters(url)
        if name.partition(":")[0] in ("_include", "_revinclude")
    ]
    return {"Medication" if parameter == "medication" else _ANY for parameter in wanted}


def cut_short(pages: Iterable[Page], kind: str) -> str | None:
    """Whether entries of a type say that they are shortened: of others of it they say nothing."""
    return SHORTENED if any(kind in page.shortened for page in pages) else None


def next_link(bundle: Json) -> str | None:
    """The URL of the next page, if the Bundle is a page of several."""
    return read_page(bundle).following


def self_link(bundle: Json) -> str | None:
    """The URL of the search that a Bundle answers, as far as the server says."""
    return next((url for relation, url in _links(bundle) if relation == "self"), None)


def _links(bundle: Json) -> Iterator[tuple[str, str | None]]:
    for link in as_objects(bundle.get("link")):
        relation, url = link.get("relation"), link.get("url")
        if isinstance(relation, str):
            address = url.strip() if isinstance(url, str) else ""
            yield relation.strip().lower(), address or None


def _total(bundle: Json) -> int | None:
    given = bundle.get("total")
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) <= _DIGITS:
        given = int(given)
    count = as_count(given)
    return count if count is not None and count <= MOST else None


def _parameters(url: str | None) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url or "").query)
    except ValueError:
        return []


def _type_in(url: str | None) -> str | None:
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    name = path.rstrip("/").removesuffix("/_search").rpartition("/")[2]
    return name if is_type_name(name) and not name.isupper() else None


def _patient_in(wanted: dict[str, str]) -> str | None:
    named = wanted.get("patient") or wanted.get("subject") or wanted.get("patient:Patient")
    if named is None or "," in named:
        return None
    key = reference_key(named)
    return key if "/" in key or ":" in key else f"Patient/{key}"
