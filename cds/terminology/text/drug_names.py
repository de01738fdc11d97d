"""Drugs by name: exact ingredient and brand names as whole words, and never a near miss."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from cds.terminology.codes.drugs import DrugIndex
from cds.terminology.codes.tables import DrugTable
from cds.terminology.model import DrugMatch, Ingredient, Said
from cds.terminology.text import certainty
from cds.terminology.text.drug_name_table import QUITTING, TOKEN, Name, names_of, words_of
from cds.terminology.text.named_product import NamedProducts
from cds.terminology.text.spelling import folded, with_number_sign
from cds.terminology.text.written_drug import offers_alternatives, read_written

_STEREO = re.compile(r"\(?\b([srdl])\)?\s*(?:-?\s*\(?[+-]\)?)?\s*-\s*(?=ketamin)")
_RACEMIC = re.compile(r"\(?\br\s*[,/]\s*s\)?\s*-\s*(?=ketamin)")
_LONGEST = 6
"""words in a name"""
_COMPOUNDED = ("topical",)
_MAKERS = frozenset({"act", "apo", "ava", "dom", "mar", "nra", "phl", "pms", "ran", "van", "zym"})
"""in front of a generic name in Canada: `pms-hydromorphone`"""
_OTHER_KETAMINES = frozenset({"r", "s", "nor", "hnk", "non", "no", "pre", "anti"})
"""in front of its name: an enantiomer, a metabolite, or none of it"""
OURS = frozenset({"ketamine", "esketamine"})


class DrugNames:
    """Reads the drug of a text, with strength, form and release where they are written."""

    def __init__(self, table: DrugTable, snomed: DrugTable, index: DrugIndex) -> None:
        self._index = index
        self._names = dict(names_of(table))
        self._products = NamedProducts(table, snomed, index)

    def drug(self, text: str) -> DrugMatch | None:
        """The drug that a medication text names; None when it names none, several, or denies.

        Words that leave open whether it is taken are in `doubt`: they never make it absent.
        """
        parts = certainty.read(text, certainty.DRUGS)
        if not any(part.said for part in parts):
            return self.read(text) or self._either(text)
        sure = self.read(certainty.joined(part for part in parts if not part.said))
        if sure is not None:
            return sure
        doubted = [part for part in parts if not part.said & certainty.NOT_TAKEN]
        match = self.read(certainty.joined(doubted)) or self._either(certainty.joined(doubted))
        if match is None:
            return self._unclearly_denied(text, parts)
        return replace(match, doubt=min(s for part in doubted for s in part.said))

    def _either(self, text: str) -> DrugMatch | None:
        """`morphine or hydromorphone per pain score`: each may be taken, and none is sure."""
        several = self.each(text) if offers_alternatives(text) else None
        if several is None:
            return None
        first, *others = (
            replace(match, doubt=Said.DOUBTFUL) for match in (several, *several.apart)
        )
        return replace(first, apart=tuple(others))

    def _unclearly_denied(self, text: str, parts: Iterable[certainty.Clause]) -> DrugMatch | None:
        """A drug that the text denies, and that is written like one that is taken.

        "No oxycodone" is a denial; "oxycodone PA denied" tells how it is handled, "denies side
        effects of oxycodone" what came of it: they leave it doubtful.
        """
        else_denied = certainty.denies_something_else(text, self.names_none)
        if certainty.says_not_taken(text) and not else_denied:
            return None
        denied = [part for part in parts if part.said == {Said.DENIED}]
        match = self.read(certainty.joined(denied))
        if match is None:
            return None
        first = next(part for part in denied if not self.names_none(part.text))
        if text[first.end :].lstrip(" -").lower().startswith("free"):
            return None  # "codeine-free linctus"
        dosed = bool(read_written(first.text).strengths)
        if not else_denied and not dosed and not certainty.is_filler(text[: first.start]):
            return None
        return replace(match, doubt=Said.DENIED)

    def denied(self, text: str) -> bool:
        """Whether the text says of all that it names that it is not there or not taken."""
        if self.drug(text) is not None:
            return False
        parts = certainty.read(text, certainty.DRUGS)
        if not parts:  # nothing but cues: "none" is a denial, "stopped" is not
            return bool(certainty.read(text, certainty.DRUGS - certainty.NOT_TAKEN))
        said = [part.said for part in parts if not certainty.is_filler(part.text)]
        return bool(said) and all(told & certainty.NOT_TAKEN for told in said)

    def says(self, text: str) -> bool:
        """Whether something is said of a part of the text: denied, doubtful, past …"""
        return any(part.said for part in certainty.read(text, certainty.DRUGS))

    def knows(self, words: tuple[str, ...]) -> bool:
        """Whether the tables hold a drug of this name, or of a word of it."""
        name = self._names.get(words)
        if name is not None:
            return bool(name.ingredients)
        return len(words) > 1 and any((word,) in self._names for word in words)

    def is_name(self, name: str) -> bool:
        """Whether all of it is one name of the tables."""
        return words_of(name) in self._names

    def names_none(self, text: str) -> bool:
        """Whether no drug of the tables stands in the text, whatever is said of it."""
        return next(iter(self._find(self._tokens(text))), None) is None

    def all_in(self, text: str) -> frozenset[str]:
        """Every drug of the tables that stands in the text, whatever is said of it."""
        return frozenset(n for name in self._find(self._tokens(text)) for n in name.ingredients)

    def each(self, text: str) -> DrugMatch | None:
        """Ketamine first, and every other drug that a text names `apart` of it: "X/Y", "X and Y".

        None where it names one only, or one product: `read`.
        """
        names = list(dict.fromkeys(self._find(self._tokens(text))))
        if len(names) < 2:
            return None
        names.sort(key=lambda name: OURS.isdisjoint(name.ingredients))
        plain = read_written("")
        first, *others = (self._products.match(name, plain) for name in names)
        return replace(first, apart=tuple(others))

    def ordered(self, text: str) -> DrugMatch | None:
        """The drug that an order names: the order is for it, whatever else it says."""
        parts = certainty.read(text, certainty.ORDERS)
        return self.affirmed(text, parts) or self._among_others(parts)

    def against(self, text: str) -> Said | None:
        """What an order says of the ketamine that it names, where it is not to be given by it.

        "Hold ketamine", "ketamine declined"; not "ketamine infusion, hold lamotrigine", nor "no
        known allergy".
        """
        parts = certainty.read(text, certainty.AGAINST_ORDER)
        ours = [part.said for part in parts if self._names_ours(part.text)]
        if certainty.speaks_of_a_standing_allergy(text):
            ours = [said - {Said.DENIED} for said in ours]
        return min(ours[0]) if ours and all(ours) else None

    def _names_ours(self, text: str) -> bool:
        return any(not OURS.isdisjoint(n.ingredients) for n in self._find(self._tokens(text)))

    def _among_others(self, parts: Iterable[certainty.Clause]) -> DrugMatch | None:
        """`Midazolam and ketamine sedation`: ketamine is ordered, whatever else is; no strength."""
        found = self._find(self._tokens(certainty.joined(part for part in parts if not part.said)))
        named = sorted({ingredient for name in found for ingredient in name.ingredients})
        ours = next((name for name in named if name in OURS), None)
        match = self.read(ours) if ours is not None else None
        return match and replace(
            match,
            ingredients=tuple(Ingredient(n, self._index.names.get(n) or None) for n in named),
        )

    def affirmed(self, text: str, parts: Iterable[certainty.Clause]) -> DrugMatch | None:
        """The drug of the clauses of a text of which nothing is said."""
        if any(part.said for part in parts):
            text = certainty.joined(part for part in parts if not part.said)
        return self.read(text)

    def read(self, text: str) -> DrugMatch | None:
        """The one drug that a text names, whatever is said of it."""
        text = with_number_sign(text)
        tokens = self._tokens(text)
        found = list(self._find(tokens))
        written = read_written(text)
        if "smoking cessation" in text.lower():
            found = [QUITTING if n.ingredients == QUITTING.ingredients else n for n in found]
        joined = "/" in tokens or "+" in tokens
        one = joined and (
            written.route in _COMPOUNDED or len(written.strengths) >= len(set(found)) > 1
        )
        name = self._one(found, one_product=one)
        if name is not None and len(set(found)) > 1 and offers_alternatives(text):
            name = name if name in found else None
        return None if name is None else self._products.match(name, written)

    # ---- names -------------------------------------------------------------------------------

    def _tokens(self, text: str) -> list[str]:
        plain = folded(with_number_sign(text)).replace("®", " ").replace("™", " ").replace("’", "'")
        plain = _RACEMIC.sub(" ", plain)
        plain = _STEREO.sub(lambda m: "es" if m[1] == "s" else f"{m[1]}-", plain)
        return [part for token in TOKEN.findall(plain) for part in self._parts(token.strip(".-"))]

    def _parts(self, token: str) -> list[str]:
        """`oxycodone-acetaminophen` is two words; `s-citalopram` is one, and unknown."""
        if "-" not in token or (token,) in self._names:
            return [token]
        parts = token.split("-")
        if len(parts[0]) > 3 or parts[0] in _MAKERS or self._is_ours(parts):
            return parts
        return [token]

    def _is_ours(self, parts: list[str]) -> bool:
        """`IV-ketamine`, `PF-ketamine`: a short word in front of it, and not another substance."""
        name = self._names.get((parts[-1],))
        ours = name is not None and OURS.issuperset(name.ingredients) and bool(name.ingredients)
        return ours and not _OTHER_KETAMINES.intersection(parts[:-1])

    def _find(self, tokens: list[str]) -> Iterable[Name]:
        at = 0
        while at < len(tokens):
            for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
                name = self._names.get(tuple(tokens[at : at + length]))
                if name is not None:
                    if name.ingredients:
                        yield name
                    at += length
                    break
            else:
                at += 1

    def _one(self, found: list[Name], *, one_product: bool) -> Name | None:
        """The one product that the names speak of: brand and generic, or a known combination.

        `one_product`: it is written as one, each ingredient with its strength between slashes, or
        as a compounded cream.
        """
        if not found:
            return None
        union = frozenset(name for item in found for name in item.ingredients)
        whole = [item for item in found if frozenset(item.ingredients) == union]
        if whole:  # a brand says more than its ingredient: the use it is sold for
            return max(whole, key=_telling)
        if union in self._products.combinations or one_product:
            return Name(tuple(sorted(union)))
        return None


def _telling(name: Name) -> tuple[bool, str, str, int, tuple[str, ...]]:
    """How much a name says of a product, for sorting."""
    return (name.classes is not None, name.flags, name.route, len(name.strengths), name.ingredients)
