"""The rules of an entry that hold: what speaks against a treatment, where doubt counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from cds.allowance import check
from cds.assessment.case import Case
from cds.assessment.model import ChartText
from cds.assessment.rules.answer import Answer, Match
from cds.assessment.rules.evaluate import evaluate
from cds.knowledge.model.rule import Rule


class Fired(Struct, frozen=True):
    """The rules of one entry that hold, with the facts behind each."""

    rules: tuple[tuple[Rule, Answer], ...]
    missing: frozenset[str]

    @property
    def basis(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row for rule, _ in self.rules for row in rule.basis))

    @property
    def found(self) -> tuple[ChartText, ...]:
        return tuple(dict.fromkeys(m.what for m in self._matches()))

    @property
    def source(self) -> tuple[str, ...]:
        return tuple(sorted({ref for match in self._matches() for ref in match.source}))

    def apart(self) -> tuple[Fired, Fired]:
        """What holds, and what would be critical if its codes were right and their words wrong.

        A lesser rule of the same entry goes with what it rests on, and what is critical by another
        rule, such as one that counts the past, is so whatever the words take back.
        """
        if not self.rules:
            return self, self
        back = [(rule, answer) for rule, answer in self.rules if answer.taken_back]
        left = [(rule, answer) for rule, answer in self.rules if not answer.taken_back]
        severe = [any(rule.severity == "critical" for rule, _ in part) for part in (left, back)]
        if severe != [False, True]:
            return self, Fired((), NOTHING)
        return Fired(tuple(left), self.missing), Fired(tuple(map(_only_taken_back, back)), NOTHING)

    def _matches(self) -> Iterator[Match]:
        for _, answer in self.rules:
            yield from answer.matches


NOTHING: frozenset[str] = frozenset()


_SILENT = Fired((), NOTHING)


def _only_taken_back(one: tuple[Rule, Answer]) -> tuple[Rule, Answer]:
    rule, answer = one
    return rule, replace(answer, matches=tuple(m for m in answer.matches if m.taken_back))


def fired(rules: Iterable[Rule], case: Case) -> Fired:
    """Judge each rule; those that are unknown leave what they missed.

    Doubt counts against the treatment only: what takes a rule back has to be known.
    """
    hold: list[tuple[Rule, Answer]] = []
    missing: set[str] = set()
    for rule in rules:
        check()
        answer = evaluate(rule.when, case)
        missing |= answer.missing
        if answer.met and not _silenced(rule, case):
            hold.append((rule, answer))
    return Fired(tuple(hold), frozenset(missing)) if hold or missing else _SILENT


def _silenced(rule: Rule, case: Case) -> bool:
    """Whether it is taken back for certain, or a graver rule speaks."""
    if rule.unless is not None and evaluate(rule.unless, case).settled == "met":
        return True
    return rule.graver is not None and evaluate(rule.graver, case).met
