"""Charts made by Hypothesis: patients of many kinds, built from the words of the fixtures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from cds.api import assess, load, read_chart
from cds.fhir.queries import KEY_OF_TYPE, QUERIES
from cds.fhir.record.patient_record import gather
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import NarrowedLimit, SiteProtocol
from cds.runtime import open_service, parse_body
from cds.settings import Settings
from cds.wire import decode, encode
from fhir_fixtures import ANCHOR as DAY
from fhir_fixtures.make import HL7, ICD10CM, RXNORM, SNOMED, UCUM, Chart, coded

Json = dict[str, Any]
PATIENT = "p1"
EVERY_KEY = frozenset(QUERIES) - {"encounter"}
KETAMINE = coded(RXNORM, "238084", "ketamine 50 MG/ML Injectable Solution")
ESKETAMINE = coded(RXNORM, "2119390", "{2 (0.2 ML) (esketamine 140 MG/ML Nasal Spray) } Pack")
ROUTES = {
    "intravenous": coded(SNOMED, "47625008", "Intravenous route"),
    "intramuscular": coded(SNOMED, "78421000", "Intramuscular route"),
    "intranasal": coded(SNOMED, "46713006", "Nasal route"),
    "oral": coded(SNOMED, "26643006", "Oral route"),
    "subcutaneous": coded(SNOMED, "34206005", "Subcutaneous route"),
}
REASONS = {
    "depression": coded(ICD10CM, "F33.2", "Major depressive disorder, recurrent severe"),
    "CRPS": coded(ICD10CM, "G90.511", "Complex regional pain syndrome I of right upper limb"),
    "neuropathy": coded(ICD10CM, "E11.42", "Type 2 diabetes mellitus with polyneuropathy"),
}
PROBLEMS = [
    ("F33.2", "Major depressive disorder, recurrent severe"),
    ("F32.1", "Major depressive disorder, single episode, moderate"),
    ("G90.511", "Complex regional pain syndrome I of right upper limb"),
    ("E11.42", "Type 2 diabetes mellitus with diabetic polyneuropathy"),
    ("I10", "Essential (primary) hypertension"),
    ("J45.909", "Unspecified asthma, uncomplicated"),
    ("F41.1", "Generalized anxiety disorder"),
]
CONTRAINDICATIONS = [
    ("I71.40", "Abdominal aortic aneurysm, without rupture, unspecified"),
    ("I61.9", "Nontraumatic intracerebral hemorrhage, unspecified"),
    ("Q28.2", "Arteriovenous malformation of cerebral vessels"),
    ("F20.9", "Schizophrenia, unspecified"),
    ("F25.0", "Schizoaffective disorder, bipolar type"),
    ("F31.2", "Bipolar disorder, current episode manic, severe, with psychotic features"),
    ("I21.9", "Acute myocardial infarction, unspecified"),
    ("I50.23", "Acute on chronic systolic (congestive) heart failure"),
    ("G93.2", "Benign intracranial hypertension"),
    ("K72.90", "Hepatic failure, unspecified without coma"),
    ("Z33.1", "Pregnant state, incidental"),
    ("F05", "Delirium due to known physiological condition"),
    ("E05.90", "Thyrotoxicosis, unspecified"),
    ("F19.20", "Other psychoactive substance dependence, uncomplicated"),
]
TRIALS = [
    ("sertraline 100", 2), ("sertraline 25", 1), ("venlafaxine 150", 1), ("bupropion 300", 1),
    ("fluoxetine 20", 1), ("escitalopram 20", 1), ("duloxetine 60", 1), ("mirtazapine 30", 1),
]  # fmt: skip
OTHER_DRUGS = ["amlodipine 5", "lorazepam 1", "oxycodone 10", "theophylline 300", "phenelzine 15",
               "aripiprazole 5", "gabapentin 600"]  # fmt: skip
KILOGRAMS = {"kg": Decimal(1), "g": Decimal("0.001"), "[lb_av]": Decimal("0.45359237")}


class Patient(Chart):
    """A chart of the fixtures' make, with what only generated patients have."""

    def __init__(self, gender: str = "female", age: int = 45) -> None:
        super().__init__(PATIENT, "Example", "Alex", gender, age)

    def weighed(self, ago: int, value: Decimal, unit: str = "kg") -> None:
        self.measure("weight", ago, 0)
        self.resources[-1]["valueQuantity"] = {
            "value": value, "unit": unit, "system": UCUM, "code": unit,
        }  # fmt: skip

    def allergy(self, code: str, text: str, verification: str = "confirmed") -> None:
        self._add(
            "AllergyIntolerance",
            clinicalStatus=coded(HL7 + "allergyintolerance-clinical", "active", "Active"),
            verificationStatus=coded(
                HL7 + "allergyintolerance-verification", verification, verification
            ),
            code=coded(RXNORM, code, text), patient=self.subject,
        )  # fmt: skip


def sound(gender: str = "female") -> Patient:
    """A clear candidate: a dose is computed, so that a property about doses can fail."""
    patient = Patient(gender)
    patient.failed_trials()
    patient.work_up()
    patient.no_pregnancy(2)
    patient.measure("height", 12, 170)
    patient.weighed(3, Decimal(70))
    return patient


@st.composite
def patients(draw: st.DrawFn, *, adverse: bool = True) -> Patient:
    """A patient; `adverse`: perhaps with what speaks against treatment."""
    patient = Patient(draw(st.sampled_from(["female", "male", "other"])), draw(st.integers(16, 85)))
    if draw(st.booleans()):
        patient.failed_trials()
    for code, text in draw(st.lists(st.sampled_from(PROBLEMS), max_size=3, unique=True)):
        patient.problem(code, text, draw(st.integers(1, 900)))
    for name, tablets in draw(st.lists(st.sampled_from(TRIALS), max_size=4)):
        start = draw(st.integers(20, 700))
        weeks = draw(st.integers(1, 16))
        end = None if draw(st.booleans()) else max(0, start - 7 * weeks)
        patient.drug(name, start, end, tablets=tablets)
    if adverse:
        for code, text in draw(st.lists(st.sampled_from(CONTRAINDICATIONS), max_size=1)):
            patient.problem(code, text, draw(st.integers(1, 900)))
        for name in draw(st.lists(st.sampled_from(OTHER_DRUGS), max_size=2, unique=True)):
            patient.drug(name, draw(st.integers(10, 300)), None)
    for _ in range(draw(st.integers(0, 2))):
        unit = draw(st.sampled_from(sorted(KILOGRAMS)))
        kilograms = draw(st.decimals(35, 180, places=1))
        value = round(kilograms / KILOGRAMS[unit], 1)
        patient.weighed(draw(st.integers(0, 60)), value, unit)
    if draw(st.booleans()):
        patient.work_up()
        patient.no_pregnancy(draw(st.integers(0, 10)))
    for ago in draw(st.lists(st.integers(1, 60), max_size=3, unique=True)):
        patient.infusion(ago, 35)
    for ago in draw(st.lists(st.integers(0, 90), max_size=3, unique=True)):
        patient.measure("phq9", ago, draw(st.integers(0, 27)))
    return patient


def draft(
    drug: Json = KETAMINE,
    *,
    route: str | None = None,
    milligrams: Decimal | None = None,
    minutes: int | None = None,
    reason: str | None = "depression",
) -> Json:
    """A draft order; what is None is not said in it."""
    order: Json = {
        "resourceType": "MedicationRequest", "id": "draft-1", "status": "draft", "intent": "order",
        "medicationCodeableConcept": drug, "subject": {"reference": f"Patient/{PATIENT}"},
        "authoredOn": f"{DAY}T09:00:00Z",
    }  # fmt: skip
    if reason:
        order["reasonCode"] = [REASONS[reason]]
    dosage: Json = {}
    if route:
        dosage["route"] = ROUTES[route]
    if milligrams is not None:
        quantity = {"value": milligrams, "unit": "mg", "system": UCUM, "code": "mg"}
        dosage["doseAndRate"] = [{"doseQuantity": quantity}]
    if minutes is not None:
        repeat = {"duration": minutes, "durationUnit": "min", "count": 1}
        dosage["timing"] = {"repeat": repeat}
    if dosage:
        order["dosageInstruction"] = [dosage]
    return order


DRAFTS = st.builds(
    draft,
    st.sampled_from([KETAMINE, KETAMINE, ESKETAMINE]),
    route=st.none() | st.sampled_from(sorted(ROUTES)),
    milligrams=st.none() | st.decimals(1, 400, places=1),
    minutes=st.none() | st.sampled_from([2, 40, 60, 240]),
    reason=st.sampled_from([*sorted(REASONS), None]),
)
SITES = st.builds(
    SiteProtocol,
    jurisdiction=st.sampled_from(["us", "eu"]),
    weight_basis_obesity=st.sampled_from(["actual", "ideal", "adjusted"]),
    weight_max_age_days=st.integers(1, 45),
    round_dose_to_mg=st.none() | st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(5)]),
    ketamine_concentrations_mg_per_ml=st.sampled_from(
        [(), (Decimal(10),), (Decimal(50), Decimal(100))]
    ),
    adequate_trials_required=st.integers(2, 4),
    lifetime_trials_count=st.booleans(),
    limits=st.lists(
        st.builds(
            NarrowedLimit,
            limit=st.sampled_from(sorted(load_knowledge().limits)),
            warn_above=st.none() | st.sampled_from([Decimal("0.1"), Decimal(1000)]),
            stop_above=st.none() | st.sampled_from([Decimal("0.2"), Decimal(2000)]),
            reason=st.just("a local study"),
        ),
        max_size=2,
    ).map(tuple),
    default_regimen=st.dictionaries(
        st.sampled_from(sorted(load_knowledge().indications)),
        st.sampled_from(sorted(load_knowledge().regimens)),
        max_size=3,
    ),
)


def told(
    resources: Sequence[Json],
    drafts: Sequence[Json] = (),
    site: SiteProtocol | None = None,
    answered: frozenset[str] | None = EVERY_KEY,
    partial: Mapping[str, str] | None = None,
) -> Json:
    """`assess --json` of a chart. `answered` None: only the types that are there.

    `partial`: keys of which entries did not come, and why.
    """
    record = gather(list(resources), answered, PATIENT)
    if answered is not None:  # the service asks for all of them
        record.unavailable |= dict.fromkeys(EVERY_KEY - answered, "HTTP 503")
    for key, why in (partial or {}).items():
        record.answered.discard(key)
        record.unavailable[key] = why
        record.partial.add(key)
    engine = load(site=site)
    answer = assess(engine, read_chart(engine, record), DAY, list(drafts))
    read: Json = decode(encode(answer.report()))
    return read


@dataclass(frozen=True)
class Reply:
    """What the service answers to a hook."""

    cards: list[Json]

    @property
    def resources(self) -> list[Json]:
        """Every resource of every suggestion."""
        return [
            action["resource"]
            for card in self.cards
            for suggestion in card.get("suggestions", ())
            for action in suggestion["actions"]
            if "resource" in action
        ]

    @property
    def updates(self) -> list[Json]:
        """The drafts as suggested."""
        return [r for r in self.resources if r["resourceType"] == "MedicationRequest"]

    @property
    def worst(self) -> int:
        """0 for critical, 3 without a card."""
        order = ["critical", "warning", "info"]
        return min((order.index(card["indicator"]) for card in self.cards), default=3)


@cache
def _settings() -> Settings:
    return Settings(auth="off")


def hook_body(resources: Sequence[Json], order: Json, hook: str = "order-select") -> Json:
    """A request with a whole prefetch."""
    prefetch: Json = {
        key: {"resourceType": "Bundle", "type": "searchset", "entry": []} for key in EVERY_KEY
    }
    for resource in resources:
        key = KEY_OF_TYPE.get(resource.get("resourceType", ""))
        if key == "patient":
            prefetch[key] = resource
        elif key in prefetch:
            prefetch[key]["entry"].append({"resource": resource})
    context: Json = {"userId": "Practitioner/u1", "patientId": PATIENT}
    if hook != "patient-view":
        context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": order}]}
    if hook == "order-select":
        context["selections"] = [f"MedicationRequest/{order['id']}"]
    return {
        "hook": hook, "hookInstance": "6c1c1d9e-6cd8-4d6d-a0ab-4e3c8f4f6c11",
        "context": context, "prefetch": prefetch,
    }  # fmt: skip


def replied(
    resources: Sequence[Json],
    order: Json,
    site: SiteProtocol | None = None,
    hook: str = "order-select",
) -> Reply:
    """The service's cards for a draft, with the chart in the prefetch."""
    settings = _settings()
    if site is not None:
        settings = settings.model_copy(update={"site": site})
    service = open_service(settings, today=lambda zone: DAY)
    # as over the wire: numbers are Decimals, and nothing is shared with the chart
    body = decode(encode(hook_body(resources, order, hook)))
    answer: Json = decode(encode(service.respond(parse_body(body)).json()))
    return Reply(answer["cards"])


def moved(ago: int) -> str:
    """The date so many days before the day of the assessment."""
    return (DAY - timedelta(days=ago)).isoformat()
