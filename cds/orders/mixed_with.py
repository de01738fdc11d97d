"""Another drug that the instruction or a note of an order mixes with ketamine.

`35 mg IV over 40 min, mixed with magnesium`: how much is in the bag of what is not told, and a dose
that were filled in would leave it out. `Ondansetron 4 mg before` is given beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cds.orders.of_what import OURS
from cds.terminology.lookup import Terminology
from cds.terminology.text.certainty import ORDERS, read
from cds.terminology.text.diluent_names import is_diluent
from cds.terminology.text.untold import is_added_to_ketamine

_AMOUNT = r"\d[\d.,]*\s*(?:mg|g|mcg|ug|µg|grams?|m?eq)\b\s*(?:of\s+)?"
_OTHER = rf"(?:{_AMOUNT})?(?P<other>[a-z][\w+-]*(?:\s+[a-z][\w-]*)?)"
_MIXED = re.compile(
    r"\b(?:(?:ad)?mix(?:ed)?|compound(?:ed)?|combined?|co-?infused?|in (?:the )?same"
    rf" (?:bag|syringe)) (?:with|as) {_OTHER}",
    re.IGNORECASE,
)
_NEAR = r"(?:[^.;,]|[.,](?=\d)){0,40}?"
_JOINED = re.compile(
    rf"(?:\A|\b(?:es)?ketamine\b{_NEAR})\s*(?:\+|&|\bplus\b|\bwith\b|\bw/|(?<=ketamine) and\b"
    rf"|(?<=ketamine)/)\s*{_OTHER}",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"[^.;,]{0,40}?\b(?:before|after|prior|prn|as needed|if|available|premed\w*)\b", re.IGNORECASE
)


def mixed_with(texts: Iterable[str], terminology: Terminology) -> tuple[str, ...]:
    """The other drugs, as they are written, each once."""
    return tuple(dict.fromkeys(name for text in texts for name in _mixed(text, terminology)))


def _mixed(text: str, terminology: Terminology) -> Iterator[str]:
    plain = " ".join(clause.text for clause in read(text, ORDERS))
    for pattern in (_MIXED, _JOINED):
        for found in pattern.finditer(plain):
            if _BESIDE.match(plain, found.end()):
                continue
            both = found["other"]
            names = (name for name in (both, both.split()[0]) if _is_another(name, terminology))
            yield from list(names)[:1]


def _is_another(name: str, terminology: Terminology) -> bool:
    if is_diluent(name):
        return False
    match = terminology.drug({"text": name})
    if match is not None:
        return match.names.isdisjoint(OURS)
    return is_added_to_ketamine(name) or terminology.is_other_drug((name,))
