"""The body weight that doses and order checks rest on, or why there is none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Literal

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import WeightUsed
from cds.chart.entries import Result
from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.knowledge.model.weight_rules import (
    AdjustedWeight,
    Devine,
    ObesityWeightRule,
    StatedWeight,
)
from cds.units import convert, kilograms

Problem = Literal["missing", "old", "implausible", "pounds", "changed", "stated"]


class Weight(Struct, frozen=True):
    """The latest weight, and whether a dose may rest on it."""

    latest: WeightUsed | None
    """the latest weight with a date, plausible or not"""
    problem: Problem | None
    """why no dose may rest on it"""
    why: str | None
    """the same in words, with the figures"""
    previous: WeightUsed | None = None
    max_age_days: int = 30
    checkable: bool = False
    """plausible enough to judge an order by, even where a dose may not rest on it"""
    unusable: str | None = None
    """where there is none: what is wrong with the entries of a weight"""

    @property
    def usable(self) -> WeightUsed | None:
        """For doses: present, recent, plausible and not in doubt."""
        return self.latest if self.problem is None else None

    @property
    def for_checks(self) -> WeightUsed | None:
        """For judging an order."""
        return self.latest if self.checkable else None


def read_weight(case: Case) -> Weight:
    """The latest weight of the chart, judged."""
    return case.known.once(partial(_judged, case), _judged)


def _judged(case: Case) -> Weight:
    history, knowledge = case.history, case.knowledge
    limit = case.site.weight_max_age_days
    measured = _weights(history)
    if not measured:
        unusable, seen = _unusable(history), "observations" in history.answered
        why = "no weight on record" if seen else "the weight was not seen"
        if unusable:
            why = f"the weight on record is not readable: {unusable}"
        return Weight(None, "missing", why, max_age_days=limit, unusable=unusable)
    latest, *earlier = measured
    age = (history.as_of - latest.when).days
    number = {name: knowledge.parameters[name].value for name in _PARAMETERS}
    adult_from = knowledge.parameters["adult-from-years"].value
    adult = history.person.aged_at_least(adult_from) is not False
    lowest, highest = number["weight-lowest"], number["weight-highest"]
    if adult and not lowest <= latest.value_kg <= highest:
        why = f"the weight of {_kg(latest)} ({latest.when}) is not plausible in an adult"
        return Weight(latest, "implausible", why, max_age_days=limit)
    checkable = age <= number["old-weight-for-checks-days"]
    if age > limit:
        why = f"the last weight is {age} days old ({latest.when}, limit {limit} days)"
        return Weight(latest, "old", why, None, limit, checkable)
    plausible = (w for w in earlier if not adult or lowest <= w.value_kg <= highest)
    for previous in plausible:
        problem = _compared(latest, previous, number)
        if problem is not None:
            why = (
                f"the weight went from {_kg(previous)} ({previous.when}) to {_kg(latest)}"
                f" ({latest.when})"
            )
            if problem == "pounds":
                why += ": pounds for kilograms?"
            return Weight(latest, problem, why, previous, limit, checkable)
        break
    if latest.code in knowledge.the(StatedWeight).loinc:
        why = f"the weight of {_kg(latest)} ({latest.when}) was stated, not measured: confirm it"
        return Weight(latest, "stated", why, None, limit, checkable=True)
    return Weight(latest, None, None, max_age_days=limit, checkable=True)


_PARAMETERS = (
    "weight-lowest", "weight-highest", "weight-change", "weight-change-days", "pounds-ratio",
    "pounds-ratio-tolerance", "old-weight-for-checks-days",
)  # fmt: skip


def _compared(
    latest: WeightUsed, previous: WeightUsed, number: dict[str, Decimal]
) -> Problem | None:
    """Pounds for kilograms at any distance in time; a change only against a recent weight."""
    ratio = max(latest.value_kg, previous.value_kg) / min(latest.value_kg, previous.value_kg)
    if abs(ratio - number["pounds-ratio"]) <= number["pounds-ratio-tolerance"]:
        return "pounds"
    change = abs(latest.value_kg - previous.value_kg) / previous.value_kg
    recent = (latest.when - previous.when).days <= number["weight-change-days"]
    return "changed" if recent and change > number["weight-change"] else None


def _weights(history: History) -> list[WeightUsed]:
    """Weights with a date and a number, newest first."""
    usable = [w for fact in history.observations.get("body_weight", ()) if (w := _used(fact))]
    known = [w for w in usable if w.when <= history.as_of]
    return sorted(known, key=lambda w: w.when, reverse=True)


def _unusable(history: History) -> str | None:
    """The problem of the newest entry of a weight."""
    entries = history.observations.get("body_weight", ())
    return next((fact.problem for fact in entries if fact.problem is not None), None)


def _used(fact: Result) -> WeightUsed | None:
    if fact.value is None or fact.when is None or fact.unit is None or fact.value <= 0:
        return None
    if fact.problem is not None and fact.problem != "implausible":
        return None
    code = fact.code[1] if fact.code is not None else None
    return WeightUsed(convert(fact.value, fact.unit, "kg"), fact.when, fact.source, code)


def _kg(weight: WeightUsed) -> str:
    return f"{kilograms(weight.value_kg)} kg"


class Build(Struct, frozen=True):
    """Height, body mass index, and the weights derived from them. None: not known."""

    height_cm: Decimal | None = None
    bmi: Decimal | None = None
    ideal_kg: Decimal | None = None
    adjusted_kg: Decimal | None = None
    source: tuple[str, ...] = ()
    when: date | None = None


def read_build(case: Case, weight: WeightUsed | None) -> Build:
    """Body mass index by weight and height, else as recorded; ideal weight by Devine."""
    history = case.history
    height = history.latest("body_height")
    recorded = history.latest("body_mass_index")
    cm = height.value if height is not None and height.unit == "cm" else None
    number = case.knowledge.parameters
    if cm is not None and not number["height-lowest"].value <= cm <= number["height-highest"].value:
        cm = None
    bmi = recorded.value if recorded is not None else None
    if cm is not None and weight is not None:
        bmi = weight.value_kg / (cm / 100) ** 2
    ideal = _ideal(case.knowledge, history, cm)
    return Build(
        height_cm=cm,
        bmi=bmi,
        ideal_kg=ideal,
        adjusted_kg=_adjusted(case.knowledge, weight, ideal),
        source=height.source if height is not None and cm is not None else (),
        when=height.when if height is not None else None,
    )


def is_obese(case: Case, build: Build) -> bool | None:
    """BMI at or above the cut; None when it is not known."""
    cut = case.knowledge.the(ObesityWeightRule).bmi_from
    return None if build.bmi is None else build.bmi >= cut


def _ideal(knowledge: Knowledge, history: History, cm: Decimal | None) -> Decimal | None:
    rule = knowledge.the(Devine)
    base = {"male": rule.base_male, "female": rule.base_female}.get(history.person.sex)
    if cm is None or base is None:
        return None
    above = convert(cm, "cm", "[in_i]") - rule.above
    # rounded to 0.1 kg, as scales read: the formula is no more exact than that
    return round(base + rule.per_inch * above, 1) if above > 0 else None


def _adjusted(
    knowledge: Knowledge, weight: WeightUsed | None, ideal: Decimal | None
) -> Decimal | None:
    if weight is None or ideal is None or weight.value_kg <= ideal:
        return None
    share = knowledge.the(AdjustedWeight).share_of_excess
    return round(ideal + share * (weight.value_kg - ideal), 1)
