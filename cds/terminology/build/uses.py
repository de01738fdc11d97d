"""The traps of a product: the same ingredient in another use has other class tags and flags."""

from __future__ import annotations

from collections.abc import Iterable

OPIOIDS = frozenset({"opioid_full_agonist", "opioid_partial_or_mixed_agonist", "opioid_atypical"})
_NOT_WEIGHT_LOSS = frozenset({"antidepressant_ndri", "oud_treatment", "aud_treatment"})
_SLEEP_DOXEPIN = frozenset({"doxepin=3 mg", "doxepin=6 mg"})


def trapped(
    classes: Iterable[str], names: Iterable[str], route: str, items: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """Class tags and flags by ingredients, route and strength (`items`: `name=strength`)."""
    names, tags, flags = frozenset(names), set(classes), set[str]()
    if {"bupropion", "naltrexone"} <= names:
        tags = (tags - _NOT_WEIGHT_LOSS) | {"bupropion_not_for_depression"}
        flags.add("weight_management")
    if "buprenorphine" in names and route == "transdermal":
        tags.discard("oud_treatment")
        flags.add("buprenorphine_pain")
    if "buprenorphine" in names and route == "sublingual_buccal":
        flags.add("buprenorphine_oud")
    if "doxepin" in names and route == "topical":
        tags = (tags - {"antidepressant_tca"}) | {"doxepin_topical"}
        flags.add("topical_antipruritic")
    if route == "oral" and _SLEEP_DOXEPIN & set(items):
        tags = (tags - {"antidepressant_tca"}) | {"hypnotic_low_dose_doxepin"}
        flags.add("insomnia_low_dose")
    if "selegiline" in names and route == "oral":
        tags = (tags - {"antidepressant_maoi"}) | {"maoi_other"}
        flags.add("parkinson_oral")
    if "duloxetine" in names:
        flags.add("also_pain_indication")
    if route in ("topical", "ophthalmic", "otic"):
        flags.add("non_systemic_route")
    return sorted(tags), sorted(flags)


def named_use(display: str, tags: set[str], flags: set[str], names: frozenset[str]) -> None:
    """What only the product's own name tells."""
    if "Smoking Cessation" in display:
        tags.discard("antidepressant_ndri")
        tags.add("bupropion_not_for_depression")
        flags.add("smoking_cessation")
    if "Extended Release" in display:
        flags.add("extended_release")
    if "Abuse-Deterrent" in display:
        flags.add("abuse_deterrent_opioid")
    if len(names) > 1 and tags & OPIOIDS:
        flags.add("opioid_combination")
