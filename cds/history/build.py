"""From a patient's record to the history: every reader in its order, nothing dated after `as_of`."""

from __future__ import annotations

from datetime import date

from cds.fhir.record import PatientRecord
from cds.history.model import History
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology


def build_history(
    record: PatientRecord, terminology: Terminology, knowledge: Knowledge, as_of: date
) -> History:
    """The facts of one patient, seen on `as_of`."""
    raise NotImplementedError
