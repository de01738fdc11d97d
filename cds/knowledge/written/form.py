"""A file of the knowledge in its one form, comments and all.

- One field a line. In one line stand a list of texts that fits, and a record of single values that
  fits; else each item or field has a line. No line is longer than 110 columns, but for a word.
- A field that may have several values is a list, also of one.
- Codes are a mapping: each with its name, `~` where our tables have none. A name that is written is
  kept, also a wrong one: the check tells of it.
- No anchors, no aliases, no quotes that are not needed. Long texts are folded (`>-`).
- An empty line before each entry. A comment stands above what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import yaml

from cds.knowledge.model.declared import NO_NAME, CodeNames
from cds.knowledge.written.comments import Comment, Comments
from cds.knowledge.written.scalars import WIDTH, folded, written
from cds.knowledge.written.shape import (
    NO_SHAPE,
    Models,
    Shape,
    items_of,
    models_of,
    shape_of,
)

SCHEMA_LINE = "# yaml-language-server: $schema="
_STEP = 2


class Unreadable(ValueError):
    """No file of the knowledge: says where and why."""


def formatted(text: str, model: Any, named: CodeNames, schema: str | None = None) -> str:
    """The same file in its form. `schema`: where its JSON Schema stands, for editors.

    Raises Unreadable.
    """
    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        raise Unreadable(f"{mark.line + 1}: {said}" if mark else said) from None
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable("1: a mapping with `subject` and `facts` is wanted")
    lines = _Form(Comments(text, root), named).document(root, models_of(model))
    own = next((line for line in lines if line.startswith(SCHEMA_LINE)), None)
    first = f"{SCHEMA_LINE}{schema}" if schema else own
    rest = [line for line in lines if not line.startswith(SCHEMA_LINE)]
    return "\n".join([*([first] if first else []), *rest]).strip("\n") + "\n"


class _Form:
    """Writes nodes as lines. Every method gives whole lines, with their indentation."""

    def __init__(self, comments: Comments, named: CodeNames) -> None:
        self._comments = comments
        self._named = named

    def document(self, root: yaml.MappingNode, models: Models) -> list[str]:
        lines: list[str] = []
        for key, value in root.value:
            if key.value == "facts" and isinstance(value, yaml.SequenceNode) and value.value:
                lines += [*_told(self._comments.above(key), 0), "facts:"]
                for item in value.value:
                    above = _told(self._comments.above(item), 0)
                    lines += ["", *_without_first_gap(above), *self._item(item, 0, models)]
            elif key.value == "facts" and not value.value:  # one is to be added below
                lines += [*_told(self._comments.above(key), 0), "facts:"]
            else:
                lines += self._field(key, value, 0, NO_SHAPE)
        return [*lines, *_told(self._comments.last, 0)]

    def _fields(self, node: yaml.MappingNode, indent: int, models: Models) -> Iterator[str]:
        for key, value in node.value:
            yield from self._field(key, value, indent, shape_of(models, key.value))

    def _field(
        self, key: yaml.ScalarNode, value: yaml.Node, indent: int, shape: Shape
    ) -> list[str]:
        above = _told(self._comments.above(key), indent)
        head = " " * indent + written(key.value, flow=False) + ":"
        if shape.codes and not (isinstance(value, yaml.SequenceNode) and not value.value):
            return [*above, head, *self._codes(value, indent + _STEP, shape)]
        value = _listed(value) if shape.several else value
        line = self._in_line(value, shape.models)
        if line is not None and len(head) + 1 + len(line) <= WIDTH:
            return [*above, f"{head} {line}"]
        first, *rest = self._over_lines(value, indent, shape.models)
        return [*above, f"{head} {first}".rstrip(), *rest]

    def _over_lines(self, value: yaml.Node, indent: int, models: Models) -> list[str]:
        """What stands behind the key or dash, and the lines below it."""
        match value:
            case yaml.MappingNode():
                return ["", *self._fields(value, indent + _STEP, models)]
            case yaml.SequenceNode():
                inner = items_of(models)
                items = (self._commented(item, indent, inner) for item in value.value)
                return ["", *chain.from_iterable(items)]
        return folded(value.value, indent + _STEP) or [written(value.value, flow=False)]

    def _commented(self, item: yaml.Node, indent: int, models: Models) -> list[str]:
        return [*_told(self._comments.above(item), indent), *self._item(item, indent, models)]

    def _item(self, item: yaml.Node, indent: int, models: Models) -> list[str]:
        """One of a list: a dash, and what it is."""
        dash = " " * indent + "- "
        line = self._in_line(item, models) if indent or not _is_entry(item) else None
        if line is not None and len(dash) + len(line) <= WIDTH:
            return [dash + line]
        if isinstance(item, yaml.MappingNode):
            lines = list(self._fields(item, indent + _STEP, models))
            at = next(n for n, line in enumerate(lines) if not line.lstrip().startswith("#"))
            above = [line[_STEP:] for line in lines[:at]]
            return [*above, dash + lines[at][indent + _STEP :], *lines[at + 1 :]]
        first, *rest = self._over_lines(item, indent, models)
        return [dash + first, *rest]

    def _codes(self, value: yaml.Node, indent: int, shape: Shape) -> Iterator[str]:
        """Each code with its name."""
        assert shape.codes
        named = self._named.get(shape.codes, _unnamed)
        for code, name in _code_nodes(value):
            yield from _told(self._comments.above(code), indent)
            called = name.value if name is not None and name.value not in ("", NO_NAME) else None
            called = called or named(code.value) or NO_NAME
            key = yaml.ScalarNode("", code.value)
            yield from self._field(key, yaml.ScalarNode("", called), indent, NO_SHAPE)

    def _in_line(self, node: yaml.Node, models: Models) -> str | None:
        """In one line, whatever its length; None: it needs several."""
        if self._comments.within(node):
            return None
        match node:
            case yaml.ScalarNode():
                return written(node.value, flow=False)
            case yaml.SequenceNode():
                return _list_in_line(node)
            case yaml.MappingNode():
                return _record_in_line(node, models)
        return None


def _record_in_line(node: yaml.MappingNode, models: Models) -> str | None:
    """One of single values, or of a single list."""
    parts = []
    for key, value in node.value:
        shape = shape_of(models, key.value)
        listed = _listed(value) if shape.several else value
        if isinstance(listed, yaml.ScalarNode):
            text: str | None = written(listed.value, flow=True)
        else:
            text = None if len(node.value) > 1 or shape.codes else _list_in_line(listed)
        if text is None:
            return None
        parts.append(f"{written(key.value, flow=True)}: {text}")
    return f"{{{', '.join(parts)}}}"


def _list_in_line(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.SequenceNode):
        return None
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return None
    return f"[{', '.join(written(item.value, flow=True) for item in node.value)}]"


def _unnamed(code: str) -> str | None:
    return None


def _listed(value: yaml.Node) -> yaml.Node:
    return value if isinstance(value, yaml.SequenceNode) else yaml.SequenceNode("", [value])


def _is_entry(item: yaml.Node) -> bool:
    return isinstance(item, yaml.MappingNode) and any(key.value == "id" for key, _ in item.value)


def _code_nodes(value: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node | None]]:
    if isinstance(value, yaml.MappingNode):
        yield from value.value
    else:
        yield from ((code, None) for code in _listed(value).value)


def _told(comments: list[Comment], indent: int) -> list[str]:
    lines: list[str] = []
    for comment in comments:
        lines += [*([""] if comment.apart else []), " " * indent + comment.text]
    return lines


def _without_first_gap(lines: list[str]) -> list[str]:
    return lines[1:] if lines and not lines[0] else lines
