"""How each piece of a text was read, in words of the trade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cds.dosage.words.facts import Fact, read_facts
from cds.dosage.words.grammar import READERS
from cds.dosage.words.others import without_other_drugs
from cds.dosage.words.remarks import with_remarks
from cds.dosage.words.scan import Item, scan
from cds.dosage.words.tokens import tokens
from cds.limits import LONGEST_INSTRUCTION

NOT_UNDERSTOOD = "not understood"
_KINDS = {
    "amount": "dose in_turn repeat_dose count pattern another extra total day_total divided"
    " strength equals form none spread split_over_nostrils each both single_dose",
    "how often": "scheduled shift times times_alone seldom daily every_day od interval_again"
    " per_day_of except alternating ambiguous_adverb cycle turn weekdays rest_of_week parity"
    " single worn",
    "time of day": "daily_hour snack part meals clock clocks clock_limit awake",
    "as needed": "rarely_taken prn up_to_times up_to_a_day needed may",
    "maximum": "max gap repeat repeat_at",
    "length": "length days doses sessions now after onward stop today tomorrow whole_course "
    "until_effect",
    "date": "dates until_date begins",
    "then": "then change_to change_after change_by tapering titrate tolerated stays",
    "how to take": "weight route method each_nostril fluid flag event hours_later",
    "reason": "reason",
    "advice": "advice",
    "remark, not understood": "beside",
    "product": "product other_strength",
    "stands elsewhere": "refers nothing_told",
    "not to be taken": "against",
    "and": "and or",
}
_ROLES = {kind: role for role, kinds in _KINDS.items() for kind in kinds.split()}
_IGNORED = {
    "dispense": "supply", "refills": "supply", "supply": "supply", "date": "date",
    "former": "dose of before",
}  # fmt: skip
_HOW = "how to take"
_JOINS_BACK = frozenset({"comma", "period", "close", "colon", "dash", "slash"})
_JOINS_ON = frozenset({"open", "fill"})


def explain(text: str, names: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Each piece of the text with the role that it was read in; marks and small words stand with
    their neighbours.

    >>> explain("Take 1 tab po bid xyz")[1:]
    [('po', 'how to take'), ('bid', 'how often'), ('xyz', 'not understood')]
    """
    if len(text) > LONGEST_INSTRUCTION:
        return [(text, NOT_UNDERSTOOD)]
    facts = read_facts(scan(tokens(text), names), READERS)
    facts = with_remarks(text, without_other_drugs(text, facts, names), names)
    return [(text[begin:end], role) for begin, end, role in _joined(facts)]


def known_words(text: str) -> list[tuple[str, Literal["known", "unknown", "date"]]]:
    """The phrases of a text in lower case, and whether the vocabulary knows them."""
    items = scan(tokens(text))
    return [
        (text[item.begin : item.end].lower(), _kind(item)) for item in items if item.kind != "end"
    ]


def _kind(item: Item) -> Literal["known", "unknown", "date"]:
    if item.kind in ("date", "month"):
        return "date"
    return "unknown" if item.kind in ("unknown", "product", "bad") else "known"


def _joined(facts: Sequence[Fact]) -> list[tuple[int, int, str]]:
    pieces: list[tuple[int, int, str]] = []
    begin: int | None = None
    for fact in facts:
        if fact.kind in _JOINS_ON:
            begin = fact.begin if begin is None else begin
        elif fact.kind in _JOINS_BACK:
            if pieces:
                start, _, role = pieces.pop()
                pieces.append((start, fact.end, role))
                begin = None
            elif begin is None:
                begin = fact.begin
        else:
            pieces.append((fact.begin if begin is None else begin, fact.end, _role(fact)))
            begin = None
    if begin is not None and facts:
        if pieces:
            start, _, role = pieces.pop()
            pieces.append((start, facts[-1].end, role))
        else:
            pieces.append((begin, facts[-1].end, _HOW))
    return pieces


def _role(fact: Fact) -> str:
    if fact.kind == "ignored":
        return _IGNORED.get(str(fact.value), _HOW)
    return _ROLES.get(fact.kind, NOT_UNDERSTOOD)
