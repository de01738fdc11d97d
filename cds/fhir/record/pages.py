"""What a Bundle says of itself as an answer, and whether all that it tells of has come.

A server tells that something is lacking by a `total` above the entries, a further page, an entry
without its resource, a `self` link that asks for less. That nothing of the kind is there makes an
answer whole: most EHRs count nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from cds.fhir.record.references import reference_key
from cds.fhir.record.skipped import is_type_name
from cds.fhir_json import as_count, as_objects, child
from cds.wire import Json

MOST = 1_000_000
"""entries that a list may have; a `total` above it counts nothing: servers that don't know how many
there are write the largest number that they can"""
MAX_DEPTH = 4
"""Bundles in Bundles"""
NOT_READ_ON = "a further page did not come"
NO_BEGINNING = "its first page did not come"
UNNAMED_PAGE = "a further page has no usable address"
SHORTENED = "its entries are shortened"
TOO_DEEP = "nested too deeply"
UNREADABLE = "its entries can't be read"
_WHOLE = frozenset({"false", "data"})
"""values of `_summary` that leave out nothing but words"""
_DIGITS = len(str(MOST))


@dataclass(frozen=True, slots=True)
class Page:
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
    held = _Held(bundle)
    faults = [UNNAMED_PAGE] if None in onward or len(onward) > 1 else []
    if "_elements" in wanted or wanted.get("_summary", "false") not in _WHOLE or held.shortened:
        faults.append(SHORTENED)
    return Page(
        matches=tuple(held.matches),
        included=frozenset(held.included),
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
        yield from pages_in(resource_of(entry), depth + 1)


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


def hole(pages: Sequence[Page], *, to_be_read_on: bool = False) -> str | None:
    """Why the pages of one answer are not all of it; None where nothing says that they are not.

    `to_be_read_on`: the next page is still to come.
    """
    came: dict[str, int] = {}
    for page in pages:
        for name, times in Counter(page.matches).items():
            came[name] = max(times, came.get(name, 0))  # what stands on two pages came once
    count, total = sum(came.values()), max((page.total or 0 for page in pages), default=0)
    included = frozenset[str]().union(*(page.included for page in pages))
    # some servers count what they include
    if count < total != count + len(included) and not to_be_read_on:
        return f"{count} of {total} entries came"
    faults = sorted({fault for page in pages for fault in page.faults})
    if faults:
        return faults[0]
    here = {page.url for page in pages}
    if not to_be_read_on and any(p.following and p.following not in here for p in pages):
        return NOT_READ_ON
    return None if not pages or any(page.begun for page in pages) else NO_BEGINNING


def next_link(bundle: Json) -> str | None:
    """The URL of the next page, if the Bundle is a page of several."""
    return read_page(bundle).following


def self_link(bundle: Json) -> str | None:
    """The URL of the search that a Bundle answers, as far as the server says."""
    return next((url for relation, url in _links(bundle) if relation == "self"), None)


def resource_of(entry: object) -> Json | None:
    """What a Bundle entry holds: its resource, or itself where it is one; None: nothing."""
    if not isinstance(entry, dict):
        return None
    held = entry.get("resource", entry)
    typed = isinstance(held, dict) and isinstance(held.get("resourceType"), str)
    return held if typed else None


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


class _Held:
    """The entries of a Bundle, sorted."""

    def __init__(self, bundle: Json) -> None:
        self.matches: list[str] = []
        self.included: set[str] = set()
        self.shortened = False
        self._kinds: set[str] = set()
        self._patients: set[str] = set()
        self._without = 0
        listed = bundle.get("entry")
        entries = listed if isinstance(listed, list) else as_objects(listed)
        self._unreadable = bool(listed) and not entries
        for entry in entries:
            self._take(entry)

    @property
    def faults(self) -> Iterator[str]:
        if self._unreadable:
            yield UNREADABLE
        if self._without:
            several = self._without > 1
            many = f"{self._without} entries" if several else "an entry"
            yield f"{many} came without {'their' if several else 'its'} content"

    @property
    def kind(self) -> str | None:
        (kind,) = self._kinds if len(self._kinds) == 1 else (None,)
        return kind if kind != "Bundle" and is_type_name(kind) else None

    @property
    def patient(self) -> str | None:
        (patient,) = self._patients if len(self._patients) == 1 else (None,)
        return patient

    def _take(self, entry: object) -> None:
        resource = resource_of(entry)
        if resource is None:
            method = _method(entry)
            if method == "DELETE":
                self.matches.append(f"{id(entry)}")
            elif method != "GET":
                self._without += 1
        elif resource["resourceType"] == "OperationOutcome":
            pass  # it tells of the search
        elif isinstance(entry, dict) and child(entry.get("search"), "mode") == "include":
            self.included.add(_name(resource))
        else:
            self._count(resource)

    def _count(self, resource: Json) -> None:
        self.matches.append(_name(resource))
        self._kinds.add(resource["resourceType"])
        if named := _about(resource):
            self._patients.add(named)
        tags = as_objects(child(resource.get("meta"), "tag"))
        self.shortened = self.shortened or any(tag.get("code") == "SUBSETTED" for tag in tags)


def _method(entry: object) -> object:
    """What an entry without a resource asks for: a deletion is all of it, a request has none."""
    if not isinstance(entry, dict):
        return None
    if str(child(entry.get("response"), "status") or "").startswith(("201", "204")):
        return "GET"  # the answer to something that was written
    return child(entry.get("request"), "method")


def _name(resource: Json) -> str:
    ident, version = resource.get("id"), child(resource.get("meta"), "versionId")
    if not isinstance(ident, str) or not ident:
        return f"{id(resource)}"
    return f"{resource['resourceType']}/{ident}/{version or ''}"


def _about(resource: Json) -> str:
    """Key of the patient that it names; empty where it names none."""
    for name in ("subject", "patient"):
        holder = resource.get(name)
        reference = holder.get("reference") if isinstance(holder, dict) else holder
        if isinstance(reference, str):
            return reference_key(reference)
    return ""


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
