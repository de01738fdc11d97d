"""Ketamine in another list only to say that it is not to be given: it is read as an allergy.

Allergies get into the list of medications (`DO NOT GIVE ketamine`, `ketamine (allergic)`: such an
entry orders nothing) and into the problem list (`Anaphylaxis due to ketamine`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from cds.chart.allergy import ENDED_BY_STATUS
from cds.chart.diagnosis import Diagnosis
from cds.chart.entries import Allergy
from cds.chart.medication.entry import Medication
from cds.chart.verification import NOT_SO, verification
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import first_when, status_code
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, DrugMatch, Said
from cds.terminology.text.certainty import speaks_of_allergy
from cds.terminology.text.drug_names import OURS
from cds.wire import Json


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


def diagnosed_against(resource: Json, said: Diagnosis) -> Allergy | None:
    """What a diagnosis, by its code and words, tells against ketamine.

    A reaction that is over leaves the allergy; an entry that is the allergy itself ends it.
    """
    harm = said.harm
    if harm is None or said.mark is Said.DENIED:
        return None
    if verification(resource.get("verificationStatus")) in NOT_SO:
        return None
    status = status_code(resource.get("clinicalStatus"))
    over = harm.drug.doubt is Said.ENDED or (harm.standing and status in ENDED_BY_STATUS)
    recorded = first_when(resource, "recordedDate", "assertedDate", "dateRecorded")
    return Allergy(
        ingredients=harm.drug.names,
        classes=harm.drug.classes,
        display=harm.display,
        active=False if over else None,
        source=(reference_of(resource),),
        recorded=recorded.day if recorded else None,
        certainty=Certainty.TEXT,
    )


def _avoided(entry: Medication, terminology: Terminology) -> Iterator[DrugMatch]:
    avoided = {s.ingredient for s in entry.substances if s.doubt is Said.AVOIDED}
    for text in entry.product.texts:
        forbidden = terminology.forbids_drug(text)
        if avoided & OURS or forbidden or (entry.denied and speaks_of_allergy(text)):
            drug = terminology.substance({"text": text})
            if drug is not None and drug.doubt is None and drug.names & OURS:
                yield drug
