"""What an order says outside its dosage: in the name of its medication, and in words beside it.

`ketamine 500 mg IV push x1` as a name, `give 500 mg IV push` as a note: a dose that stands only
there is the order's dose, and one beside another dose is judged as well. A strength in a name
(`ketamine 50 mg/mL`, `100 mg troche`) is no dose, and neither is what a note tells of the past, of
somebody else, of another drug, or of what is to be avoided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import cast

from msgspec import Struct

from cds.dosage.model import DosageRead, Route, Stated
from cds.dosage.quantity import Problems
from cds.dosage.words import found_in, stated_in
from cds.dosage.words.vocabulary import meaning_of
from cds.kept import kept
from cds.orders.of_what import Piece, split_by_thing, word_list
from cds.orders.onward import leads_on
from cds.terminology.lookup import Terminology
from cds.terminology.model import Said
from cds.terminology.text import certainty
from cds.units import Quantity, UnitError, measures

NOT_JUDGED = "names an amount that was not judged"
NAME = "medication[x].text"
PATIENT = "patientInstruction"
_GIVEN = frozenset({"push", "bolus", "infusion"})
_HOW = frozenset({"route", "method", "length"})
_NOT_ORDERED = frozenset(
    {
        Said.DENIED,
        Said.PAST,
        Said.NO_MORE,
        Said.OTHER,
        Said.AVOIDED,
        Said.STOPPED,
        Said.TOLERATED,
    }
)
_ROUTES_OF_DOSES: frozenset[Route] = frozenset(
    {"intravenous", "intramuscular", "subcutaneous", "intraosseous", "epidural", "intrathecal",
     "caudal"}
)  # fmt: skip
"""An amount beside one of them is given; `100 mg oral` may be what a tablet holds."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!\s*(?:mg|mcg|ml|g)\b)", re.IGNORECASE)


class Told(Struct, frozen=True):
    """A text that says how much to give."""

    path: str
    text: str
    stated: Stated
    sure: bool = True
    """False: it may also be what the product holds, where a dose is stated elsewhere"""


def told_in_names(names: Iterable[str], strength: Quantity | None) -> tuple[Told, ...]:
    """What the names of the medication order. `strength`: what one unit of the product holds."""
    found = [told for name in names if (told := _told_in_name(name, strength)) is not None]
    return tuple({told.stated: told for told in reversed(found)}.values())[::-1]


def told_beside(path: str, pieces: Iterable[Piece], problems: Problems) -> Iterator[Told]:
    """What a note orders, by its affirmed pieces."""
    ours = ordered_part(path, pieces, problems)
    stated = stated_in(ours)
    if _orders(stated) or _is_made_up(stated):
        yield Told(path, ours, stated)
    elif any(measures(dose.unit, "mg") for dose in stated.doses) and (
        _is_told_to_give(ours, stated) or (path.endswith(PATIENT) and _is_an_amount(ours))
    ):
        yield Told(path, ours, stated, sure=leads_on(ours))


def told_how(pieces: Iterable[Piece]) -> Iterator[Stated]:
    """`give over 2 minutes`, `as rapid bolus`: how a note wants it given, no amount beside it."""
    for piece in pieces:
        for found in _giving().finditer("" if piece.amounts else piece.text):
            first = next(iter(found_in(found["rest"])), None)
            if first is not None and first.kind in _HOW:
                yield stated_in(f"{found['verb']} {found['rest']}")


@cache
def _giving() -> re.Pattern[str]:
    verbs, fillers = ("|".join(sorted(word_list(name))) for name in ("giving", "fillers"))
    return re.compile(rf"(?i)\b(?P<verb>{verbs})\s+(?:(?:{fillers})\s+)*(?P<rest>[^.;]+)")


@kept(256)
def is_for_home(text: str) -> bool:
    """Whether words beside the dosage leave the drug to the patient: `inject at home`."""
    found = (
        (clause.text, match)
        for clause in certainty.read(text, _NOT_ORDERED)
        if not clause.said and (match := _home().search(clause.text))
    )
    return any(not _any_of(word_list("never")).search(said[: at.start()]) for said, at in found)


@cache
def _home() -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{one})" for one in word_list("for_home")), re.IGNORECASE)


def ordered_part(path: str, pieces: Iterable[Piece], problems: Problems) -> str:
    """What a note says of this drug, this patient and from now on, by its affirmed pieces.

    An amount of which it can't be told of what it is, is a problem.
    """
    ordered = []
    for piece in pieces:
        if piece.thing == "ordered":
            ordered.append(piece.text)
        elif piece.thing == "unknown" and _orders(stated_in(piece.text)):
            problems.add(path, NOT_JUDGED)
    return "; ".join(ordered)


def affirmed(text: str, terminology: Terminology, *, year: int | None) -> tuple[Piece, ...]:
    """The pieces of a note of which nothing else is said than that they are to be given.

    `year`: of the order.
    """
    pieces: list[Piece] = []
    for clause in certainty.read(text, _NOT_ORDERED):
        if not clause.said and not _tells_of_before(clause.text, year):
            pieces += split_by_thing(clause.text, terminology, strict=True)
    return tuple(pieces)


def with_paths(notes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(path, text) of the notes that say anything."""
    for number, text in enumerate(notes):
        if text:
            yield f"note[{number}].text", text


def beside_dosage(dosage: DosageRead) -> Iterator[tuple[str, str]]:
    """(path below the dosage, text) of what stands beside its text."""
    for text in dosage.additional:
        yield "additionalInstruction", text
    if dosage.patient and dosage.own:  # without a text, it is the instruction
        yield PATIENT, dosage.patient


def route_in(names: Iterable[str]) -> Route | None:
    """The one route that the names tell; `for IV or IM use` tells none."""
    written = list(names)
    routes = {route for name in written for route in stated_in(name).routes}
    words = (meaning_of(word) for name in written for word in re.findall(r"[A-Za-z]+", name))
    routes |= {cast(Route, found[1]) for found in words if found and found[0] == "route"}
    return routes.pop() if len(routes) == 1 else None


def is_product(name: str) -> bool:
    """Whether a name is one of a product, with its strength: by its form, or a concentration."""
    words = set(re.findall(r"[a-z]+", name.lower()))
    formed = bool(words & word_list("forms"))
    return formed or stated_in(name).concentration is not None


def bare_amount_in(names: Iterable[str]) -> bool:
    """Whether a name holds an amount, and nothing that tells a product's strength from a dose."""
    return any(
        any(measures(dose.unit, "mg") for dose in stated_in(name).doses) and not is_product(name)
        for name in names
    )


def bag_in(names: Iterable[str]) -> Stated:
    """What a name tells of the bag: `ketamine 250 mg in D5W 250 mL`; else nothing."""
    stated = (stated_in(name) for name in names)
    return next((s for s in stated if s.volume and s.diluent and s.doses), Stated())


def adds_a_dose(told: Told, given: list[Quantity]) -> bool:
    """Whether it names another amount than the dosages give; a bag's content is none."""
    if told.stated.volume and told.stated.diluent:
        return False
    amounts = (*told.stated.doses, *told.stated.rates)
    return not any(_same(amount, dose) for amount in amounts for dose in given)


def makes_up(told: Told) -> bool:
    """`dilute in 100 mL, infuse at 150 mL/h`: how the dose that stands elsewhere is given."""
    stated = told.stated
    run = bool(stated.rates) and all(rate.unit.startswith("mL") for rate in stated.rates)
    return _is_made_up(stated) or (run and not stated.doses)


# ---- names ---------------------------------------------------------------------------------------


def _told_in_name(name: str, strength: Quantity | None) -> Told | None:
    stated = stated_in(name)
    if _orders(stated):
        return Told(NAME, name, stated)
    if is_product(name):
        directed = _directions().split(name, maxsplit=1)
        rest = directed[1] if len(directed) > 1 else ""
        if (said := stated_in(rest)).doses or said.rates:
            return Told(NAME, rest, said)
        return None
    doses = [dose for dose in stated.doses if strength is None or not _same(dose, strength)]
    by_route = bool(set(stated.routes) & _ROUTES_OF_DOSES)
    timed = stated.per_day is not None or re.search(r"(?i)\bnow\b", name) is not None
    return Told(NAME, name, stated, sure=False) if doses and (by_route or timed) else None


@cache
def _directions() -> re.Pattern[str]:
    return _any_of(word_list("directions"))


# ---- notes ---------------------------------------------------------------------------------------


def _tells_of_before(text: str, year: int | None) -> bool:
    """A verb of the past, or a year before that of the order."""
    plain = _any_of(word_list("not_before")).sub("", text)
    past = year is not None and any(int(named) < year for named in _YEAR.findall(text))
    return past or _any_of(word_list("before")).search(plain) is not None


@cache
def _any_of(phrases: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def _orders(stated: Stated) -> bool:
    """An amount, and a word on how it is given: a push, an infusion, a time, once, per kg."""
    if stated.rates:
        return True
    how = stated.method in _GIVEN or stated.duration_min or stated.single or stated.sessions
    per_kg = any("/kg" in dose.unit for dose in stated.doses)
    return bool(stated.doses) and bool(how or per_kg)


def _is_told_to_give(text: str, stated: Stated) -> bool:
    """An amount by a route, or behind a word that orders it: `then 100 mg IV`, `dose 350 mg`."""
    by_route = bool(set(stated.routes) & _ROUTES_OF_DOSES)
    return by_route or _any_of(word_list("ordering")).search(text) is not None


def _is_an_amount(text: str) -> bool:
    """Told to the patient, an amount is what is taken, by whatever words; a maximum is none."""
    return any(fact.kind == "dose" for fact in found_in(text))


def _is_made_up(stated: Stated) -> bool:
    in_volume = all(rate.unit.startswith("mL") for rate in stated.rates)
    return bool(stated.volume and stated.diluent and not stated.doses and in_volume)


def _same(one: Quantity, other: Quantity) -> bool:
    """One amount, to within rounding (1 %)."""
    try:
        value = other.to(one.unit).value
    except UnitError:
        return False
    return abs(value - one.value) * 100 <= one.value
