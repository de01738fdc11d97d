"""Making the planned queries: side by side or in one batch, all pages, before the deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from cds.fhir.plan import Job
from cds.fhir.prefetch import MAX_RESOURCES, unwrapped
from cds.fhir.queries import QUERIES
from cds.fhir.record.asked import other_question
from cds.fhir.record.pages import Page, hole, joined, pages_in
from cds.fhir.server.client import FhirClient, FhirError
from cds.wire import Json

MAX_PAGES = 20
"""of one query"""
BATCH_SHARE = 0.5
"""of the time left: a batch that takes longer is given up, and its queries are made singly"""

T = TypeVar("T")


@dataclass(slots=True)
class Fetched:
    """What one query gave: the entries of its pages, and why there are no more of them."""

    job: Job
    entries: list[Json] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    inner: list[Page] = field(default_factory=list)
    """Bundles in those pages"""
    error: str | None = None

    @property
    def bundle(self) -> Json:
        """All pages as one."""
        return {"resourceType": "Bundle", "type": "collection", "entry": self.entries}

    def so_far(self, error: str) -> Fetched:
        """The same as it is now, where somebody may still be reading."""
        return Fetched(self.job, list(self.entries), list(self.pages), list(self.inner), error)


def fetch(client: FhirClient, jobs: Sequence[Job]) -> list[Fetched]:
    """Make all queries, within the client's deadline. Never raises."""
    first: dict[str, Json | FhirError] = {}
    if len(jobs) > 1 and client.server.batches:
        first = _batched(client, [job for job in jobs if job.before is None])
    found = [Fetched(job, error=job.fault) for job in jobs]
    readings = [partial(_read, client, got, first.get(got.job.key)) for got in found]
    results = side_by_side(client, readings)
    return [
        got.so_far(str(result)) if isinstance(result, FhirError) else got
        for got, result in zip(found, results, strict=True)
    ]


def side_by_side(client: FhirClient, tasks: Iterable[Callable[[], T]]) -> list[T | FhirError]:
    """Run tasks on the server's threads; one that is not done by the deadline is left."""
    futures: list[Future[T]] = [client.server.pool.submit(task) for task in tasks]
    wait(futures, timeout=max(0.0, client.left))
    results: list[T | FhirError] = []
    for future in futures:
        try:
            results.append(_finished(future))
        except FhirError as error:
            results.append(error)
    return results


def _finished(future: Future[T]) -> T:
    if not future.done():
        future.cancel()
        raise FhirError("no answer in time")
    return future.result()


def _batched(client: FhirClient, jobs: Sequence[Job]) -> dict[str, Json | FhirError]:
    """First pages from one batch. What it did not give is left to single queries."""
    until = time.monotonic() + client.left * BATCH_SHARE
    try:
        found = client.batch([job.url for job in jobs], until)
    except FhirError:
        client.server.no_batch()
        return {}
    return {job.key: page for job, page in zip(jobs, found, strict=True) if not _worth_asking(page)}


def _worth_asking(page: Json | FhirError) -> bool:
    """An entry that failed is asked for again, singly; one that is forbidden or gone is not."""
    return isinstance(page, FhirError) and not str(page).startswith(("HTTP 401", "HTTP 403"))


def _read(client: FhirClient, got: Fetched, first: Json | FhirError | None) -> None:
    """Read a query page by page; the first one may have come by a batch."""
    try:
        _read_pages(client, got, first)
        got.error = got.error or _lacking(client, got)
    except FhirError as error:
        got.error = str(error)


def _read_pages(client: FhirClient, got: Fetched, first: Json | FhirError | None) -> None:
    job = got.job
    page = job.before
    here = (page and page.url) or f"{client.base}{QUERIES[job.key].resource_type}"
    following: str | None = client.target(job.url, here if page else None)
    seen = {here}
    while following:
        if following in seen:
            raise FhirError("its pages go round in a circle")
        if len(got.pages) == MAX_PAGES or len(got.entries) >= MAX_RESOURCES:
            raise FhirError(f"more than {len(got.entries)} resources: the rest is not read")
        seen.add(following)
        answer = client.get(following) if got.pages else _first_page(client, job, following, first)
        if QUERIES[job.key].is_search and answer.get("resourceType") != "Bundle":
            raise FhirError("the answer to a search is not a Bundle")
        got.entries += unwrapped(answer)
        page, *inner = list(pages_in(answer)) or [Page()]
        got.inner += inner
        got.pages.append(page)
        following = client.target(page.following, following) if page.following else None


def _first_page(client: FhirClient, job: Job, url: str, first: Json | FhirError | None) -> Json:
    try:
        if isinstance(first, FhirError):
            raise first
        return client.get(url) if first is None else first
    except FhirError as error:
        if str(error) == "HTTP 400" and job.plain not in (None, job.url):
            return client.get(str(job.plain))
        raise


def _lacking(client: FhirClient, got: Fetched) -> str | None:
    """What the server itself says that its answer lacks."""
    job, query = got.job, QUERIES[got.job.key]
    before = [job.before] if job.before is not None else []
    asked = None if before or not got.pages else other_question(got.pages[0].url, query)
    # every page was followed to the last: what its address looks like on the others is no matter
    read = [replace(page, following=None) for page in (*before, *got.pages)]
    kind = query.resource_type
    inner = (hole(group, kind, asked=job.url) for group in joined(got.inner))
    return (
        asked
        or hole(read, kind, asked=job.url)
        or next((why for why in inner if why is not None), None)
    )
