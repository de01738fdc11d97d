"""Other drugs in the instruction of one: `sertraline 100 mg daily, xyzafil 20 mg bd`.

Only where the text names the product itself is it certain that a word in front of an amount, which
the vocabulary does not know, names another drug. What is said of that drug, up to the end of its
sentence or to the product's name, is taken out and kept as not understood.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Fact
from cds.dosage.words.remarks import turns
from cds.dosage.words.vocabulary import GIVES_WAY, meaning_of

_SHORTEST_NAME = 4
_MOST_COUNTED = 4
"""a larger number behind a name is a strength"""
_BETWEEN = ("ignored", "fill", "route", "salt", "open", "close", "stop")
"""between a name and its amount: `xyzafil XL (Xyz) 20 mg`, `xyzafil to 20 mg`"""
_LEADS = ("and", "comma", "fill", "dash", "then", "ignored", "open")
_CHANGES = ("increase", "decrease", "verb", "stop", "word")
_OF_ALL = ("times", "daily", "length", "fill", "part", "ignored", "comma", "close", "reason")
_TOLD = ("dose", "count", "pattern", "change_to", "change_by", "change_after", "prn")


def is_named(text: str, names: frozenset[str]) -> bool:
    """Whether the text names the product by a word that says nothing else: not by `tablet`."""
    written = text.lower()
    telling = (name for name in names if len(name) >= _SHORTEST_NAME and name in written)
    return any(_is_a_name(name) for name in telling)


def _is_a_name(word: str) -> bool:
    meaning = meaning_of(word)
    return meaning is None or meaning[0] in GIVES_WAY


def without_other_drugs(
    text: str, facts: Sequence[Fact], names: frozenset[str] = frozenset()
) -> list[Fact]:
    """The facts without those of other drugs; all of them where it is not told whose they are."""
    if not is_named(text, names):
        return list(facts)
    kept: list[Fact] = []
    place, after_another = 0, False
    while place < len(facts):
        if (end := _stops_another(text, facts, place)) is not None:
            kept.append(Fact("beside", True, facts[place].begin, facts[end - 1].end))
            place = end
            continue
        if _names_another(text, facts, place):
            start = _lead_in(text, kept)
            end = _end(facts, place)
            both = next((at for at in range(place, end) if facts[at].kind == "both"), end)
            if both < end:
                if not all(fact.kind in _OF_ALL for fact in facts[both + 1 : end]):
                    return list(facts)
                end = both  # "… and xyzafil 500 mg, all twice daily for 7 days"
            begin = kept[start].begin if start < len(kept) else facts[place].begin
            kept[start:] = [Fact("beside", True, begin, facts[end - 1].end)]
            place, after_another = end, True
            continue
        fact = facts[place]
        if fact.kind == "product":
            after_another = False
        elif after_another and fact.kind in _TOLD:
            return list(facts)  # "Xyzafil 20 mg. Then 40 mg": of which of them is not told
        kept.append(fact)
        place += 1
    return kept


def _names_another(text: str, facts: Sequence[Fact], at: int) -> bool:
    """Whether a stranger stands there with an amount, or with `stopped`, right behind it."""
    if not _is_stranger(text, facts[at]):
        return False
    place = at + 1
    while place < len(facts) and (
        facts[place].kind in _BETWEEN
        or _is_stranger(text, facts[place])
        or _says(text, facts[place]) in ("to", "down")
    ):
        if facts[place].kind == "stop":
            return True
        place += 1
    bare = place < len(facts) and facts[place].kind == "count" and _begins_a_clause(facts, at)
    if bare and facts[place].value.span.low > _MOST_COUNTED:
        return True  # "Lipitor 80 qhs, Coreg 12.5 bid"
    return place < len(facts) and facts[place].kind == "dose" and facts[place].value.unit != "1"


def _begins_a_clause(facts: Sequence[Fact], at: int) -> bool:
    return at == 0 or facts[at - 1].kind in ("comma", "period", "colon")


def _stops_another(text: str, facts: Sequence[Fact], at: int) -> int | None:
    """The end of `stopping xyzafil` before `and starting` the product."""
    if facts[at].kind not in ("unknown", "stop") or _says(text, facts[at]) not in _STOPPING:
        return None
    end = at + 1
    while end < len(facts) and (_is_stranger(text, facts[end]) or facts[end].kind == "salt"):
        end += 1
    ends = end == len(facts) or facts[end].kind in ("and", "period", "comma", "then")
    return end if end > at + 1 and ends else None


_STOPPING = ("stopping", "stop", "discontinuing", "discontinue", "ceasing")


def _is_stranger(text: str, fact: Fact) -> bool:
    word = _says(text, fact)
    known = meaning_of(word) is not None or word in turns()
    code = len(word) == 3 and text[fact.begin : fact.end].isupper()  # "MST"
    named = word.isalpha() and (code or len(word) >= _SHORTEST_NAME)
    return fact.kind == "unknown" and named and not known


def _says(text: str, fact: Fact) -> str:
    return text[fact.begin : fact.end].lower()


def _lead_in(text: str, kept: Sequence[Fact]) -> int:
    """Where what leads to the name begins: `and`, `with`, `start`, `reduce`."""
    place = len(kept)
    while place and (
        kept[place - 1].kind in _LEADS
        or _is_short(text, kept[place - 1])
        or (kept[place - 1].kind == "unknown" and _leads(_says(text, kept[place - 1])))
    ):
        place -= 1
    return place


def _is_short(text: str, fact: Fact) -> bool:
    """The `MS` of `MS Xyzafil`."""
    return fact.kind == "unknown" and meaning_of(_says(text, fact)) is None


def _leads(word: str) -> bool:
    meaning = meaning_of(word)
    return word in ("with", "to", "while", "from") or (
        meaning is not None and meaning[0] in (*_CHANGES, "with")
    )


def _end(facts: Sequence[Fact], at: int) -> int:
    """The end of what is said of another drug."""
    place = at
    while place < len(facts) and facts[place].kind not in ("period", "product"):
        place += 1
    while (
        place > at + 1 and place < len(facts) and facts[place - 1].kind in ("and", "comma", "fill")
    ):
        place -= 1
    return place
