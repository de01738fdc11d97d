"""The words of the cards: one template per id, and chart text that can't become markup.

Each file in `cards/wording/` maps ids to a `summary` (one line, under 140 characters) and a
`detail` (GitHub Flavored Markdown: sentences, lists, emphasis). A parameter that came from a chart
is `ChartText`, and is escaped wherever a template shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template

from cds.assessment.model import ChartText
from cds.units import readable

SUMMARY_LIMIT = 139
"""CDS Hooks: a summary SHALL be under 140 characters."""
CHART_TEXT_LIMIT = 80

_MARKUP = re.compile(r"([\\`*_\[\]#|~])")
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """A finding in words."""

    summary: str
    detail: str


def say(ident: str, params: Mapping[str, object]) -> Wording:
    """The wording of an id, or of the one that its parameters name instead (`worded_as`).

    Raises KeyError for an id without one; a test finds those first.
    """
    summary, detail = _template(str(params.get("worded_as", ident)))
    return Wording(
        shorten(one_line(summary.render(_inert(params, plain_line)))),
        detail.render(_inert(params, escape_markdown)).strip(),
    )


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


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
    loaded: dict[str, Mapping[str, str]] = {}
    folder = files("cards") / "wording"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            document = yaml.load(file.read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506
            for ident, texts in document.items():
                if ident in loaded:
                    raise ValueError(f"{file.name}: wording {ident!r} stands twice")
                loaded[ident] = texts
    return loaded


@cache
def _template(ident: str) -> tuple[Template, Template]:
    texts, environment = _texts()[ident], _environment()
    return environment.from_string(texts["summary"]), environment.from_string(texts["detail"])


def _inert(value: Any, escape: Callable[[str], str]) -> Any:
    """Parameters with all chart text escaped, however deep, before a template can join them."""
    if isinstance(value, ChartText):
        return escape(value)
    if isinstance(value, Decimal):
        return readable(value)
    if isinstance(value, Mapping):
        return {key: _inert(item, escape) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_inert(item, escape) for item in value]
    return value


@cache
def _environment() -> Environment:
    # Markdown, not HTML: what needs escaping is chart text, and `_inert` escapes exactly that
    return Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701
    )
