"""The comments of a file, each with what it stands above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Comment:
    """One line of it."""

    line: int
    text: str
    trails: bool
    """it stands behind something on its line"""
    apart: bool
    """an empty line is above it"""


class Comments:
    """Those above each entry, field and item: one that trails it stands above it as well.

    What is named again by an alias has its comments where it stands first.
    """

    def __init__(self, text: str, root: yaml.Node) -> None:
        self._above: dict[int, list[Comment]] = {}
        points = list(_points(root, set()))
        lines = [node.start_mark.line for node in points]
        self.last: list[Comment] = []
        """below everything"""
        for comment in _comments(text):
            wanted = comment.line if comment.trails else comment.line + 1
            found = next((at for at, line in enumerate(lines) if line >= wanted), None)
            if found is None or (comment.trails and lines[found] != comment.line):
                found = _last_before(lines, comment.line) if comment.trails else None
            if found is None:
                self.last.append(comment)
            else:
                self._above.setdefault(id(points[found]), []).append(comment)

    def above(self, node: yaml.Node) -> list[Comment]:
        """Each is given once."""
        return self._above.pop(id(node), [])

    def within(self, node: yaml.Node) -> bool:
        """Whether there is one of something in it, which then can't be written in one line."""
        return any(id(point) in self._above for point in _points(node, set()))


def _last_before(lines: list[int], line: int) -> int:
    return max(at for at, each in enumerate(lines) if each <= line)


def _points(node: yaml.Node, seen: set[int]) -> Iterator[yaml.Node]:
    """Keys and items, as they stand in the file."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield from _points(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield item
            yield from _points(item, seen)


def _comments(text: str) -> Iterator[Comment]:
    """All of them: what begins with a `#` between two tokens."""
    lines = text.split("\n")
    end = 0
    for token in yaml.scan(text, Loader=yaml.CBaseLoader):
        start = token.start_mark.index
        if "#" in text[end:start]:
            first = text.count("\n", 0, end)
            for number, part in enumerate(text[end:start].split("\n"), first):
                said = part.strip()
                if said.startswith("#"):
                    trails = not lines[number].lstrip().startswith("#")
                    apart = number > 0 and not lines[number - 1].strip()
                    yield Comment(number, said, trails, apart)
        end = max(end, token.end_mark.index)
