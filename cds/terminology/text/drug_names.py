"""Drugs by name: exact ingredient and brand names as whole words, and never a near miss."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from cds.terminology.codes.drugs import DrugIndex, by_text
from cds.terminology.codes.tables import DrugRow, DrugTable
from cds.terminology.model import DrugMatch, Ingredient, Said
from cds.terminology.text import certainty
from cds.terminology.text.drug_name_table import QUITTING, TOKEN, Name, names_of, words_of
from cds.terminology.text.spelling import folded, with_number_sign
from cds.terminology.text.written_drug import Written, offers_alternatives, read_written
from cds.units import Quantity

_STEREO = re.compile(r"\(?\b([srdl])\)?\s*(?:-?\s*\(?[+-]\)?)?\s*-\s*(?=ketamin)")
_NO = re.compile(r"\b(?:no|never|kein)\s*\Z", re.I)
_LIST = re.compile(r"[,;/+&]|\b(?:and|or)\b", re.I)
_RACEMIC = re.compile(r"\(?\br\s*[,/]\s*s\)?\s*-\s*(?=ketamin)")
_LONGEST = 6
"""words in a name"""
_COMPOUNDED = ("topical",)
_GERMAN_ALLERGY = re.compile(r"-?(?:allergien?|unverträglichkeit(?:en)?)\b", re.I)
"""the end of a compound: `Penicillinallergie`"""
_GERMAN_NO = re.compile(r"\bkeine?\b(?:\s+bekannten?\b)?", re.I)
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
        self._products: dict[frozenset[str], list[DrugRow]] = defaultdict(list)
        for row in table.drugs:
            self._products[_ingredients(row)].append(row)
        self._combinations = self._products.keys() | set(map(_ingredients, snomed.drugs))

    def drug(self, text: str) -> DrugMatch | None:
        """The drug that a medication text names; None when it names none, several, or denies.

        Words that leave open whether it is taken are in `doubt`: they never make it absent.
        """
        parts = certainty.read(text, certainty.DRUGS)
        if not any(part.said for part in parts):
            return self._read(text) or self._either(text)
        sure = self._read(_joined(part for part in parts if not part.said))
        if sure is not None:
            return sure
        doubted = [part for part in parts if not part.said & certainty.NOT_TAKEN]
        match = self._read(_joined(doubted)) or self._either(_joined(doubted))
        if match is None:
            return self._unclearly_denied(text, parts)
        return replace(match, doubt=min(s for part in doubted for s in part.said))

    def _either(self, text: str) -> DrugMatch | None:
        """`morphine or hydromorphone per pain score`: each may be taken, and none is sure."""
        names = list(dict.fromkeys(self._find(self._tokens(text))))
        if len(names) < 2 or not offers_alternatives(text):
            return None
        plain = read_written("")
        first, *others = (replace(self._match(name, plain), doubt=Said.DOUBTFUL) for name in names)
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
        match = self._read(_joined(denied))
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

    def ordered(self, text: str) -> DrugMatch | None:
        """The drug that an order names: the order is for it, whatever else it says."""
        parts = certainty.read(text, certainty.ORDERS)
        return self._affirmed(text, parts) or self._among_others(parts)

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
        found = self._find(self._tokens(_joined(part for part in parts if not part.said)))
        named = sorted({ingredient for name in found for ingredient in name.ingredients})
        ours = next((name for name in named if name in OURS), None)
        match = self._read(ours) if ours is not None else None
        return match and replace(
            match,
            ingredients=tuple(Ingredient(n, self._index.names.get(n) or None) for n in named),
        )

    def substance(self, text: str) -> DrugMatch | None:
        """The drug that an allergy text names, `doubt` where it says that the allergy has ended.

        An allergy entry that names a drug is for it: a denial counts only where it speaks of the
        allergy ("no ketamine" is to be avoided, "no ketamine allergy" is none).
        """
        text = _without_german(text)
        parts = self._of_allergy(text)
        sure = self._affirmed(text, parts)
        if sure is not None:
            return sure
        match = self._read(_joined(part for part in parts if part.said == {Said.ENDED}))
        return match and replace(match, doubt=Said.ENDED)

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
                named = map(self._read, listed)
                match = next((one for one in named if one and one.names & OURS), None)
                if match is not None:
                    return replace(match, doubt=Said.ENDED if Said.ENDED in part.said else None)
        return None

    def allergens(self, text: str) -> list[str]:
        """What an allergy text says of the patient: without what is denied or over."""
        return [part.text for part in self._of_allergy(_without_german(text)) if not part.said]

    def _of_allergy(self, text: str) -> tuple[certainty.Clause, ...]:
        denials = certainty.read(text, certainty.ALLERGIES)
        if not denials:  # nothing but cues: "no"
            return denials
        speaks = certainty.speaks_of_allergy(text) and not self.forbids(text)
        return denials if speaks else certainty.read(text, certainty.NO_DENIAL)

    def forbids(self, text: str) -> bool:
        """Whether "no" before a drug forbids it, since the words go on to say what it did.

        "NO KETAMINE - laryngospasm"; but "no ketamine allergy" denies one.
        """
        parts = certainty.read(text, certainty.ALLERGIES)
        forbidden = any(
            part.said == {Said.DENIED}
            and _NO.search(text[: part.start])
            and not certainty.speaks_of_allergy(part.text)
            and self._read(part.text)
            for part in parts
        )
        return forbidden and any(
            not part.said and certainty.speaks_of_harm(part.text) and self.names_none(part.text)
            for part in parts
        )

    def _affirmed(self, text: str, parts: Iterable[certainty.Clause]) -> DrugMatch | None:
        if any(part.said for part in parts):
            text = _joined(part for part in parts if not part.said)
        return self._read(text)

    def no_substance(self, text: str) -> Said | None:
        """What an allergy text says of all that it names, where it takes the allergy back."""
        parts = self._of_allergy(_without_german(text))
        if not all(part.said for part in parts):
            return None
        return Said.ENDED if any(Said.ENDED in part.said for part in parts) else Said.DENIED

    def _read(self, text: str) -> DrugMatch | None:
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
        return None if name is None else self._match(name, written)

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
        if union in self._combinations or one_product:
            return Name(tuple(sorted(union)))
        return None

    # ---- the product -------------------------------------------------------------------------

    def _match(self, name: Name, written: Written) -> DrugMatch:
        released = written.extended_release or "extended_release" in name.flags
        route = written.route or name.route or _by_content(name, written)
        written = replace(written, route=route, extended_release=released)
        strengths = self._strengths(name, written)
        rows = self._rows(name, strengths, written)
        common = _agreed(rows)
        classes, flags = self._use(name, rows, common)
        if written.extended_release:
            flags += " extended_release"
        if written.route in ("topical", "ophthalmic"):
            flags += " non_systemic_route"
        items = tuple(_item(n, strengths.get(n)) for n in sorted(name.ingredients))
        row = DrugRow(
            level="text",
            ingredients=items,
            classes=classes,
            codes="",
            form=_form(written),
            route=written.route or _route(rows),
            flags=flags,
            pack=_devices(name, written),
        )
        return by_text(self._index.match(row, None))

    def _use(self, name: Name, rows: list[DrugRow], common: DrugRow | None) -> tuple[str, str]:
        """Class tags and flags: a brand's own, those of the product, else of the ingredients."""
        if name.classes is not None and (common is None or len(name.ingredients) > 1):
            return name.classes, name.flags
        if common is not None:
            flags = set(common.flags.split()) - {"extended_release"}
            classes = name.classes if name.flags and name.classes else common.classes
            return classes, " ".join(sorted(flags | set(name.flags.split())))
        whole = _agreed(self._products.get(frozenset(name.ingredients), []))
        if whole is not None and len(name.ingredients) > 1:
            return whole.classes, name.flags
        tags = (self._index.classes.get(n, "") for n in name.ingredients)
        return " ".join(tags), name.flags

    def _strengths(self, name: Name, written: Written) -> dict[str, Quantity]:
        """Strength by ingredient, where the text leaves no doubt."""
        if len(name.ingredients) > 1:
            return self._combined(name, written)
        only = name.ingredients[0]
        said = written.strengths or self._bare(only, written)
        if len(said) != 1:
            return {}
        if only == "esketamine" and (said[0] == _DEVICE_CONTENT or _devices(name, written)):
            return {only: _DEVICE}
        if written.route == "injectable" and "/" not in said[0].unit:
            return {}  # "ketamine 35 mg IV" is a dose, not what a vial holds
        return {only: said[0]}

    def _bare(self, name: str, written: Written) -> tuple[Quantity, ...]:
        """`Lisinopril 20`: the last word is a number, and a product of that many mg exists."""
        if written.last_number is None:
            return ()
        meant = Quantity(written.last_number, "mg")
        rows = self._products.get(frozenset({name}), [])
        return (meant,) if any(row.ingredients == (f"{name}={meant}",) for row in rows) else ()

    def _combined(self, name: Name, written: Written) -> dict[str, Quantity]:
        """Of a combination: the one product whose strengths are the numbers written."""
        numbers = written.numbers or tuple(str(q.value) for q in written.strengths)
        sold = _sold(name.strengths, numbers)
        if sold:
            return {n: Quantity(v, "mg") for n, v in zip(name.ingredients, sold, strict=True)}
        wanted = sorted(Decimal(n) for n in numbers)
        found = {}
        for row in self._products.get(frozenset(name.ingredients), []):
            items = dict(_split(item) for item in row.ingredients)
            values = [q.value for q in items.values() if q is not None]
            if len(values) == len(items) and sorted(values) == wanted:
                found[tuple(sorted(items.items(), key=str))] = items
        if len(found) != 1:
            return {}
        return {n: q for n, q in next(iter(found.values())).items() if q is not None}

    def _rows(
        self, name: Name, strengths: Mapping[str, Quantity], written: Written
    ) -> list[DrugRow]:
        """Products of the ingredients that fit all that is written."""
        if not strengths and not written.route:
            return []
        rows = [
            row
            for row in self._products.get(frozenset(name.ingredients), [])
            if row.level == "product"
            and (not written.route or row.route == written.route)
            and (not written.extended_release or "extended_release" in row.flags)
            and (not strengths or dict(map(_split, row.ingredients)) == strengths)
        ]
        other_uses = [row for row in rows if "smoking_cessation" not in row.flags]
        return other_uses or rows


_DEVICE = Quantity(Decimal(28), "mg")
_DEVICE_CONTENT = Quantity(Decimal(140), "mg/mL")


def _joined(parts: Iterable[certainty.Clause]) -> str:
    """Parts of a text as one; a name does not go on from one to the next."""
    return " ; ".join(part.text for part in parts)


def _without_german(text: str) -> str:
    """
    >>> _without_german("keine Ketaminallergie")
    'no Ketamin allergy'
    """
    plain = _GERMAN_ALLERGY.sub(" allergy", text)
    return text if plain == text else _GERMAN_NO.sub("no", plain)


def _telling(name: Name) -> tuple[bool, str, str, int, tuple[str, ...]]:
    """How much a name says of a product, for sorting."""
    return (name.classes is not None, name.flags, name.route, len(name.strengths), name.ingredients)


def _sold(strengths: tuple[str, ...], numbers: tuple[str, ...]) -> list[Decimal]:
    """The strengths of the product that is written; without a number, of the only one sold."""
    listed = [[Decimal(value) for value in one.split("/")] for one in strengths]
    wanted = [Decimal(number) for number in numbers]
    fitting = [one for one in listed if not wanted or one == wanted]
    return fitting[0] if len(fitting) == 1 else []


def _by_content(name: Name, written: Written) -> str:
    """Esketamine is for the nose in its device alone; another solution of it is injected."""
    solutions = {s for s in written.strengths if s.unit == "mg/mL"}
    injected = name.ingredients == ("esketamine",) and solutions - {_DEVICE_CONTENT}
    return "injectable" if injected else ""


def _devices(name: Name, written: Written) -> int:
    """Esketamine devices: 56 mg nasal are two of 28 mg."""
    if name.ingredients != ("esketamine",) or len(written.strengths) != 1:
        return 0
    said = written.strengths[0]
    if said.unit != "mg" or written.route not in ("", "nasal"):
        return 0
    return {28: 1, 56: 2, 84: 3}.get(int(said.value), 0)


def _agreed(rows: list[DrugRow]) -> DrugRow | None:
    """A row when all have the same classes and flags, apart from the release form."""
    uses = {(r.classes, frozenset(r.flags.split()) - {"extended_release"}) for r in rows}
    return rows[0] if len(uses) == 1 else None


def _ingredients(row: DrugRow) -> frozenset[str]:
    return frozenset(item.partition("=")[0] for item in row.ingredients)


def _route(rows: list[DrugRow]) -> str:
    routes = {row.route for row in rows}
    return routes.pop() if len(routes) == 1 else ""


@lru_cache(maxsize=16_384)
def _split(item: str) -> tuple[str, Quantity | None]:
    name, _, text = item.partition("=")
    if not text:
        return name, None
    value, _, unit = text.partition(" ")
    return name, Quantity(Decimal(value), unit)


def _item(name: str, strength: Quantity | None) -> str:
    return f"{name}={strength}" if strength else name


def _form(written: Written) -> str:
    if written.extended_release and written.form.startswith("Oral"):
        return f"Extended Release {written.form}"
    return written.form
