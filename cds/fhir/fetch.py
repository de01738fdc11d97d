"""Making the planned queries: side by side or in one batch, all pages, before the deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TypeVar

from cds.fhir.plan import Job
from cds.fhir.prefetch import MAX_RESOURCES, next_link, unwrapped
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
    pages: int = 0
    error: str | None = None

    @property
    def bundle(self) -> Json:
        """All pages as one."""
        return {"resourceType": "Bundle", "type": "collection", "entry": self.entries}


def fetch(client: FhirClient, jobs: Sequence[Job]) -> list[Fetched]:
    """Make all queries, within the client's deadline. Never raises."""
    first: dict[str, Json | FhirError] = {}
    if len(jobs) > 1 and client.server.batches:
        first = _batched(client, jobs)
    results = side_by_side(client, [_pages(client, job, first.get(job.key)) for job in jobs])
    return [
        result if isinstance(result, Fetched) else Fetched(job, error=str(result))
        for job, result in zip(jobs, results, strict=True)
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


def _page(client: FhirClient, job: Job, url: str, first: Json | FhirError | None) -> Json:
    """One page; the first may have come by a batch. Raises FhirError."""
    try:
        if isinstance(first, FhirError):
            raise first
        return client.get(url) if first is None else first
    except FhirError as error:
        if str(error) == "HTTP 400" and url == job.url and job.plain not in (None, url):
            return client.get(str(job.plain))
        raise


def _pages(client: FhirClient, job: Job, first: Json | FhirError | None) -> Callable[[], Fetched]:
    def pages() -> Fetched:
        got = Fetched(job, error=job.fault)
        following: str | None = job.url
        seen: set[str] = set()
        try:
            while following:
                if following in seen:
                    raise FhirError("its pages go round in a circle")
                if got.pages == MAX_PAGES or len(got.entries) >= MAX_RESOURCES:
                    raise FhirError(f"more than {len(got.entries)} resources: the rest is not read")
                seen.add(following)
                page = _page(client, job, following, None if got.pages else first)
                if "?" in job.url and page.get("resourceType") != "Bundle":
                    raise FhirError("the answer to a search is not a Bundle")
                got.entries += unwrapped(page)
                got.pages += 1
                following = next_link(page)
        except FhirError as error:
            got.error = str(error)
        return got

    return pages
