"""A grade of evidence in words: a letter alone says nothing to who does not know its scale."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import yaml

from cds.knowledge.model.base import Fact


def in_words(fact: Fact) -> str:
    """`randomised trials (A)`, or `guideline grade C, low certainty`; empty for a fact without one.

    A letter alone is of the research digest, but of a fact that rests on pain medicine alone it is
    its guideline's.
    """
    grade, scales = fact.grade or "", _scales()
    if grade in scales["others"]:
        return scales["others"][grade]
    of_guideline = bool(fact.basis) and all(row.startswith("pain:") for row in fact.basis)
    letters = scales["guideline_letters" if of_guideline else "letters"]
    letter, comma, certainty = grade.partition(", ")
    if comma and letter in scales["guideline_letters"]:
        named = certainty if "certainty" in certainty else certainty.replace("low", "low certainty")
        return f"guideline grade {letter}, {named}"
    return letters.get(grade, grade)


@lru_cache(maxsize=1)
def _scales() -> Mapping[str, Mapping[str, str]]:
    text = (files("cards") / "evidence.yaml").read_bytes()
    scales: Mapping[str, Mapping[str, str]] = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
    return scales
