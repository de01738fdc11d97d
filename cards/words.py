"""The words of the cards: one template per id, and chart text that can't become markup.

Each file in `cards/wording/` maps ids to their texts. `params` names what the texts are given
(`cards/declared.py`). `summary` is one line, under 140 characters; `line` the same where it may be
longer, with every name that the summary has no room for. The others are sentences in Markdown, in
the order in which they are read, and say what they are worth: `found` (in this patient: always
shown), `evidence`, `detail` (the one thing to do), `more`.
`background` is what holds for every patient: it stands on the page of the knowledge alone, with the
fact of that id, or with the `fact` that is named.
`good: true` marks what speaks for treatment or asks for nothing. Whatever a template shows of its
parameters is escaped, for any of it may come from a chart; what does as it stands there is
`ChartText`, and is bounded as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from msgspec import Struct

from cards.declared import PLAIN, TEMPLATES, Texts, WordingError, given, problems, taken
from cards.lines import Part, Worth, unlisted
from cds.allowance import check
from cds.assessment.model import ChartText
from cds.characters import as_shown
from cds.reviewed import parsed
from cds.units import Quantity, kilograms, readable, written

Documents = Mapping[str, Mapping[str, Texts]]
"""file → wording → its texts"""
Fill = Callable[[Mapping[str, object]], str]
"""a text of a wording, given its parameters"""
SUMMARY_LIMIT = 139
"""CDS Hooks: a summary SHALL be under 140 characters."""
CHART_TEXT_LIMIT = 120
MOST_NAMED = 100
"""names in a list; how many more there are stands behind them"""

_LONGEST_READ = 2_000
"""characters of a chart text that are looked at to show so many fewer of them"""
_MARKUP = re.compile(r"[\\`*_\[\]#|~$]|:(?=[\w+-]+:)")
"""of Markdown and of what is often added to it: `$x$`, `:smile:`"""

_WORTH = {
    "found": Worth.FOUND,
    "evidence": Worth.EVIDENCE,
    "detail": Worth.ADVICE,
    "more": Worth.MORE,
}


class Wording(Struct, frozen=True):
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
    kept = params.words if isinstance(params, Spoken) else {}
    if ident not in kept:
        kept[ident] = _said(_prepared(ident), params)
    return kept[ident]


class Spoken(dict[str, object]):
    """The parameters of a finding, which keep the words that they were put into.

    Several cards speak of one finding. Whoever changes a parameter makes other parameters.
    """

    __slots__ = ("words",)

    def __init__(self, params: Mapping[str, object]) -> None:
        super().__init__(params)
        self.words: dict[str, Wording] = {}
        """by the id of the wording"""


class _Prepared(Struct, frozen=True):
    """What is the same of a wording whatever it is given."""

    takes: Mapping[str, bool]
    fills: Mapping[str, Fill]
    """by the fields that are shown"""
    background: str
    good: bool


def _said(wording: _Prepared, params: Mapping[str, object]) -> Wording:
    mine = {name: _bounded(value) for name, value in given(wording.takes, params).items()}
    said = {name: fill(mine) for name, fill in wording.fills.items()}
    summary = said["summary"]
    return Wording(
        shorten(summary),
        said.get("line") or summary,
        tuple(Part(text, _WORTH[name]) for name, text in said.items() if name in _WORTH and text),
        wording.background,
        wording.good,
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
    lines = (one_line(line).removeprefix("- ") for line in text.splitlines())
    return "\n".join(map(unlisted, filter(None, lines)))


def load_wordings() -> None:
    """Read the files now and not with the first card. Raises WordingError for one that can't be."""
    _texts()


def has_wording(ident: str) -> bool:
    """Whether an id has its words."""
    return ident in _texts()


def template_of(ident: str) -> Texts:
    """The texts of a wording as its file has them. Raises KeyError."""
    return _texts()[ident]


def escape_markdown(text: str) -> str:
    """Chart text as inert Markdown: no markup, no HTML, no links, one line, bounded."""
    return inert(plain_line(text))


def inert(text: str) -> str:
    """Plain text as Markdown that shows just that text, as far as it may be shown."""
    flat = as_shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return unlisted(_MARKUP.sub(_escaped, flat))


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def plain_line(text: str) -> str:
    """Chart text for a summary, which is plain text: one line, bounded, nothing but text."""
    if len(text) > _LONGEST_READ:
        text = f"{text[:_LONGEST_READ]}…"
    return shorten(as_shown(text), CHART_TEXT_LIMIT)


def listed(names: Iterable[object], between: str = "", most: int = MOST_NAMED) -> str:
    """All names, up to a hundred or so many, and how many more there are.

    >>> listed("ab", "; "), listed(map(str, range(102)), ", ")[-11:]
    ('a; b', ' and 2 more')
    """
    told = [str(name) for name in names]
    rest = len(told) - most
    return between.join(told if rest <= 0 else (*told[:most], f"and {rest} more"))


def one_line(text: str) -> str:
    return " ".join(text.split())


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


def prepare_all() -> None:
    """Make every wording ready to be filled in, before any answer has to wait for it."""
    for ident in _texts():
        _prepared(ident)


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Texts]:
    loaded: dict[str, Texts] = {}
    for file, document in _documents().items():
        if twice := sorted(loaded.keys() & document):
            raise WordingError(f"{file}: wording {twice[0]!r} stands twice")
        loaded |= document
    return loaded


@cache
def _prepared(ident: str) -> _Prepared:
    texts = _texts()[ident]
    return _Prepared(
        taken(texts),
        {name: _fill(name, text) for name, text in texts.items() if name in TEMPLATES},
        one_line(texts.get("background", "")),
        "good" in texts,
    )


def _fill(name: str, text: str) -> Fill:
    """A text ready to be filled in. One without a parameter is what it says."""
    tidy = one_line if name == "summary" else _tidy
    if "{" not in text:
        said = tidy(text)
        return lambda _: said
    template = _environment(markdown=name not in PLAIN).from_string(text)
    root, context = template.root_render_func, template.new_context
    # as `Template.render` does, without a copy of the parameters and of names that none uses
    return lambda params: tidy("".join(root(context(dict(params), shared=True))))


class Figure(str):
    """A number as a person writes it, which a template can still write in another way."""

    __slots__ = ("value",)
    value: Decimal

    @classmethod
    def of(cls, value: Decimal) -> Figure:
        figure = cls(readable(value))
        figure.value = value
        return figure


_AS_IT_IS = frozenset({str, int, bool, type(None)})


def _bounded(value: Any) -> Any:
    """A parameter, all chart text in it bounded, and numbers as a person writes them."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, ChartText):
        return plain_line(value)
    if isinstance(value, Decimal):
        return Figure.of(value)
    if isinstance(value, Quantity):
        return written(value)
    if isinstance(value, Mapping):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value]
    return value


@cache
def _environment(*, markdown: bool = True) -> Environment:
    """Of the templates for Markdown, or for plain text; each escapes what it shows for that."""
    escape = inert if markdown else as_shown
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # that would be for HTML
        finalize=lambda shown: escape(shown) if isinstance(shown, str) else shown,
    )
    environment.filters["join"] = listed
    environment.filters["kilograms"] = lambda figure: kilograms(figure.value)
    return environment
