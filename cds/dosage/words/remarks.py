"""Remarks of the office, the pharmacy and the ward, which say nothing of the dose.

Two kinds of clause are no part of the instruction, though they hold words that nobody foresaw:

- one with a word of `remarks.yaml` (`(insurance will not cover the 100 mg)`), which may hold
  strengths and dates; it is advice as a whole;
- one of strangers alone (`Brown preventer.`), words that stand nowhere in the vocabulary, and no
  figures; it is kept as not understood, beside an instruction that was.

A clause that holds any word of dosing, or one that may turn what is told (`turns`), is neither:
what was not understood of it makes the instruction unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from cds.dosage.words.facts import Fact
from cds.dosage.words.vocabulary import meaning_of
from cds.reviewed import read_reviewed

_ENDS = frozenset({"period", "open", "close", "comma", "dash", "colon", "tapering"})
_SAYS_NOTHING = frozenset({
    "fill", "ignored", "reason", "advice", "route", "flag", "slash", "and", "or",
    "product", "method", "fluid", "weight", "scheduled", "event", "tolerated", "each", "area",
    "both", "eye",
})  # fmt: skip
_WITH_A_CUE = frozenset({
    *_SAYS_NOTHING, "equals", "form", "length", "after", "dates", "until_date", "begins", "today",
    "may", "total", "bad", "sessions", "days", "single_dose",
})  # fmt: skip
_STRENGTHS = frozenset({"dose", "form", "strength", "count"})
_FIGURES = frozenset({"count"})
_OFTEN = frozenset(
    {
        "times",
        "seldom",
        "daily",
        "every_day",
        "weekdays",
        "per_day_of",
        "part",
        "single",
        "shift",
    }
)
_SMALL = frozenset({
    "a", "an", "the", "of", "on", "by", "to", "from", "in", "at", "with", "for", "and", "or", "as",
    "not", "no", "per", "before", "after", "next", "last", "first", "other", "same", "about", "my",
    "your", "but", "only", "dose", "doses", "dosage", "up", "between", "through", "thru", "upon",
    "total", "treatment", "session", "sessions", "visits", "follow", "approximately", "within",
    "into", "d", "h", "s", "day", "days", "week", "weeks", "month", "months", "year", "years",
    "can", "may", "i", "w/", "hour", "hours", "minutes", "while", "if", "-", "/", "'", '"', "&",
    "#", "wk", "wks", "mo", "mos", "yr", "yrs", ":", "+", "=", "<", ">", "*", "_", "%",
})  # fmt: skip
_ALONE = _SMALL - {"only", "if", "dose", "doses", "dosage", "up", "total", "but"}
_PERIODS = frozenset({"day", "days", "week", "weeks", "month", "months", "wk", "wks"})
_NO_DOSING = frozenset({
    "measure", "pain_score", "office_cue", "beside", "event", "dispense_cue", "label", "date_cue",
    "polite",
    "reason_cue", "reason_word", "trigger", "drink", "area", "other_unit", "kg", "compare", "how",
    "salt", "month", "advice", "emergency", "go_to", "mild_advice", "supply", "refill",
    "session_days", "pickup", "flag",
    "tolerated", "route", "fluid", "plain_word",
})  # fmt: skip
"""meanings of words that tell neither dose nor time, where their own reader did not take them"""
_SUPPLY = ("supply", "dispense", "refills", "how", "polite")
_AMOUNTS = ("dose", "count", "pattern")
_JOINS = _SMALL - {"no", "not", "only", "if", "up", "total", "but"}
_CUES = ("payer", "paper", "people", "results", "watched")
_STOPS = ("stop", "stopped", "discontinue", "discontinued", "d/c", "cease", "ceased")
_IN_A_WORD = str.maketrans("", "", " '’")
_GOES_ON = ("unknown", "fill", "length", "reason", "ignored", "and")
_TAKEN = re.compile(r"(?i)\btak(?:es|ing)\b")
_DOUBTED = re.compile(
    r"(?i)\b(?:suggest|recommend(?!ed by)|propos|historical\b|planned\b|plan(?: is)? to\b"
    r"|last (?:taken|used|given|dose)\b.*\b(?:weeks?|wks?|months?|mos?|years?|yrs?) ago\b"
    r"|hold (?:for|until|before|prior to) (?:surgery|procedure|operation|theatre|or)\b"
    r"|(?<!for )w/d(?!\w))"
)
"""of the dose: proposed, written down as history, not taken for weeks, on hold, withdrawn or taken
for withdrawal; it may not be what is taken"""
_MAY_DOUBT = ("ignored", "advice", "reason", "medication")
_GIVES = re.compile(r"(?i)\b(?:tak(?:es?|ing)|giv(?:es?|en|ing)|us(?:es?|ing)|administer)\b")


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(read_reviewed("cds.dosage.words", "remarks.yaml")[name])


def turns() -> frozenset[str]:
    """Words that may turn what an instruction tells: none of them is ever passed over."""
    return _list("turns")


def with_remarks(
    text: str, facts: Sequence[Fact], names: frozenset[str] = frozenset()
) -> list[Fact]:
    """The facts, each remark made one: `advice`, or `beside` where it was not understood."""
    if "unknown" not in [fact.kind for fact in facts]:
        return list(facts)
    found: list[Fact] = []
    remarked = False
    drug_named = named = any(fact.kind == "product" for fact in facts)
    for clause in _clauses(text, facts):
        told = [fact for fact in clause if fact.kind not in _ENDS]
        goes_on = remarked and all(fact.kind in _GOES_ON for fact in told)
        apart = drug_named or (
            names and named and found[-1].kind == "period"
        )  # "1 daily. Stop xyzafil."
        kind = _kind(text, told, goes_on=goes_on, drug_named=bool(apart)) if told else None
        named = named or any(fact.kind in _AMOUNTS for fact in told)
        if kind is None or (kind == "beside" and not named):  # it may name another drug
            found += clause
        else:
            found.append(Fact(kind, True, told[0].begin, told[-1].end))
            found += [fact for fact in clause if fact.begin >= told[-1].end]
        supply = told and all(fact.value in _SUPPLY or fact.kind == "fill" for fact in told)
        remarked = bool(kind == "advice" or supply) and clause[-1].kind in ("comma", "dash")
    return found


def doubts(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """What is written of the dose that leaves it standing, and not sure: `suggest 50 mg od`."""
    if _DOUBTED.search(text) is None:
        return
    for fact in facts:
        said = text[fact.begin : fact.end]
        if fact.kind in _MAY_DOUBT and _DOUBTED.search(said):
            yield said


def _clauses(text: str, facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Up to each mark, with it. A hyphen is no mark."""
    clause: list[Fact] = []
    for fact in facts:
        if clause and fact.kind == "then":
            yield clause
            clause = []
        clause.append(fact)
        hyphen = fact.kind == "dash" and not text[fact.begin - 1 : fact.begin].isspace()
        if fact.kind in _ENDS and not hyphen:
            yield clause
            clause = []
    if clause:
        yield clause


def _of_another_drug(text: str, clause: Sequence[Fact]) -> bool:
    """`Stop mirtazapine.` beside an instruction that names its own drug."""
    said = [text[fact.begin : fact.end].lower() for fact in clause if fact.kind == "unknown"]
    alone = len(said) == len([fact for fact in clause if fact.kind != "fill"])
    strangers = all(meaning_of(word) is None and not _turns(word) for word in said[1:])
    return alone and len(said) > 1 and said[0] in _STOPS and strangers


def _kind(text: str, clause: Sequence[Fact], *, goes_on: bool, drug_named: bool) -> str | None:
    """`advice` with a cue, `beside` of strangers alone; None where it may be of the dose."""
    clause = clause[1:] if clause[0].kind == "then" else clause
    if drug_named and _of_another_drug(text, clause):
        return "beside"
    strangers = [text[f.begin : f.end].lower() for f in clause if f.kind == "unknown"]
    if not strangers or any(map(_turns, strangers)):
        return None
    if all(word in _JOINS for word in strangers):
        return "advice" if any(fact.kind == "advice" for fact in clause) else None
    cues = {name for word in strangers for name in _cues(word)}
    unclean = any(fact.kind == "advice" and fact.value is False for fact in clause)
    if unclean and "payer" not in cues:
        return None  # it holds words of dosing
    if "people" in cues and _TAKEN.search(text, clause[0].begin, clause[-1].end):
        return None  # "mother takes"
    if (cues or goes_on) and _harmless(text, clause, cues):
        return "advice"
    if "not" in strangers and _GIVES.search(text, clause[0].begin, clause[-1].end):
        return None  # "patient not xyz taking"
    if any(fact.kind == "each" for fact in clause) and not _PERIODS.isdisjoint(strangers):
        return None  # "each xyzzy week"
    if all(fact.kind in _SAYS_NOTHING or fact.kind == "unknown" for fact in clause) and all(
        word in _ALONE or (_tells_no_dose(word) and word.translate(_IN_A_WORD).isalpha())
        for word in strangers
    ):
        return "beside" if any(map(_tells_no_dose, strangers)) else None
    return None


def _turns(word: str) -> bool:
    """`doesn't` as `doesnt`."""
    return word.translate(_IN_A_WORD) in _list("turns")


def _cues(word: str) -> Iterator[str]:
    """The lists of cues that a word stands in."""
    yield from (name for name in _CUES if word in _list(name))
    meaning = meaning_of(word)
    if meaning is not None and meaning[0] in ("measure", "pain_score", "office_cue"):
        yield "people" if meaning[0] == "office_cue" else "results"


def _harmless(text: str, clause: Sequence[Fact], cues: set[str]) -> bool:
    """Whether no word of a clause with a cue may be meant of the dose or of when it is taken."""
    may_hold = _WITH_A_CUE
    if cues & {"payer", "paper"} and not _GIVES.search(text, clause[0].begin, clause[-1].end):
        may_hold |= _STRENGTHS
    elif cues & {"results", "watched"}:
        may_hold |= _FIGURES
    if "watched" in cues and not any(fact.kind in _STRENGTHS for fact in clause):
        may_hold |= _OFTEN
    return all(
        fact.kind in may_hold
        or (fact.kind == "dose" and fact.value.unit == "mL/min" and "results" in cues)
        or (fact.kind == "unknown" and _says_little(text[fact.begin : fact.end].lower()))
        or (fact.kind == "unknown" and any(_cues(text[fact.begin : fact.end].lower())))
        for fact in clause
    )


def _says_little(word: str) -> bool:
    return word in _SMALL or _tells_no_dose(word)


def _tells_no_dose(word: str) -> bool:
    """Whether the vocabulary does not know the word, or not as one of doses and times."""
    meaning = meaning_of(word)
    return meaning is None or meaning[0] in _NO_DOSING
