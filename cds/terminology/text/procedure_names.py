"""Procedures by name."""

from __future__ import annotations

from cds.terminology.codes.code_sets import NameIndex, phrase_pattern, plain_name
from cds.terminology.codes.tables import read_yaml
from cds.terminology.text import certainty


class ProcedureNames:
    """The procedure sets of a text."""

    def __init__(self, official: NameIndex) -> None:
        self._official = official
        self._rules = [
            (rule["set"], phrase_pattern(rule["any"]))
            for rule in read_yaml("text/procedure_words.yaml")["rules"]
        ]

    @property
    def rule_sets(self) -> frozenset[str]:
        """Every set that the phrases can give."""
        return frozenset(name for name, _ in self._rules)

    def sets(self, text: str) -> frozenset[str]:
        """The sets that the text affirms."""
        exact = self._official.sets(text)
        if exact:
            return exact
        read = certainty.read(text, certainty.PROCEDURES)
        clauses = [plain_name(clause.text) for clause in read if not clause.said]
        return frozenset(
            name for name, pattern in self._rules if any(pattern.search(c) for c in clauses)
        )
