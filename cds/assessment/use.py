"""What kind of use an order is for: infusion therapy, or anaesthesia, sedation, intubation, ICU.

Decided once for an order, when its Case is built; everything else reads `Case.use`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds.assessment.amounts import Amounts, read_amounts
from cds.assessment.case import Case
from cds.assessment.indicated import indicated_for, setting_of
from cds.assessment.weight import read_weight
from cds.knowledge.contexts import OrderContext, Use
from cds.orders.model import Order
from cds.terminology.text.certainty import USES, affirms

_CO_ORDERS = frozenset(
    {"propofol", "etomidate", "succinylcholine", "suxamethonium", "rocuronium", "vecuronium",
     "cisatracurium", "atracurium", "pancuronium", "mivacurium"}
)  # fmt: skip
_CO_CLASSES = frozenset({"neuromuscular_blocker"})
_AIRWAY = re.compile(r"(?i)\b(intubation|airway|procedural sedation)\b")


def decide_use(case: Case) -> Use | None:
    """The use of an order outside infusion therapy; None for therapy, and without an order.

    A use that the order names decides. Otherwise the place or a co-order must go with a dose of
    that use; a dose alone counts only as a stated single dose with nothing else to be for.
    Where it is not sure, the order is judged as infusion therapy, which is stricter.
    """
    order = case.order
    if order is None or order.drug is None:
        return None
    rows = case.knowledge.contexts.values()
    indicated = indicated_for(case)
    therapy = bool(indicated.families & {"psychiatric", "chronic_pain", "seizure"})
    stated = therapy and indicated.stated
    if not stated and (named := _named(order, rows)):
        return named
    amounts = read_amounts(case, read_weight(case).for_checks)
    row = next((r for r in rows if _in_band(case, amounts, r)), None)
    setting = setting_of(case)
    if row is not None and (setting == "operating_room" or _has_co_order(case)):
        return row.context
    if stated:
        return None
    if setting == "operating_room" or (_has_co_order(case) and setting != "outpatient"):
        return row.context if row is not None else "anaesthesia"
    acute = bool(indicated.families & {"acute_pain", "seizure"})
    if row is not None and not acute and _strong(row, case):
        if setting in ("emergency", "icu") or order.specialty is not None:
            return row.context
        clinic = setting in ("outpatient", "home") or order.community is True
        once = bool(order.single) or order.priority == "stat"
        if once and order.sessions_per_week is None and not therapy and not clinic:
            return row.context
    return None


def _named(order: Order, rows: Iterable[OrderContext]) -> Use | None:
    text = f"{order.reason_text} ; {order.text} ; {order.display}"
    for row in rows:
        for word in row.words:
            if affirms(re.compile(rf"(?i)\b{re.escape(word)}\b"), text, USES):
                return row.context
    return None


def _in_band(case: Case, amounts: Amounts, row: OrderContext) -> bool:
    """Whether route, way and amount are those of the row."""
    order, person = case.order, case.history.person
    if order is None or order.drug != "ketamine" or order.route not in row.routes:
        return False
    if person.aged_within(row.min_age, row.max_age) is False:
        return False
    if row.given in ("bolus", "infusion") and amounts.given not in (row.given, "injection"):
        return False
    if row.dose_low is not None and row.dose_high is not None:
        dose = amounts.total_mg_per_kg
        return dose is not None and row.dose_low <= dose <= row.dose_high
    if row.rate_low is not None and row.rate_high is not None and row.rate_unit == "mg/min":
        rate = amounts.rate_mg_per_h
        return rate is not None and row.rate_low * 60 <= rate <= row.rate_high * 60
    return False


def _strong(row: OrderContext, case: Case) -> bool:
    """A band that no infusion therapy reaches: anaesthesia and sedation, given at once."""
    least = case.knowledge.parameters["dissociative-single-dose"].value
    return row.dose_low is not None and row.dose_low >= least


def _has_co_order(case: Case) -> bool:
    """A muscle relaxant, propofol, etomidate or an airway procedure ordered with it."""
    for draft in case.drafts:
        if _CO_ORDERS & set(draft.ingredients) or _CO_CLASSES & draft.classes:
            return True
        if draft.resource_type == "ServiceRequest" and _AIRWAY.search(draft.display):
            return True
    return False
