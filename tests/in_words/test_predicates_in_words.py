"""Every predicate has words, and no field of one is left out of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from cds.knowledge.in_words.predicate import in_words
from cds.knowledge.model.criteria import Criterion
from cds.knowledge.model.predicates import KINDS, read_predicate
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.care import Judgement
from tests.rows import check_each, read_table

ROWS = read_table(Path(__file__).parent / "predicates.yaml")
CRITERION = {
    "id": "two-classes",
    "label": "trials in two classes",
    "basis": "psy:T2",
    "when": {"trial_classes": {"at_least": 2}},
    "gating": False,
    "gating_setting": "two_classes_required",
    "finding": "trd-one-class",
    "next_step": "a trial of a second class",
    "missing": "too few trials are recorded",
}


def name_of(system: str, code: str) -> str | None:
    return "aortic aneurysm" if (system, code) == ("ICD-10-CM", "I71") else None


def said(predicate: Predicate) -> str:
    return str(in_words(predicate, name_of))


def of_the_table() -> list[Predicate]:
    return [*(read_predicate(row["asks"]) for row in ROWS), Criterion.model_validate(CRITERION)]


def test_a_predicate_is_told_in_words() -> None:
    def check(row: dict[str, Any]) -> None:
        assert said(read_predicate(row["asks"])) == row["says"]

    check_each(ROWS, check, lambda row: str(row["asks"]))


def test_a_criterion_says_what_a_verdict_makes_of_it() -> None:
    assert said(Criterion.model_validate(CRITERION)).split(": ", 1)[1].split("; ") == [
        "adequate antidepressant trials of at least 2 classes",
        "shown, and the verdict does not rest on it",
        "the verdict rests on it where the site sets two_classes_required",
        "where it is not met, the rule trd-one-class speaks",
        "next step where it is not met or not known: a trial of a second class",
        "where it is not known: too few trials are recorded",
    ]


def test_every_field_of_every_predicate_stands_in_the_table() -> None:
    told = {(type(one), field) for one in of_the_table() for field in one.model_fields_set}
    kinds = [*KINDS.values(), Criterion]
    assert [(k.__name__, f) for k in kinds for f in k.model_fields if (k, f) not in told] == []
    assert {type(one) for one in of_the_table()} == set(kinds)


def test_another_value_of_any_field_has_other_words() -> None:
    """What a field asks can't be lost on the way to the reader."""

    def check(case: tuple[Predicate, str]) -> None:
        predicate, field = case
        other = predicate.model_copy(update={field: another(predicate, field)})
        assert said(other) != said(predicate)

    cases = [(one, field) for one in of_the_table() for field in one.model_fields_set]
    check_each(cases, check, lambda case: f"{type(case[0]).__name__}.{case[1]} of {case[0]!r}")


def another(predicate: Predicate, field: str) -> Any:
    """The default of a field; one that has none, or holds it already, gets another value."""
    value, info = getattr(predicate, field), type(predicate).model_fields[field]
    if not info.is_required() and value != info.default:
        return info.default
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    if isinstance(value, tuple):
        return value[1:] or ("other",)
    if isinstance(value, Predicate):
        return Judgement()
    choices = get_args(info.annotation)
    return next((one for one in choices if one != value), f"other {value}")
