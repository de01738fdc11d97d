"""The signs by which the use of an order is told, each looked for in its own place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from cds.assessment.amounts import Amounts
from cds.assessment.case import Case
from cds.assessment.diagnosis import ever, reason_fits
from cds.assessment.indicated import setting_of
from cds.assessment.order_words import alternatives, is_watched_for, speaks_of
from cds.chart.places import Unit
from cds.kept import kept
from cds.knowledge.model.contexts import OrderContext
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.knowledge.model.use_signs import DrugSign, UseSign
from cds.orders.model import Order
from cds.orders.setting import encounter_units
from cds.terminology.text.certainty import USES, affirmed, affirms

TREATMENT = "says-treatment"
"""the sign of elective treatment in an order's own words"""
_DAY_MIN = 24 * 60


def signs_of(case: Case, order: Order, amounts: Amounts, *, stated: bool) -> Iterator[UseSign]:
    """Every sign that is seen, in the order of the knowledge.

    `stated`: the order's own reason is one of treatment; then its shape alone is no sign.
    """
    shapes = frozenset(_shapes(case, order, amounts, stated=stated))
    units = units_of(case)
    own, coded = _own_words(order), bool(order.reason_sets or order.reason_codes)
    for sign in case.knowledge.use_signs.values():
        if sign.uses and (
            not (units.isdisjoint(sign.places) and shapes.isdisjoint(sign.ordered_as))
            or (sign.words and _says(sign, own))
            or (coded and sign.reason is not None and reason_fits(sign.reason, case) is not None)
            or (sign.diagnosis is not None and _is_of_encounter(sign.diagnosis, case))
            or ((sign.services or sign.drugs) and _is_ordered_with(sign, case))
            or order.specialty in sign.specialties
        ):
            yield sign


def units_of(case: Case) -> frozenset[Unit]:
    """Where it is to be given: as the order says, else the encounter at hand."""
    if case.order is not None and case.order.units is not None:
        return case.order.units
    encounter = case.history.encounter
    found = encounter_units(encounter) if encounter is not None else frozenset()
    return found | {"icu"} if encounter is not None and encounter.icu else found


def band_of(case: Case, amounts: Amounts) -> OrderContext | None:
    """The first labelled or usual order whose route, way and amount are those of this one."""
    return next(
        (row for row in case.knowledge.contexts.values() if _fits(case, amounts, row)), None
    )


def looks_like_treatment(case: Case, order: Order, amounts: Amounts) -> bool:
    """An infusion of a session's length, or sessions on different days."""
    if order.sessions_per_week is not None and (order.interval_days or 0) >= 1:
        return True
    known = case.knowledge.parameters
    least, most = known["session-least-minutes"].value, known["session-most-minutes"].value
    minutes = amounts.duration_min
    return order.route in (None, "intravenous") and minutes is not None and least <= minutes <= most


def _own_words(order: Order) -> str:
    told = dict.fromkeys(each.text for each in (order, *order.other_dosages))
    return " ; ".join((order.reason_text, *told, order.display, order.panel))


def _says(sign: UseSign, own: str) -> bool:
    return any(
        not is_watched_for(match.string[: match.start()])
        for match in affirmed(_phrases(sign.words), own, USES)
    )


def speaks_of_treatment(case: Case, order: Order) -> bool:
    """Whether the order's own words name what elective treatment is for."""
    return _says(case.knowledge.use_signs[TREATMENT], _own_words(order))


def _is_of_encounter(test: ConditionTest, case: Case) -> bool:
    return any(
        fact.category == "encounter-diagnosis" and fact.active is not False
        for fact in ever(test, case)
    )


def _is_ordered_with(sign: UseSign, case: Case) -> bool:
    if sign.services:
        services = (d for d in case.drafts if d.resource_type == "ServiceRequest" and not d.drug)
        if any(_tells_of(f"{d.display} ; {d.text}", sign.services) for d in services):
            return True
    return any(_has_drug(drug, case) for drug in sign.drugs)


@kept(4096)  # asked of each service for every order of the session
def _tells_of(service: str, words: tuple[str, ...]) -> bool:
    return not speaks_of("no_procedure", service) and affirms(_phrases(words), service, USES)


def _has_drug(sign: DrugSign, case: Case) -> bool:
    if any(_is_drug(sign, draft) for draft in case.drafts if draft.drug is None):
        return True
    return sign.on_record and any(
        course.ingredient in sign.names and course.current for course in case.history.medications
    )


def _is_drug(sign: DrugSign, draft: Order) -> bool:
    named = not set(sign.names).isdisjoint(draft.ingredients)
    if not named and not _phrases(sign.names).search(draft.display):
        return False
    if sign.routes and draft.route not in sign.routes:
        return False
    told = f"{draft.text} {draft.display}".lower()
    if draft.as_needed or speaks_of("rescue", told):
        return False
    running = draft.continuous is True or draft.rate is not None
    return not sign.words or running or any(word in told for word in sign.words)


def _shapes(case: Case, order: Order, amounts: Amounts, *, stated: bool) -> Iterator[str]:
    """What the order looks like by itself; a clinic or a reason explains it otherwise."""
    if order.pca:
        yield "pca"
    if order.route == "subcutaneous" and (amounts.given == "infusion" or order.continuous):
        yield "driver"
    clinic = setting_of(case) in ("outpatient", "home") or order.community is True
    if stated or clinic or units_of(case) == {"psychiatry"}:
        return
    once = order.sessions_per_week is None or order.interval_days is None
    by_vein = order.route in ("intravenous", "intraosseous")
    if by_vein and order.method in ("push", "bolus"):
        yield "push"
    if by_vein and order.continuous and (order.duration_min or _DAY_MIN) >= _DAY_MIN:
        yield "continuous"
    dosed = order.dose is not None or order.rate is not None
    ward = setting_of(case) == "inpatient" and not units_of(case)
    if ward and dosed and not looks_like_treatment(case, order, amounts):
        yield "ward"
    row = band_of(case, amounts)
    if once and row is not None and past_treatment(row, case):
        yield "anaesthetic"


def past_treatment(row: OrderContext, case: Case) -> bool:
    """A band that no treatment reaches: anaesthesia and sedation, given at once."""
    least = case.knowledge.parameters["dissociative-single-dose"].value
    return row.dose_low is not None and row.dose_low >= least


def _fits(case: Case, amounts: Amounts, row: OrderContext) -> bool:
    order, person = case.order, case.history.person
    if order is None or order.drug != "ketamine" or order.route not in row.routes:
        return False
    if person.aged_within(row.min_age, row.max_age) is False:
        return False
    if row.given in ("bolus", "infusion") and amounts.given not in (row.given, "injection"):
        return False
    if row.dose_low is not None and row.dose_high is not None:
        return _between(amounts.total_mg_per_kg, row.dose_low, row.dose_high)
    if row.rate_low is not None and row.rate_high is not None and row.rate_unit == "mg/min":
        return _between(amounts.rate_mg_per_h, row.rate_low * 60, row.rate_high * 60)
    return False


def _between(value: Decimal | None, low: Decimal, high: Decimal) -> bool:
    return value is not None and low <= value <= high


@lru_cache(maxsize=256)
def _phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words in any case, hyphens for spaces, one or several of the last thing."""
    each = sorted(words, key=len, reverse=True)
    spelt = "|".join(r"[\s-]+".join(map(re.escape, phrase.split())) for phrase in each)
    ready = alternatives("kept_ready")
    return re.compile(rf"(?i)(?<!\w)(?:{spelt})(?:e?s)?(?!\w)(?!\W+({ready}))")


def kind_of(sign: UseSign) -> str:
    """Signs of one kind are one witness: an emergency department and its physician."""
    if sign.services or sign.drugs:
        return f"with {sign.id}"
    if sign.places or sign.specialties:
        return "place"
    if sign.words:
        return "words"
    if sign.reason or sign.diagnosis:
        return "diagnosis"
    return "shape"
