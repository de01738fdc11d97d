"""Drug codes to drugs: the most reliable coding decides, the others confirm or are reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from cds.terminology.codes import systems
from cds.terminology.codes.concept import Coding, Concept
from cds.terminology.codes.tables import DrugRow, DrugTable, index_ndc
from cds.terminology.model import Certainty, DrugMatch, Ingredient
from cds.units import Quantity

_RANKS = {
    (systems.RXNORM, "product"): 0,
    (systems.RXNORM, "pack"): 0,
    (systems.NDC, "product"): 2,
    (systems.NDC, "pack"): 2,
    (systems.SNOMED, "product"): 3,
    (systems.RXNORM, "component"): 4,
    (systems.RXNORM, "form"): 5,
    (systems.RXNORM, "brand"): 5,
    (systems.SNOMED, "form"): 6,
    (systems.RXNORM, "ingredient"): 7,
    (systems.SNOMED, "ingredient"): 8,
    (systems.ATC, "ingredient"): 9,
}
_SITE_RANK = 1
_RXCUI = re.compile(r"[0-9]{1,8}")
_ATC_SUBSTANCE = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
_ON_THE_MIND = ("N", "R05")
"""groups of ATC: nervous system; cough, where opioids are"""
_TEXT_RANK = 10
_LABELS = {
    systems.RXNORM: "RxNorm",
    systems.NDC: "NDC",
    systems.SNOMED: "SNOMED CT",
    systems.ATC: "ATC",
}


class _Reading(Struct, frozen=True):
    """What one coding, or the text, says."""

    rank: int
    match: DrugMatch
    label: str
    chosen: bool = False

    @property
    def order(self) -> tuple[int, bool, str, str]:
        match = self.match
        said = (match.ingredients, sorted(match.classes | match.flags), match.dose_form)
        return (self.rank, not self.chosen, self.label, str(said))


class DrugIndex:
    """All drug codes, by system."""

    def __init__(
        self,
        rxnorm: DrugTable,
        ndc_groups: Mapping[str, str],
        snomed: DrugTable,
        atc: DrugTable,
    ) -> None:
        self.names = rxnorm.ingredients
        self.classes = rxnorm.ingredient_classes
        self.rxnorm_rows = rxnorm.index()
        self._merged = rxnorm.merged
        self._newest = max(map(int, (*self.rxnorm_rows, *rxnorm.merged)), default=0)
        self._ndc_groups = ndc_groups
        self._snomed = snomed.index()
        self._atc = atc.index()
        self._near = {code[:4] for code in self._atc if code.startswith(_ON_THE_MIND)}
        self._only_route = _only_routes(rxnorm.drugs)
        self.site: Mapping[tuple[str, str], DrugRow] = {}
        """a site's own codes, which come before the tables"""

    @cached_property
    def ndc(self) -> Mapping[str, str]:
        """11-digit NDC → rxcui of its product, written out where one is asked for: there are more
        of them than of all other codes together."""
        return index_ndc(self._ndc_groups)

    def row(self, coding: Coding) -> DrugRow | None:
        """What a code means in its own system."""
        by_site = self.site.get((coding.system, coding.code))
        if by_site is not None:
            return by_site
        if coding.system == systems.RXNORM:
            return self.rxnorm(coding.code)
        if coding.system == systems.NDC:
            return self._by_ndc(coding.code)
        if coding.system == systems.SNOMED:
            return self._snomed.get(coding.code)
        if coding.system == systems.ATC:
            return self._atc.get(coding.code.upper())
        return None

    def is_other(self, system: str, code: str) -> bool:
        """Whether a code outside the tables means a drug that no rule asks about.

        The tables hold the drugs of the rules by RxNorm and ATC in full; RxNorm counts its codes
        upwards, so that one above all of theirs may be newer than they are. In the groups of ATC
        that hold drugs of the nervous system or against cough a code that is missing may be too
        new; where a site has no table of ATC, its codes tell nothing.
        """
        if system == systems.RXNORM:
            known = bool(_RXCUI.fullmatch(code)) and int(code) <= self._newest
            return known and self.rxnorm(code) is None
        if system == systems.ATC:
            code = code.upper()
            known = code in self._atc or code[:4] in self._near
            return bool(self._atc and _ATC_SUBSTANCE.fullmatch(code)) and not known
        return False

    def held(self, ingredient: Ingredient) -> bool:
        """Whether the tables hold its codes, and not its name alone."""
        return ingredient.rxcui is not None and self.rxnorm(ingredient.rxcui) is not None

    def rxnorm(self, code: str) -> DrugRow | None:
        """The row of an rxcui; retired ones by the code that replaced them."""
        code = code.lstrip("0")
        return self.rxnorm_rows.get(code) or self.rxnorm_rows.get(self._merged.get(code, ""))

    def _by_ndc(self, code: str) -> DrugRow | None:
        found = {self.ndc[ndc] for ndc in ndc_shapes(code) if ndc in self.ndc}
        rows = [row for row in map(self.rxnorm, sorted(found)) if row is not None]
        # An unhyphenated 10-digit code can be three codes: it counts when they mean one product.
        return rows[0] if rows and all(row == rows[0] for row in rows) else None

    def match(self, row: DrugRow, code: tuple[str, str] | None) -> DrugMatch:
        """The row as the rest of the service sees it."""
        return DrugMatch(
            ingredients=tuple(sorted(map(self._ingredient, row.ingredients), key=_name)),
            classes=frozenset(row.classes.split()),
            flags=frozenset(row.flags.split()),
            dose_form=row.form or None,
            route=row.route or self._only_route.get(_ingredient_names(row)),
            pack_quantity=row.pack or None,
            volume=_quantity(row.volume),
            code=code,
        )

    def _ingredient(self, item: str) -> Ingredient:
        name, _, strength = item.partition("=")
        return Ingredient(name, self.names.get(name) or None, _quantity(strength))

    def resolve(
        self, concept: Concept, text: Callable[[str], DrugMatch | None]
    ) -> DrugMatch | None:
        """The drug of all codings and texts together. The order they come in does not matter."""
        readings = [r for r in map(self._read, concept.codings) if r is not None]
        for name in concept.names:
            match = text(name)
            if match is not None:
                # The text itself is not repeated: what a chart says stays out of our sentences.
                readings.append(_Reading(_TEXT_RANK, match, "the text"))
        return combine(readings, self.classes)

    def beside(self, first: DrugMatch, second: DrugMatch, called: str) -> DrugMatch:
        """The drug of an entry that names it in two places; see `combine`."""
        readings = [_Reading(0, first, "the code"), _Reading(_TEXT_RANK, second, called)]
        both = combine(readings, self.classes)
        assert both is not None
        apart = {frozenset(m.names): m for m in (*first.apart, *second.apart, *both.apart)}
        return replace(
            both,
            disagreement=_all(first.disagreement, second.disagreement, both.disagreement),
            contradiction=_all(first.contradiction, second.contradiction, both.contradiction),
            contradicted=first.contradicted or second.contradicted or both.contradicted,
            apart=tuple(m for names, m in apart.items() if names != both.names),
        )

    def _read(self, coding: Coding) -> _Reading | None:
        row = self.row(coding)
        if row is None:
            return None
        by_site = (coding.system, coding.code) in self.site
        rank = _SITE_RANK if by_site else _RANKS[coding.system, row.level]
        match = self.match(row, (coding.system, coding.code))
        return _Reading(rank, match, label(coding), coding.chosen)


def label(coding: Coding) -> str:
    """What a coding is called in a sentence: `RxNorm 6130`."""
    return f"{_LABELS.get(coding.system, coding.system)} {coding.code}"


def contradict(match: DrugMatch, said: str) -> DrugMatch:
    """The match, which something beside it contradicts."""
    return replace(
        match,
        contradicted=True,
        disagreement=(*match.disagreement, said),
        contradiction=(*match.contradiction, said),
    )


_COMPOUNDED = frozenset({"ketamine", "esketamine"})
"""Given by routes that no registered product has, so that the product does not tell the route."""


def _only_routes(rows: Iterable[DrugRow]) -> dict[frozenset[str], str]:
    """The route of drugs all of whose products have the same: sertraline is oral."""
    routes: dict[frozenset[str], set[str]] = {}
    for row in rows:
        if row.level in ("product", "pack") and row.route:
            routes.setdefault(_ingredient_names(row), set()).add(row.route)
    return {
        names: next(iter(found))
        for names, found in routes.items()
        if len(found) == 1 and not names & _COMPOUNDED
    }


def _ingredient_names(row: DrugRow) -> frozenset[str]:
    return frozenset(item.partition("=")[0] for item in row.ingredients)


def combine(readings: Iterable[_Reading], classes: Mapping[str, str]) -> DrugMatch | None:
    """The most reliable reading; what it leaves open is filled from those that agree with it.

    Where two name different drugs one of them is wrong, and nobody can tell which: the other is
    `apart`. So is what another names beyond the first (a combination beside the code of a tablet of
    one of its ingredients), while the first stays. Where they state different strengths none is
    certain.
    """
    ordered = _fuller_first(sorted(readings, key=lambda r: r.order))
    if not ordered:
        return None
    first, rest = ordered[0], ordered[1:]
    match, said = first.match, []
    wrong: list[str] = []
    contradicted = False
    apart = {m.names: m for r in ordered for m in r.match.apart if m.names != match.names}
    for other in rest:
        if other.match.names != match.names:
            if not _is_part(other, match):
                said.append(f"{other.label} means {_list(other.match)}, not {_list(match)}")
            if other.match.names.isdisjoint(match.names):
                apart.setdefault(other.match.names, other.match)
                contradicted = True
                wrong.append(said[-1])
            elif more := other.match.names - match.names:
                apart.setdefault(more, _only(other.match, more, classes))
        elif _other_strength(other, first):
            said.append(_two_strengths(other, first))
            wrong.append(said[-1])
            match = _without_strength(match)
        elif not said:
            match = _filled(match, other.match)
    doubts = [reading.match.doubt for reading in ordered if reading.match.doubt is not None]
    return replace(
        match,
        disagreement=tuple(dict.fromkeys(said)),
        doubt=min(doubts, default=None),
        apart=tuple(apart.values()),
        contradicted=contradicted,
        contradiction=tuple(dict.fromkeys(wrong)),
    )


def _fuller_first(ordered: list[_Reading]) -> list[_Reading]:
    """A text that names a combination comes before the mere code of one of its ingredients.

    "oxycodone-acetaminophen 10-325 mg" under the code of acetaminophen is coded coarsely, and both
    speak of one drug. The code of a product is no such part.
    """
    if not ordered or ordered[0].rank < _RANKS[systems.RXNORM, "ingredient"]:
        return ordered
    coded = frozenset[str]().union(*(r.match.names for r in ordered if r.rank != _TEXT_RANK))
    fuller = [r for r in ordered if r.rank == _TEXT_RANK and r.match.names > coded]
    if not coded or not fuller:
        return ordered
    return [fuller[0], *(reading for reading in ordered if reading is not fuller[0])]


def _only(match: DrugMatch, names: frozenset[str], classes: Mapping[str, str]) -> DrugMatch:
    """The same with these of its ingredients only: the acetaminophen of Percocet is no opioid."""
    own = frozenset(tag for name in names for tag in classes.get(name, "").split())
    kept = tuple(i for i in match.ingredients if i.name in names)
    return replace(match, ingredients=kept, classes=match.classes & own)


def _other_strength(other: _Reading, first: _Reading) -> bool:
    """Whether two readings of one drug state strengths that can't both be right.

    Words that give none say nothing of it. Of codes of one kind, one without a strength is another
    product. What can't be compared (`28 mg` and `140 mg/mL`) is no contradiction.
    """
    if other.rank == first.rank and other.rank != _TEXT_RANK:
        return _strengths(other.match) != _strengths(first.match)
    pairs = zip(_strengths(first.match), _strengths(other.match), strict=True)
    return any(
        one is not None and two is not None and one.unit == two.unit and one.value != two.value
        for one, two in pairs
    )


def _two_strengths(other: _Reading, first: _Reading) -> str:
    one, two = (" / ".join(str(q or "?") for q in _strengths(r.match)) for r in (other, first))
    return f"{other.label} has another strength ({one}) than {first.label} ({two})"


def _is_part(other: _Reading, match: DrugMatch) -> bool:
    """A text or ingredient that names some ingredients of a combination does not contradict it."""
    return other.rank >= _RANKS[systems.RXNORM, "ingredient"] and other.match.names < match.names


def _filled(match: DrugMatch, other: DrugMatch) -> DrugMatch:
    ingredients = match.ingredients
    if not any(i.strength for i in ingredients):
        ingredients = other.ingredients
    return replace(
        match,
        ingredients=ingredients,
        dose_form=match.dose_form or other.dose_form,
        route=match.route or other.route,
        volume=match.volume or other.volume,
    )


def _without_strength(match: DrugMatch) -> DrugMatch:
    bare = tuple(replace(i, strength=None) for i in match.ingredients)
    return replace(match, ingredients=bare, pack_quantity=None, volume=None)


def _strengths(match: DrugMatch) -> tuple[Quantity | None, ...]:
    return tuple(i.strength for i in match.ingredients)


def _all(*lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for several in lines for line in several))


def _list(match: DrugMatch) -> str:
    return " / ".join(sorted(match.names))


def _name(ingredient: Ingredient) -> str:
    return ingredient.name


def _quantity(text: str) -> Quantity | None:
    if not text:
        return None
    value, _, unit = text.partition(" ")
    return Quantity(Decimal(value), unit)


def by_text(match: DrugMatch) -> DrugMatch:
    """The same, marked as recognised by its name only."""
    return replace(match, certainty=Certainty.TEXT, code=None)


_NDC_SEGMENTS = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})")


def ndc_shapes(code: str) -> tuple[str, ...]:
    """The 11-digit NDCs (5-4-2) that a written NDC can stand for."""
    code = code.strip()
    segments = _NDC_SEGMENTS.fullmatch(code)
    if segments:
        labeler, product, package = segments.groups()
        return (labeler.zfill(5) + product.zfill(4) + package.zfill(2),)
    digits = code.replace("-", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit():
        return ()
    if len(digits) == 11:
        return (digits,)
    if len(digits) == 10:
        return (
            "0" + digits,  # 4-4-2
            digits[:5] + "0" + digits[5:],  # 5-3-2
            digits[:9] + "0" + digits[9:],  # 5-4-1
        )
    return ()
