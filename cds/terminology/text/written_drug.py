"""The words of a written drug: strengths, form, route and release, as far as they are said."""

from __future__ import annotations

import re
from decimal import Decimal

from msgspec import Struct

from cds.terminology.codes.strength import strength
from cds.units import Quantity

_LONGEST = 1000
_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?|\.\d+)"
_AMOUNT = re.compile(
    rf"(?<![\d.,]){_NUMBER}\s*-?(?P<unit>mg|mcg|µg|μg|ug|micrograms?|milligrams?|g|gm|grams?|ng)\b"
    r"(?:\s*(?:/|per)\s*(?P<per>(?:\d+(?:\.\d+)?\s*)?"
    r"(?:ml|mg|g|hr|hours?|h|actuat(?:ion)?|sprays?|dose))\b)?",
    re.I,
)
_RATIO = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?(?:[-/]\d+(?:\.\d+)?)+)(?![\d.]|\s*%)")
_PAIR = re.compile(
    r"(?<![\d.,/-])(\d+(?:\.\d+)?)\s*mg\s*[/-]\s*(\d+(?:\.\d+)?)\s*mg\b(?!\s*[/-])", re.I
)
_LAST_NUMBER = re.compile(r"(?<![\d.,#x/-])\s(\d+(?:\.\d+)?)\s*$", re.I)
_FORMS: tuple[tuple[str, str, str], ...] = (
    # words, dose form, route; the first that is found decides
    (r"nasal|intranasal|nose", "Nasal Spray", "nasal"),
    (r"sublingual|sl|buccal|lozenges?|troches?|oromucosal|lollipops?|wafers?|mouth ?wash(?:es)?"
     r"|(?:oral|mouth) ?rinse|gargle|swish", "", "sublingual_buccal"),
    (r"transdermal|patch(?:es)?|td", "Transdermal System", "transdermal"),
    (r"eye|ophthalmic|otic|ear", "", "ophthalmic"),
    (r"supposit\w+|rectal|enemas?|pr", "Rectal Suppository", "rectal"),
    (r"creams?|gel|ointments?|lotions?|topical|topically|plaster|foam|(?:lip )?balm|paste|salve"
     r"|shampoo", "", "topical"),
    (r"injections?|injectable|inj|vials?|ampoules?|ampules?|syringe|iv|im|sc|sq|subq|subcut"
     r"|intravenous\w*|intramuscular\w*|subcutaneous\w*|infusion", "Injection", "injectable"),
    (r"inhal\w+|nebuli\w+", "", "inhalation"),
    (r"tabs?|tablets?|odt", "Oral Tablet", "oral"),
    (r"caps?|capsules?|gummy|gummies|pills?", "Oral Capsule", "oral"),
    (r"syrup|elixir|oral (?:solution|suspension|liquid|drops)", "Oral Solution", "oral"),
    (r"po|oral|orally|by mouth", "", "oral"),
)  # fmt: skip
_FORM_PATTERNS = tuple((re.compile(rf"\b(?:{w})\b", re.I), f, r) for w, f, r in _FORMS)
_DIRECTIONS = re.compile(
    r"\b(?:sig|take|takes|taking|inject|apply|use|give|infuse|inhale)\b.*", re.I | re.S
)
_ALTERNATIVES = re.compile(r"\b(?:or|vs|versus)\b", re.I)
_RELEASE = re.compile(
    r"\b(?:er|xr|xl|sr|cr|la|mr|(?:extended|sustained|controlled|modified|prolonged)[- ]release)\b",
    re.I,
)


class Written(Struct, frozen=True):
    """What a text says beside the drug's name."""

    strengths: tuple[Quantity, ...]
    """each once, in the order written"""
    numbers: tuple[str, ...]
    """of a combination, in the order written: `5-325` and `5 mg/325 mg` as ("5", "325")"""
    last_number: Decimal | None
    """a number that ends the text"""
    form: str
    route: str
    extended_release: bool


def read_written(text: str) -> Written:
    """Strengths and form of a drug text. Directions ("take 2 …") are not read for strengths.

    What is longer than any name of a product is not read to its end.
    """
    text = text[:_LONGEST]
    product = _product(text)
    form, route = _form(text)
    found = [_strength(match) for match in _AMOUNT.finditer(product)]
    pair, ratio = _PAIR.search(product), _RATIO.search(product)
    last = None if ratio else _LAST_NUMBER.search(product)
    return Written(
        strengths=tuple(dict.fromkeys(q for q in found if q is not None)),
        numbers=pair.groups() if pair else tuple(re.split(r"[-/]", ratio[1])) if ratio else (),
        last_number=Decimal(last[1]) if last else None,
        form=form,
        route=route,
        extended_release=bool(_RELEASE.search(text)),
    )


def forms_in(text: str) -> frozenset[str]:
    """The ways by which the forms that a text names are given: each, and not the first alone."""
    return frozenset(route for pattern, _, route in _FORM_PATTERNS if pattern.search(text))


def offers_alternatives(text: str) -> bool:
    """Whether it names one thing or another."""
    return bool(_ALTERNATIVES.search(_product(text)))


def _product(text: str) -> str:
    """The part of a medication text before "take …": what it is, not how it is used."""
    return _DIRECTIONS.sub("", text)


def _form(text: str) -> tuple[str, str]:
    for pattern, form, route in _FORM_PATTERNS:
        if pattern.search(text):
            return form, route
    return "", ""


def _strength(match: re.Match[str]) -> Quantity | None:
    number = match["number"]
    # 1,000 is a thousand; 0,5 is a half
    number = number.replace(",", "" if re.search(r",\d{3}\b", number) else ".")
    unit = match["unit"].lower().replace("µ", "u").replace("μ", "u")
    per = (match["per"] or "").lower().replace(" ", "")
    per = re.sub(r"sprays?|actuation", "actuat", per)
    return strength(number, f"{unit}/{per}" if per else unit)
