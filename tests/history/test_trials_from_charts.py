"""Trials, opioids and sedatives from FHIR orders: the traps of real products, end to end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds.fhir.record.patient_record import records_from_bundle
from cds.history.model.history import History
from cds.history.trials.candidates import adequate_trials
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology
from tests.charts.reading import history_of

AS_OF = date(2026, 11, 22)
Order = tuple[str, str, str, str]
"""product, dosage text, first and last day"""


def history(
    orders: list[Order], terminology: Terminology, knowledge: Knowledge, **fields: Any
) -> History:
    requests = [
        {
            "resourceType": "MedicationRequest",
            "id": f"m{number}",
            "status": "completed" if end < AS_OF.isoformat() else "active",
            "intent": "order",
            "subject": {"reference": "Patient/p"},
            "authoredOn": start,
            "medicationCodeableConcept": {"text": product},
            "dosageInstruction": [
                {
                    "text": sig,
                    "timing": {"repeat": {"boundsPeriod": {"start": start, "end": end}}},
                }
            ],
            **fields,
        }
        for number, (product, sig, start, end) in enumerate(orders)
    ]
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01"}
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in (patient, *requests)],
    }
    (record,) = records_from_bundle(bundle)
    return history_of(record, terminology, knowledge, AS_OF)


@pytest.mark.parametrize(
    ("product", "sig", "trials"),
    [
        (
            "sertraline 50 MG Oral Tablet",
            "take 2 tablets by mouth once daily",
            {"sertraline": "strict"},
        ),
        (
            "sertraline 25 MG Oral Tablet",
            "take 1 tablet by mouth once daily",
            {"sertraline": "inadequate"},
        ),
        (
            "dextromethorphan 45 MG / bupropion 105 MG Extended Release Oral Tablet",
            "take 1 tablet by mouth twice daily",
            {"dextromethorphan-bupropion": "strict"},
        ),
        (
            "fluoxetine 25 MG / olanzapine 6 MG Oral Capsule",
            "take 1 capsule by mouth once daily",
            {"fluoxetine": "strict"},
        ),
        ("Paxil CR 25 mg tablet", "take 1 tablet by mouth once daily", {"paroxetine": "strict"}),
        ("selegiline 5 MG Oral Capsule", "take 1 capsule by mouth twice daily", {}),
        (
            "doxepin 6 MG Oral Tablet",
            "take 1 tablet by mouth at bedtime",
            {"doxepin": "inadequate"},
        ),
        (
            "trazodone 50 MG Oral Tablet",
            "take 2 tablets by mouth at bedtime",
            {"trazodone": "inadequate"},
        ),
        (
            "trazodone 100 MG Oral Tablet",
            "take 3 tablets by mouth at bedtime as needed",
            {"trazodone": "inadequate"},
        ),
        (
            "amitriptyline 25 MG Oral Tablet",
            "take 1 tablet by mouth at bedtime",
            {"amitriptyline": "inadequate"},
        ),
    ],
)
def test_antidepressants(
    product: str, sig: str, trials: dict[str, str], terminology: Terminology, knowledge: Knowledge
) -> None:
    found = history([(product, sig, "2026-01-01", "2026-04-01")], terminology, knowledge)
    assert {t.ingredient: t.adequacy for t in found.antidepressant_trials} == trials


def test_olanzapine_with_fluoxetine_is_an_augmentation_too(
    terminology: Terminology, knowledge: Knowledge
) -> None:
    product = "fluoxetine 25 MG / olanzapine 6 MG Oral Capsule"
    orders = [(product, "take 1 capsule by mouth once daily", "2026-01-01", "2026-04-01")]
    found = history(orders, terminology, knowledge)
    assert [(t.ingredient, t.adequacy) for t in found.augmentation_trials] == [
        ("olanzapine", "minimum")
    ]


def test_renewals_and_a_switch(terminology: Terminology, knowledge: Knowledge) -> None:
    sig = "take 1 tablet by mouth once daily"
    found = history(
        [
            ("sertraline 50 MG Oral Tablet", sig, "2025-01-01", "2025-01-22"),
            ("sertraline 50 MG Oral Tablet", sig, "2025-01-25", "2025-02-15"),
            ("citalopram 20 MG Oral Tablet", sig, "2025-02-15", "2025-03-15"),
            ("escitalopram 10 MG Oral Tablet", sig, "2025-03-15", "2025-06-15"),
        ],
        terminology,
        knowledge,
    )
    assert [(t.ingredient, t.adequacy) for t in found.antidepressant_trials] == [
        ("sertraline", "strict"),
        ("citalopram", "minimum"),
        ("escitalopram", "strict"),
    ]
    assert adequate_trials(found.antidepressant_trials) == (2, 3, ("SSRI",))


@pytest.mark.parametrize(
    ("product", "sig", "mme"),
    [
        ("oxycodone 10 MG Oral Tablet", "take 1 tablet by mouth every 6 hours", "60"),
        (
            "acetaminophen 325 MG / hydrocodone 10 MG Oral Tablet",
            "take 1 tablet by mouth four times daily",
            "40",
        ),
        ("72 HR fentanyl 0.075 MG/HR Transdermal System", "apply 1 patch every 72 hours", "180"),
        (
            "oxycodone 10 MG Oral Tablet",
            "take 1 tablet by mouth every 6 hours as needed for pain",
            None,
        ),
        (
            "buprenorphine 8 MG Sublingual Tablet",
            "take 1 tablet under the tongue twice daily",
            None,
        ),
        ("naloxone 4 MG Nasal Spray", "1 spray in one nostril", "0"),
    ],
)
def test_opioids(
    product: str, sig: str, mme: str | None, terminology: Terminology, knowledge: Knowledge
) -> None:
    found = history([(product, sig, "2026-10-01", "2027-01-01")], terminology, knowledge)
    assert found.opioids.mme_per_day == (None if mme is None else Decimal(mme))


@pytest.mark.parametrize(
    ("product", "sig", "diazepam"),
    [
        ("clonazepam 0.5 MG Oral Tablet", "take 1 tablet by mouth twice daily", "20"),
        ("lorazepam 1 MG Oral Tablet", "take 1 tablet by mouth as needed", None),
        ("zolpidem 10 MG Oral Tablet", "take 1 tablet by mouth at bedtime", "0"),
    ],
)
def test_sedatives(
    product: str, sig: str, diazepam: str | None, terminology: Terminology, knowledge: Knowledge
) -> None:
    found = history([(product, sig, "2026-10-01", "2027-01-01")], terminology, knowledge)
    expected = None if diazepam is None else Decimal(diazepam)
    assert found.sedatives.diazepam_equivalent_mg_per_day == expected


def test_every_drug_of_the_tables_is_one_that_the_terminology_knows(
    terminology: Terminology, knowledge: Knowledge
) -> None:
    names = {row.ingredient for row in knowledge.antidepressant_trials.values()}
    names |= {row.ingredient for row in knowledge.augmentation.values()}
    names |= {row.opioid for row in knowledge.mme_factors.values()}
    names |= {row.ingredient for row in knowledge.benzodiazepines.values()}
    names |= {row.ingredients[0] for row in knowledge.pain_trials.values()}
    found = {name: terminology.drug({"text": name}) for name in names}
    assert [n for n, match in found.items() if match is None or match.names != {n}] == []
