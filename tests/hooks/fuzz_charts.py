"""JSON and FHIR made by Hypothesis: words that the service knows, in shapes that it may not."""

from __future__ import annotations

from hypothesis import strategies as st

from cds.fhir.queries import KEY_OF_TYPE

MEMBERS = [
    "hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization", "extension",
    "userId", "patientId", "selections", "draftOrders", "resourceType", "entry", "resource", "id",
]  # fmt: skip
FHIR_MEMBERS = [
    "status", "intent", "code", "medicationCodeableConcept", "medicationReference", "subject",
    "patient", "dosageInstruction", "dosage", "effectiveDateTime", "effectivePeriod", "authoredOn",
    "onsetDateTime", "recordedDate", "clinicalStatus", "verificationStatus", "valueQuantity",
    "valueCodeableConcept", "component", "category", "dispenseRequest", "quantity", "daysSupply",
    "whenHandedOver", "performedDateTime", "reasonCode", "contained", "extension", "text", "note",
]  # fmt: skip
PARTS = [
    "coding", "system", "code", "display", "text", "value", "unit", "start", "end", "reference",
    "doseAndRate", "doseQuantity", "rateQuantity", "rateRatio", "numerator", "denominator",
    "timing", "repeat", "frequency", "period", "periodUnit", "boundsPeriod", "route", "low", "high",
]  # fmt: skip
WORDS = [
    "ketamine", "ketamine 50 MG/ML Injectable Solution", "sertraline 50 MG Oral Tablet", "238084",
    "mg", "mg/kg", "kg", "[lb_av]", "2026-10-01", "2026-10-01T10:00:00Z", "2026", "active", "final",
    "http://loinc.org", "29463-7", "http://www.nlm.nih.gov/research/umls/rxnorm", "d", "completed",
    "http://unitsofmeasure.org", "http://snomed.info/sct", "44261-6", "85354-9", "Patient/p1",
]  # fmt: skip
FHIR = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.floats(-5, 5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=5)
    ),
    max_leaves=25,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=6), inner, max_size=6)
    ),
    max_leaves=30,
)


CHART = st.builds(
    lambda kind, members: {**members, "resourceType": kind, "id": "made-up"},
    st.sampled_from(sorted(set(KEY_OF_TYPE) - {"Patient", "Encounter"})),
    st.dictionaries(st.sampled_from(FHIR_MEMBERS), FHIR, max_size=6),
)
