"""An order that names no drug at all."""

from __future__ import annotations

from collections.abc import Iterable

from cds.chart.product import Product
from cds.dosage.model import DosageRead
from cds.limits import UNREADABLE
from cds.terminology.lookup import Terminology

_OURS = frozenset({"ketamine", "esketamine"})


def is_unread(
    product: Product, dosages: Iterable[DosageRead], notes: Iterable[str], terminology: Terminology
) -> bool:
    """Whether the order may be for any drug: neither its product nor its words name another.

    A code alone names one only where it is known what it means, or that no rule asks about it. One
    for which none was chosen yet is for none: an EHR asks as soon as the form is opened. A name
    that is too long to be read is none, and neither is that of an ingredient beside others.
    """
    overlong = product.match is None and UNREADABLE in product.texts
    overlong |= product.coded is None and any(part.unread for part in product.parts)
    named = product.named and not overlong
    if not product.begun or named or terminology.is_other_drug((), product.codes):
        return False
    texts = (*(text for dosage in dosages for text in (dosage.own, dosage.patient)), *notes)
    told = (terminology.ordered_drug({"text": text}) for text in texts if text)
    return all(match is None or match.names & _OURS for match in told)
