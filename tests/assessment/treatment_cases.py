"""Patients for the work-up and the course, written as facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from cds.assessment.case import Case
from cds.chart.entries import Allergy, Condition, Person, Procedure, Result
from cds.history.model.course import MedicationCourse, Segment
from cds.history.model.history import History
from cds.history.model.patient_state import KetamineSession, ReproductiveState
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from tests.charts.entries import ages, condition

AS_OF = date(2026, 11, 22)
KEYS = frozenset(
    {"patient", "conditions", "medicationRequests", "medicationStatements", "medicationDispenses",
     "medicationAdministrations", "observations", "allergies", "procedures"}
)  # fmt: skip


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def seen(kind: str, days: int | None, value: str | None = "1", **fields) -> Result:
    """An observation of so many days ago."""
    return Result(
        kind,
        None if days is None else ago(days),
        (f"Observation/{kind}-{days}",),
        value=None if value is None else Decimal(value),
        **fields,
    )


def ill(*sets: str, clinical: str = "active", days: int = 400) -> Condition:
    return condition(*sets, clinical=clinical, source=(f"Condition/{sets[0]}",), onset=ago(days))


def taking(*classes: str) -> MedicationCourse:
    segment = Segment(ago(30), AS_OF + timedelta(days=30), None, "stated", "ordered", ())
    return MedicationCourse(
        "drug",
        frozenset(classes),
        "oral",
        (segment,),
        current=True,
        source=("MedicationRequest/m",),
    )


def session(days: int, drug="ketamine", kind="administration", route=None, **fields):
    route = route or ("intravenous" if drug == "ketamine" else "intranasal")
    return KetamineSession(drug, kind, ago(days), route, (f"{kind}/{drug}-{days}",), **fields)


def treated(kind: str, days: int) -> Procedure:
    return Procedure(frozenset({kind}), kind, ago(days), (f"Procedure/{kind}",))


def order(drug="ketamine", **fields) -> Order:
    route = "intravenous" if drug == "ketamine" else "intranasal"
    return Order("MedicationRequest/draft", "MedicationRequest", drug=drug,
                 **({"route": route} | fields))  # fmt: skip


def case(
    draft: Order | None = None,
    observations: Iterable[Result] = (),
    *,
    conditions: Iterable[Condition] = (),
    medications: Iterable[MedicationCourse] = (),
    sessions: Iterable[KetamineSession] = (),
    procedures: Iterable[Procedure] = (),
    reproductive: ReproductiveState | None = None,
    age: int | None = 40,
    sex="male",
    answered=KEYS,
    allergies=None,
    drafts: Iterable[Order] = (),
    site: SiteProtocol | None = None,
    service_orders=(),
) -> Case:
    by_kind: dict[str, list[Result]] = {}
    for fact in sorted(observations, key=lambda f: f.when or date.min, reverse=True):
        by_kind.setdefault(fact.kind, []).append(fact)
    nothing = Allergy(frozenset(), frozenset(), "No known allergies", True, ("Allergy/1",))
    return Case(
        History(
            as_of=AS_OF,
            person=Person("p", ages=ages(age), sex=sex),
            conditions=tuple(conditions),
            medications=tuple(medications),
            observations={kind: tuple(facts) for kind, facts in by_kind.items()},
            allergies=(nothing,) if allergies is None else tuple(allergies),
            procedures=tuple(procedures),
            ketamine_sessions=tuple(sorted(sessions, key=lambda s: s.when)),
            service_orders=tuple(service_orders),
            reproductive=reproductive or ReproductiveState(),
            answered=answered,
        ),
        draft,
        tuple(drafts),
        load_knowledge(),
        site or SiteProtocol(),
    )
