"""Whose resource it is: patients' charts are never mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cds.fhir.record.copies import Found
from cds.fhir.record.references import contained_in, identifier_tokens, keys_of, reference_key
from cds.wire import Json

NOBODY = ""
"""Not about a patient: a Medication, a Practitioner, a Location."""
UNNAMED = "?"
"""About a patient, without saying which."""
ABOUT_A_PATIENT = frozenset({
    "AllergyIntolerance", "CarePlan", "Condition", "Consent", "DiagnosticReport", "Encounter",
    "EpisodeOfCare", "FamilyMemberHistory", "Flag", "Goal", "Immunization",
    "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement",
    "Observation", "Procedure",
    "QuestionnaireResponse", "RiskAssessment", "ServiceRequest",
})  # fmt: skip


class Owners:
    """The patients among some resources, under all the names by which they are referred to."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._names: dict[str, str] = {}
        self._systems: dict[str, set[str]] = {}
        for one in found:
            if one.resource.get("resourceType") == "Patient":
                self._add(one.resource, one.full_url)

    @property
    def patients(self) -> frozenset[str]:
        """Keys of the patients whose Patient resource is here."""
        return frozenset(self._systems)

    def _add(self, patient: Json, full_url: str | None) -> None:
        keys = keys_of(patient, full_url)
        own = keys[0] if keys else "Patient"
        tokens = identifier_tokens(patient)
        self._systems[own] = {token.partition("|")[0] for token in tokens}
        for key in [*keys, f"urn:uuid:{patient.get('id')}".lower()]:
            # a name that two patients share names neither
            self._names[key] = own if self._names.get(key, own) == own else UNNAMED

    def owner(self, found: Found) -> str:
        """The key of the patient that a resource is about, NOBODY or UNNAMED."""
        resource = found.resource
        kind = resource.get("resourceType")
        if kind == "Patient":
            return (keys_of(resource, found.full_url) or ["Patient"])[0]
        named = False
        for field in ("subject", "patient"):
            holder = resource.get(field)
            if isinstance(holder, dict):
                owner = self._named_by(holder, resource)
                if owner != UNNAMED:
                    return owner
                named = True
        return UNNAMED if named or kind in ABOUT_A_PATIENT else NOBODY

    def named(self, key: str) -> str:
        """The patient whom a reference's key leads to; the key itself where none is here."""
        return self._names.get(key, key)

    def _named_by(self, holder: Json, resource: Json) -> str:
        reference = holder.get("reference")
        if isinstance(reference, str) and reference.startswith("#"):
            inner = contained_in(resource, reference)
            return self._by_identifier(inner) if inner is not None else UNNAMED
        if isinstance(reference, str) and reference.strip():
            return self.named(reference_key(reference))
        return self._by_identifier(holder)

    def _by_identifier(self, holder: Json) -> str:
        """The patient with one of the holder's identifiers.

        An identifier of a system that a known patient also uses, with another value, is somebody
        else; of a system that no patient here uses, it tells nothing.
        """
        tokens = identifier_tokens(holder)
        for token in tokens:
            known = self._names.get(f"Patient?identifier={token}")
            if known is not None:
                return known
        used = set().union(*self._systems.values()) if self._systems else set()
        for token in tokens:
            if token.partition("|")[0] in used:
                return f"Patient?identifier={token}"
        return UNNAMED

    def choose(self, owners: Iterable[str], patient_id: str | None) -> str | None:
        """The patient that a gathering of resources is for."""
        if patient_id is not None:
            return self._names.get(f"Patient/{patient_id}", f"Patient/{patient_id}")
        counts = Counter(owner for owner in owners if owner not in (NOBODY, UNNAMED))
        present = [key for key in counts if key in self._systems] or list(counts)
        return min(present, key=lambda key: (-counts[key], key), default=None)
