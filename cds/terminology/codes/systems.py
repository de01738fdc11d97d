"""The code systems that the tables know, and the many ways in which charts write their URIs."""

from __future__ import annotations

from functools import lru_cache

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
"""The WHO edition, and the national ones that extend it."""
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC = "http://loinc.org"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"

_OIDS = {
    "2.16.840.1.113883.6.88": RXNORM,
    "2.16.840.1.113883.6.69": NDC,
    "2.16.840.1.113883.6.96": SNOMED,
    "2.16.840.1.113883.6.73": ATC,
    "2.16.840.1.113883.6.90": ICD10CM,
    "2.16.840.1.113883.6.3": ICD10,
    "2.16.840.1.113883.6.4": ICD10PCS,
    "2.16.840.1.113883.6.1": LOINC,
    "2.16.840.1.113883.6.12": CPT,
    "2.16.840.1.113883.6.285": HCPCS,
    "2.16.840.1.113883.6.14": HCPCS,
}
_ALIASES = {
    "rxnorm": RXNORM,
    "www.nlm.nih.gov/research/umls/rxnorm": RXNORM,
    "hl7.org/fhir/sid/ndc": NDC,
    "ndc": NDC,
    "snomed.info/sct": SNOMED,
    "snomed.info/id": SNOMED,
    "snomed": SNOMED,
    "snomed-ct": SNOMED,
    "snomedct": SNOMED,
    "dmd.nhs.uk": SNOMED,  # dm+d product ids are SNOMED CT identifiers
    "www.whocc.no/atc": ATC,
    "whocc.no/atc": ATC,
    "fhir.de/codesystem/bfarm/atc": ATC,
    "fhir.de/codesystem/dimdi/atc": ATC,
    "hl7.org/fhir/sid/icd-10-cm": ICD10CM,
    "icd-10-cm": ICD10CM,
    "icd10cm": ICD10CM,
    "hl7.org/fhir/sid/icd-10": ICD10,
    "icd-10": ICD10,
    "icd10": ICD10,
    "hl7.org/fhir/sid/icd-10-uk": ICD10,
    "hl7.org/fhir/sid/icd-10-am": ICD10,
    "hl7.org/fhir/sid/icd-10-de": ICD10,
    "fhir.de/codesystem/bfarm/icd-10-gm": ICD10,
    "fhir.de/codesystem/dimdi/icd-10-gm": ICD10,
    "www.cms.gov/medicare/coding/icd10": ICD10PCS,
    "hl7.org/fhir/sid/icd-10-pcs": ICD10PCS,
    "loinc.org": LOINC,
    "loinc": LOINC,
    "www.ama-assn.org/go/cpt": CPT,
    "terminology.hl7.org/codesystem/cpt": CPT,
    "cpt": CPT,
    "www.cms.gov/medicare/coding/hcpcsreleasecodesets": HCPCS,
    "terminology.hl7.org/codesystem/hcpcs-all-codes": HCPCS,
    "terminology.hl7.org/codesystem/hcpcs": HCPCS,
    "hcpcs": HCPCS,
}


@lru_cache(maxsize=256)
def canonical(uri: str) -> str:
    """The system's usual URI; other systems come back as written, without a trailing slash.

    Case, `http`/`https`, a trailing slash, `urn:oid:`, an edition or version suffix
    (`http://snomed.info/sct/731000124108|20240901`) make no difference.
    """
    plain = uri.strip().rstrip("/")
    key = plain.lower().split("|")[0].rstrip("/")
    if key.startswith(("urn:oid:", "oid:")):
        key = key.rpartition(":")[2]
    if key in _OIDS:
        return _OIDS[key]
    key = key.removeprefix("http://").removeprefix("https://")
    if key.startswith("snomed.info/sct/"):
        return SNOMED
    return _ALIASES.get(key, plain)
