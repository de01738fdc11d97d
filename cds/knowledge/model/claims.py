"""A claim that clinics make, and what the evidence says of it."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Fact, Sources, Texts
from cds.knowledge.model.declared import NameOf

ClaimVerdict = Literal["supported", "partly", "not_supported", "contradicted", "not_used"]


class Claim(Fact):
    """What is claimed, the verdict, the reason, and the part of the knowledge that covers it."""

    claim: str
    pages: Sources
    """sources that make the claim: clinic pages, never evidence"""
    verdict: ClaimVerdict
    reason: str
    covered_by: Annotated[Texts, NameOf("row of the knowledge")] = ()
    """`subject/id` of knowledge entries; empty: nothing rests on it, for the reason given"""
