"""What an allergy is to, by name, and whether a text says that ketamine did the patient harm."""

from __future__ import annotations

import re

from msgspec.structs import replace

from cds.terminology.model import DrugMatch, Said
from cds.terminology.text import certainty
from cds.terminology.text.drug_names import OURS, DrugNames

_NO = re.compile(r"\b(?:no|never|kein)\s*\Z", re.I)
_NO_LONGER = 6
"""characters of these words and the one before them: no prefix is looked through for each clause"""
_LIST = re.compile(r"[,;/+&]|\b(?:and|or)\b", re.I)
_GERMAN_ALLERGY = re.compile(r"-?(?:allergien?|unverträglichkeit(?:en)?)\b", re.I)
"""the end of a compound: `Penicillinallergie`"""
_GERMAN_NO = re.compile(r"\bkeine?\b(?:\s+bekannten?\b)?", re.I)


class AllergyNames:
    """Reads the drug of an allergy, and what the text says of it."""

    def __init__(self, drugs: DrugNames) -> None:
        self._drugs = drugs

    def substance(self, text: str) -> DrugMatch | None:
        """The drug that an allergy text names, `doubt` where it says that the allergy has ended.

        An allergy entry that names a drug is for it, and one that names several for each of them
        (`apart`). A denial counts only where it speaks of the allergy ("no ketamine" is to be
        avoided, "no ketamine allergy" is none).
        """
        text = _without_german(text)
        parts = self._of_allergy(text)
        if any(part.said for part in parts):
            sure = self._each(certainty.joined(part for part in parts if not part.said))
        else:
            sure = self._each(text)
        if sure is not None:
            return sure
        match = self._each(certainty.joined(part for part in parts if part.said == {Said.ENDED}))
        return match and replace(match, doubt=Said.ENDED)

    def no_substance(self, text: str) -> Said | None:
        """What an allergy text says of all that it names, where it takes the allergy back."""
        parts = self._of_allergy(_without_german(text))
        if not all(part.said for part in parts):
            return None
        return Said.ENDED if any(Said.ENDED in part.said for part in parts) else Said.DENIED

    def allergens(self, text: str) -> list[str]:
        """What an allergy text says of the patient: without what is denied or over."""
        return [part.text for part in self._of_allergy(_without_german(text)) if not part.said]

    def forbids(self, text: str) -> bool:
        """Whether "no" before a drug forbids it, since the words go on to say what it did.

        "NO KETAMINE - laryngospasm"; but "no ketamine allergy" denies one.
        """
        parts = certainty.read(text, certainty.ALLERGIES)
        forbidden = any(
            part.said == {Said.DENIED}
            and _NO.search(text[: part.start].rstrip()[-_NO_LONGER:])
            and not certainty.speaks_of_allergy(part.text)
            and self._drugs.read(part.text)
            for part in parts
        )
        return forbidden and any(
            not part.said
            and certainty.speaks_of_harm(part.text)
            and self._drugs.names_none(part.text)
            for part in parts
        )

    def harmful(self, text: str) -> DrugMatch | None:
        """Ketamine, where a text of any list says that it did the patient harm or is to be avoided.

        `doubt` where it says that the allergy has ended.
        """
        parts = certainty.read(text, certainty.HARM)
        for part in parts:
            if part.said and part.said <= certainty.STANDS_OR_ENDED:
                listed = _LIST.split(part.text)
                if Said.AVOIDED in part.said:  # not "avoid opioids, use ketamine"
                    listed = listed[:1] if part is parts[0] else []
                named = map(self._drugs.read, listed)
                match = next((one for one in named if one and one.names & OURS), None)
                if match is not None:
                    return replace(match, doubt=Said.ENDED if Said.ENDED in part.said else None)
        return None

    def _each(self, text: str) -> DrugMatch | None:
        """The one drug of a text, else every one that it names."""
        return self._drugs.read(text) or self._drugs.each(text)

    def _of_allergy(self, text: str) -> tuple[certainty.Clause, ...]:
        denials = certainty.read(text, certainty.ALLERGIES)
        if not denials:  # nothing but cues: "no"
            return denials
        speaks = certainty.speaks_of_allergy(text) and not self.forbids(text)
        return denials if speaks else certainty.read(text, certainty.NO_DENIAL)


def _without_german(text: str) -> str:
    """
    >>> _without_german("keine Ketaminallergie")
    'no Ketamin allergy'
    """
    plain = _GERMAN_ALLERGY.sub(" allergy", text)
    return text if plain == text else _GERMAN_NO.sub("no", plain)
