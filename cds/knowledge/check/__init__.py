"""Whether the knowledge says what it means: every mistake, each with its place."""

from cds.knowledge.check.evidence import (
    EvidenceFiles,
    evidence_faults,
    rows_named,
    shipped_evidence,
)
from cds.knowledge.check.facts import KnowledgeFiles, facts_faults, shipped
from cds.knowledge.check.own_names import own_names
from cds.knowledge.check.references import Known, Lookup, names_of
from cds.knowledge.check.units import unit_fault
from cds.knowledge.check.written import Document, Slip, read_document

__all__ = [
    "Document",
    "EvidenceFiles",
    "KnowledgeFiles",
    "Known",
    "Lookup",
    "Slip",
    "evidence_faults",
    "facts_faults",
    "names_of",
    "own_names",
    "read_document",
    "rows_named",
    "shipped",
    "shipped_evidence",
    "unit_fault",
]  # fmt: skip
