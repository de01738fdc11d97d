"""What is asked of a FHIR server: one query a prefetch key.

The same templates stand in discovery, so that an EHR that prefetches and a server that is asked
give the same data. They keep to what CDS Hooks lets every client serve: instance reads and searches
by reference and token, with no FHIRPath beyond `{{context.patientId}}`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

OBSERVATION_CODES = (
    "29463-7", "3141-9", "8302-2", "39156-5",  # weight, height, body mass index
    "85354-9", "55284-4", "8480-6", "8462-4",  # blood pressure
    "8867-4", "9279-1", "59408-5", "2708-6",  # heart and respiratory rate, oxygen saturation
    "44261-6", "89204-2", "44249-1", "44260-8", "55758-7", "71966-6",  # depression scores
    "72514-3", "38208-5", "38214-3", "38221-8", "91148-7", "91147-9",  # pain severity, PEG
    "1742-6", "1920-8", "6768-6", "2324-2", "1975-2", "1968-7", "1751-7", "6301-6", "34714-6",
    "777-3", "26515-7",  # liver, platelets
    "2160-0", "33914-3", "48642-3", "62238-1", "98979-8",  # kidney
    "3016-3", "3024-7",  # thyroid
    "2106-3", "2118-8", "2110-5", "80384-1", "80385-8", "19080-1", "21198-7",  # hCG
    "2114-7", "25372-4",  # hCG in urine, as a number
    "82810-3", "11778-8", "11779-6", "11780-4",  # pregnancy status, when a delivery is expected
    "11884-4", "11885-1", "18185-9", "49051-6",  # gestational age
    "5643-2", "14719-9", "5640-8", "56478-1", "74859-0",  # ethanol in blood, serum and breath
    "65750-2", "87428-9", "11052-8", "5644-0",  # drug screen: panels, ketamine, ethanol
    "45324-1", "55349-5", "58375-7", "58377-3", "58378-1",  # ethyl glucuronide in urine
    "3397-7", "19359-9", "3393-6", "3349-8", "19261-7", "3936-2", "19659-2",  # cocaine … PCP
    "3390-2", "14316-4", "19270-8", "3426-4", "18282-4",  # benzodiazepines … cannabinoids
    "3879-4", "19295-5", "3773-9", "19550-3", "11235-9", "10998-3", "3414-0",  # opioids
    "24356-8", "24357-6", "5794-3", "57751-0", "5799-2", "5821-4", "5802-4",  # urinalysis
    "11524-6", "8636-3", "44975-1", "8806-2",  # ECG, QT, ejection fraction
    "14334-7",  # lithium
)  # fmt: skip
"""LOINC codes that the rules look at. Scores that have no LOINC code (MADRS, QIDS) can't be asked
for by code: they count where the EHR sends them or codes them locally."""


class Query(Struct, frozen=True):
    """One key: the resource type it answers with, its template, and whether it must be had."""

    key: str
    resource_type: str
    template: str
    required: bool = False

    @property
    def is_search(self) -> bool:
        """A search; else it reads one resource by its id."""
        return "?" in self.template

    def url(self, patient_id: str, encounter_id: str | None = None) -> str:
        """The relative URL for a patient. Ids are FHIR ids, checked before they get here."""
        return self.template.replace("{{context.patientId}}", patient_id).replace(
            "{{context.encounterId}}", encounter_id or ""
        )


def _search(key: str, kind: str, extra: str = "", required: bool = False) -> Query:
    return Query(key, kind, f"{kind}?patient={{{{context.patientId}}}}{extra}", required)


PATIENT = Query("patient", "Patient", "Patient/{{context.patientId}}", True)
ENCOUNTER = Query("encounter", "Encounter", "Encounter/{{context.encounterId}}")
QUERIES: Mapping[str, Query] = {
    query.key: query
    for query in (
        PATIENT,
        _search("conditions", "Condition", required=True),
        _search("medicationRequests", "MedicationRequest", required=True),
        _search("medicationStatements", "MedicationStatement"),
        _search("medicationDispenses", "MedicationDispense"),
        _search("medicationAdministrations", "MedicationAdministration"),
        _search("observations", "Observation", f"&code={','.join(OBSERVATION_CODES)}"),
        _search("allergies", "AllergyIntolerance"),
        _search("procedures", "Procedure"),
        ENCOUNTER,
    )
}
REQUIRED = frozenset(key for key, query in QUERIES.items() if query.required)
KEY_OF_TYPE = {query.resource_type: query.key for query in QUERIES.values()}
