"""What a fact says, in words for a reader: its values with their units, and its rule in sentences.

Both are made from the fact itself, so that a page, a packet for review and a comparison of two
editions say what the program does, and nothing that somebody wrote beside it.
"""

from cds.knowledge.in_words.names import NameOfCode, unnamed
from cds.knowledge.in_words.rule import rule_in_words, rule_of
from cds.knowledge.in_words.said import Said
from cds.knowledge.in_words.titles import title_of
from cds.knowledge.in_words.values import Value, values_of

__all__ = [
    "NameOfCode", "Said", "Value", "rule_in_words", "rule_of", "title_of", "unnamed", "values_of",
]  # fmt: skip
