"""The line that heads the candidacy card, in the fullest wording that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cards.words import SUMMARY_LIMIT, say
from cds.assessment.candidacy import Caveat, Headline

_CUT = "…"


def summary_of(line: Headline) -> str:
    """The fullest wording of a headline that fits without a cut."""
    lines = (say(line.id, {**line.params, **more}).summary for more in _variants(line))
    first = ""
    for text in lines:
        first = first or text
        if len(text) <= SUMMARY_LIMIT and not text.endswith(_CUT):
            return text
    return first


def _variants(line: Headline) -> Iterator[Mapping[str, object]]:
    """What to say: everything first; then shorter, less beside, and fewer caveats.

    A met verdict is never said without what turns it, if anything does.
    """
    met = line.candidate is not None and line.candidate.verdict == "met"
    least = 1 if line.but and met else 0
    for count in range(len(line.but), least - 1, -1):
        for beside in _beside(line):
            for brief in (False, True):
                but = [_clause(caveat, brief) for caveat in line.but[:count]]
                for reason in line.reasons or ("",):
                    yield {"beside": beside, "but": but, "reason": reason, "brief": brief}


def _clause(caveat: Caveat, brief: bool = False) -> str:
    return say(caveat.id, {**caveat.params, "brief": brief}).summary


def _beside(line: Headline) -> Iterator[str]:
    beside = line.beside
    if beside is not None:
        but = [_clause(beside.but, brief) for brief in (False, True)] if beside.but else []
        for clause in dict.fromkeys((*but, "")):
            yield say(beside.id, {**beside.params, "but": clause}).summary
    yield ""
