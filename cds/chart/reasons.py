"""What an order, or a drug that is taken, is for."""

from __future__ import annotations

from msgspec import Struct

from cds.dosage.model import Problem


class Reasons(Struct, frozen=True):
    """Why something is ordered or taken."""

    sets: frozenset[str] = frozenset()
    """condition sets of all of them"""
    text: str = ""
    """as written: chart text"""
    problems: tuple[Problem, ...] = ()
    """those that are no reason, since the record says that they are not so"""
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of all of them"""
    source: tuple[str, ...] = ()
    """the resources that tell them, where the order only refers to them"""
    titled: tuple[tuple[str, str], ...] = ()
    """of those that no code tells: the codes of which the words are the official title"""


NO_REASONS = Reasons()
