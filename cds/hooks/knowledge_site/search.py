"""Search over the facts and the rows of the evidence, and the facets by which they are narrowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from cds.hooks.knowledge_site.library import Held, Library
from cds.hooks.knowledge_site.told import reviewed, subject_name
from cds.knowledge.cited import named, sources_of
from cds.knowledge.in_words import rule_in_words, title_of, values_of
from cds.knowledge.in_words.status import STATUS
from cds.knowledge.model.base import EvidenceRow
from cds.terminology.codes.code_names import name_of_code
from cds.wire import Json

LONGEST_QUERY = 200
"""characters"""
PAGE = 50
"""results of one page"""
FACETS = ("subject", "status", "review", "indication", "source")


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact or a row as a result shows it, and all that is looked through to find it."""

    path: str
    title: str
    facets: Mapping[str, tuple[str, ...]]
    text: str

    def told(self) -> Json:
        subject, status = self.facets["subject"][0], self.facets["status"][0]
        told = {"path": self.path, "title": self.title, "subject": subject, "status": status}
        return told | {"review": self.facets["review"][0] if self.facets["review"] else None}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: words that all stand there, a value of some facets, which page."""

    query: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    page: int = 1

    @property
    def words(self) -> list[str]:
        return self.query.casefold().split()


def asked_of(given: Mapping[str, str]) -> Asked:
    """What the parameters of an address ask for. Raises ValueError."""
    query = " ".join(given.get("q", "").split())
    if len(query) > LONGEST_QUERY:
        raise ValueError(f"The words to look for are at most {LONGEST_QUERY} characters.")
    page = given.get("page", "1")
    if not (page.isascii() and page.isdecimal() and len(page) < 5 and int(page)):
        raise ValueError("The page is a number from 1 on.")
    chosen = {facet: given[facet][:LONGEST_QUERY] for facet in FACETS if given.get(facet)}
    return Asked(query, chosen, int(page))


@lru_cache(maxsize=2)
def entries(library: Library, day: date) -> tuple[Entry, ...]:
    """All that can be found, by its review state of that day."""
    rows = {row: i.id for i in library.knowledge.indications.values() for row in i.basis}
    facts = (_of_fact(held, library, day, rows) for held in library.held())
    return (*facts, *map(_of_row, library.rows.values()))


def _of_fact(held: Held, library: Library, day: date, rows: Mapping[str, str]) -> Entry:
    fact = held.fact
    values = (f"{value.label} {value.text}" for value in values_of(fact, name_of_code))
    indications = dict.fromkeys(
        rows.get(name, name) for name in named(fact, "indication", "row of an indication")
    )
    if held.subject == "indications":
        indications = {fact.id: None} | indications
    sources = sources_of(fact)
    said = (held.path, title_of(fact), held.background, fact.note or "", *fact.basis, *sources)
    return Entry(
        held.path,
        title_of(fact),
        {
            "subject": (held.subject,),
            "status": (fact.status,),
            "review": (reviewed(library, held, day).state,),
            "indication": tuple(i for i in indications if i in library.knowledge.indications),
            "source": sources,
        },
        _folded((*said, *values, *rule_in_words(fact, name_of_code))),
    )


def _of_row(row: EvidenceRow) -> Entry:
    said = (row.id, row.statement, row.population or "", row.note or "", *row.against)
    return Entry(
        f"evidence/{row.id}",
        row.statement,
        {
            "subject": ("evidence",),
            "status": (row.status,),
            "review": (),
            "indication": (),
            "source": row.sources,
        },
        _folded((*said, *row.sources)),
    )


def _folded(texts: Iterable[str]) -> str:
    return _parted("\n".join(texts)).casefold()


def _parted(text: str) -> str:
    """An id as its words: `iv-std-acute`, `iv_std_acute` and `iv std acute` find the same."""
    return text.replace("_", " ").replace("-", " ")


def found(every: Iterable[Entry], asked: Asked) -> list[Entry]:
    """Those that hold all words and have the chosen values; first those that are called so."""
    words = list(map(_parted, asked.words))
    fitting = [entry for entry in every if _fits(entry, words, asked.chosen)]
    return sorted(fitting, key=lambda entry: not _called(entry, words))


def _fits(entry: Entry, words: list[str], chosen: Mapping[str, str]) -> bool:
    has = all(value in entry.facets[facet] for facet, value in chosen.items())
    return has and all(word in entry.text for word in words)


def _called(entry: Entry, words: list[str]) -> bool:
    name = _folded((entry.path, entry.title))
    return all(word in name for word in words)


def counts(among: Iterable[Entry]) -> dict[str, list[tuple[str, int]]]:
    """Facet → its values with how many have them, the most frequent first."""
    counted: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for entry in among:
        for facet, values in entry.facets.items():
            counted[facet].update(values)
    return {facet: counter.most_common() for facet, counter in counted.items() if counter}


def search_page(library: Library, asked: Asked, day: date) -> Json:
    """The results of a page, how many there are, and how they can be narrowed further."""
    results = found(entries(library, day), asked)
    first = (asked.page - 1) * PAGE
    return {
        "query": asked.query,
        "asked": {"q": asked.query, **asked.chosen},
        "chosen": [
            {"facet": facet, "value": value, "name": facet_value(facet, value, library)}
            for facet, value in asked.chosen.items()
        ],
        "total": len(results),
        "page": asked.page,
        "pages": max(1, -(-len(results) // PAGE)),
        "results": [entry.told() for entry in results[first : first + PAGE]],
        "facets": {
            facet: offered(facet, listed, library) for facet, listed in counts(results).items()
        },
    }


def offered(facet: str, listed: list[tuple[str, int]], library: Library) -> list[Json]:
    """Values of a facet as a page offers them."""
    return [
        {"value": value, "name": facet_value(facet, value, library), "count": count}
        for value, count in listed
    ]


def facet_value(facet: str, value: str, library: Library) -> str:
    """A value of a facet by its name: `TRD`, `Spravato US label`."""
    indications, sources = library.knowledge.indications, library.sources
    if facet == "indication" and value in indications:
        return indications[value].short
    if facet == "source" and value in sources:
        return sources[value].short or value
    if facet == "subject":
        return subject_name(value)
    return STATUS.get(value, value)
