"""Writes the fixture Bundles: `python -m fhir_fixtures.make`. One function, one story.

Days are counted back from `ANCHOR`: 12 is twelve days ago.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from fhir_fixtures import ANCHOR

Json = dict[str, Any]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"

DRUGS = {
    "sertraline 100": ("312938", "sertraline 100 MG Oral Tablet"),
    "sertraline 25": ("312940", "sertraline 25 MG Oral Tablet"),
    "venlafaxine 150": ("313581", "24 HR venlafaxine 150 MG Extended Release Oral Capsule"),
    "bupropion 300": (
        "993557",
        "24 HR bupropion hydrochloride 300 MG Extended Release Oral Tablet",
    ),
    "aripiprazole 5": ("402131", "aripiprazole 5 MG Oral Tablet"),
    "trazodone 50": ("856377", "trazodone hydrochloride 50 MG Oral Tablet"),
    "fluoxetine 20": ("310385", "fluoxetine 20 MG Oral Capsule"),
    "amitriptyline 25": ("856834", "amitriptyline hydrochloride 25 MG Oral Tablet"),
    "escitalopram 20": ("351250", "escitalopram 20 MG Oral Tablet"),
    "gabapentin 600": ("310433", "gabapentin 600 MG Oral Tablet"),
    "duloxetine 60": ("596934", "duloxetine 60 MG Delayed Release Oral Capsule"),
    "pregabalin 150": ("483440", "pregabalin 150 MG Oral Capsule"),
    "nortriptyline 50": ("198046", "nortriptyline 50 MG Oral Capsule"),
    "fentanyl 75": ("197696", "72 HR fentanyl 0.075 MG/HR Transdermal System"),
    "oxycodone 10": ("1049683", "oxycodone hydrochloride 10 MG Oral Tablet"),
    "lisinopril 10": ("314076", "lisinopril 10 MG Oral Tablet"),
    "amlodipine 5": ("197361", "amlodipine 5 MG Oral Tablet"),
    "phenelzine 15": ("312347", "phenelzine 15 MG Oral Tablet"),
    "theophylline 300": ("317769", "theophylline 300 MG Extended Release Oral Tablet"),
    "lorazepam 1": ("197901", "lorazepam 1 MG Oral Tablet"),
    "levothyroxine 50": ("966221", "levothyroxine sodium 0.05 MG Oral Tablet"),
    "ibuprofen 400": ("197805", "ibuprofen 400 MG Oral Tablet"),
    "mirtazapine 30": ("314111", "mirtazapine 30 MG Oral Tablet"),
    "ketamine 50": ("238084", "ketamine 50 MG/ML Injectable Solution"),
    "esketamine 56": (
        "2119390",
        "{2 (0.2 ML) (esketamine 140 MG/ML Nasal Spray) } Pack",
    ),
}
MEASURES = {
    "weight": ("29463-7", "Body weight", "kg"),
    "height": ("8302-2", "Body height", "cm"),
    "heart rate": ("8867-4", "Heart rate", "/min"),
    "oxygen": ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%"),
    "phq9": ("44261-6", "PHQ-9 total score", "{score}"),
    "phq9 item 9": ("44260-8", "PHQ-9 item 9: thoughts of death or self-harm", "{score}"),
    "pain": ("72514-3", "Pain severity 0-10 verbal numeric rating", "{score}"),
    "ALT": ("1742-6", "Alanine aminotransferase in Serum or Plasma", "U/L"),
    "AST": ("1920-8", "Aspartate aminotransferase in Serum or Plasma", "U/L"),
    "ALP": ("6768-6", "Alkaline phosphatase in Serum or Plasma", "U/L"),
    "GGT": ("2324-2", "Gamma glutamyl transferase in Serum or Plasma", "U/L"),
}
LIMITS = {"ALT": 40, "AST": 40, "ALP": 120, "GGT": 60}


def day(ago: int) -> str:
    """The date so many days before the anchor."""
    return (ANCHOR - timedelta(days=ago)).isoformat()


def coded(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


class Chart:
    """A patient's Bundle, filled a line at a time."""

    def __init__(self, ident: str, family: str, given: str, gender: str, born: int) -> None:
        self.ident = ident
        self.resources: list[Json] = []
        self.count = 0
        birth = ANCHOR.replace(year=ANCHOR.year - born) - timedelta(days=120)
        self._add("Patient", id=ident, active=True, gender=gender, birthDate=birth.isoformat(),
                  name=[{"use": "official", "family": family, "given": [given]}])  # fmt: skip
        self.encounter = self.visit(210)

    def _add(self, kind: str, **fields: Any) -> str:
        self.count += 1
        ident = fields.pop("id", f"{self.ident}-{self.count}")
        self.resources.append({"resourceType": kind, "id": ident, **fields})
        return f"{kind}/{ident}"

    @property
    def subject(self) -> Json:
        return {"reference": f"Patient/{self.ident}"}

    def visit(self, ago: int) -> str:
        return self._add(
            "Encounter", status="finished", subject=self.subject,
            **{"class": {"system": HL7 + "v3-ActCode", "code": "AMB", "display": "ambulatory"}},
            period={"start": f"{day(ago)}T09:00:00Z", "end": f"{day(ago)}T09:40:00Z"},
        )  # fmt: skip

    def problem(self, code: str, text: str, since: int, *, system: str = ICD10CM,
                status: str = "active") -> None:  # fmt: skip
        self._add(
            "Condition",
            clinicalStatus=coded(HL7 + "condition-clinical", status, status),
            verificationStatus=coded(HL7 + "condition-ver-status", "confirmed", "confirmed"),
            category=[coded(HL7 + "condition-category", "problem-list-item", "Problem List Item")],
            code=coded(system, code, text), subject=self.subject,
            encounter={"reference": self.encounter}, onsetDateTime=day(since),
            recordedDate=day(since),
        )  # fmt: skip

    def drug(self, name: str, start: int, end: int | None, *, times: int = 1, tablets: int = 1,
             status: str | None = None, because: str | None = None) -> None:  # fmt: skip
        """A prescription from `start` to `end` days ago (None: still taken), and its dispenses."""
        code, display = DRUGS[name]
        reason = {} if because is None else {"statusReason": {"text": because}}
        bounds: Json = {"start": day(start)}
        if end is not None:
            bounds["end"] = day(end)
        order = self._add(
            "MedicationRequest",
            status=status or ("active" if end is None else "completed"), intent="order", **reason,
            medicationCodeableConcept=coded(RXNORM, code, display), subject=self.subject,
            encounter={"reference": self.encounter}, authoredOn=f"{day(start)}T10:15:00Z",
            dosageInstruction=[self.daily(name, times, tablets, bounds)],
        )  # fmt: skip
        for ago in range(start, end if end is not None else 0, -29):
            days = min(30, ago - (end or 0)) if end is not None else 30
            self._add(
                "MedicationDispense", status="completed", subject=self.subject,
                medicationCodeableConcept=coded(RXNORM, code, display),
                authorizingPrescription=[{"reference": order}],
                quantity={"value": days * times * tablets, "unit": "tablet"},
                daysSupply={"value": days, "unit": "d", "system": UCUM, "code": "d"},
                whenHandedOver=f"{day(ago)}T15:00:00Z",
            )  # fmt: skip

    def daily(self, name: str, times: int, tablets: int, bounds: Json) -> Json:
        patch = name.startswith("fentanyl")
        repeat: Json = {"boundsPeriod": bounds, "frequency": times, "period": 1, "periodUnit": "d"}
        if patch:
            repeat |= {"frequency": 1, "period": 3}
        unit = "patch" if patch else "tablet"
        route = ("45890007", "Transdermal route") if patch else ("26643006", "Oral route")
        often = (
            "every 72 hours" if patch else {1: "once", 2: "twice", 3: "3 times"}[times] + " daily"
        )
        return {
            "text": f"{tablets} {unit} {often}",
            "timing": {"repeat": repeat},
            "route": coded(SNOMED, *route),
            "doseAndRate": [
                {"doseQuantity": {"value": tablets, "unit": unit, "system": UCUM,
                                  "code": f"{{{unit}}}"}}
            ],
        }  # fmt: skip

    def measure(self, name: str, ago: int, value: float) -> None:
        code, text, unit = MEASURES[name]
        limits = {}
        if name in LIMITS:
            high = {"value": LIMITS[name], "unit": unit, "system": UCUM, "code": unit}
            limits = {"referenceRange": [{"high": high}]}
        self._add(
            "Observation", status="final", code=coded(LOINC, code, text), subject=self.subject,
            effectiveDateTime=f"{day(ago)}T08:30:00Z", **limits,
            valueQuantity={"value": value, "unit": unit, "system": UCUM, "code": unit},
        )  # fmt: skip

    def pressure(self, ago: int, systolic: int, diastolic: int) -> None:
        parts = [("8480-6", "Systolic blood pressure", systolic),
                 ("8462-4", "Diastolic blood pressure", diastolic)]  # fmt: skip
        self._add(
            "Observation", status="final", subject=self.subject,
            code=coded(LOINC, "85354-9", "Blood pressure panel"),
            effectiveDateTime=f"{day(ago)}T08:32:00Z",
            component=[
                {"code": coded(LOINC, code, text),
                 "valueQuantity": {"value": value, "unit": "mm[Hg]", "system": UCUM,
                                   "code": "mm[Hg]"}}
                for code, text, value in parts
            ],
        )  # fmt: skip

    def no_pregnancy(self, ago: int) -> None:
        self._add(
            "Observation", status="final", subject=self.subject,
            code=coded(LOINC, "2106-3", "Choriogonadotropin (pregnancy test) in Urine"),
            effectiveDateTime=f"{day(ago)}T08:35:00Z",
            valueCodeableConcept=coded(SNOMED, "260385009", "Negative"),
        )  # fmt: skip

    def no_allergies(self) -> None:
        self._add(
            "AllergyIntolerance",
            clinicalStatus=coded(HL7 + "allergyintolerance-clinical", "active", "Active"),
            verificationStatus=coded(
                HL7 + "allergyintolerance-verification", "confirmed", "Confirmed"
            ),
            code=coded(SNOMED, "716186003", "No known allergy"), patient=self.subject,
        )  # fmt: skip

    def appendectomy(self, ago: int) -> None:
        self._add(
            "Procedure", status="completed", subject=self.subject,
            code=coded(SNOMED, "80146002", "Appendectomy"), performedDateTime=day(ago),
        )  # fmt: skip

    def infusion(self, ago: int, milligrams: float) -> None:
        self._add(
            "MedicationAdministration", status="completed", subject=self.subject,
            medicationCodeableConcept=coded(RXNORM, *DRUGS["ketamine 50"]),
            effectivePeriod={"start": f"{day(ago)}T10:00:00Z", "end": f"{day(ago)}T10:40:00Z"},
            dosage={
                "route": coded(SNOMED, "47625008", "Intravenous route"),
                "dose": {"value": milligrams, "unit": "mg", "system": UCUM, "code": "mg"},
            },
        )  # fmt: skip

    def work_up(self) -> None:
        """A complete and recent work-up."""
        self.pressure(0, 124, 78)
        for name, value in [("heart rate", 72), ("oxygen", 98)]:
            self.measure(name, 0, value)
        for name, value in [("ALT", 22), ("AST", 20), ("ALP", 70), ("GGT", 18)]:
            self.measure(name, 9, value)
        self.no_allergies()
        self.appendectomy(4000)

    def failed_trials(self) -> None:
        """Three antidepressants, three classes, long enough and high enough."""
        self.problem("F33.2", "Major depressive disorder, recurrent severe", 420)
        self.drug("sertraline 100", 400, 310, tablets=2)
        self.drug("venlafaxine 150", 300, 220, tablets=1)
        self.drug("bupropion 300", 200, None)
        self.measure("phq9", 405, 22)
        self.measure("phq9", 312, 20)
        self.measure("phq9", 221, 19)
        self.measure("phq9", 5, 21)
        self.measure("phq9 item 9", 5, 0)

    def bundle(self) -> Json:
        return {
            "resourceType": "Bundle", "id": self.ident, "type": "collection",
            "entry": [
                {"fullUrl": f"https://fixtures.example.org/fhir/{r['resourceType']}/{r['id']}",
                 "resource": r}
                for r in self.resources
            ],
        }  # fmt: skip


def ash() -> Chart:
    chart = Chart("ash", "Ash", "Rowan", "female", 41)
    chart.failed_trials()
    chart.problem("I10", "Essential (primary) hypertension", 1500)
    chart.drug("amlodipine 5", 1400, None)
    chart.drug("aripiprazole 5", 150, 80)
    chart.work_up()
    chart.measure("weight", 12, 70.2)
    chart.measure("height", 12, 168)
    chart.no_pregnancy(2)
    return chart


def birch() -> Chart:
    chart = Chart("birch", "Birch", "Sam", "male", 36)
    chart.problem("F32.1", "Major depressive disorder, single episode, moderate", 300)
    chart.drug("sertraline 25", 290, 200)
    chart.drug("trazodone 50", 190, 100)
    chart.drug("fluoxetine 20", 95, 78, status="stopped", because="Nausea, not tolerated")
    chart.drug("amitriptyline 25", 70, None)
    chart.measure("phq9", 10, 17)
    chart.measure("phq9 item 9", 10, 0)
    chart.measure("weight", 10, 84.0)
    chart.work_up()
    return chart


def cedar() -> Chart:
    chart = Chart("cedar", "Cedar", "Alex", "male", 63)
    chart.failed_trials()
    chart.problem("I71.40", "Abdominal aortic aneurysm, without rupture, unspecified", 1150)
    chart.measure("weight", 6, 88.4)
    chart.work_up()
    return chart


def dogwood() -> Chart:
    chart = Chart("dogwood", "Dogwood", "Kim", "female", 52)
    chart.failed_trials()
    chart.measure("weight", 400, 66.0)
    chart.work_up()
    return chart


def elm() -> Chart:
    chart = Chart("elm", "Elm", "Jo", "female", 47)
    chart.problem("G90.511", "Complex regional pain syndrome I of right upper limb", 380)
    chart.drug("gabapentin 600", 360, 290, times=3)
    chart.drug("nortriptyline 50", 280, 200)
    chart.drug("duloxetine 60", 190, None)
    chart.drug("ibuprofen 400", 300, 270, times=3)
    chart.measure("pain", 4, 7)
    chart.measure("weight", 4, 62.5)
    chart.measure("height", 4, 165)
    chart.work_up()
    chart.no_pregnancy(3)
    return chart


def fir() -> Chart:
    chart = Chart("fir", "Fir", "Pat", "male", 58)
    chart.problem("E11.42", "Type 2 diabetes mellitus with diabetic polyneuropathy", 1300)
    chart.drug("gabapentin 600", 700, 500, times=3)
    chart.drug("duloxetine 60", 480, 300)
    chart.drug("fentanyl 75", 240, None)
    chart.drug("oxycodone 10", 200, None, times=3)
    chart.measure("pain", 3, 8)
    chart.measure("weight", 3, 95.0)
    chart.measure("height", 3, 181)
    chart.work_up()
    return chart


def gum() -> Chart:
    chart = Chart("gum", "Gum", "Robin", "female", 16)
    chart.problem("F32.2", "Major depressive disorder, single episode, severe", 250)
    chart.drug("fluoxetine 20", 240, 150)
    chart.drug("escitalopram 20", 140, None)
    chart.measure("phq9", 8, 20)
    chart.measure("weight", 8, 54.0)
    chart.work_up()
    return chart


def hazel() -> Chart:
    chart = Chart("hazel", "Hazel", "Toni", "male", 49)
    chart.problem("I10", "Essential (primary) hypertension", 700)
    chart.drug("lisinopril 10", 600, None)
    chart.measure("weight", 20, 79.0)
    chart.work_up()
    return chart


def juniper() -> Chart:
    chart = Chart("juniper", "Juniper", "Lee", "female", 44)
    chart.failed_trials()
    chart.measure("weight", 3, 60.0)
    chart.work_up()
    chart.no_pregnancy(16)
    for ago in (14, 11, 7, 4):
        chart.infusion(ago, 30)
    for ago, score in [(15, 21), (11, 16), (7, 12), (3, 9)]:
        chart.measure("phq9", ago, score)
    return chart


def larch() -> Chart:
    chart = Chart("larch", "Larch", "Chris", "male", 55)
    chart.failed_trials()
    chart.problem("J44.9", "Chronic obstructive pulmonary disease, unspecified", 900)
    chart.drug("theophylline 300", 800, None, times=2)
    chart.drug("lorazepam 1", 300, None, times=2)
    chart.measure("weight", 5, 77.0)
    chart.work_up()
    return chart


def order(ident: str, patient: str, drug: str, reason: tuple[str, str] | None = None) -> Json:
    """A draft as an EHR sends it when the drug has just been picked: no dose yet."""
    code, display = DRUGS[drug]
    draft: Json = {
        "resourceType": "MedicationRequest", "id": ident, "status": "draft", "intent": "order",
        "medicationCodeableConcept": coded(RXNORM, code, display),
        "subject": {"reference": f"Patient/{patient}"}, "authoredOn": f"{ANCHOR}T09:00:00Z",
    }  # fmt: skip
    if reason:
        draft["reasonCode"] = [coded(ICD10CM, *reason)]
    return draft


STORIES = (ash, birch, cedar, dogwood, elm, fir, gum, hazel, juniper, larch)
DEPRESSION = ("F33.2", "Major depressive disorder, recurrent severe")
ORDERS = {
    **{
        name: order("draft-1", name, "ketamine 50", DEPRESSION)
        for name in ("ash", "birch", "cedar", "dogwood", "gum", "juniper", "larch")
    },
    "elm": order("draft-1", "elm", "ketamine 50",
                 ("G90.511", "Complex regional pain syndrome I of right upper limb")),
    "fir": order("draft-1", "fir", "ketamine 50",
                 ("E11.42", "Type 2 diabetes mellitus with diabetic polyneuropathy")),
    "hazel": order("draft-1", "hazel", "amlodipine 5"),
}  # fmt: skip


def written() -> dict[str, str]:
    """Path below this package → text of each file."""
    files = {f"{story.__name__}.json": story().bundle() for story in STORIES}
    files |= {f"orders/{name}.json": draft for name, draft in ORDERS.items()}
    return {path: json.dumps(content, indent=1) + "\n" for path, content in files.items()}


if __name__ == "__main__":
    for path, text in written().items():
        (Path(__file__).parent / path).write_text(text)
