"""Cards as EHRs show them: two renderers of GitHub's Markdown, and what may come out."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

_MARKDOWN_IT = MarkdownIt("gfm-like", {"html": True, "linkify": True})
OUR_OWN = frozenset({"ul", "li", "p", "strong", "em"})
"""what the wordings are made of"""
_TAG = re.compile(r"<(/?)([a-zA-Z!?][\w-]*)[^>]*>?")
_NOT_SEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0x180B, 0x1810), *range(0xE0000, 0xE1000))))
)
_MOST_MARKS = 4


def renderings(text: str) -> tuple[str, str]:
    """The text as HTML, by markdown-it with linkify and by GitHub's cmark."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    return _MARKDOWN_IT.render(text), cmarkgfm.github_flavored_markdown_to_html(text, options)


def words_of(rendered: str) -> str:
    """What a person reads of it."""
    return html.unescape(_TAG.sub("", rendered)).strip()


def tags(rendered: str) -> set[str]:
    return {name.lower() for _, name in _TAG.findall(rendered)}


def invisible(text: str) -> list[str]:
    """The characters that can't be seen, and marks that pile up or stand on nothing."""
    found, marks = [], _MOST_MARKS
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        hidden = kind in _NOT_SEEN or kind in ("Zl", "Zp") or character in _BLANK
        if (hidden and character != "\n") or marks > _MOST_MARKS:
            found.append(f"U+{ord(character):04X}")
    return found


def markdown_faults(text: str) -> Iterator[str]:
    """What of Markdown on a card came from elsewhere and is more than text."""
    yield from invisible(text)
    for rendered in renderings(text):
        yield from tags(rendered) - OUR_OWN
        # the only emphasis of the wordings is in brackets, and bold is a whole heading
        yield from re.findall(r"<em>(?!\()[^<]*|<strong>evil</strong>", rendered)


def plain_faults(text: str) -> Iterator[str]:
    """The same of plain text: no renderer makes a link, an image or a tag of it."""
    yield from invisible(text)
    yield from ["a line break"] if "\n" in text else []
    yield from re.findall(r"(?i)<[a-z/!?]", text)
    for rendered in renderings(text):
        yield from tags(rendered) & {"a", "img", "script", "iframe", "svg", "table"}


def card_faults(card: dict[str, Any]) -> list[str]:
    """What is wrong with a card as it is sent, each with the text it stands in."""
    plain = [card["summary"], card["source"]["label"]]
    plain += [link["label"] for link in card.get("links", ())]
    plain += [reason["display"] for reason in card.get("overrideReasons", ())]
    for suggestion in card.get("suggestions", ()):
        plain.append(suggestion["label"])
        plain += [action["description"] for action in suggestion["actions"]]
    found = [f"{fault}: {text}" for text in plain for fault in plain_faults(text)]
    detail = card.get("detail", "")
    found += [f"{fault}: {detail}" for fault in markdown_faults(detail)]
    return found + ([] if len(card["summary"]) < 140 else [f"long: {card['summary']}"])
