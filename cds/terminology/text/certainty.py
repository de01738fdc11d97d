"""What free text in a chart denies, doubts or tells of the past: the cues, in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEFORE = re.compile(
    r"\b(?:no|not|non|none|nil|never|without|denies|denied|deny|denying|declines|declined|negative"
    r"|absence of|absent|r/o|rule out|ruled out|ruling out|rules out|excluded?|excluding|free of"
    r"|family history|family hx|familial history|fh|fhx|fam hx|mother|father|brother|sister|parent"
    r"|son|daughter|sibling|uncle|aunt|cousin|grandmother|grandfather|wife|husband|spouse|partner"
    r"|screening for|screen for|encounter for screening|at risk|risk of|risk for|fear of"
    r"|counsell?ing|education|immunization|vaccination|planning|desires|trying)\b",
    re.I,
)
"""What follows such a cue, up to the end of its clause, is not the patient's condition."""
_AFTER = re.compile(
    r"\b(?:ruled out|excluded|denied|absent|negative|unlikely|not (?:present|seen|found|detected)"
    r"|in (?:mother|father|brother|sister|family)|screening|risk)\b",
    re.I,
)
"""What stands before such a cue, in its clause, is denied or somebody else's."""
_PAST = re.compile(
    r"\b(?:h/o|hx of|hx|history of|past history|past medical history|pmh|pmhx|personal history"
    r"|status post|s/p|previous|previously|prior|remote|former|past|old|resolved|post[- ]op"
    r"|history)\b",
    re.I,
)
_DOUBT = re.compile(
    r"(?:\b(?:possible|possibly|probable|probably|suspected|suspect|suspicion|likely|query|vs"
    r"|questionable|concern for|differential|evaluate for|provisional)\b|\?)",
    re.I,
)
_AGE = re.compile(r"\b(?:years?|yrs?|months?|weeks?|y)[- /]?o(?:ld)?\b", re.I)
_CLAUSE = re.compile(r"[;.](?:\s|$)|\s[-–—]\s|\b(?:but|however|although)\b|\n", re.I)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of text that affirms something."""

    text: str
    past: bool = False
    doubtful: bool = False


def affirmed(text: str) -> tuple[Clause, ...]:
    """The parts of the text that say what the patient has or had; denied parts are left out."""
    found = []
    for part in _CLAUSE.split(_without_qualifiers(text)):
        kept = _not_denied_after(part)
        cue = _BEFORE.search(kept)
        kept = kept[: cue.start()] if cue else kept
        if kept.strip():
            found.append(Clause(kept, bool(_PAST.search(kept)), bool(_DOUBT.search(kept))))
    return tuple(found)


def _not_denied_after(part: str) -> str:
    """The clause without what a later word denies.

    `MDD, HIV negative` denies the infection only; `aneurysm, ruled out` denies all of it.
    """
    segments = part.split(",")
    for number, segment in enumerate(segments):
        cue = _AFTER.search(segment)
        if cue is not None:
            alone = not segment[: cue.start()].strip(" :-")
            return "" if alone else _not_denied_after(",".join(_without(segments, number)))
    return part


def _without(segments: list[str], number: int) -> list[str]:
    return segments[:number] + segments[number + 1 :]


def _without_qualifiers(text: str) -> str:
    """`non-psychotic` is one word and denies nothing else; an age is not the past."""
    text = _AGE.sub(" ", text)
    return re.sub(r"\bnon[- ]?(?=[a-z])", "non", text, flags=re.I)


_DRUG_DENIED = re.compile(
    r"\b(?:no|not|non|never|without|den(?:y|ies|ied)|declin\w*|refus\w*|avoid\w*|contraindicated"
    r"|allerg\w*|intoleran\w*|anaphyla\w*|hypersensitiv\w*|adverse|instead of"
    r"|placebo|withdrawal|antagonist|antidote|level|screen|assay)\b"
    r"|\b(?!sugar|alcohol|gluten|dye|preservative|colour|color)\w+[- ]free\b",
    re.I,
)
_HARMLESS = re.compile(
    r"\b(?:(?:do )?not (?:to )?exceed|(?:no|not) more than|with or without"
    r"|no (?:preservatives?|refills?|sugar|added|substitutions?)"
    r"|without (?:food|preservatives?|sugar)"
    r"|do not (?:crush|chew|split|break|swallow|drive|stop|substitute))\b",
    re.I,
)
_DIRECTIONS = re.compile(
    r"\b(?:sig|take|takes|taking|inject|apply|use|give|infuse|inhale)\b.*", re.I | re.S
)
_ALTERNATIVES = re.compile(r"\b(?:or|vs|versus)\b", re.I)
_ALLERGY_DENIED = re.compile(
    r"\b(?:no|not|non|never|without|den(?:y|ies|ied)|negative|refuted|nk[d]?a|none|ruled out"
    r"|family|tolerates|tolerated)\b",
    re.I,
)


def denies_drug(text: str) -> bool:
    """Whether a medication text speaks of not taking the drug, or of something else about it."""
    return bool(_DRUG_DENIED.search(_HARMLESS.sub(" ", without_directions(text))))


def without_directions(text: str) -> str:
    """The part of a medication text before "take …": what it is, not how it is used."""
    return _DIRECTIONS.sub("", text)


def offers_alternatives(text: str) -> bool:
    """Whether it names one thing or another."""
    return bool(_ALTERNATIVES.search(without_directions(text)))


def denies_allergy(text: str) -> bool:
    """Whether an allergy text says that there is none."""
    return bool(_ALLERGY_DENIED.search(text))
