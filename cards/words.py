"""The words of the cards: one template per id, and chart text that can't become markup.

Each file in `cards/wording/` maps ids to their texts. `params` names what the texts are given
(`cards/declared.py`). `summary` is one line, under 140 characters; `line` the same where it may be
longer, with every name that the summary has no room for. The others are sentences in Markdown, in
the order in which they are read, and say what they are worth: `found` (in this patient: always
shown), `evidence`, `detail` (the one thing to do), `more`.
`background` is what holds for every patient: it stands on the page of the knowledge alone, with the
fact of that id, or with the `fact` that is named.
`good: true` marks what speaks for treatment or asks for nothing. A parameter that came from a chart
is `ChartText`, and is escaped wherever a template shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from cards.declared import TEMPLATES, Texts, WordingError, given, problems
from cards.lines import Part, Worth
from cds.allowance import check
from cds.assessment.model import ChartText
from cds.reviewed import parsed
from cds.units import Quantity, kilograms, readable, written

Documents = Mapping[str, Mapping[str, Texts]]
"""file → wording → its texts"""
SUMMARY_LIMIT = 139
"""CDS Hooks: a summary SHALL be under 140 characters."""
CHART_TEXT_LIMIT = 120

_MARKUP = re.compile(r"([\\`*_\[\]#|~])")
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


_WORTH = {
    "found": Worth.FOUND,
    "evidence": Worth.EVIDENCE,
    "detail": Worth.ADVICE,
    "more": Worth.MORE,
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A finding in words."""

    summary: str
    whole: str
    """the summary, however long"""
    parts: tuple[Part, ...]
    """what a card says beside it; a part may have several lines"""
    background: str = ""
    good: bool = False
    """it asks for nothing"""

    @property
    def detail(self) -> str:
        """Everything that there is to say beside the summary."""
        said = [*(part.text for part in self.parts), self.background]
        return "\n".join(text for text in said if text)


def say(ident: str, params: Mapping[str, object]) -> Wording:
    """The wording of an id, or of the one that its parameters name instead (`worded_as`).

    Raises KeyError for an id without one, or for a parameter that it is not given.
    """
    check()
    ident = str(params.get("worded_as", ident))
    templates, texts = _templates(ident), _texts()[ident]
    mine = given(texts, params)
    plain, marked = _inert(mine, plain_line), _inert(mine, escape_markdown)
    summary = one_line(templates["summary"].render(plain))
    spoken = {
        name: text
        for name, template in templates.items()
        if name != "summary"
        and (text := _tidy(template.render(plain if name == "line" else marked)))
    }
    return Wording(
        shorten(summary),
        spoken.get("line", summary),
        tuple(Part(text, _WORTH[name]) for name, text in spoken.items() if name in _WORTH),
        one_line(texts.get("background", "")),
        "good" in texts,
    )


@cache
def backgrounds() -> Mapping[str, str]:
    """What holds for every patient, by the id of the fact on whose place it stands."""
    return {
        texts.get("fact", ident.removeprefix("order-")): one_line(texts["background"])
        for ident, texts in _texts().items()
        if "background" in texts
    }


def _tidy(text: str) -> str:
    """The lines that have something in them, without the marks of a list."""
    lines = (" ".join(line.split()).removeprefix("- ") for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def load_wordings() -> None:
    """Read the files now and not with the first card. Raises WordingError for one that can't be."""
    _texts()


def has_wording(ident: str) -> bool:
    """Whether an id has its words."""
    return ident in _texts()


def escape_markdown(text: str) -> str:
    """Chart text as inert Markdown: no markup, no HTML, no links, one line, bounded."""
    return inert(shorten(one_line(text), CHART_TEXT_LIMIT))


def inert(text: str) -> str:
    """Plain text as Markdown that shows just that text."""
    flat = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    flat = _MARKUP.sub(r"\\\1", flat)
    # addresses would be links without any brackets in GitHub Flavored Markdown
    return flat.replace("://", ":&#47;&#47;").replace("www.", "www&#46;").replace("@", "&#64;")


def plain_line(text: str) -> str:
    """Chart text for a summary, which is plain text: one line, bounded."""
    return shorten(one_line(text), CHART_TEXT_LIMIT)


def one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def shorten(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """Cut at a word where the text is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head).rstrip(",;: ") + "…"


def check_wordings() -> None:
    """Raises WordingError that names every fault by file, wording and field."""
    found = [f"{file}: {ident}, {said}" for file, ident, said in wording_faults(_documents())]
    if found:
        raise WordingError("\n".join(found))


def wording_faults(documents: Documents) -> Iterator[tuple[str, str, str]]:
    """(file, wording, what is wrong with it, by its field)"""
    seen: dict[str, str] = {}
    for file, document in documents.items():
        for ident, texts in document.items():
            if ident in seen:
                yield file, ident, f"stands twice: it is in {seen[ident]} as well"
            seen[ident] = file
            for problem in problems(texts, _environment()):
                yield file, ident, problem


@lru_cache(maxsize=1)
def _documents() -> Documents:
    folder = files("cards") / "wording"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return {f.name: parsed(f.name, f.read_bytes(), WordingError) for f in found}


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Texts]:
    loaded: dict[str, Texts] = {}
    for file, document in _documents().items():
        if twice := sorted(loaded.keys() & document):
            raise WordingError(f"{file}: wording {twice[0]!r} stands twice")
        loaded |= document
    return loaded


@cache
def _templates(ident: str) -> Mapping[str, Template]:
    texts, environment = _texts()[ident], _environment()
    return {
        name: environment.from_string(text) for name, text in texts.items() if name in TEMPLATES
    }


class Figure(str):
    """A number as a person writes it, which a template can still write in another way."""

    __slots__ = ("value",)
    value: Decimal

    @classmethod
    def of(cls, value: Decimal) -> Figure:
        figure = cls(readable(value))
        figure.value = value
        return figure


def _inert(value: Any, escape: Callable[[str], str]) -> Any:
    """Parameters with all chart text escaped, however deep, before a template can join them."""
    if isinstance(value, ChartText):
        return escape(value)
    if isinstance(value, Decimal):
        return Figure.of(value)
    if isinstance(value, Quantity):
        return written(value)
    if isinstance(value, Mapping):
        return {key: _inert(item, escape) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_inert(item, escape) for item in value]
    return value


@cache
def _environment() -> Environment:
    # Markdown, not HTML: what needs escaping is chart text, and `_inert` escapes exactly that
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701
    )
    environment.filters["kilograms"] = lambda figure: kilograms(figure.value)
    return environment
