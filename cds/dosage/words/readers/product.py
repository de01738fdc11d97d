"""The product's own name in its instruction, and the strength behind it.

`sertraline 50 mg tablet - take 3 tablets` tells what one tablet holds; `sertraline 50 mg daily`
tells the dose.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.model import Span
from cds.dosage.words.facts import MASSES, Dose, Said, skip
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.often import times
from cds.dosage.words.remarks import turns
from cds.dosage.words.scan import Item

STRENGTH = "strength"
"""it is written, and not read: `5/325`"""
_SHORTEST_NAME = 4
_MOST_COUNTED = 10
_OFTEN = ("part", "often", "adverb", "od", "every", "q", "at", "in", "route", "ntimes", "prn",
          "hourly", "every_day", "with", "before", "after")  # fmt: skip
_MOST_PATCHES = 6
_BEHIND_A_PATCH = (",", "verb", "every", "q", "-")
_NAME = ("product", "salt", "-", "/", "and", "&", "+", "(", ")")
_BESIDE = ("how", "salt", "route", "product", "-", ",", ":", "verb", "label", "dose", "=", ";", ".",
           "advice", "flag", ")", "|", "only", "*")  # fmt: skip
"""between a strength and the amount, where one follows"""
_TELLS_APART = (":", "-", "dose", "label", "verb", ";", ".", "|", "only")
"""what makes a strength of the first of two masses"""


def product(items: Sequence[Item], at: int) -> Said:
    """A name, with the strength where an amount follows: a Dose, a Quantity, `STRENGTH`, or None
    (not said)."""
    name = at + 1
    while items[name].kind in _NAME or _of_the_name(items, name):
        name += 1
    while items[name - 1].kind not in ("product", "salt", "unknown", "time", "letter_unit"):
        name -= 1
    if items[name].key == "#" and items[name + 1].key in ("2", "3", "4") and items[name + 1].glued:
        return name + 2, "product", STRENGTH  # "Tylenol #3"
    place = _past_its_form(items, name)
    if _counted_after(items, place):
        return place + 1, "product", Dose(items[place].value, "mg")  # "gabapentin 300 1 am, 2 hs"
    if _rate_of_a_patch(items, place):
        return place + 1, "product", Dose(items[place].value, "ug/h")  # "BuTrans 10 patch"
    found = _strength(items, place)
    if found is None:
        return name, "product", None
    end, value, formed = found
    end_of_it = end - 1 if items[end - 1].kind == ")" else end
    if at > 2 and items[at - 1].kind == "(" and items[end_of_it].kind == ")":
        return end_of_it, "product", None  # "… 3 capsules at night (phenytoin 100 mg ER capsules)"
    if items[end].kind == "=":
        return name, "product", None  # "ketorolac, 30 mg = 1 mL"
    if _amount_follows(items, end, formed=formed or place > name, value=value):
        return end, "product", value or STRENGTH
    return name, "product", None


def _rate_of_a_patch(items: Sequence[Item], at: int) -> bool:
    """A number before `patch` that is no number of them; nothing is counted behind it."""
    number, after = items[at], items[at + 2]
    if number.kind != "num" or items[at + 1][:2] != ("unit", "{patch}"):
        return False
    if after.kind in (":", "-") and items[at + 3].kind in ("verb", "num"):
        return True  # "BuTrans 5 patch: apply one patch"
    if number.value.low <= _MOST_PATCHES:
        return False
    return number.value.low == number.value.high and after.kind in _BEHIND_A_PATCH


def _past_its_form(items: Sequence[Item], at: int) -> int:
    """Past `Oral Tablet`, `24HR (ER)`, `Patch 72 Hour`, between a name and its strength."""
    place = at
    while True:
        place = skip(items, place, "(", ")", "form", "how", ":", "-", ",")
        item = items[place]
        if item.key in ("12", "24", "72") and items[place + 1][:2] == ("time", "h"):
            place += 2
        elif (
            item[:2] == ("unit", "1")
            or _is_form(item)
            or (item.kind == "route" and _is_form(items[place + 1]))
        ):
            place += 1
        else:
            return place


def _of_the_name(items: Sequence[Item], at: int) -> bool:
    """The `S` of `Senokot-S`, the `ZOLOFT` of `sertraline (ZOLOFT) 50 MG`."""
    lettered = items[at - 1].kind == "-" and items[at - 2].kind == "product" and items[at].glued
    if lettered and len(items[at].key) == 1 and items[at].key.isalpha():
        return True  # "Senokot-S"
    if items[at].kind != "unknown":
        return False
    place = skip(items, at + 1, "how", "salt")
    after = items[place + 1]
    weighed = items[place].kind == "num" and (after.value in MASSES or after.kind == ":")
    if items[at - 1].kind == "product" and weighed and len(items[at].key) >= _SHORTEST_NAME:
        return items[at].key not in turns()  # "Tegretol Retard 400 mg"
    if items[at - 1].kind == "product" and items[at + 1].kind == ")":
        return items[at].key not in turns()  # "(NICODERM CQ)"
    brand = items[at - 1].kind == "(" and items[at + 1].kind in (")", "how", "salt", "-")
    return (items[at - 1].kind == "-" and items[at].glued) or (
        brand and items[at].key not in turns()
    )


def salt(items: Sequence[Item], at: int) -> Said | None:
    """The `sodium` of `divalproex sodium`; alone it may be another drug."""
    behind_a_name = at > 0 and items[at - 1].kind in ("product", "salt")
    if items[at + 1].kind == "product":
        return at + 1, "fill", None  # "sodium valproate"
    if behind_a_name or items[at].key in ("lai", "depot"):
        return at + 1, "ignored", "salt"
    return None


def shortened_salt(items: Sequence[Item], at: int) -> Said | None:
    """The `dec` of `Haldol dec`: decanoate, and no December."""
    salted = items[at].key == "dec" and at > 0 and items[at - 1].kind == "product"
    return (at + 1, "ignored", "salt") if salted and items[at + 1].kind != "ratio" else None


def _strength(items: Sequence[Item], at: int) -> tuple[int, object, bool] | None:
    """`50 mg`, `10 mg/5 mL`, `5-325 mg tablets`, `8 mg/2 mg`: its end, value, and a form after."""
    item = items[at]
    if item.kind not in ("num", "bad", "ratio"):
        return None
    said = amount(items, at) if item.kind == "num" else None
    if item.kind == "num" and items[at + 1].kind == ":":
        return _past_form(items, at + 1, None)  # "Sinemet 25-100: 1.5 tabs", "Butec 10: one patch"
    if item.kind == "bad" and _is_form(items[at + 1]) and items[at + 2].kind in (":", "-", "num"):
        return _past_form(items, at + 1, None)  # "Suboxone 8-2 film: 1 film"
    if item.kind == "ratio" and (
        items[at + 1].kind in ("num", "verb", "label", "how", ":", "-") or _is_form(items[at + 1])
    ):
        return _past_form(items, at + 1, None)  # "Norco 5/325 1 tab"
    if item.kind == "num" and items[at + 1].kind == "/" and items[at + 2].kind == "num":
        end = at + 3 + (items[at + 3].value in MASSES)
        counted = items[end].kind in ("num", "verb", "label", ":", "-") or _is_form(items[end])
        if items[at + 1].glued and items[at + 2].glued and counted:
            return _past_form(items, end, None)  # "Norco 7.5/325: 1 tab"
    of_two = item.kind == "bad" or (item.kind == "num" and item.value.low < item.value.high)
    of_ingredients = of_two and isinstance(item.value, Span) and item.value.high > _MOST_COUNTED
    if of_ingredients and items[at + 1].kind in ("verb", "label", ":", "-"):
        return _past_form(items, at + 1, None)  # "hydrocodone 5-325 take 1-2 tabs"
    after = skip(items, at + 1, "how")
    if of_two and said is None and items[after].kind == "num" and _is_form(items[after + 1]):
        return _past_form(items, at + 1, None)  # "Sinemet 25-100 1.5 tabs"
    if item.kind == "num" and (items[at + 1].key == "%" or items[at + 1].kind == "other_unit"):
        return _past_form(items, at + 2, None)  # "lidocaine 5% patch", "20,000 unit caps"
    if item.kind == "num" and said is None and _is_an_amount(items, at + 1):
        return _past_form(items, at + 1, None)  # "metoprolol 25 half a pill"
    if said is None:  # "8-2 mg", "5/325"
        if item.kind == "num" or items[at + 1].value not in MASSES:
            return None
        return _past_form(items, at + 2, None)
    end, kind, value = said
    if kind == "strength":
        return _past_form(items, end, value)
    if kind == "dose" and "/{" in value.unit:  # "5-325 mg per tablet"
        value = value._replace(unit=value.unit.partition("/")[0])
    if kind == "dose" and value.unit.endswith(("mg/d", "mg/24h", "ug/d", "ug/24h")):
        return _past_form(items, end, None)  # "21 mg/24 hr patch"
    if kind != "dose" or value.unit not in (*MASSES, "ug/h") or value.each is not None:
        return None
    if value.span.low != value.span.high:
        value = None  # "5-325 mg" of two ingredients
    elif (
        items[end].kind in ("-", "/")
        and items[end + 1].kind == "num"
        and not _is_form(items[end - 1])
    ):
        second = amount(items, end + 1)
        if second is not None and second[1] == "dose" and second[2].unit in MASSES:
            end, value = second[0], None
    if _is_form(items[end - 1]) and items[end - 2].kind != "/":
        return end, value, True  # "50 mg tablet"
    return _past_form(items, end, value)


def _counted_after(items: Sequence[Item], at: int) -> bool:
    """Whether the number behind a larger one is a count, and tells how often right after it."""
    if items[at].kind != "num" or items[at + 1].kind != "num":
        return False
    large, count = items[at].value, items[at + 1].value
    few = count.high <= _MOST_COUNTED and large.low == large.high
    strength = large.low > _MOST_COUNTED or "." in items[at].key
    return few and strength and items[at + 2].kind in _OFTEN


def _is_an_amount(items: Sequence[Item], at: int) -> bool:
    return items[at].kind == "num" and _is_form(items[at + 1])


def _is_form(item: Item) -> bool:
    return item.kind == "unit" and item.value.startswith("{")


def _past_form(items: Sequence[Item], at: int, value: object) -> tuple[int, object, bool]:
    end = skip(items, at, ")", "how", "salt", "route")
    if items[end].key in ("12", "24") and items[end + 1].value == "h":
        end = skip(items, end + 2, "how")  # "75 mg 24 hr capsule"
    if items[end].kind == "/" and items[end + 1].kind == "dose":
        end = skip(items, end + 2, "how")  # "100-25 mcg/dose inhaler"
    if items[end].kind == "/" and (_is_form(items[end + 1]) or items[end + 2].value == "h"):
        end += 2 if _is_form(items[end + 1]) else 3  # "160-4.5 mcg/actuation", "1 mg/72 h patch"
    formed = items[end].kind == "unit" and items[end].value.startswith("{")
    return (end + 1 if formed else end), value, formed


def _amount_follows(items: Sequence[Item], at: int, *, formed: bool, value: object) -> bool:
    """Whether an amount stands before anything that tells how often."""
    place, apart = at, formed
    while items[place].kind in _BESIDE or _names_it_again(items, place):
        apart |= items[place].kind in _TELLS_APART
        if items[place].kind in ("(", "["):
            place = next(n for n in range(place, len(items)) if items[n].kind in (")", "]", "end"))
            continue
        while items[place].kind == "advice" and items[place + 1].kind not in (".", ";", "end"):
            place += 1  # "commonly known as: TOPROL XL."
        place += 1
    if items[place].kind in ("decrease", "course_name") and items[place + 1].kind == ":":
        apart, place = (
            True,
            skip(items, place + 2, "verb", "at", "with"),
        )  # "10 mg. Taper: start 4 tabs"
    item = items[place]
    if formed and item.kind in ("increase", "decrease") and items[place + 1].kind == "to":
        return True  # "10 mg caps: reduce to 30 mg bd for 1 month, then …"
    if apart and item.kind in ("time", "first", "clock"):
        return True  # "25 mg tabs: weeks 1-2 1 tab", "25/100: 08:00 1 tab"
    if item.kind == "pattern" or (item.kind == "a" and items[place + 1].kind == "unit"):
        return True
    if item.kind == "upto" and items[place + 1].kind == "num":
        return items[place + 2].kind == "unit"
    if item.kind != "num":
        return False
    said = amount(items, place)
    if said is not None and said[1] == "dose":
        same = isinstance(value, Dose) and said[2].unit in MASSES
        return apart or not same
    if item.value.high < 1:
        return True  # "Klonopin 1 mg 1/2 AM"
    told = times(items, place)
    often = (told is not None and told[1] != "per_day_of") or items[place + 1].kind in (
        "time",
        "hourly",
        "/",
    )
    often |= items[place + 1].key in ("am", "pm")
    return not often


def _names_it_again(items: Sequence[Item], at: int) -> bool:
    """The bracket of `Trazodone Tablet 100 MG (Trazodone HCl) Give 100 mg`; an arrow before it."""
    if items[at].key in ("→", "]"):
        return True
    if items[at].kind not in ("(", "["):
        return False
    end = skip(
        items, at + 1, "product", "salt", "unknown", "how", "-", "/", "beside", "num", "unit"
    )
    told = [item for item in items[at + 1 : end] if item.kind not in ("num", "unit", "-", "/")]
    weighed = any(item.kind == "num" for item in items[at:end])
    in_units = items[at + 1].kind == "num" and items[at + 2].kind == "other_unit"
    if in_units and items[at + 3].kind == ")":
        return True  # "1.25 MG (50000 UT)"
    elemental = weighed and told and told[-1].key in ("iron", "elemental", "base", "calcium")
    named = not weighed and any(item.kind in ("product", "salt") for item in told)
    return items[end].kind in (")", "]") and bool(named or elemental)


def nameless(items: Sequence[Item], at: int) -> Said | None:
    """`8-2 mg SL film, 1 film BID`: the strengths of two ingredients, before the amount."""
    if at or items[1].kind != "unit" or items[1].value not in MASSES:
        return None
    place = skip(items, 2, "route", "how", "salt")
    form, amount_at = items[place], skip(items, place + 1, ",", ":", "-", ";", "verb")
    if form.kind != "unit" or amount_at == place + 1 or items[amount_at].kind != "num":
        return None
    counted = items[amount_at + 1]
    same = counted.kind == "unit" and counted.value == form.value and form.value[0] == "{"
    return (place + 1, "product", None) if same else None
