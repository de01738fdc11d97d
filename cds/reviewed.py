"""Reviewed lists that are kept as YAML files beside the code that reads them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read_reviewed(package: str, path: str) -> dict[str, Any]:
    """The file of the package (`text/certainty.yaml`). Every scalar is text: `no` stays a word.

    Raises TwiceTold.
    """
    text = (files(package) / path).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=_Strict))  # noqa: S506 -- builds strings only


def parsed(name: str, text: bytes, wrong: type[ValueError]) -> dict[str, Any]:
    """The mapping that a file holds. Every scalar is text, as the C loader reads them fast.

    Raises `wrong`, with the file's name and the line, where it is no YAML.
    """
    try:
        document = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
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


class _Strict(yaml.CBaseLoader):
    """Strings only, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            where = f"line {node.start_mark.line + 1}"
            raise TwiceTold(f"{', '.join(twice)} twice in the mapping at {where}")
        return super().construct_mapping(node, deep)
