"""A YAML file as it is written: what stands on which line, and what YAML would swallow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from cds.knowledge.check import no_yaml
from cds.knowledge.model.predicates import KINDS

Path: TypeAlias = Sequence[str | int]
"""keys and positions that lead to a value"""
_LATER = "is a `- ` missing before the second?"


@dataclass(frozen=True, slots=True, order=True)
class Slip:
    """One mistake, and where it stands."""

    file: str
    line: int
    """0: of no line"""
    text: str
    """with the entry and the field that it is about"""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One file, every scalar of it text."""

    file: str
    root: yaml.Node
    data: Any

    def fault(self, path: Path, text: str) -> Slip:
        """A mistake in the value at a path: of an entry of a list it says the id."""
        line, shown, entry, _ = _place(self.root, path)
        where = ", ".join(filter(None, (entry, ".".join(shown))))
        return Slip(self.file, line, f"{where}: {text}" if where else text)

    def written(self, path: Path) -> Any:
        """What stands at a path; None: nothing does."""
        node = _place(self.root, path)[3]
        return None if node is None else _plain(node)

    def shown(self, path: Path) -> list[str]:
        """A path as the file has it, below its entry."""
        return _place(self.root, path)[1]


def read_document(file: str, text: bytes) -> tuple[Document | None, list[Slip]]:
    """The file, and what is wrong with it as YAML; None: nothing of it can be read."""
    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        return None, [Slip(file, *no_yaml.told(error, text.decode(errors="replace")))]
    if root is None:
        return None, [Slip(file, 0, "is empty")]
    document = Document(file, root, _plain(root))
    return document, [document.fault(path, said) for path, said in _swallowed(root, (), set())]


def _plain(node: yaml.Node) -> Any:
    match node:
        case yaml.MappingNode():
            return {_key(key): _plain(value) for key, value in node.value}
        case yaml.SequenceNode():
            return [_plain(item) for item in node.value]
    return node.value


def _key(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else "{…}"


def _swallowed(
    node: yaml.Node, path: tuple[str | int, ...], seen: set[int]
) -> Iterator[tuple[Path, str]]:
    """Keys that stand twice, of which YAML drops the first, and keys that are no text."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _swallowed(item, (*path, number), seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        name, line = _key(key), key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield path, "a key is no text: put what begins with a brace in quotes"
        elif name in lines:
            hint = f"; {_LATER}" if path and isinstance(path[-1], int) else ""
            yield (*path, name), f"stands twice, on line {lines[name]} and on line {line}{hint}"
        lines[name] = line
        yield from _swallowed(value, (*path, name), seen)


def _place(node: yaml.Node, path: Path) -> tuple[int, list[str], str, yaml.Node | None]:
    """Line, path as the file has it, the entry, and what stands there, where something does.

    A record may have more steps than its file: one text is a list of one, and a predicate is
    written as a mapping of its name.
    """
    line, shown, entry = node.start_mark.line + 1, list[str](), ""
    found: tuple[int, yaml.Node] | None = None
    for at, step in enumerate(path):
        found = _step(node, step)
        while found is None and isinstance(step, str) and _is_named(node):
            key, node = node.value[0]
            line, shown = key.start_mark.line + 1, [*shown, key.value]
            found = _step(node, step)
        if found is not None:
            line, node = found
            shown.append(str(step))
        elif isinstance(step, str) and at == len(path) - 1:
            shown.append(step)
        if isinstance(step, int) and not entry and (ident := _ident(node)):
            shown, entry = [], ident
    return line, shown, entry, node if found else None


def _step(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode) and isinstance(step, str):
        found = [(key, value) for key, value in node.value if _key(key) == step]
        return (found[-1][0].start_mark.line + 1, found[-1][1]) if found else None
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    if isinstance(node, yaml.MappingNode) and isinstance(step, int) and _is_of_codes(node):
        key, value = node.value[step]
        return key.start_mark.line + 1, value
    return None


def _is_of_codes(node: yaml.MappingNode) -> bool:
    """Codes with their names: a field is called by a lower-case word."""
    return not any(_key(key).islower() for key, _ in node.value)


def _is_named(node: yaml.Node) -> bool:
    """Whether it is a predicate."""
    return (
        isinstance(node, yaml.MappingNode)
        and len(node.value) == 1
        and _key(node.value[0][0]) in KINDS
    )


def _ident(node: yaml.Node) -> str:
    """What an entry of a list is called."""
    found = _step(node, "id")
    return str(found[1].value) if found and isinstance(found[1], yaml.ScalarNode) else ""
