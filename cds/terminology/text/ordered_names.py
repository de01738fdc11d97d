"""Which of the drugs that an order's text names is to be given, and which only says when or why.

`Midazolam 2 mg after ketamine infusion` orders midazolam; `ketamine 35 mg, no midazolam` orders
ketamine. Where an amount stands behind ketamine, or nothing tells the two apart, the order is for
ketamine, and the other drug is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds.terminology.codes.drugs import contradict
from cds.terminology.model import DrugMatch
from cds.terminology.text.diluent_names import is_diluent
from cds.terminology.text.drug_names import OURS, DrugNames
from cds.terminology.text.other_drugs import OtherDrugs
from cds.terminology.text.untold import is_added_to_ketamine
from cds.terminology.text.written_drug import forms_in

_TO_ITS_END = r"(?:(?!\band\b)[^,;()+&])*"
_ASIDE = re.compile(
    r"\b(?:before|after|prior to|following|during|until|while|when|if|for|prn|as needed|due to"
    r"|because of|caused by|induced by|related to|pre|post|not|no|without|hold|avoid|failed"
    r"|discontinue|stop|d/c|cancel|wean|taper"
    rf"|instead of|rather than|in place of)\b{_TO_ITS_END}",
    re.I,
)
"""when, why and instead of what it is given"""
_WITH = re.compile(rf"(?:\bw/|\b(?:with|alongside)\b){_TO_ITS_END}", re.I)
_AMOUNT = re.compile(r"\d\s*(?:mg|mcg|ug|µg|g|ml|units?|%)(?![a-z])", re.I)
_WORD = re.compile(r"[^\W\d_][\w-]*")
_ADDED = re.compile(r"[^\W\d_]\w*\+?")
_KEPT_IN = frozenset({"benzethonium"})
"""the preservative of the vials"""
_INJECTED = "injectable"
_NOT_INJECTED = {
    "sublingual_buccal": "for the mouth",
    "transdermal": "a patch",
    "rectal": "rectal",
    "topical": "topical",
    "ophthalmic": "for the eye",
    "oral": "swallowed",
}
"""the ways of forms that nothing is injected from"""


class OrderedNames:
    """Reads the drug of an order's text, where ketamine stands beside another one."""

    def __init__(self, drug_names: DrugNames, other_drugs: OtherDrugs) -> None:
        self._drugs = drug_names
        self._unasked = other_drugs

    def drug(self, text: str) -> DrugMatch | None:
        """The drug that a text orders: not one that it names only to say when or why."""
        match = self._drugs.ordered(text)
        if match is None or not match.names & OURS or not self._others(text):
            return match
        head = _head(text)
        if self._names_ours(head) and not self._others(head):
            return self._drugs.ordered(head)
        head = _dosed_head(head)
        if self._names_ours(head) or not self._others(head) or self._doses_ours(text):
            return match
        return self._drugs.ordered(head)

    def beside(self, match: DrugMatch, names: Iterable[str]) -> tuple[str, ...]:
        """The other drugs of an order for ketamine, by its code and by names that name it too."""
        found = sorted(match.names - OURS - _KEPT_IN)
        for name in filter(self._names_ours, names):
            head = _head(name)
            found += self._others(head if self._names_ours(head) else name)
        return tuple(dict.fromkeys(found))

    def told(self, text: str, *, instructs: bool) -> str | None:
        """What a text orders, where that is ketamine with its amount.

        `instructs`: it is an instruction, which needs no amount behind its first word.
        """
        head = _head(text)
        first = _WORD.search(head) if instructs else None
        ours = self._doses_ours(head) or (first is not None and self._names_ours(first[0]))
        return head if ours else None

    def _names_ours(self, text: str) -> bool:
        return not self._drugs.all_in(text).isdisjoint(OURS)

    def _others(self, text: str) -> tuple[str, ...]:
        """The other drugs that a text names, and not what ketamine is dissolved or kept in."""
        known = sorted(self._drugs.all_in(text) - OURS - _KEPT_IN)
        unasked = [name for name in self._unasked.all_in(text) if not is_diluent(name)]
        words = [word for word in _ADDED.findall(text) if is_added_to_ketamine(word)]
        said = " ".join(unasked)
        return (*known, *unasked, *(word for word in words if word.lower() not in said))

    def _doses_ours(self, text: str) -> bool:
        """Whether an amount stands behind the name of ketamine."""
        named = (word for word in _WORD.finditer(text) if self._names_ours(word[0]))
        return any(_AMOUNT.search(text, word.end()) for word in named)


def _head(text: str) -> str:
    return _ASIDE.sub(" ", text)


def _dosed_head(head: str) -> str:
    """Also without what is given along with it, where an amount stands before that."""
    found = _WITH.search(head)
    return head[: found.start()] if found and _AMOUNT.search(head, 0, found.start()) else head


def unless_of_another_form(match: DrugMatch, names: Iterable[str]) -> DrugMatch:
    """The match, contradicted where a name says cream or troche beside the code of an injection.

    A solution may be given by nose or mouth: that is a way to give it, and no other form.
    """
    if match.code is None or match.route != _INJECTED:
        return match
    named = (forms_in(name) for name in names)
    others = (forms & _NOT_INJECTED.keys() for forms in named if _INJECTED not in forms)
    other = next(map(min, filter(None, others)), None)
    if other is None:
        return match
    said = f"the code is of an injection, the name of a form that is {_NOT_INJECTED[other]}"
    return contradict(match, said)
