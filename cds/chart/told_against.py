"""Ketamine among the medications only to say that it is not to be given: it is read as an allergy.

`DO NOT GIVE ketamine`, `ketamine (allergic)`: allergies get into the list of medications, and such
an entry orders nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cds.chart.entries import Allergy
from cds.chart.medication.entry import Medication
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, DrugMatch, Said
from cds.terminology.text.certainty import speaks_of_allergy
from cds.terminology.text.drug_names import OURS


def told_against(entry: Medication, terminology: Terminology) -> Allergy | None:
    """What an entry tells against ketamine; None of one that orders it or tells nothing of it."""
    if entry.standing.void or entry.dosages:
        return None
    named = tuple(_avoided(entry, terminology))
    if not named:
        return None
    return Allergy(
        ingredients=frozenset().union(*(drug.names for drug in named)),
        classes=frozenset().union(*(drug.classes for drug in named)),
        display=entry.product.display,
        active=None,
        source=entry.source,
        recorded=entry.when,
        certainty=Certainty.TEXT,
    )


def nothing_ordered(entry: Medication) -> Medication:
    """The same entry as a medication: of a drug that is not taken."""
    return replace(entry, substances=(), denied=True)


def _avoided(entry: Medication, terminology: Terminology) -> Iterator[DrugMatch]:
    avoided = {s.ingredient for s in entry.substances if s.doubt is Said.AVOIDED}
    for text in entry.product.texts:
        if avoided & OURS or (entry.denied and speaks_of_allergy(text)):
            drug = terminology.substance({"text": text})
            if drug is not None and drug.doubt is None and drug.names & OURS:
                yield drug
