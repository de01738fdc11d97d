"""A claim that clinics make, and what the evidence says of it."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.model.base import Fact, Texts

ClaimVerdict = Literal["supported", "partly", "not_supported", "contradicted", "not_used"]


class Claim(Fact):
    """What is claimed, the verdict, the reason, and the part of the knowledge that covers it."""

    claim: str
    pages: Texts
    """sources that make the claim: clinic pages, never evidence"""
    verdict: ClaimVerdict
    reason: str
    covered_by: Texts = ()
    """`subject/id` of knowledge entries; empty: nothing rests on it, for the reason given"""
