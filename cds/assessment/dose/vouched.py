"""Whether somebody vouches for what a dose rests on: the site's reviewers, and a recent reading.

A fact that the site's reviewers rejected makes no dose. Where the site requires review, neither
does one that nobody signed, or that changed since. What such a fact warns of or stops still does:
only the dose waits for the signature. A source that was read too long ago takes no dose away; it is
told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from cds.assessment.dose.proposed import as_ordered, withheld
from cds.assessment.model import DoseProposal
from cds.assessment.order_check.limits import fitting
from cds.assessment.order_check.situation import Situation
from cds.assessment.weight import is_obese
from cds.knowledge.model.base import Fact
from cds.knowledge.model.weight_rules import (
    AdjustedWeight,
    Devine,
    ObesityWeightRule,
)
from cds.knowledge.review.due import outdated
from cds.knowledge.review.ledger import UNSIGNED, standing

_NAMED = 2
"""facts that the reason names: a card has room for no more, and `unsigned` has all"""


def vouched_for(s: Situation, proposal: DoseProposal) -> DoseProposal:
    """The proposal, or the same without its dose where a fact behind it is not signed."""
    if proposal.dose_mg is None:
        return proposal
    reviews, required = s.case.reviews, s.case.site.review_required
    if not required and not reviews.signatures:
        return _with_old_sources(s, proposal)
    found = {
        f"{subject}/{fact.id}": standing(subject, fact, reviews, s.case.as_of)
        for subject, fact in facts_behind(s, proposal)
    }
    rejected = [name for name, each in found.items() if each.state == "rejected"]
    if rejected:
        why = f"{found[rejected[0]].words}: {_named(rejected)}"
        return replace(withheld(proposal, why), unsigned=tuple(rejected))
    unsigned = [name for name, each in found.items() if required and each.state in UNSIGNED]
    if unsigned:
        why = f"not recorded as reviewed at this site: {_named(unsigned)}"
        return replace(withheld(proposal, why), unsigned=tuple(unsigned))
    return _with_old_sources(s, proposal)


def _with_old_sources(s: Situation, proposal: DoseProposal) -> DoseProposal:
    sources = s.case.knowledge.sources
    cited = (sources[ident] for ident in proposal.citations if ident in sources)
    old = tuple(source.id for source in outdated(cited, s.case.as_of))
    return replace(proposal, outdated=old) if old else proposal


def facts_behind(s: Situation, proposal: DoseProposal) -> Iterator[tuple[str, Fact]]:
    """The regimen, the rules of the weight that it was multiplied with, and the limits that the
    dose was held against, each with its subject."""
    knowledge = s.case.knowledge
    yield "regimens", knowledge.regimens[proposal.regimen]
    for rule in _weight_rules(s, proposal):
        yield "weight_rules", rule
    for limit in fitting(s.ordering(as_ordered(s.order, proposal))):
        yield "limits", limit


def _weight_rules(s: Situation, proposal: DoseProposal) -> Iterator[Fact]:
    knowledge = s.case.knowledge
    if proposal.weight_basis == "actual":
        yield knowledge.weight_rules["actual-weight"]
    if proposal.weight_basis != "fixed" and is_obese(s.case, s.build):
        yield knowledge.the(ObesityWeightRule)
    if proposal.weight_basis in ("ideal", "adjusted"):
        yield knowledge.the(Devine)
    if proposal.weight_basis == "adjusted":
        yield knowledge.the(AdjustedWeight)


def _named(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
