"""How impaired the liver is, as far as diagnoses and laboratory values tell.

A Child-Pugh class needs bilirubin, albumin and INR, and whether there are ascites and
encephalopathy. What is missing widens the score to a range, and a class is only stated when the
whole range lies in it. Laboratory values bound it; no problem list tells that a sign is absent.
The score is for chronic liver disease: without one on record there is none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from cds.assessment.fitting import fit_of
from cds.assessment.result_names import shown_value
from cds.chart.entries import Condition, Result
from cds.history.model.history import History
from cds.knowledge.load import Knowledge

ChildPugh = Literal["A", "B", "C"]

_DISEASE = ("cirrhosis", "liver_disease_any", "hepatic_failure_or_decompensation")


class LiverState(Struct, frozen=True):
    """`child_pugh` None: not applicable or not determined; the points give the range."""

    chronic_disease: bool | None
    """None: the problem list was not had"""
    child_pugh: ChildPugh | None = None
    points_low: int | None = None
    points_high: int | None = None
    why: str = ""
    missing: tuple[str, ...] = ()
    """observation kinds that would narrow the range"""
    source: tuple[str, ...] = ()


def liver_state(history: History, knowledge: Knowledge) -> LiverState:
    """The state of the liver on `history.as_of`."""
    disease = list(history.conditions_in(*_DISEASE, active=True))
    stated = _stated_class(history, knowledge)
    if not disease and stated is None:
        known = "conditions" in history.answered
        return LiverState(chronic_disease=False if known else None)
    source = {ref for fact in disease for ref in fact.source}
    if stated is not None:
        grade, fact = stated
        return LiverState(
            chronic_disease=True,
            child_pugh=grade,
            why=f"Child-Pugh class {grade}, recorded {fact.when}",
            source=tuple(sorted(source | set(fact.source))),
        )
    return _scored(history, knowledge, source)


def at_least(state: LiverState, grade: Literal["B", "C"], knowledge: Knowledge) -> bool | None:
    """Whether the class is `grade` or worse; None when the score leaves it open."""
    if state.chronic_disease is False:
        return False
    if state.child_pugh is not None:
        return state.child_pugh >= grade
    if state.points_low is None or state.points_high is None:
        return None
    if _grade(state.points_low, knowledge) >= grade:
        return True
    return None if _grade(state.points_high, knowledge) >= grade else False


class Laboratory(Struct, frozen=True):
    """The points of bilirubin, albumin and INR: three to nine; what is missing scores anything."""

    low: int
    high: int
    said: tuple[str, ...]
    missing: tuple[str, ...]
    source: tuple[str, ...]


def laboratory(history: History, knowledge: Knowledge) -> Laboratory:
    """What the values of the last months score, whatever is diagnosed."""
    low = high = 0
    missing: list[str] = []
    said: list[str] = []
    source: list[str] = []
    window = int(knowledge.parameters["child-pugh-lab-days"].value)
    explained = anticoagulation(history, knowledge)
    for kind in ("bilirubin_total", "albumin_serum", "inr"):
        fact = _newest(kind, history, knowledge, window)
        points = None if fact is None else _lab_points(kind, fact, knowledge)
        if fact is None or points is None:
            missing.append(kind)
            low, high = low + 1, high + 3
            continue
        shown = f"{kind.split('_')[0]} {shown_value(fact) or ''}"
        if kind == "inr" and explained:
            low, high = low + 1, high + 3
            said.append(f"INR not counted, {explained[0]}")
        else:
            low, high = low + points, high + points
            said.append(shown.replace("inr", "INR"))
        source += fact.source
    return Laboratory(low, high, tuple(said), tuple(missing), tuple(source))


def anticoagulation(history: History, knowledge: Knowledge) -> list[str]:
    """What explains a raised INR: drugs that are, or may be, taken, and diagnoses that say so."""
    found = []
    for entry in knowledge.liver_signs.values():
        if entry.sign != "anticoagulation":
            continue
        taken = {course.ingredient for course in history.current_medications()}
        found += sorted(taken & set(entry.ingredients))
        current = (fact for fact in history.conditions if fact.active is not False)
        if any(fit_of(entry.condition, fact, knowledge.asked) for fact in current):
            found.append("anticoagulated")
    return found


def _scored(history: History, knowledge: Knowledge, disease: set[str]) -> LiverState:
    lab = laboratory(history, knowledge)
    low, high, said = lab.low, lab.high, list(lab.said)
    source = disease | set(lab.source)
    signs = _signs(history, knowledge)
    for name, (least, most, facts) in signs.items():
        low, high = low + least, high + most
        source |= {ref for fact in facts for ref in fact.source}
        said += [name] if facts else []
    grade = _grade(low, knowledge)
    certain = grade == _grade(high, knowledge)
    score = f"{low}" if low == high else f"{low} to {high}"
    worst = _grade(high, knowledge)
    between = " to " if (grade, worst) == ("A", "C") else " or "
    named = f"class {grade}" if certain else f"class {grade}{between}{worst}"
    unsaid = [name for name, (_, _, facts) in signs.items() if not facts]
    if unsaid:
        both = " and ".join(unsaid)
        said.append(f"{both} not known" if certain else f"ask for {both}")
    return LiverState(
        chronic_disease=True,
        child_pugh=grade if certain else None,
        points_low=low,
        points_high=high,
        why=f"Child-Pugh {score} points, {named}: {', '.join(said) or 'no values'}",
        missing=lab.missing,
        source=tuple(sorted(source)),
    )


def _grade(points: int, knowledge: Knowledge) -> ChildPugh:
    if points >= knowledge.parameters["child-pugh-c-points"].value:
        return "C"
    return "B" if points >= knowledge.parameters["child-pugh-b-points"].value else "A"


def _newest(kind: str, history: History, knowledge: Knowledge, window: int) -> Result | None:
    """The last value, or a bound of a later day that leaves no doubt of its points."""
    last = history.latest(kind, within_days=window)
    for fact in history.observations.get(kind, ()):
        if fact.when is None or (history.as_of - fact.when).days > window:
            continue
        later = last is None or last.when is None or fact.when > last.when
        if later and _lab_points(kind, fact, knowledge) is not None:
            return fact
    return last


def _lab_points(kind: str, fact: Result, knowledge: Knowledge) -> int | None:
    """Of a bound only where all that it leaves open scores the same."""
    if fact.at_least is not None or fact.at_most is not None:
        least = _points(kind, fact.at_least or Decimal(0), knowledge)
        most = _points(kind, fact.at_most or Decimal("Infinity"), knowledge)
        return least if least == most else None
    return None if fact.value is None else _points(kind, fact.value, knowledge)


def _points(kind: str, value: Decimal, knowledge: Knowledge) -> int:
    name = kind.split("_")[0]
    low = knowledge.parameters[f"child-pugh-{name}-low"].value
    high = knowledge.parameters[f"child-pugh-{name}-high"].value
    if name == "albumin":
        return 1 if value > high else 3 if value < low else 2
    return 1 if value < low else 3 if value > high else 2


def _signs(history: History, knowledge: Knowledge) -> dict[str, tuple[int, int, list[Condition]]]:
    """Each sign: (least points, most points, facts).

    What no entry tells scores one to three: a problem list without ascites does not say that there
    is none.
    """
    current = [fact for fact in history.conditions if fact.active is not False]
    signs: dict[str, tuple[int, int, list[Condition]]] = {}
    for entry in knowledge.liver_signs.values():
        if entry.sign == "anticoagulation":
            continue
        low, high, facts = signs.get(entry.sign, (1, 3, []))
        found = [fact for fact in current if fit_of(entry.condition, fact, knowledge.asked)]
        if found:
            low, high = max(low, entry.points_low), max(high, entry.points_high)
        signs[entry.sign] = (low, high, facts + found)
    return signs


def _stated_class(history: History, knowledge: Knowledge) -> tuple[ChildPugh, Result] | None:
    """A recorded Child-Pugh class or score."""
    window = int(knowledge.parameters["child-pugh-lab-days"].value)
    fact = history.latest("child_pugh", within_days=window)
    if fact is None:
        return None
    if fact.value is not None:
        return _grade(int(fact.value), knowledge), fact
    grades: tuple[ChildPugh, ...] = ("A", "B", "C")
    named = [g for g in grades if f"class_{g.lower()}" in fact.concept]
    return (named[0], fact) if len(named) == 1 else None
