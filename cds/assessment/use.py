"""What kind of use an order is for: elective treatment, or one of a hospital.

Decided once for an order, when its Case is built, from where it is to be given, by whom it is
ordered, how and with what, and from its words; everything else reads `Case.use`. One decisive sign
names the use, strong ones do in twos. No sign means elective treatment. Signs of both leave it
open: then nothing is said of candidacy, and what is dangerous either way stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cds.assessment.amounts import Amounts, read_amounts
from cds.assessment.case import Case, ElectiveSign, UseOfOrder
from cds.assessment.indicated import indicated_for, setting_of
from cds.assessment.use_signs import (
    band_of,
    kind_of,
    looks_like_treatment,
    past_treatment,
    signs_of,
    speaks_of_treatment,
    units_of,
)
from cds.assessment.weight import read_weight
from cds.knowledge.model.use_signs import UseSign
from cds.knowledge.model.uses import UseId
from cds.orders.model import Order

_TREATED = frozenset({"psychiatric", "chronic_pain"})


def decide_use(case: Case) -> UseOfOrder | None:
    """The use of an order outside elective treatment; None: elective, or no order for ketamine."""
    order = case.order
    if order is None or order.drug is None or _is_nasal_spray(order):
        return None
    amounts = read_amounts(case, read_weight(case).for_checks)
    indicated = indicated_for(case)
    stated = indicated.stated and bool(indicated.families & _TREATED)
    stated = stated or speaks_of_treatment(case, order)
    signs = tuple(signs_of(case, order, amounts, stated=stated))
    if not signs:
        return None
    if stated:
        return _against_a_reason(case, order, signs, amounts)
    elective = tuple(_elective(case, order, amounts, inferred=bool(indicated.families & _TREATED)))
    return _without_a_reason(case, signs, elective, amounts)


def _is_nasal_spray(order: Order) -> bool:
    """Esketamine for the nose is only ever elective treatment."""
    return order.drug == "esketamine" and order.route in (None, "intranasal")


def _against_a_reason(
    case: Case, order: Order, signs: Sequence[UseSign], amounts: Amounts
) -> UseOfOrder | None:
    """A reason of treatment outweighs words about monitoring, and a place alone."""
    clinic = setting_of(case) in ("outpatient", "home")
    treatment = looks_like_treatment(case, order, amounts)
    firm = [sign for sign in signs if kind_of(sign) not in ("words", "place")]
    if any(sign.weight == "decisive" for sign in firm) and not (treatment and clinic):
        return _named(case, signs, amounts, stated=True)
    if treatment:
        return None
    spoken = any(sign.weight == "decisive" for sign in signs)
    row = band_of(case, amounts)
    anaesthetic = row is not None and past_treatment(row, case)
    if (spoken and (anaesthetic or not clinic)) or len({kind_of(sign) for sign in signs}) > 1:
        return _named(case, signs, amounts, stated=True)
    return None


def _without_a_reason(
    case: Case, signs: Sequence[UseSign], elective: tuple[ElectiveSign, ...], amounts: Amounts
) -> UseOfOrder | None:
    shaped = "shape" in elective
    decisive = [sign for sign in signs if sign.weight == "decisive"]
    kinds = {kind_of(sign) for sign in signs}
    if decisive:
        only_spoken = kinds == {"words"} and len(decisive) == 1
        return (
            _unclear(case, signs, elective)
            if only_spoken and shaped
            else _named(case, signs, amounts)
        )
    if (len(elective) > 1 and shaped) or (elective and kinds <= {"words"} and not shaped):
        return None
    placed = [sign for sign in signs if sign.places]
    row = band_of(case, amounts)
    usual = row is not None and any(row.context in sign.uses for sign in placed)
    for_one_use = not elective and any(len(sign.uses) == 1 for sign in placed)
    if (usual or for_one_use or len(kinds) > 1) and not (kinds <= {"shape", "words"} and elective):
        return _named(case, signs, amounts)
    return _unclear(case, signs, elective)


def _elective(
    case: Case, order: Order, amounts: Amounts, *, inferred: bool
) -> Iterator[ElectiveSign]:
    """What speaks for elective treatment, apart from the order's reason."""
    if looks_like_treatment(case, order, amounts):
        yield "shape"
    outpatient = setting_of(case) in ("outpatient", "home") or order.community is True
    units = units_of(case)
    psychiatry = units == {"psychiatry"} or order.specialty == "psychiatry"
    if (outpatient and not units - {"psychiatry"}) or psychiatry:
        yield "place"
    elif inferred and not units and setting_of(case) is None:
        yield "diagnosis"


def _named(
    case: Case, signs: Sequence[UseSign], amounts: Amounts, *, stated: bool = False
) -> UseOfOrder:
    """The use that most speaks for; of several the one whose dose it is, else the likeliest.

    What no decisive sign names is passed over where another is named by one.

    Beside a reason of treatment it is an anaesthetic, as for electroconvulsive therapy.
    """
    votes: Counter[UseId] = Counter()
    for sign in signs:
        for use in sign.uses:
            votes[use] += _worth(case, sign.weight)
        if sign.weight == "decisive":
            votes[sign.uses[0]] += _worth(case, "first-named")
    row = band_of(case, amounts)
    if row is not None and row.context in votes:
        votes[row.context] += _worth(case, "usual-dose")
    if "acute_pain" in votes and not _may_be_analgesic(case, amounts):
        votes["acute_pain"] -= _worth(case, "beyond-pain")
    if stated and "anaesthesia" in votes:
        votes["anaesthesia"] += _worth(case, "beside-a-reason")
    decided = dict.fromkeys(u for sign in signs if sign.weight == "decisive" for u in sign.uses)
    best = max(decided or votes, key=lambda use: votes[use])
    telling = [sign.name for sign in signs if best in sign.uses]
    return UseOfOrder(case.knowledge.uses[best], tuple(telling))


def _worth(case: Case, what: str) -> int:
    return int(case.knowledge.parameters[f"use-vote-{what}"].value)


def _may_be_analgesic(case: Case, amounts: Amounts) -> bool:
    """Whether as much at once is given for pain; an infusion may be."""
    most, dose = case.knowledge.limit_as("push_for_pain").stop_above, amounts.total_mg_per_kg
    return amounts.given != "bolus" or (dose is not None and most is not None and dose <= most)


def _unclear(
    case: Case, signs: Sequence[UseSign], elective: tuple[ElectiveSign, ...]
) -> UseOfOrder:
    names = tuple(sign.name for sign in signs)
    shapes = all(kind_of(sign) == "shape" for sign in signs)
    if shapes and not elective and setting_of(case) is None:
        elective = ("alone",)
    return UseOfOrder(case.knowledge.uses["unclear"], names, elective)
