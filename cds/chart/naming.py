"""What an entry is called before a reader: by the name that made it what it is."""

from __future__ import annotations

from collections.abc import Callable

from cds.fhir_json import as_object, as_text, display, raw_codings


def name_of(concept: object, tells: Callable[[object], object]) -> str:
    """The text of a concept, else the display of the coding that tells what the entry counts as.

    Several codings may say different things, and the first one need not be the one that decided.
    Senders copy a display into the text: such a text is no name of its own. `tells`: whether a
    concept of one coding gives anything of that.
    """
    named = [coding for coding in raw_codings(concept) if coding.display]
    text = as_text(as_object(concept).get("text"))
    if len({coding.display for coding in named}) < 2 or (
        text and text not in {coding.display for coding in named}
    ):
        return display(concept)
    for system, code, shown, _ in named:
        if tells({"coding": [{"system": system, "code": code, "display": shown}]}):
            return display({"text": shown})
    return display(concept)
