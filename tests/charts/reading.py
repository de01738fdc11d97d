"""From FHIR to what a test asks for, in one step: the chart, its medications, a day, an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cds.chart.drafts import DraftReader
from cds.chart.entries import Chart, Person
from cds.chart.medication.entry import Medication
from cds.chart.read import read_chart
from cds.fhir.record.patient_record import PatientRecord
from cds.history.build import build_history
from cds.history.model.history import History
from cds.knowledge.load import Knowledge, load_knowledge
from cds.orders.model import Order
from cds.orders.read import read_order
from cds.terminology.lookup import Terminology
from cds.wire import Json

NOBODY = Chart(Person("p"))
"""a chart that holds nothing"""


def chart_of(record: PatientRecord, terminology: Terminology) -> Chart:
    return read_chart(record, terminology, load_knowledge().measurements)


def medications_of(record: PatientRecord, terminology: Terminology) -> tuple[Medication, ...]:
    return chart_of(record, terminology).medications


def history_of(
    record: PatientRecord, terminology: Terminology, knowledge: Knowledge, as_of: date
) -> History:
    return build_history(chart_of(record, terminology), knowledge, as_of)


def order_of(
    draft: Json,
    terminology: Terminology,
    chart: Chart = NOBODY,
    session: Mapping[str, Json] | None = None,
) -> Order:
    """What a draft orders, with what its session and a chart resolve for it."""
    return read_order(DraftReader(chart, terminology, session).read(draft), terminology)
