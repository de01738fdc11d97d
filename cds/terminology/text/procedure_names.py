"""Procedures by name."""

from __future__ import annotations

from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import NameIndex, phrase_pattern, plain_name
from cds.terminology.text import certainty


class ProcedureNames:
    """The procedure sets of a text."""

    def __init__(self, official: NameIndex) -> None:
        self._official = official
        rules = read_reviewed("cds.terminology", "text/procedure_words.yaml")["rules"]
        self._rules = [
            (rule["set"], [phrase_pattern(rule[part]) for part in ("any", "with") if part in rule])
            for rule in rules
        ]
        alone = (rule for rule in rules if "with" not in rule)
        self.phrases = [tuple(plain_name(p).split()) for rule in alone for p in rule["any"]]
        """every phrase that makes a set without others beside it, by its words"""

    @property
    def rule_sets(self) -> frozenset[str]:
        """Every set that the phrases can give."""
        return frozenset(name for name, _ in self._rules)

    def sets(self, text: str) -> frozenset[str]:
        """The sets that the text affirms."""
        exact = self._official.sets(text)
        if exact:
            return exact
        return self._affirmed(text, certainty.PROCEDURES)

    def not_done(self, text: str) -> bool:
        """Whether the text names procedures and says of all that they were not done."""
        if self._official.sets(text) or not self._affirmed(text, frozenset()):
            return False
        return not self._affirmed(text, certainty.DONE)

    def affirmed(self, text: str) -> list[str]:
        """What the text says of the patient: without what is denied, or somebody else's."""
        return [c.text for c in certainty.read(text, certainty.PROCEDURES) if not c.said]

    def _affirmed(self, text: str, asked: certainty.Asked) -> frozenset[str]:
        clauses = [plain_name(c.text) for c in certainty.read(text, asked) if not c.said]
        return frozenset(
            name
            for name, patterns in self._rules
            if any(all(pattern.search(c) for pattern in patterns) for c in clauses)
        )
