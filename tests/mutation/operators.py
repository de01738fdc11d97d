"""The small faults that are put into the code, by family: Cosmic Ray's operators, and a few more.

Of Cosmic Ray's replacements those are used that a person may write by mistake. An operator by which
hardly any mutant can run (`a ** b` for `a - b`), or none differs (`is` for `==`), tells nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from cosmic_ray.ast import get_ast
from cosmic_ray.operators import (
    binary_operator_replacement,
    boolean_replacer,
    break_continue,
    comparison_operator_replacement,
    exception_replacer,
    number_replacer,
    unary_operator_replacement,
    zero_iteration_for_loop,
)
from cosmic_ray.operators.operator import Operator

Place = tuple[tuple[int, int], tuple[int, int]]

_COMPARISONS = (
    "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt",
    "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is",
)  # fmt: skip
_ARITHMETIC = (
    "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul",
    "BitOr_BitAnd", "BitAnd_BitOr",
)  # fmt: skip


class _Swapped(Operator):
    """One word for another, where `_there` sees it."""

    words: ClassVar[dict[str, str]]

    def mutation_positions(self, node: Any) -> Iterator[Place]:
        if node.get_code().strip() in self.words and self._there(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return get_ast(" " + self.words[node.get_code().strip()])

    @abstractmethod
    def _there(self, node: Any) -> bool:
        """Whether the word stands where the swap is a fault that a person may write."""

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class SwapMembership(_Swapped):
    """`in` and `not in`, as comparisons."""

    words: ClassVar[dict[str, str]] = {"in": "not in", "not in": "in"}

    def _there(self, node: Any) -> bool:
        return node.parent.type == "comparison"


class SwapCall(_Swapped):
    """The lowest for the highest, one for all."""

    words: ClassVar[dict[str, str]] = {"min": "max", "max": "min", "any": "all", "all": "any"}

    def _there(self, node: Any) -> bool:
        after = node.get_next_sibling() if node.type == "name" else None
        return after is not None and after.type == "trailer" and after.children[0].value == "("


class DropFilter(Operator):
    """A comprehension without its last condition."""

    def mutation_positions(self, node: Any) -> Iterator[Place]:
        if node.type == "comp_if" and len(node.children) == 2:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> None:
        return None

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class DropStatement(Operator):
    """A call, an addition in place or a yield that stands for itself, left out."""

    def mutation_positions(self, node: Any) -> Iterator[Place]:
        if node.parent is None or node.parent.type != "simple_stmt":
            return
        joint = node.children[1] if node.type == "expr_stmt" else None
        added = joint is not None and joint.type == "operator" and joint.value != "="
        if added or node.type in ("atom_expr", "yield_expr"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        prefix = node.get_first_leaf().prefix
        # a generator stays one
        return get_ast(prefix + ("yield from ()" if node.type == "yield_expr" else "pass"))

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


def _of(module: object, prefix: str, names: tuple[str, ...]) -> tuple[Operator, ...]:
    return tuple(getattr(module, f"{prefix}_{name}")() for name in names)


FAMILIES: dict[str, tuple[Operator, ...]] = {
    "comparison": (
        *_of(comparison_operator_replacement, "ReplaceComparisonOperator", _COMPARISONS),
        SwapMembership(),
    ),
    "arithmetic": _of(binary_operator_replacement, "ReplaceBinaryOperator", _ARITHMETIC),
    "logic": (
        boolean_replacer.ReplaceAndWithOr(),
        boolean_replacer.ReplaceOrWithAnd(),
        *_of(unary_operator_replacement, "ReplaceUnaryOperator", ("Delete_Not", "Delete_USub")),
    ),
    "condition": (boolean_replacer.AddNot(), DropFilter()),
    "constant": (
        number_replacer.NumberReplacer(),
        boolean_replacer.ReplaceTrueWithFalse(),
        boolean_replacer.ReplaceFalseWithTrue(),
    ),
    "call": (SwapCall(),),
    "flow": (
        zero_iteration_for_loop.ZeroIterationForLoop(),
        break_continue.ReplaceBreakWithContinue(),
        break_continue.ReplaceContinueWithBreak(),
        exception_replacer.ExceptionReplacer(),
        DropStatement(),
    ),
}
