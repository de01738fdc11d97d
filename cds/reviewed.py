"""Reviewed lists that are kept as YAML files beside the code that reads them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read_reviewed(package: str, path: str) -> dict[str, Any]:
    """The file of the package (`text/certainty.yaml`). Every scalar is text: `no` stays a word.

    Raises TwiceTold.
    """
    return dict(_read((files(package) / path).read_bytes(), once=True))


def parsed(name: str, text: bytes, wrong: type[ValueError]) -> dict[str, Any]:
    """The mapping that a file holds. Every scalar is text.

    Raises `wrong`, with the file's name and the line, where it is no YAML.
    """
    try:
        document = _read(text, once=False)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise wrong(f"{name}, line {line}: {error.problem}") from None
    except yaml.YAMLError as error:  # bytes that are no text
        raise wrong(f"{name}: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise wrong(f"{name}, line 1: a mapping is wanted")
    return document


class TwiceTold(ValueError):
    """A key stands twice in one mapping: YAML would drop the first without a word."""


def _read(text: bytes, *, once: bool) -> Any:
    """What a file holds. `once`: no key stands twice in one mapping."""
    node = _Words(text).get_single_node()
    return None if node is None else _built(node, once)


class _Words(yaml.CBaseLoader):
    """The C parser alone, as every scalar is text: no type is looked for in Python.

    With `_built` it takes less than half of what yaml.CBaseLoader takes for the same.
    """

    def descend_resolver(self, parent: object, index: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""


def _built(node: yaml.Node, once: bool) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_built(item, once) for item in node.value]
    built = {_key(key): _built(value, once) for key, value in node.value}
    if once and len(built) < len(node.value):
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        where = f"line {node.start_mark.line + 1}"
        raise TwiceTold(f"{', '.join(twice)} twice in the mapping at {where}")
    return built


def _key(node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(
            "while constructing a mapping", None, "found unhashable key", node.start_mark
        )
    return node.value
