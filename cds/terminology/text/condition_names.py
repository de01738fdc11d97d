"""Conditions by name: official displays, and the reviewed phrases of condition_words.yaml."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from cds.characters import unaccented
from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import (
    NameIndex,
    any_stands,
    forms_of,
    phrase_pattern,
    plain_name,
)
from cds.terminology.model import Said, TakenBack
from cds.terminology.text import certainty

HISTORY_OF = "history_of"
"""Pseudo-set beside the others: the text speaks of the past ("history of", "h/o", "s/p")."""
SUSPECTED = "suspected"
"""Pseudo-set beside the others: the text doubts. Only contraindications are matched then, and what
condition_words.yaml names."""
_NOT_HIS = frozenset({Said.DENIED, Said.OTHER, Said.CONCERN})
_PAST = frozenset({Said.PAST, Said.NO_MORE, Said.ENDED})
_UNSURE = _NOT_HIS | {Said.DOUBTFUL}
_NON = re.compile(r"\bnon[- ](?=\w)", re.I)
_THING = "thing"
_SUBSTANCE = re.compile(
    r"\b(substance (?:abuse|dependence|use disorder)\b[^.;|]{0,20}?) [-–—] (?=ketamine\s*$)", re.I
)
"""The substance behind a dash belongs to the disorder: "other substance abuse - ketamine"."""
_ABBREVIATED = re.compile(r"\b([vz])\. ?([an])\.", re.I)
"""German for "suspected" and "status after": their full stops end no clause"""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_YEAR_BEHIND = re.compile(rf"(?: (?:in|of|circa|ca|approx|\d\d?|{_MONTH}))* ((?:19|20)\d\d)\b")
_DATED_MI = re.compile(rf"\bmi(?={_YEAR_BEHIND.pattern})")
"""An infarction with a year is an event, and how recent it was the year tells."""
_GESTATION = re.compile(
    r"\bg\d{1,2} ?p\d{1,4}(?: (?:at|now|currently|with|iup|ega|is))* \d\d?"
    r" ?(?:w|wks?|weeks?)(?:\d+d?)?\b(?! (?:ago|post|pp|after|loss|old))"
)
"""Of how many pregnancies, and how old this one is: "G2P1 at 14 wks"."""
_OVER = re.compile(r"\W*(?:now )?resolved\b", re.I)
"""Of the diagnosis that the code beside it means: "resolved after radioiodine"."""
_LONG_AGO = re.compile(r"\b(?:old|remote|prior|previous(?:ly)?|past|history|hx|pmhx?|h/o)\b", re.I)
"""Of an event: not the one of these weeks, as "s/p" and "resolved" may be."""
_NOT_OVER = re.compile(r"\bnot (?:yet )?in (?:\w+ ){0,2}remission\b")


class _Rule(Struct, frozen=True):
    sets: tuple[str, ...]
    phrases: tuple[str, ...]
    """of which one must be there, plain"""
    present: tuple[str, ...] | None
    """forms of which one must be there as well"""
    absent: tuple[str, ...]
    """forms of which none may be there"""
    past: str = ""

    def holds(self, text: str, past: bool) -> bool:
        """Whether it does in a text that has one of the phrases."""
        return not (
            (self.past == "only" and not past)
            or (self.past == "never" and past)
            or (self.present is not None and not any_stands(self.present, text))
            or any_stands(self.absent, text)
        )


@lru_cache(maxsize=1)
def condition_words() -> Mapping[str, Any]:
    """What condition_words.yaml holds."""
    return read_reviewed("cds.terminology", "text/condition_words.yaml")


class ConditionNames:
    """The condition sets of a text. `groups`: set → group, of the table of sets."""

    def __init__(self, official: Iterable[NameIndex], groups: Mapping[str, str]) -> None:
        self._official = tuple(official)
        self._groups = groups
        self._rules = tuple(_rules())
        table = condition_words()
        self._other_things = _other_things(table["other_things"])
        self._short = {name: phrase_pattern(words) for name, words in table["short"].items()}
        self._dated, self._anew = phrase_pattern(table["dated"]), phrase_pattern(table["anew"])
        self._against, self._no_reason = (
            frozenset(table["against"]),
            frozenset(table["against_not"]),
        )
        self._by_word = _by_word(self._rules)

    @property
    def rule_sets(self) -> frozenset[str]:
        """Every set that the phrases can give."""
        return frozenset(name for rule in self._rules for name in rule.sets)

    @property
    def phrases(self) -> Iterable[tuple[str, ...]]:
        """Every phrase that makes a set without others beside it, by its words."""
        alone = (rule for rule in self._rules if rule.present is None)
        return [tuple(phrase.split()) for rule in alone for phrase in rule.phrases]

    def affirmed(self, text: str) -> list[str]:
        """What the text says of the patient: without what is denied, or somebody else's."""
        read = certainty.read(self._other_things.sub(" ", text), certainty.CONDITIONS)
        return [_NON.sub("non", clause.text) for clause in read if not clause.said & _NOT_HIS]

    def titled(self, text: str) -> list[list[str]]:
        """The codes of which the text is the official display, for each of the tables."""
        return [[] if "?" in text else index.codes(text) for index in self._official]

    def is_title(self, text: str, codes: Iterable[str]) -> bool:
        """Whether the text is the official display of one of the codes."""
        listed = {code.replace(".", "").upper() for code in codes}
        return any(not listed.isdisjoint(index.codes(text)) for index in self._official)

    def year(self, text: str) -> int | None:
        """The year that is written onto a stroke or an infarction: onto each one in the text."""
        plain = plain_name(text)
        years = [_YEAR_BEHIND.match(plain, one.end()) for one in self._dated.finditer(plain)]
        found = [int(year[1]) for year in years if year]
        if not found or len(found) < len(years) or self._anew.search(plain):
            return None
        return max(map(int, _YEAR.findall(plain)))

    def speaks_against(self, name: str) -> bool:
        """Whether a set, or the history of it, is one that speaks against treatment."""
        plain = name.removesuffix("_history")
        return plain in self._against or (self._is_danger(plain) and plain not in self._no_reason)

    def sets(self, text: str) -> frozenset[str]:
        """The sets that the text affirms; see HISTORY_OF and SUSPECTED."""
        exact = [index.sets(text) for index in self._official]
        if any(exact) and "?" not in text:  # an official name that is asked is none
            return frozenset().union(*exact) | self._untabled(text)
        # before a dash parts them; the cues about them keep something to speak of
        text = _ABBREVIATED.sub(r"\1 \2", self._other_things.sub(_THING, text))
        text = _SUBSTANCE.sub(r"\1 ", text)
        read = [(c.said, self._clause(c)) for c in certainty.read(text, certainty.CONDITIONS)]
        read = [(said, found) for said, found in read if found]
        if all(said & _PAST for said, _ in read):
            found = {self._past(name) for _, sets in read for name in sets}
            found |= {HISTORY_OF} if found else set()
        else:
            # Present and past in one text ("MDD; h/o aneurysm repair") are one fact: its past
            # contraindications count as present, the rest of the past is left out.
            found = {
                n for said, sets in read for n in sets if not said & _PAST or self._is_danger(n)
            }
        doubted = any(Said.DOUBTFUL in said for said, _ in read)
        return frozenset(found | ({SUSPECTED} if found and doubted else set()))

    def unsays(self, text: str, sets: frozenset[str]) -> bool:
        """Whether the text takes back what a code beside it says: "no AAA", "ruled out".

        `sets`: of the code. The text must name one of them, or be nothing but the denial.
        """
        if any(index.sets(text) for index in self._official):
            return False
        read = certainty.read(text, certainty.CONDITIONS)
        if not read:
            return bool(text.strip())
        if self._is_over(text, read):
            return True
        named = [clause for clause in read if self._names_any(clause, sets)]
        if not named or not all(clause.said & _UNSURE for clause in named):
            return False
        # "coronary disease without angina": what stands right before is affirmed
        return not any(
            clause.end <= named[0].start and not clause.said and clause.text.strip()[-1].isalnum()
            for clause in read
        )

    def taken_back(self, text: str, sets: frozenset[str]) -> TakenBack:
        """How the text takes back what a code beside it says, where it does so for certain.

        `sets`: of the code.
        """
        if any(index.sets(text) for index in self._official):
            return ""
        read = certainty.read(text, certainty.CONDITIONS)
        if self._is_over(text, read):
            return "old" if _LONG_AGO.search(text) else "over"
        # some phrases name a disease only where nothing says that it is past
        plain = [(c.said, certainty.Clause(c.text, c.start, c.end)) for c in read]
        named = [said for said, clause in plain if self._names_any(clause, sets)]
        if named and all(said & _PAST and not said & _UNSURE for said in named):
            return "old" if _LONG_AGO.search(text) else "over"
        denied = all(said & _NOT_HIS for said in named)
        return "denied" if denied and self.unsays(text, sets) else ""

    def _is_over(self, text: str, read: Iterable[certainty.Clause]) -> bool:
        """Whether it says so of what is named elsewhere, and nothing of anything else."""
        over = _OVER.match(text) or (not read and _LONG_AGO.search(text))
        return bool(over) and not any(
            self._named(clause) for clause in read if not clause.said & _PAST
        )

    def _names_any(self, clause: certainty.Clause, sets: frozenset[str]) -> bool:
        """Whether the words name one of the sets of a code, or are short for it."""
        if not sets.isdisjoint(self._named(clause)):
            return True
        plain = plain_name(clause.text)
        return any(name in sets and words.fullmatch(plain) for name, words in self._short.items())

    def _clause(self, clause: certainty.Clause) -> set[str]:
        if clause.said & _NOT_HIS:
            return set()
        found = self._named(clause)
        if Said.DOUBTFUL not in clause.said:
            return found
        return {name for name in found if self._is_danger(name) or name in self._against}

    def _named(self, clause: certainty.Clause) -> set[str]:
        """The sets of the words, whatever is said of them."""
        # "non-psychotic" is one word, and "not in remission" says no more than the disease
        text = _NOT_OVER.sub("", plain_name(_NON.sub("non", unaccented(clause.text))))
        text = _GESTATION.sub(r"pregnant \g<0>", _DATED_MI.sub("acute mi", text))
        words, text, past = set(text.split()), f" {text} ", bool(clause.said & _PAST)
        begun = (each for word in words for each in self._by_word.get(word, ()))
        return {
            name
            for forms, rule in begun
            if any_stands(forms, text) and rule.holds(text, past)
            for name in rule.sets
        }

    def _untabled(self, text: str) -> frozenset[str]:
        """Of an official name, the sets that only the phrases know: the tables have no such set."""
        text = self._other_things.sub(_THING, text)
        found = self._named(certainty.Clause(text, 0, len(text)))
        return frozenset(name for name in found if name not in self._groups)

    def _is_danger(self, name: str) -> bool:
        return self._groups.get(name) == "contraindication"

    def _past(self, name: str) -> str:
        history = f"{name}_history"
        return history if history in self._groups else name


def _rules() -> Iterable[_Rule]:
    table = condition_words()
    groups: dict[str, list[str]] = table["groups"]
    for entry in table["rules"]:
        present = _plain(entry["with"], groups) if "with" in entry else None
        yield _Rule(
            sets=tuple(entry["sets"]),
            phrases=_plain(entry["any"], groups),
            present=None if present is None else forms_of(present),
            absent=forms_of(_plain(entry.get("not", ()), groups)),
            past=entry.get("past", ""),
        )


def _by_word(rules: Iterable[_Rule]) -> dict[str, list[tuple[tuple[str, ...], _Rule]]]:
    """The first words of phrases → the forms that begin with it, of each rule."""
    found: dict[str, list[tuple[tuple[str, ...], _Rule]]] = defaultdict(list)
    for rule in rules:
        begun: dict[str, list[str]] = defaultdict(list)
        for form in forms_of(rule.phrases):
            begun[form.split(None, 1)[0]].append(form)
        for word, forms in begun.items():
            found[word].append((tuple(forms), rule))
    return dict(found)


def _other_things(written: Iterable[str]) -> re.Pattern[str]:
    """The expressions of the table, where a space stands for spaces and hyphens."""
    spaced = (one.replace(" ", "[ –-]+") for one in written)
    return re.compile(rf"\b(?:{'|'.join(spaced)})\b", re.I)


def _plain(phrases: Iterable[str], groups: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The phrases, with each `@group` written out."""
    written = (groups[p[1:]] if p.startswith("@") else (p,) for p in phrases)
    return tuple(plain_name(phrase) for each in written for phrase in each)
