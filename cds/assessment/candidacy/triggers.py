"""Orders that are not ketamine and may draw a candidacy card: a new antidepressant, ECT …"""

from __future__ import annotations

from collections.abc import Iterator

from cds.assessment.candidacy.caveats import BELOW_TRIALS, caveats
from cds.assessment.candidacy.judging import candidacy
from cds.assessment.case import Case
from cds.assessment.model import Candidacy
from cds.assessment.rules import evaluate
from cds.assessment.underway import treatment_is_current
from cds.knowledge.load import Knowledge
from cds.knowledge.model.indications import Indication
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def is_trigger(order: Order, site: SiteProtocol, knowledge: Knowledge) -> bool:
    """Whether the order may draw a card at all. Looks at the order only."""
    return any(_triggered(order, site, knowledge))


def trigger_indication(case: Case) -> Candidacy | None:
    """The indication to point out: every entry criterion met, and nothing that turns it.

    None under ketamine treatment. Whether a stop applies, and whether it was shown lately, is the
    caller's to judge.
    """
    order = case.order
    if order is None or treatment_is_current(case):
        return None
    wanted = {indication.id for indication in _triggered(order, case.site, case.knowledge)}
    if not wanted:
        return None
    return next(
        (
            c
            for c in candidacy(case)
            if c.indication in wanted and is_worth_raising(c, case) and _all_met(c, case)
        ),
        None,
    )


def is_worth_raising(candidate: Candidacy, case: Case) -> bool:
    """Whether a met indication is one to point out to someone who did not ask.

    Not in remission, by record or by a recent score; not below the severity of the trials; not
    where no trial falls into the current episode.
    """
    if candidate.verdict != "met":
        return False
    return not any(c.turns or c.id == BELOW_TRIALS for c in caveats(candidate, case))


def _triggered(order: Order, site: SiteProtocol, knowledge: Knowledge) -> Iterator[Indication]:
    if order.drug is not None or order.topical is not None:
        return
    for ident in site.trigger_indications:
        indication = knowledge.indications.get(ident)
        if indication is None or ident in site.indications_off:
            continue
        by_class = order.classes & frozenset(indication.trigger_classes)
        if by_class or order.procedure_sets & frozenset(indication.trigger_procedures):
            yield indication


def _all_met(candidate: Candidacy, case: Case) -> bool:
    indication = case.knowledge.indications[candidate.indication]
    return all(evaluate(asked, case).settled == "met" for asked in indication.trigger_when)
