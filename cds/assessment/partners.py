"""Which of the drugs that rules ask for are taken, or ordered in this session."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial

from cds.assessment.case import Case
from cds.history.model.course import MedicationCourse
from cds.history.model.history import History
from cds.kept import kept
from cds.knowledge.asked import Asked
from cds.knowledge.model.predicates.treatment import DrugTest
from cds.orders.model import Order


def taken(test: DrugTest, case: Case) -> Sequence[MedicationCourse]:
    """The courses that it means, taken on the day or perhaps so."""
    if test in case.knowledge.asked.every:
        return on_record(case).get(test, ())
    return [course for course in case.history.current_medications() if _is_taken(test, course)]


def drafted(test: DrugTest, case: Case) -> Sequence[Order]:
    """The other drafts of the session that it means."""
    if not test.drafts:
        return ()
    if test in case.knowledge.asked.every:
        return in_session(case).get(test, ())
    return [draft for draft in case.drafts if _is_partner_draft(test, draft)]


def on_record(case: Case) -> Mapping[DrugTest, list[MedicationCourse]]:
    """The tests of the knowledge that courses on record answer, with these: looked for once."""
    asked, history = case.knowledge.asked, case.history
    return case.known.once(partial(_on_record, asked, history), _on_record, history)


def _on_record(asked: Asked, history: History) -> dict[DrugTest, list[MedicationCourse]]:
    found: defaultdict[DrugTest, list[MedicationCourse]] = defaultdict(list)
    for course in history.current_medications():
        for test in _naming(asked, (course.ingredient, *course.classes)):
            if _is_taken(test, course):
                found[test].append(course)
    return dict(found)


def in_session(case: Case) -> Mapping[DrugTest, list[Order]]:
    """The tests of the knowledge that the other drafts answer, with these."""
    drafts = case.drafts
    if not drafts:
        return {}
    return case.known.once(partial(_in_session, case.knowledge.asked, drafts), _in_session, drafts)


def _in_session(asked: Asked, drafts: Sequence[Order]) -> dict[DrugTest, list[Order]]:
    found: defaultdict[DrugTest, list[Order]] = defaultdict(list)
    for draft in drafts:
        for test in _naming(asked, (*_names(draft), *draft.classes)):
            if _is_partner_draft(test, draft):
                found[test].append(draft)
    return dict(found)


def _naming(asked: Asked, names: Iterable[str]) -> dict[DrugTest, None]:
    """Of all tests those that name one of these drugs or classes, each once."""
    by_name = _by_name(asked)
    return dict.fromkeys(test for name in names for test in by_name.get(name, ()))


@lru_cache(maxsize=4)
def _by_name(asked: Asked) -> dict[str, list[DrugTest]]:
    found: defaultdict[str, list[DrugTest]] = defaultdict(list)
    for test in asked.drugs:
        for name in (*test.ingredients, *test.classes):
            found[name].append(test)
    return dict(found)


def _is_taken(test: DrugTest, course: MedicationCourse) -> bool:
    if course.ingredient not in test.ingredients and course.classes.isdisjoint(test.classes):
        return False
    formed = " ".join(course.forms).lower()
    if any(form in formed for form in test.except_forms):
        return False
    names = course.product_ingredients | {course.ingredient}
    return _is_partner(test, {course.ingredient}, names, course.classes, course.route)


def _is_partner_draft(test: DrugTest, draft: Order) -> bool:
    names = _names(draft)
    return _is_partner(test, names, names, draft.classes, draft.route or "unknown")


def _names(draft: Order) -> frozenset[str]:
    return frozenset(draft.ingredients) or _words(draft.display)


@kept(1024)
def _words(display: str) -> frozenset[str]:
    """The words of a drug that was not recognised: its name may be one of them."""
    return frozenset(re.findall(r"[a-z]{4,}", display.lower()))


def _is_partner(
    test: DrugTest,
    ingredients: Iterable[str],
    product: frozenset[str],
    classes: frozenset[str],
    route: str,
) -> bool:
    taken = set(ingredients) - set(test.except_ingredients)
    named = bool(taken & set(test.ingredients)) or bool(taken and classes & set(test.classes))
    by_route = route == "unknown" or (
        (not test.routes or route in test.routes) and route not in test.except_routes
    )
    return (
        named
        and by_route
        and product >= set(test.with_ingredients)
        and not product & set(test.without_ingredients)
    )
