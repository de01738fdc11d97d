"""Patients written as short tables, as a pharmacist would write them down.

Diagnoses and drugs go through the real terminology, so that a table tests code sets and rules
together. Days are counted back from `AS_OF`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from cds.assessment.case import Case
from cds.assessment.model import Finding
from cds.chart.entries import Allergy, Condition, Person, Procedure, Result
from cds.history.model.course import MedicationCourse
from cds.history.model.history import History
from cds.history.model.load import OpioidIntake, SedativeIntake
from cds.history.model.patient_state import KetamineSession, ReproductiveState
from cds.knowledge.load import load_knowledge
from cds.knowledge.model.contraindications import Contraindication
from cds.knowledge.model.interactions import Interaction
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from cds.terminology.lookup import load_terminology
from tests.charts import entries

AS_OF = date(2026, 11, 22)
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
ANSWERED = frozenset(
    {"patient", "conditions", "medicationRequests", "medicationAdministrations",
     "observations", "allergies", "procedures"}
)  # fmt: skip
UNITS = {
    "blood_pressure_systolic": "mm[Hg]", "blood_pressure_diastolic": "mm[Hg]",
    "heart_rate": "/min", "respiratory_rate": "/min", "alt": "U/L", "ast": "U/L", "alp": "U/L",
    "ggt": "U/L", "bilirubin_total": "mg/dL", "albumin_serum": "g/dL", "inr": "1",
    "moca_total": "{score}", "ymrs_total": "{score}", "child_pugh": "{score}",
    "body_mass_index": "kg/m2", "bilirubin_direct": "mg/dL",
    "platelets": "10*3/uL", "tsh": "m[IU]/L",
}  # fmt: skip


def rows(name: str) -> list[dict[str, Any]]:
    """The table in `name`, one dictionary per scenario."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return list(yaml.safe_load(text))


def days_ago(days: int | None) -> date | None:
    return None if days is None else AS_OF - timedelta(days=days)


def condition(number: int, row: Mapping[str, Any]) -> Condition:
    coded = [(ICD10CM, row["icd10"])] if "icd10" in row else []
    coded += [(SNOMED, str(row["snomed"]))] if "snomed" in row else []
    coding = [{"system": system, "code": code} for system, code in coded]
    found = load_terminology().condition({"coding": coding} if coding else {"text": row["text"]})
    sets = frozenset(found.sets) | frozenset(row.get("sets", ()))
    when = days_ago(row.get("days_ago", None if row.get("undated") else 1000))
    return entries.condition(
        *sets,
        display=row["text"] if "text" in row else coded[0][1],
        clinical=row.get("status", "active"),
        verification=row.get("verification", "confirmed"),
        source=(f"Condition/{number}",),
        codes=tuple(coded),
        onset=when,
        history_of=any(name.endswith("_history") for name in sets),
    )


def course(number: int, row: Mapping[str, Any] | str) -> MedicationCourse:
    row = {"drug": row} if isinstance(row, str) else row
    found = load_terminology().drug({"text": row["drug"]})
    names = sorted(found.names) if found else [row["drug"]]
    return MedicationCourse(
        ingredient=row.get("as", names[0]),
        classes=found.classes if found else frozenset(),
        route=row.get("route") or (found.route if found else None) or "unknown",
        segments=(),
        current=row.get("current", True),
        source=(f"MedicationRequest/{number}",),
        product_ingredients=frozenset(names),
        forms=frozenset(row.get("forms", ())),
    )


def draft(number: int, row: Mapping[str, Any] | str) -> Order:
    row = {"drug": row} if isinstance(row, str) else row
    found = load_terminology().drug({"text": row["drug"]})
    names = sorted(found.names) if found else []
    return Order(
        ref=f"MedicationRequest/draft-{number}",
        resource_type="MedicationRequest",
        ingredients=tuple(names),
        classes=found.classes if found else frozenset(),
        drug=next((n for n in names if n in ("ketamine", "esketamine")), None),
        display=row["drug"],
        route=row.get("route"),
    )


def observation(number: int, row: Mapping[str, Any]) -> Result:
    kind = row["kind"]
    told = {
        key: None if row.get(key) is None else Decimal(str(row[key]))
        for key in ("value", "high", "low", "at_least", "at_most")
    }
    bound = told["at_least"] is not None or told["at_most"] is not None
    return Result(
        kind=kind,
        when=days_ago(row.get("days_ago", 0)),
        source=(f"Observation/{number}",),
        value=told["value"],
        unit=UNITS[kind] if bound or told["value"] is not None else None,
        concept=frozenset({row["result"]} if "result" in row else ()),
        upper_limit=told["high"],
        lower_limit=told["low"],
        at_least=told["at_least"],
        at_most=told["at_most"],
        problem="only a bound is given" if bound else None,
    )


def allergy(number: int, row: Mapping[str, Any]) -> Allergy:
    return Allergy(
        ingredients=frozenset({row["drug"]}),
        classes=frozenset(),
        display=row.get("text", row["drug"]),
        active=row.get("active", True),
        source=(f"AllergyIntolerance/{number}",),
        kind=row.get("kind", "allergy"),
        reactions=tuple(row.get("reactions", ())),
        severe=row.get("severe", False),
        criticality=row.get("criticality"),
    )


def procedure(number: int, row: Mapping[str, Any]) -> Procedure:
    code = str(row["cpt"])
    return Procedure(
        sets=load_terminology().procedure({"coding": [{"system": CPT, "code": code}]}).sets,
        display=code,
        when=days_ago(row.get("days_ago", 1000)),
        source=(f"Procedure/{number}",),
        codes=((CPT, code),),
    )


def session(number: int, row: Mapping[str, Any]) -> KetamineSession:
    hours = row.get("hours")
    return KetamineSession(
        drug=row.get("drug", "ketamine"),
        kind=row.get("of", "administration"),
        when=days_ago(row.get("days_ago")),
        route=row.get("route", "injectable"),
        source=(f"MedicationAdministration/{number}",),
        duration_min=None if hours is None else Decimal(hours) * 60,
        active_order=row.get("active_order"),
    )


def history(row: Mapping[str, Any]) -> History:
    observations: dict[str, list[Result]] = {}
    for number, entry in enumerate(row.get("observations", ())):
        observations.setdefault(entry["kind"], []).append(observation(number, entry))
    person = row.get("person", {})
    known = dict(row.get("reproductive", {}))
    last_test = days_ago(known.pop("test_days_ago", None))
    mme, diazepam = row.get("mme"), row.get("diazepam_mg")
    return History(
        as_of=AS_OF,
        person=Person(
            id="p",
            ages=entries.ages(person.get("age", 40)),
            sex=person.get("sex", "male"),
            source=("Patient/p",),
        ),
        conditions=tuple(condition(n, c) for n, c in enumerate(row.get("conditions", ()))),
        medications=tuple(course(n, m) for n, m in enumerate(row.get("medications", ()))),
        observations={
            kind: tuple(sorted(facts, key=lambda f: f.when or date.min, reverse=True))
            for kind, facts in observations.items()
        },
        allergies=tuple(allergy(n, a) for n, a in enumerate(row.get("allergies", ()))),
        procedures=tuple(procedure(n, p) for n, p in enumerate(row.get("procedures", ()))),
        ketamine_sessions=tuple(session(n, s) for n, s in enumerate(row.get("sessions", ()))),
        reproductive=ReproductiveState(**known, last_test=last_test),
        opioids=OpioidIntake(mme_per_day=None if mme is None else Decimal(mme)),
        sedatives=SedativeIntake(
            diazepam_equivalent_mg_per_day=None if diazepam is None else Decimal(diazepam)
        ),
        answered=ANSWERED - frozenset(row.get("unanswered", ())),
    )


def ketamine(row: Mapping[str, Any]) -> Order | None:
    """The selected order: racemic, by vein, in a clinic, unless the row says otherwise."""
    given = row.get("order", {})
    if given is None:
        return None
    drug = given.get("drug", "ketamine")
    return Order(
        ref="MedicationRequest/order",
        resource_type="MedicationRequest",
        ingredients=(drug,),
        drug=drug,
        display=drug,
        route=given.get("route", "intranasal" if drug == "esketamine" else "intravenous"),
        setting=given.get("setting", "outpatient"),
        community=given.get("community"),
        co_ingredients=tuple(given.get("mixed_with", ())),
    )


def case(row: Mapping[str, Any]) -> Case:
    drafts = tuple(draft(n, d) for n, d in enumerate(row.get("drafts", ())))
    return Case(history(row), ketamine(row), drafts, load_knowledge(), SiteProtocol())


def with_basis(findings: Sequence[Finding], basis: str) -> list[Finding]:
    return [finding for finding in findings if basis in finding.basis]


def deciding(entry: Contraindication | Interaction) -> set[str]:
    """The rows of an entry that need scenarios: an update that only confirms it is in no rule."""
    confirmed = {row for row in entry.basis if row.startswith("upd:")}
    return ({*entry.basis} - confirmed).union(*(rule.basis for rule in entry.rules))
