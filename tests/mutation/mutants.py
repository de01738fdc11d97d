"""The mutants of a file: where an operator applies, and what the file says then."""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from operators import FAMILIES

Identity = tuple[str, str, str, str, str]
Span = tuple[tuple[int, int], tuple[int, int]]
_LOGS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


@dataclass(frozen=True)
class Mutant:
    """One fault in one place."""

    file: str
    function: str
    family: str
    operator: Operator
    occurrence: int
    """of the operator in the file, from 0"""
    line: int
    source: str

    @property
    def name(self) -> str:
        return self.operator.__class__.__name__

    @cached_property
    def mutated(self) -> str:
        """The whole file with the fault in it."""
        mutated = mutate_code(self.source, self.operator, self.occurrence)
        assert mutated is not None
        return mutated

    @property
    def before(self) -> str:
        return self.source.splitlines()[self.line - 1].strip()

    @cached_property
    def after(self) -> str:
        """The line as it is then; the first that differs."""
        pairs = zip(self.source.splitlines(), self.mutated.splitlines(), strict=False)
        return next((new.strip() for old, new in pairs if old != new), "")

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Where it stands, wherever that is: lines may move."""
        return self.file, self.function, self.name, self.before

    @property
    def identity(self) -> Identity:
        """The place, and what is wrong there."""
        return *self.place, self.after

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}: {self.before} → {self.after}"


def mutants_of(path: Path) -> list[Mutant]:
    """Every mutant of a file, but those that could change no answer."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    passed_over = list(_passed_over(tree))
    functions = _functions(tree)
    counts: dict[Operator, int] = defaultdict(int)
    found: list[Mutant] = []
    for node in ast_nodes(get_ast(source)):
        if node.type == "operator" and node.parent.type == "parameters":
            continue  # the star that parts parameters is no product
        for family, operators in FAMILIES.items():
            for operator in operators:
                for start, _ in operator.mutation_positions(node):
                    occurrence = counts[operator]
                    counts[operator] += 1
                    if any(first <= start < last for first, last in passed_over):
                        continue
                    found.append(
                        Mutant(
                            path.as_posix(), _at(functions, start[0]), family,
                            operator, occurrence, start[0], source,
                        )
                    )  # fmt: skip
    return found


def drawn(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """All of them, in such an order that the first have of each module and family its share.

    A mutant is drawn by what it is, so that an edit elsewhere leaves the draw as it was.
    """
    strata: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        strata[mutant.file, mutant.family].append(mutant)
    placed: list[tuple[float, Mutant]] = []
    for stratum, members in strata.items():
        offset = _chance(seed, *stratum)
        members.sort(
            key=lambda m: _chance(seed, m.file, m.function, m.name, m.before, m.occurrence)
        )
        placed += [((rank + offset) / len(members), m) for rank, m in enumerate(members)]
    placed.sort(key=lambda entry: entry[0])
    return [mutant for _, mutant in placed]


def _chance(*parts: object) -> float:
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def _passed_over(tree: ast.Module) -> Iterator[Span]:
    """The parts in which a fault is none: types, decorators, logs, `zip(strict=…)`.

    A fault in `__all__`, or in the name of a type, is no mutant either: it can't be imported.
    """
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as typed) | ast.AnnAssign(annotation=typed):
                yield _span(typed)
            case ast.FunctionDef(decorator_list=decorators, returns=typed):
                yield from map(_span, [*decorators, *([typed] if typed else [])])
            case ast.ClassDef(decorator_list=decorators):
                yield from map(_span, decorators)
            case ast.If(test=ast.Name("TYPE_CHECKING")) | ast.keyword(arg="strict"):
                yield _span(node)
            case ast.Call(func=ast.Attribute(value=logger, attr=method)) if method in _LOGS:
                if "log" in ast.unparse(logger).lower():
                    yield _span(node)


def _span(node: ast.expr | ast.stmt | ast.keyword) -> Span:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _functions(tree: ast.Module) -> list[tuple[int, int, str]]:
    """(first line, last line, qualified name), outer before inner."""
    found: list[tuple[int, int, str]] = []

    def walk(nodes: Sequence[ast.AST], outer: str) -> None:
        for node in nodes:
            name = outer
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{node.name}" if outer else node.name
                found.append((node.lineno, node.end_lineno or node.lineno, name))
            walk(list(ast.iter_child_nodes(node)), name)

    walk(tree.body, "")
    return found


def _at(functions: Sequence[tuple[int, int, str]], line: int) -> str:
    names = [name for first, last, name in functions if first <= line <= last]
    return names[-1] if names else ""
