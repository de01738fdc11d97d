"""Where in an order something is, as its reader sees the order: no path of a resource."""

from __future__ import annotations

import re

_NUMBERED = re.compile(r"dosageInstruction\[(\d+)\]")
_FIELDS = (
    ("additionalInstruction", "additional instruction"),
    ("patientInstruction", "patient instruction"),
    ("orderDetail", "order details"),
    ("medication", "name of the medication"),
    ("maxDose", "maximum"),
    ("dispense", "dispense"),
    ("quantity", "quantity"),
    ("extension", "extension"),
    ("reason", "reason"),
    ("route", "route"),
    ("method", "method"),
    ("asNeeded", "condition of its use as needed"),
    ("iming", "timing"),
    ("note", "note"),
    ("rate", "rate"),
    ("dose", "dose"),
    ("text", "text"),
    ("code", "name"),
)
"""part of a path → what it is called; the first that fits"""


def in_words(problem: str) -> str:
    """A problem with its place in words; one that begins with no path stays as it is.

    >>> in_words("dosageInstruction[1].text: names several routes")
    'dosage 2 of the order, text: names several routes'
    """
    path, colon, what = problem.partition(": ")
    if not colon or not re.fullmatch(r"\w+(?:\[\w+\])?(?:\.\w+(?:\[\w+\])?)*", path):
        return problem
    numbered = _NUMBERED.match(path)
    rest = path[numbered.end() :] if numbered else path
    fields = rest.replace("doseAndRate", "")
    places = [words for part, words in _FIELDS if part in fields][:1]
    number = int(numbered[1]) + 1 if numbered else 0
    if number > 1:  # most orders have one dosage, which needs no number
        places.insert(0, f"dosage {number} of the order")
    elif number and not places:
        return what
    return f"{', '.join(places)}: {what}" if places else problem
