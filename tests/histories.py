"""From a record to the history on a day, in one step: most tests ask for one day only."""

from __future__ import annotations

from datetime import date

from cds.chart.read import read_chart
from cds.fhir.record.patient_record import PatientRecord
from cds.history.build import build_history
from cds.history.model import History
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology


def history_of(
    record: PatientRecord, terminology: Terminology, knowledge: Knowledge, as_of: date
) -> History:
    chart = read_chart(record, terminology, knowledge.measurements)
    return build_history(chart, knowledge, as_of)
