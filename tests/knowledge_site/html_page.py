"""A page as a reader and a screen reader take it: its text, headings, links and landmarks."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (*_HEADINGS, "p", "li", "dt", "dd", "summary")
_VOID = ("meta", "link", "input", "br")


@dataclass
class ReadPage:
    text: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    labelled_by: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)


def read_page(html: str) -> ReadPage:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.unclosed = reader.open
    reader.page.text = " ".join(reader.page.text.split())
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = ReadPage()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.page.tags.append(tag)
        if tag not in _VOID:
            self.open.append(tag)
        if tag in _HEADINGS:
            self.page.headings.append((int(tag[1]), ""))
        if tag == "a":
            self.page.links.append(given["href"] or "")
        if given.get("id"):
            self.page.ids.append(given["id"] or "")
        if given.get("aria-labelledby"):
            self.page.labelled_by.append(given["aria-labelledby"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}>"
        if tag in _BLOCKS:
            self.page.text += " "

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if self.open and self.open[-1] in _HEADINGS:
            level, text = self.page.headings[-1]
            self.page.headings[-1] = (level, text + data)
