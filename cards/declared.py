"""What a wording says of itself, compared with what its templates do.

    params: [found, likely.meaning, bound?]     what it is given, and the fields of it that it reads

`?`: a finding may come without it, and then no text may show it.

Every wording is checked whole by `ketamine-cds knowledge check` and by the tests. To serve, a
template is read when it is needed first: to read all of them costs more than to load the knowledge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, TemplateError, nodes

Texts = Mapping[str, Any]
"""one wording, as its file has it"""

TEMPLATES = ("summary", "line", "found", "evidence", "detail", "more")
PLAIN = ("summary", "line")
"""those of plain text; the others are Markdown"""
FIELDS = (*TEMPLATES, "background", "params", "good", "fact")
_OF_A_LOOP = frozenset({"loop.first", "loop.last", "loop.changed"})


class WordingError(ValueError):
    """A wording that can't be used: its file, entry and field, and what is allowed there."""


def problems(texts: Texts, environment: Environment) -> Iterator[str]:
    """What is wrong with a wording, each by its field."""
    if unknown := [name for name in texts if name not in FIELDS]:
        yield f"{unknown[0]}: no such field; a wording has {', '.join(FIELDS)}"
        return
    if "summary" not in texts:
        yield "summary: it is missing"
    if texts.get("good", "true") != "true":
        yield "good: it is true, or left out"
    if "{" in texts.get("background", ""):
        yield "background: it holds for every patient, and takes no parameter"
    yield from _misuses(texts, environment)


def _misuses(texts: Texts, environment: Environment) -> Iterator[str]:
    declared = frozenset(name.removesuffix("?") for name in texts.get("params", ()))
    used, sound = set[str](), True
    for name in TEMPLATES:
        if name not in texts:
            continue
        try:
            asked = asks(texts[name], environment)
        except TemplateError as error:
            yield f"{name}: {error.message}"
            sound = False
            continue
        used |= asked.params
        for fault in _faults(asked, declared, environment):
            yield f"{name}: {fault}"
            sound = False
    if sound and (unused := sorted(declared - used)):
        yield f"params: {', '.join(unused)} is used by none of its texts"


def given(takes: Mapping[str, bool], params: Mapping[str, object]) -> dict[str, object]:
    """Of the parameters those that are taken. Raises KeyError for one that is lacking."""
    return {name: params[name] for name, must in takes.items() if must or name in params}


def taken(texts: Texts) -> dict[str, bool]:
    """The parameters that it takes, and whether each must be given."""
    stated = texts.get("params", ())
    return {name.partition(".")[0].removesuffix("?"): not name.endswith("?") for name in stated}


@dataclass(slots=True)
class Asked:
    """What a template asks for."""

    params: set[str] = field(default_factory=set)
    """`likely.meaning` for a field of one, or of an entry of a list"""
    filters: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)


def asks(text: str, environment: Environment) -> Asked:
    """Raises TemplateError for a text that is no template."""
    tree, asked = environment.parse(text), Asked()
    asked.filters = {node.name for node in tree.find_all(nodes.Filter)}
    asked.tests = {node.name for node in tree.find_all(nodes.Test)}
    _walk(tree, {}, asked)
    of_fields = {name.partition(".")[0] for name in asked.params if "." in name}
    asked.params -= of_fields
    return asked


def _faults(asked: Asked, declared: frozenset[str], environment: Environment) -> Iterator[str]:
    of_fields = {name.partition(".")[0] for name in declared if "." in name}
    for name in sorted(asked.params - declared - of_fields):
        allowed = ", ".join(sorted(declared)) or "none"
        yield f"{name!r} is no parameter of it; it takes {allowed}"
    for kind, used, known in (
        ("filter", asked.filters, environment.filters),
        ("test", asked.tests, environment.tests),
    ):
        for name in sorted(used - set(known)):
            yield f"{name!r} is no {kind} of a template"


Scope = dict[str, str | None]
"""the names that a template makes itself → the parameter behind them, None: none"""


def _walk(node: nodes.Node, scope: Scope, asked: Asked) -> None:
    match node:
        case nodes.For():
            _walk(node.iter, scope, asked)
            inner = {**scope, "loop": None}
            behind = _path(node.iter, scope)
            one = isinstance(node.target, nodes.Name)
            inner |= {name.name: behind if one else None for name in _names(node.target)}
            for part in (*([node.test] if node.test else []), *node.body, *node.else_):
                _walk(part, inner, asked)
        case nodes.Assign():
            _walk(node.node, scope, asked)
            scope |= {name.name: None for name in _names(node.target)}
        case nodes.Name(ctx="load"):
            if node.name not in scope:
                asked.params.add(node.name)
        case nodes.Getattr(node=nodes.Name(name="loop")):
            asked.params |= {f"loop.{node.attr}"} - _OF_A_LOOP
        case nodes.Getattr():
            _walk(node.node, scope, asked)
            path = _path(node, scope)
            if path is not None:
                asked.params.add(path)
        case _:
            for child in node.iter_child_nodes():
                _walk(child, scope, asked)


def _names(target: nodes.Node) -> list[nodes.Name]:
    own = [target] if isinstance(target, nodes.Name) else []
    return [*own, *target.find_all(nodes.Name)]


def _path(node: nodes.Node, scope: Scope) -> str | None:
    """`likely.meaning` of `slip.meaning` in a loop over `likely`; None for what is no parameter."""
    match node:
        case nodes.Name():
            return scope.get(node.name, node.name)
        case nodes.Getitem() | nodes.Filter() if node.node is not None:
            return _path(node.node, scope)
        case nodes.Getattr():
            base = _path(node.node, scope)
            if base is None or hasattr(str, node.attr):  # a method of text
                return base
            return f"{base}.{node.attr}"
    return None
